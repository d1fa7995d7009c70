import * as tf from "@tensorflow/tfjs-core";
import { checkChoice, checkNumber } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import type { LayerArgs, TemporalArgs, TemporalCall, TemporalResult } from "../temporalLayer.ts";
import { Feedforward } from "./feedforward.ts";
import { ownerOf } from "./lmu.ts";
import { LMULayer } from "./lmuLayer.ts";
import { MemoryDefinition, type FeedforwardMemoryArgs, type Saved } from "./memoryArgs.ts";

const CONV_MODES = ["auto", "fft", "raw"] as const;

interface ConvolutionArgs {
  /**
   * `fft`: fast Fourier transforms on the CPU; `raw`: tfjs's convolution with the impulse response; `auto`: products of blocks of
   * steps, or transforms where they are cheaper. @defaultValue "auto"
   */
  convMode?: (typeof CONV_MODES)[number];
  /** `raw`: the end of the impulse response that holds less than this part of it is left out. @defaultValue 1e-4 */
  truncateIr?: number;
}

/** Arguments of {@link LMUFeedforward}. */
export interface LMUFeedforwardArgs extends LayerArgs, FeedforwardMemoryArgs, ConvolutionArgs, Pick<TemporalArgs, "goBackwards"> {
  /** Whether the output has all steps, `[batch, steps, units]`, or only the last. @defaultValue false */
  returnSequences?: boolean;
}

/**
 * Legendre memory units without feedback, all steps of the memory at once, for any number of steps; every call begins anew.
 * Source: Chilkuri & Eliasmith, Parallelizing Legendre Memory Unit Training (2021).
 * @throws ValidationError for bad arguments; ShapeError for inputs of another shape
 */
export class LMUFeedforward extends LMULayer {
  static className = "NengoLMUFeedforward";
  readonly convMode: (typeof CONV_MODES)[number];
  readonly truncateIr: number;
  private unit: Feedforward | null = null;

  constructor(args: LMUFeedforwardArgs | (LayerArgs & Saved & ConvolutionArgs)) {
    const owner = ownerOf("NengoLMUFeedforward", args);
    const { definition, rest } = MemoryDefinition.from(owner, args);
    const { convMode = "auto", truncateIr = 1e-4, ...own } = rest as ConvolutionArgs & LayerArgs;
    for (const name of ["hiddenToMemory", "memoryToMemory", "trainableTheta", "recurrentDropout"] as const)
      if (definition[name] !== false && definition[name] !== 0) throw notHere(owner, name);
    if ("stateful" in own && own.stateful === true) throw notHere(owner, "stateful");
    super(definition, { returnSequences: false, ...own });
    this.convMode = checkChoice(owner, "convMode", convMode, CONV_MODES);
    this.truncateIr = checkNumber(owner, "truncateIr", truncateIr, { min: 0, below: 1 });
  }

  protected override steps({ x, states, fresh, training, nSteps }: TemporalCall): TemporalResult {
    if (!fresh) throw notHere(this.owner, "initial states");
    const unit = (this.unit ??= new Feedforward(this.owner, this.cell, this.convMode, this.truncateIr));
    this.path = { memory: unit.formFor(nSteps, true), hidden: unit.hiddenPath };
    return unit.run({ x, states, fresh: true, training, lastOnly: !this.returnSequences });
  }

  protected override free(): void {
    this.unit?.dispose();
    this.cell.release();
  }

  /** The arguments, those of the memory as text. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), convMode: this.convMode, truncateIr: this.truncateIr };
  }
}
tf.serialization.registerClass(LMUFeedforward);

const notHere = (owner: string, parameter: string): ValidationError =>
  new ValidationError({ owner, parameter, expected: "none", got: "some", fix: "Take nengo.layers.lmu, which has it" });

/** Legendre memory units without feedback, all steps at once. */
export const lmuFeedforward = (args: LMUFeedforwardArgs): LMUFeedforward => new LMUFeedforward(args);
