import * as tfl from "@tensorflow/tfjs-layers";
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkSeed } from "../../declared.ts";
import { ValidationError, describe } from "../../errors.ts";
import { HiddenCell, type LayerText, type RNNCell } from "./hiddenCell.ts";
import { DISCRETIZERS, type Discretizer } from "./memoryMatrices.ts";

type DenseArgs = Parameters<typeof tfl.layers.dense>[0];
type Initializer = DenseArgs["kernelInitializer"];
type Regularizer = DenseArgs["kernelRegularizer"];
export type ResolvedInitializer = Parameters<tfl.layers.Layer["addWeight"]>[3];
export type ResolvedRegularizer = Parameters<tfl.layers.Layer["addWeight"]>[4];

/** What every form of the memory takes; names and defaults are KerasLMU's. */
export interface FeedforwardMemoryArgs {
  /** Signals that are remembered. */
  memoryD: number;
  /** Legendre coefficients of each. */
  order: number;
  /** Steps that are remembered; need not be whole. */
  theta: number;
  /** What follows the memory: an RNN cell of tfjs, a feed-forward layer, or null for the memory itself. */
  hiddenCell: RNNCell | tfl.layers.Layer | null;
  /** Whether the hidden cell sees the input beside the memory. @defaultValue false */
  inputToHidden?: boolean;
  /** `euler` wants a theta of several times the order. @defaultValue "zoh" */
  discretizer?: Discretizer;
  /** Null: no kernel, the input goes to the memory as it is. @defaultValue "glorotUniform" */
  kernelInitializer?: Initializer | null;
  kernelRegularizer?: Regularizer | null;
  /** @defaultValue false */
  useBias?: boolean;
  /** @defaultValue "zeros" */
  biasInitializer?: Initializer;
  biasRegularizer?: Regularizer | null;
  /** Part of what goes into the kernel that is dropped in training, the same at every step. @defaultValue 0 */
  dropout?: number;
  /** Size of a step's input where it should be checked. @defaultValue any */
  inputD?: number | null;
  /** Seed of what is dropped. @defaultValue none */
  seed?: number | null;
}

/** Arguments of the recurrent forms. */
export interface MemoryArgs extends FeedforwardMemoryArgs {
  /** Whether theta trains; the weight is its logarithm, so that it stays positive. @defaultValue false */
  trainableTheta?: boolean;
  /** Whether the hidden state before a step goes into the memory, through the kernel. @defaultValue false */
  hiddenToMemory?: boolean;
  /** Whether the memory before a step goes into it, through the recurrent kernel. @defaultValue false */
  memoryToMemory?: boolean;
  /** @defaultValue "orthogonal" */
  recurrentInitializer?: Initializer;
  recurrentRegularizer?: Regularizer | null;
  /** Part of the memory that is dropped on its way to itself in training, the same at every step. @defaultValue 0 */
  recurrentDropout?: number;
}

/** A saved form, as a layer's config holds it. */
export interface Saved {
  readonly definition: { readonly name: string };
}

/** Names of the arguments, which a layer separates from tfjs's own. */
const NAMES = [
  ["memoryD", "order", "theta", "hiddenCell", "inputToHidden", "discretizer", "kernelInitializer", "kernelRegularizer", "useBias"],
  ["biasInitializer", "biasRegularizer", "dropout", "inputD", "seed", "trainableTheta", "hiddenToMemory", "memoryToMemory"],
  ["recurrentInitializer", "recurrentRegularizer", "recurrentDropout"],
].flat();

/** Arguments that were checked, with everything that tfjs makes of names and configs. */
export class MemoryDefinition {
  readonly memoryD: number;
  readonly order: number;
  readonly theta: number;
  readonly hidden: HiddenCell;
  readonly inputToHidden: boolean;
  readonly discretizer: Discretizer;
  readonly hasKernel: boolean;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly inputD: number | null;
  readonly seed: number | null;
  readonly trainableTheta: boolean;
  readonly hiddenToMemory: boolean;
  readonly memoryToMemory: boolean;
  /** tfjs's own layers, which turn names into initializers and back. */
  private readonly forward: tfl.layers.Layer;
  private readonly recurrent: tfl.layers.Layer;

