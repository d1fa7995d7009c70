import { checkNumber } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import type { NdArray } from "../math/ndarray.ts";
import type { SolverProblem } from "./solver.ts";

/*
 * What the methods share that find a solution step by step: products with `A` (`[points, neurons]`), its transpose, and the matrix
 * `A^T A + points sigma^2` of the normal equations, which is never made. Blocks of columns are row-major.
 */

/** A X, `[points, columns]`. */
export function forward({ activities, points, neurons }: SolverProblem, x: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(points * columns);
  for (let p = 0; p < points; p++) {
    for (let i = 0; i < neurons; i++) {
      const a = activities[p * neurons + i];
      if (a === 0) continue;
      for (let c = 0; c < columns; c++) out[p * columns + c] += a * x[i * columns + c];
    }
  }
  return out;
}

/** A^T Y, `[neurons, columns]`. */
export function backward({ activities, points, neurons }: SolverProblem, y: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(neurons * columns);
  for (let p = 0; p < points; p++) {
    for (let i = 0; i < neurons; i++) {
      const a = activities[p * neurons + i];
      if (a === 0) continue;
      for (let c = 0; c < columns; c++) out[i * columns + c] += a * y[p * columns + c];
    }
  }
  return out;
}

/** `(A^T A + points sigma^2) X`, for a sigma of all neurons, or one a neuron. */
export function normalProduct(problem: SolverProblem, sigma: number | Float64Array, x: Float64Array, columns: number): Float64Array {
  const out = backward(problem, forward(problem, x, columns), columns);
  for (let k = 0; k < out.length; k++) {
    const own = typeof sigma === "number" ? sigma : sigma[Math.floor(k / columns)];
    out[k] += problem.points * own * own * x[k];
  }
  return out;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** One column of a row-major matrix. */
export const columnOf = (a: Float64Array, columns: number, c: number): Float64Array =>
  Float64Array.from({ length: a.length / columns }, (_, k) => a[k * columns + c]);

/** Puts a column back. */
export function putColumn(a: Float64Array, columns: number, c: number, values: Float64Array): void {
  for (let k = 0; k < values.length; k++) a[k * columns + c] = values[k];
}

/** @throws ValidationError unless it is a number above 0 */
export const checkTolerance = (owner: string, parameter: string, value: unknown): number =>
  checkNumber(owner, parameter, value, { above: 0 });

/** Where to start: a copy of X0, or zeros. @throws ShapeError unless X0 is `[neurons, dimensions]` */
export function startOf(owner: string, X0: NdArray | null, { neurons, dimensions }: SolverProblem): Float64Array {
  if (X0 === null) return new Float64Array(neurons * dimensions);
  if (X0.shape.length !== 2 || X0.shape[0] !== neurons || X0.shape[1] !== dimensions)
    throw new ShapeError({
      owner,
      parameter: "X0",
      expected: `shape [${neurons}, ${dimensions}], neurons by dimensions`,
      got: `[${X0.shape.join(", ")}]`,
    });
  return X0.data.slice();
}
