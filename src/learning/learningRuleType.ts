import { Declared, checkNumber } from "../declared.ts";
import type { Expr } from "../expr/expr.ts";
import type { Operator } from "../ir/operators.ts";
import type { Range, Signal } from "../ir/signal.ts";
import type { Synapse } from "../synapses/synapse.ts";

/** What a rule computes with, made by the build in the order in which a rule lists it. */
export type LearningSource =
  /** Activities of the neurons before (`pre`) or after (`post`) the connection, 1/s; filtered unless synapse is null. */
  | { readonly kind: "pre" | "post"; readonly name: string; readonly synapse: Synapse | null }
  /** What connections to the rule bring, added to `initial`. */
  | { readonly kind: "error"; readonly name: string; readonly initial: number }
  /** The error in the space of the learned rows: of post's neurons where the connection ends at neurons, else as it is. */
  | { readonly kind: "localError"; readonly name: string }
  /** What the post ensemble receives. */
  | { readonly kind: "input"; readonly name: string };

/** A vector as an expression of vectors of its length and of single numbers. */
export interface Factor {
  readonly expr: Expr;
  readonly inputs: Readonly<Record<string, Range>>;
  readonly constants: Readonly<Record<string, number>>;
}

/** The change of the learned matrix in one step: element (i, j) changes by `row[i] column[j] + decay[i] matrix[i, j]`. */
export interface Change {
  readonly row: Factor;
  readonly column: Range;
  readonly decay: Factor | null;
}

/** What a rule is told when it becomes operators. */
export interface LearningLowering {
  /** Seconds. */
  readonly dt: number;
  /** Its sources by name. */
  readonly sources: Readonly<Record<string, Range>>;
  /** The learned matrix `[rows, columns]`: weights `[post, pre]`, or scaled encoders `[neurons, dimensions]`. */
  readonly target: Range;
  readonly rows: number;
  readonly columns: number;
  /** gain / radius of the post ensemble's neurons, a number a row; null unless the rule modifies encoders. */
  readonly encoderScale: Float64Array | null;
  readonly origin: string;
  /** Makes a signal that keeps its value between steps, an item each; `probeable` where the rule lists the name so. */
  readonly state: (name: string, shape: readonly number[], initial?: Float64Array) => Signal;
  /** Makes a signal for values within a step. */
  readonly scratch: (name: string, shape: readonly number[]) => Signal;
  /** Makes a signal of numbers that do not change. */
  readonly shared: (name: string, values: Float64Array) => Signal;
}

/** A rule's step: operators run at the end of a step, and the change that they lead to at the start of the next one. */
export interface LearningStep {
  readonly operators: readonly Operator[];
  readonly change: Change;
}

/**
 * How a connection learns while the network runs. A rule lists its sources and says the change of the learned matrix as an
 * expression; every item of a minibatch learns by itself. No gradient goes through what a rule does.
 */
export abstract class LearningRuleType extends Declared {
  /** How fast it learns. */
  abstract readonly learningRate: number;
  /** What changes: `decoders` (weights of any connection), `weights` (of one that ends at neurons), or post's `encoders`. */
  abstract get modifies(): "decoders" | "weights" | "encoders";
  /** How many numbers a connection to the rule brings: `postState` is the size of what the connection computes. */
  abstract get errorSize(): "postState" | number;
  /** What a probe of the rule can see; the first is the default. */
  abstract get probeable(): readonly string[];
  /** In the order in which their operators are made. */
  abstract get sources(): readonly LearningSource[];
  /** Names of sources that the rule's operator reads, in order; `target` is the learned matrix. */
  abstract get reads(): readonly string[];
  /** The operators of one step. */
  abstract lower(context: LearningLowering): LearningStep;
}

/** Checks a learning rate, not negative; returns it. */
export const checkRate = (owner: string, value: unknown): number => checkNumber(owner, "learningRate", value, { min: 0 });
