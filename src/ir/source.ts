/** One step: time in seconds (dt at the first step) and, where `sizeIn > 0`, a copy of the input. */
export type ProcessStep = (t: number, x: Float64Array) => ArrayLike<number> | number;

/**
 * A process whose output does not depend on input or state, laid out ahead: the value of step k (k = 1 is the first,
 * at t = dt) is row `(k + offset) mod rows` (`cyclic`) or row `min(k + offset, rows - 1)` (`hold`).
 */
export interface ProcessTable {
  readonly rows: number;
  /** Row-major `[rows, sizeOut]`. */
  readonly data: Float64Array;
  readonly mode: "cyclic" | "hold";
  readonly offset: number;
}
