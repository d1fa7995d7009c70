import { Declared } from "../declared.ts";
import type { RandomState } from "../math/random.ts";

/** What a solver is asked: find X with A X = Y. */
export interface SolverProblem {
  /** Activities A, row-major `[points, neurons]`, Hz. */
  readonly activities: Float64Array;
  /** Targets Y, row-major `[points, dimensions]`. */
  readonly targets: Float64Array;
  readonly points: number;
  readonly neurons: number;
  readonly dimensions: number;
}

/** What a solver found. */
export interface Solution {
  /** X, row-major `[neurons, dimensions]`. */
  readonly weights: Float64Array;
  /** `rmses` per dimension, and what else the solver knows. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** Finds decoders (or full connection weights) from activities and targets. */
export abstract class Solver extends Declared {
  /** Solve for the full weight matrix instead of decoders. */
  abstract readonly weights: boolean;
  /** Whether decoders of a transformed function are the transform times the function's decoders. */
  get compositional(): boolean {
    return true;
  }
  /** Whether `solve` looks at activities at all; if not, no evaluation points are made. */
  get needsActivities(): boolean {
    return true;
  }
  /** Solves A X = Y in the way of the solver; draws from `rng` only where it adds noise. */
  abstract solve(problem: SolverProblem, rng: RandomState): Solution;
}
