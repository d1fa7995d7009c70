import { freeze } from "../declared.ts";
import { BuildError } from "../errors.ts";
import { solve } from "../math/linalg.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { backward, checkTolerance, normalProduct, startOf } from "./iterative.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import type { Solution, SolverProblem } from "./solver.ts";

export interface BlockConjgradOptions {
  /** Done where the residual of every column of the normal equations is below `tol sqrt(points)`, > 0. @defaultValue 0.01 */
  readonly tol?: number;
  /** Where to start, `[neurons, dimensions]`; null: at 0. @defaultValue null */
  readonly X0?: ArrayLike_ | null;
}

/**
 * Least squares by conjugate gradients on the normal equations, all columns at once, each of which profits from the directions of all.
 * Columns of targets must not depend on each other. Information: `rmses`, and the number of `iterations`.
 * Source: D. O'Leary, Linear Algebra and its Applications 29 (1980), "The block conjugate gradient algorithm".
 */
export class BlockConjgrad extends LeastSquares {
  static override readonly type: string = "BlockConjgrad";
  static override readonly parameters: readonly string[] = ["tol", "X0"];
  readonly tol: number;
  readonly X0: NdArray | null;

  constructor(options: BlockConjgradOptions = {}) {
    super(options);
    const { tol = 0.01, X0 = null } = options;
    this.tol = checkTolerance(this.type, "tol", tol);
    this.X0 = X0 === null ? null : ndarray(X0, { owner: this.type, parameter: "X0" });
    freeze(this, new.target, BlockConjgrad);
  }

  /** @throws ShapeError where X0 does not fit; BuildError where columns of targets depend on each other */
  override minimize(problem: SolverProblem, sigma: number | Float64Array): Solution {
    const { points, neurons, dimensions: d, targets } = problem;
    const weights = startOf(this.type, this.X0, problem);
    const product = normalProduct(problem, sigma, weights, d);
    const residual = backward(problem, targets, d).map((v, k) => v - product[k]);
    const directions = residual.slice();
    let squares = inner(residual, residual, d);
    const limit = points * this.tol ** 2;
    const most = Math.floor(neurons / d) + 1;
    let iterations = 0;
    const settled = (): boolean => squares.every((v, k) => k % (d + 1) !== 0 || v < limit);
    while (iterations < most && !squares.every((v) => v === 0)) {
      iterations++;
      const along = normalProduct(problem, sigma, directions, d);
      const step = this.solve(inner(directions, along, d), squares, d);
      addProduct(weights, directions, step, d, 1);
      addProduct(residual, along, step, d, -1);
      const before = squares;
      squares = inner(residual, residual, d);
      if (settled()) break;
      const turn = this.solve(before, squares, d);
      const last = directions.slice();
      directions.set(residual);
      addProduct(directions, last, turn, d, 1);
    }
    return { weights, info: { rmses: rmses(problem, weights), iterations } };
  }

  private solve(a: Float64Array, b: Float64Array, d: number): Float64Array {
    try {
      return solve(a, b, d, d);
    } catch (cause) {
      if (!(cause instanceof BuildError)) throw cause;
      throw new BuildError(
        `${this.type}: expected columns of targets that do not depend on each other, got some that do. Take new Conjgrad(), which takes one column at a time.`,
        { cause },
      );
    }
  }
}

/** A^T B of two `[n, d]` matrices: `[d, d]`. */
function inner(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let k = 0; k < a.length; k += d) for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j] += a[k + i] * b[k + j];
  return out;
}

/** Adds `scale B M` to an `[n, d]` matrix, for `[n, d]` B and `[d, d]` M. */
function addProduct(a: Float64Array, b: Float64Array, m: Float64Array, d: number, scale: number): void {
  for (let k = 0; k < a.length; k += d)
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += b[k + i] * m[i * d + j];
      a[k + j] += scale * sum;
    }
}
