import * as tf from "@tensorflow/tfjs-core";
import type { LayerArgs, TemporalArgs, TemporalCall, TemporalResult } from "../temporalLayer.ts";
import { Feedforward } from "./feedforward.ts";
import { LMULayer } from "./lmuLayer.ts";
import { MemoryDefinition, type MemoryArgs, type Saved } from "./memoryArgs.ts";
import { Recurrent } from "./recurrent.ts";

/** Arguments of {@link LMU}. */
export interface LMUArgs extends LayerArgs, MemoryArgs, Pick<TemporalArgs, "stateful" | "goBackwards"> {
  /** Whether the output has all steps, `[batch, steps, units]`, or only the last. @defaultValue false */
  returnSequences?: boolean;
  /** Whether the states after the last step are outputs too: the memory, `[batch, memoryD * order]`, then those of the hidden cell. @defaultValue false */
  returnState?: boolean;
}

/**
 * Legendre memory units: each of `memoryD` signals is remembered for `theta` steps as `order` Legendre coefficients, which a hidden
 * cell sees. Inputs are `[batch, steps, ...features]`. Where nothing feeds back into the memory, all of its steps run at once, else as one kernel
 * over the steps, else step by step; `path` says how.
 * Source: Voelker, Kajić & Eliasmith, Legendre Memory Units (2019); Chilkuri & Eliasmith, Parallelizing Legendre Memory Unit Training (2021).
 * @throws ValidationError for bad arguments; ShapeError for inputs of another shape
 */
export class LMU extends LMULayer {
  static className = "NengoLMU";
  private feedforward: Feedforward | null = null;
  private recurrent: Recurrent | null = null;

  constructor(args: LMUArgs | (LayerArgs & Saved)) {
    const { definition, rest } = MemoryDefinition.from(ownerOf("NengoLMU", args), args);
    super(definition, { returnSequences: false, ...rest });
  }

  protected override steps({ x, states, fresh, training, nSteps }: TemporalCall): TemporalResult {
    if (this.definition.feedforward) {
      const unit = (this.feedforward ??= new Feedforward(this.owner, this.cell, "auto"));
      this.path = { memory: unit.formFor(nSteps, fresh), hidden: unit.hiddenPath };
      return unit.run({ x, states, fresh, training, lastOnly: !this.returnSequences });
    }
    const unit = (this.recurrent ??= new Recurrent(this.owner, this.cell));
    this.path = { memory: unit.path, hidden: unit.hiddenPath };
    return unit.run({ x, states, training });
  }

  protected override free(): void {
    this.feedforward?.dispose();
    this.recurrent?.dispose();
    this.cell.release();
  }
}
tf.serialization.registerClass(LMU);

/** The layer in messages before it has a name. */
export const ownerOf = (className: string, args: unknown): string => {
  const name = (args as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? `${className} ${JSON.stringify(name)}` : className;
};

/** Legendre memory units over all steps. */
export const lmu = (args: LMUArgs): LMU => new LMU(args);
