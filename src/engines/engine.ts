import type { Signal } from "../ir/signal.ts";
import type { Plan } from "../plan/plan.ts";
import type { Streams } from "./streams.ts";

export type Dtype = "float64" | "float32";
export type Floats = Float64Array | Float32Array;

/** Makes an array of a dtype. */
export const floats = (dtype: Dtype, length: number): Floats => (dtype === "float64" ? new Float64Array(length) : new Float32Array(length));

/** Rows of data by step: element (item b, step k, i) is at `offset + b * itemStride + k * stepStride + i` (itemStride 0: the same for all). */
export interface Table {
  readonly data: Floats;
  readonly offset: number;
  readonly itemStride: number;
  readonly stepStride: number;
}

/** A dense table `[batch, steps, size]`. */
export const table = (data: Floats, steps: number, size: number): Table => ({
  data,
  offset: 0,
  itemStride: steps * size,
  stepStride: size,
});

/** Everything that changes while a program runs. It belongs to the executable that made it. */
export interface State {
  /** Values of per-item signals. */
  readonly memory: Floats;
  /** Steps done. */
  step: number;
}

export interface RunOptions {
  readonly nSteps: number;
  /** Changed in place and returned. */
  readonly state: State;
  /** Data for slots of `feed` and `host` operators; row k is read at the run's k-th step (k = 0 is the first). */
  readonly feeds?: ReadonlyMap<string, Table>;
  /** Where records go instead of new arrays; rows are counted from the run's first record. */
  readonly into?: ReadonlyMap<string, Table>;
  /** The program's random streams and processes; may be left out where it has none. */
  readonly streams?: Streams;
}

/** What a run recorded under a slot: `[batch, rows, size]`. */
export interface Recorded {
  readonly data: Floats;
  readonly rows: number;
  readonly size: number;
}

/** A plan made ready to run for a number of items. */
export interface Executable {
  readonly plan: Plan;
  readonly dtype: Dtype;
  readonly batch: number;
  /** State before the first step. */
  initialState(): State;
  copyState(state: State): State;
  /** Puts a state back to before the first step. */
  resetState(state: State): void;
  /** Runs `nSteps` steps. On an error (of a user's function) state is as it was before the run. */
  run(options: RunOptions): ReadonlyMap<string, Recorded>;
  /** Sets a shared signal (a parameter), in its stored order; nothing happens where the plan does not use it. */
  setShared(signal: Signal, values: ArrayLike<number>): void;
  /** A shared signal's values, in its stored order; zeros where the plan does not use it. */
  getShared(signal: Signal): Floats;
  /** A per-item signal's values, `[batch, size]`; zeros where the plan does not use it. */
  read(state: State, signal: Signal): Floats;
  /** Sets a per-item signal from `[batch, size]`. */
  write(state: State, signal: Signal, values: ArrayLike<number>): void;
}

export interface Engine {
  readonly name: string;
  prepare(plan: Plan, options: { readonly dtype: Dtype; readonly batch: number }): Executable;
}

/** Rows that a run of `nSteps` after `step` steps records with a period (in steps). */
export function recordedRows(step: number, nSteps: number, period: number): number {
  let rows = 0;
  for (let k = step + 1; k <= step + nSteps; k++) if (k % period < 1) rows++;
  return rows;
}