  /** @throws ValidationError that names `owner` and the argument */
  constructor(owner: string, args: Omit<MemoryArgs, "hiddenCell">, hidden: HiddenCell) {
    const rate = (name: string, value: unknown): number => checkNumber(owner, name, value, { min: 0, below: 1 });
    this.memoryD = checkInteger(owner, "memoryD", args.memoryD, { min: 1 });
    this.order = checkInteger(owner, "order", args.order, { min: 1 });
    this.theta = checkNumber(owner, "theta", args.theta, { above: 0 });
    this.hidden = hidden;
    this.inputToHidden = checkBoolean(owner, "inputToHidden", args.inputToHidden ?? false);
    this.discretizer = checkChoice(owner, "discretizer", args.discretizer ?? "zoh", DISCRETIZERS);
    this.hasKernel = args.kernelInitializer !== null;
    this.useBias = checkBoolean(owner, "useBias", args.useBias ?? false);
    this.dropout = rate("dropout", args.dropout ?? 0);
    this.recurrentDropout = rate("recurrentDropout", args.recurrentDropout ?? 0);
    this.inputD = args.inputD === undefined || args.inputD === null ? null : checkInteger(owner, "inputD", args.inputD, { min: 1 });
    this.seed = checkSeed(owner, args.seed ?? null);
    this.trainableTheta = checkBoolean(owner, "trainableTheta", args.trainableTheta ?? false);
    this.hiddenToMemory = checkBoolean(owner, "hiddenToMemory", args.hiddenToMemory ?? false);
    this.memoryToMemory = checkBoolean(owner, "memoryToMemory", args.memoryToMemory ?? false);
    const needs = (parameter: string, expected: string, got: string): ValidationError =>
      new ValidationError({ owner, parameter, expected, got });
    if (this.hiddenToMemory && hidden.layer === null) throw needs("hiddenToMemory", "false where hiddenCell is null", "true");
    if (this.hiddenToMemory && !this.hasKernel)
      throw needs("hiddenToMemory", "false where kernelInitializer is null: the hidden state goes through the kernel", "true");
    this.forward = parts(owner, {
      units: this.memoryD,
      kernelInitializer: args.kernelInitializer ?? "glorotUniform",
      kernelRegularizer: args.kernelRegularizer ?? null,
      biasInitializer: args.biasInitializer ?? "zeros",
      biasRegularizer: args.biasRegularizer ?? null,
    });
    this.recurrent = parts(owner, {
      units: this.memoryD,
      kernelInitializer: args.recurrentInitializer ?? "orthogonal",
      kernelRegularizer: args.recurrentRegularizer ?? null,
    });
  }

  /** Checks arguments, or reads saved ones; what is left is tfjs's own. */
  static from<A extends object>(owner: string, args: A | Saved): { definition: MemoryDefinition; rest: Record<string, unknown> } {
    if (typeof args !== "object" || args === null)
      throw new ValidationError({
        owner,
        expected: "one object of arguments {memoryD, order, theta, hiddenCell, ...}",
        got: describe(args),
      });
    const rest = Object.fromEntries(Object.entries(args).filter(([name]) => !NAMES.includes(name) && name !== "definition"));
    if (!("definition" in args)) {
      const given = args as unknown as MemoryArgs;
      return { definition: new MemoryDefinition(owner, given, new HiddenCell(owner, given.hiddenCell)), rest };
    }
    const { hiddenCell, ...saved } = JSON.parse(args.definition.name) as MemoryArgs & { hiddenCell: LayerText | null };
    return { definition: new MemoryDefinition(owner, saved, HiddenCell.fromText(owner, hiddenCell)), rest };
  }

  /** For a config: text under the key `name`, which tfjs leaves as it is. */
  toConfig(): { definition: { name: string } } {
    const [forward, recurrent] = [this.forward.getConfig(), this.recurrent.getConfig()];
    const { memoryD, order, theta, inputToHidden, discretizer, useBias, dropout, recurrentDropout, inputD, seed } = this;
    const { trainableTheta, hiddenToMemory, memoryToMemory } = this;
    const text = {
      ...{ memoryD, order, theta, inputToHidden, discretizer, useBias, dropout, recurrentDropout, inputD, seed },
      ...{ trainableTheta, hiddenToMemory, memoryToMemory },
      hiddenCell: this.hidden.toText(),
      kernelInitializer: this.hasKernel ? forward["kernelInitializer"] : null,
      kernelRegularizer: forward["kernelRegularizer"],
      biasInitializer: forward["biasInitializer"],
      biasRegularizer: forward["biasRegularizer"],
      recurrentInitializer: recurrent["kernelInitializer"],
      recurrentRegularizer: recurrent["kernelRegularizer"],
    };
    return { definition: { name: JSON.stringify(text) } };
  }

  /** Whether the memory depends on nothing but its input. */
  get feedforward(): boolean {
    return !this.trainableTheta && !this.hiddenToMemory && !this.memoryToMemory;
  }

  /** Numbers of the memory's state. */
  get memorySize(): number {
    return this.memoryD * this.order;
  }

  /** Size of what the hidden cell sees of a step. */
  hiddenInput(inputSize: number): number {
    return this.memorySize + (this.inputToHidden ? inputSize : 0);
  }

  /** Sizes of the states, memory first. */
  stateSizes(inputSize: number): number[] {
    return [this.memorySize, ...this.hidden.stateSizes(this.hiddenInput(inputSize))];
  }

  initializer(of: "kernel" | "bias" | "recurrent"): ResolvedInitializer {
    const from = (of === "recurrent" ? this.recurrent : this.forward) as unknown as Record<string, ResolvedInitializer>;
    return from[of === "bias" ? "biasInitializer" : "kernelInitializer"];
  }
  regularizer(of: "kernel" | "bias" | "recurrent"): ResolvedRegularizer {
    const from = (of === "recurrent" ? this.recurrent : this.forward) as unknown as Record<string, ResolvedRegularizer>;
    return from[of === "bias" ? "biasRegularizer" : "kernelRegularizer"];
  }
}

/** A layer of tfjs that is asked for nothing but its initializers and regularizers. */
function parts(owner: string, args: { units: number } & Record<string, unknown>): tfl.layers.Layer {
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== undefined));
  try {
    return tfl.layers.dense(given as unknown as DenseArgs);
  } catch (error) {
    throw new ValidationError({
      owner,
      expected: "initializers and regularizers of tfjs, by name or as objects",
      got: `the error ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
