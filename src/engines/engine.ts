import type { Signal } from "../ir/signal.ts";
import type { Plan } from "../plan/plan.ts";
import type { Journal } from "./reference/journal.ts";
import type { Streams } from "./streams.ts";

export type Dtype = "float64" | "float32";
export type Floats = Float64Array | Float32Array;

/** Makes an array of a dtype. */
export const floats = (dtype: Dtype, length: number): Floats => (dtype === "float64" ? new Float64Array(length) : new Float32Array(length));

/** Numbers in an engine's own memory, which it reads and writes without copies. */
export interface EngineArray {
  readonly length: number;
  /** A view, good until the engine allocates again. */
  readonly values: Floats;
  free(): void;
}

/**
 * Rows of data by step: element (item b, step k, i) is at `offset + b * itemStride + k * stepStride + i * elementStride` (itemStride
 * 0: the same for all; elementStride 1 where left out).
 */
export interface Table {
  readonly data: Floats | EngineArray;
  readonly offset: number;
  readonly itemStride: number;
  readonly stepStride: number;
  readonly elementStride?: number;
}

/** The numbers of a table. */
export const valuesOf = (data: Table["data"]): Floats => ("values" in data && !ArrayBuffer.isView(data) ? data.values : data);

/** A dense table `[batch, steps, size]`. */
export const table = (data: Table["data"], steps: number, size: number): Table => ({
  data,
  offset: 0,
  itemStride: steps * size,
  stepStride: size,
});

/** A record target that keeps nothing. */
export const nowhere: Table = { data: new Float32Array(0), offset: 0, itemStride: 0, stepStride: 0 };

/** The table from a row on. */
export const advanced = (t: Table, rows: number): Table => ({ ...t, offset: t.offset + rows * t.stepStride });

/** Rows `from .. from + steps` of a table, last first. */
export const reversed = (t: Table, from: number, steps: number): Table => ({
  ...advanced(t, from + steps - 1),
  stepStride: -t.stepStride,
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
  /** Where what users' functions and draws gave is kept. */
  readonly journal?: Journal;
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
  /** Numbers between neighbouring elements of a per-item signal in a state's memory: the batch, or more. */
  readonly width: number;
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
  /** A per-item signal in which a value is NaN or has become infinite; null where there is none. */
  firstNotFinite(state: State): Signal | null;
  /** Frees memory that is not garbage-collected; the executable is of no use any more. */
  dispose(): void;
}

export interface Engine {
  readonly name: EngineName;
  prepare(plan: Plan, options: { readonly dtype: Dtype; readonly batch: number }): Executable;
  /** An array that the engine's executables use without copies; what is in it is anything. */
  allocate(dtype: Dtype, length: number): EngineArray;
}
export type EngineName = "reference" | "wasm" | "tfjs";

/** Rows that a run of `nSteps` after `step` steps records with a period (in steps). */
export function recordedRows(step: number, nSteps: number, period: number): number {
  if (Number.isInteger(period)) return Math.floor((step + nSteps) / period) - Math.floor(step / period);
  let rows = 0;
  for (let k = step + 1; k <= step + nSteps; k++) if (k % period < 1) rows++;
  return rows;
}

/** {@link Executable.firstNotFinite}, by looking at all values. */
export function lookForNotFinite({ plan: { layout }, batch, width }: Executable, { memory }: State): Signal | null {
  // A sum of multiples of 0 is NaN where a value is not finite; only then is it worth looking closely.
  let sum = 0;
  for (let i = 0; i < memory.length; i++) sum += memory[i] * 0;
  if (!Number.isNaN(sum)) return null;
  const isBad = (signal: Signal): boolean => {
    const at = layout.offsetOf(signal) * width;
    const mayBeInfinite = signal.initial?.some((v) => !Number.isFinite(v)) === true;
    const values = memory.subarray(at, at + signal.size * width);
    return values.some((v, i) => i % width < batch && (mayBeInfinite ? Number.isNaN(v) : !Number.isFinite(v)));
  };
  return layout.signals.find((s) => s.perItem && isBad(s)) ?? null;
}
