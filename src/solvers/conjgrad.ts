import { checkInteger, freeze } from "../declared.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { backward, checkTolerance, columnOf, dot, normalProduct, putColumn, startOf } from "./iterative.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import type { Solution, SolverProblem } from "./solver.ts";

export interface ConjgradOptions {
  /** A column is done where the residual of the normal equations is below `tol sqrt(points)`, > 0. @defaultValue 0.01 */
  readonly tol?: number;
  /** Most iterations a column, >= 1; null: the number of neurons. @defaultValue null */
  readonly maxiters?: number | null;
  /** Where to start, `[neurons, dimensions]`; null: at 0. @defaultValue null */
  readonly X0?: ArrayLike_ | null;
}

/** Where the residual shrinks by less than this no more is to be gained. */
const LEAST_PROGRESS = 1e-12;

/**
 * Least squares by conjugate gradients on the normal equations, column by column. Information: `rmses`, and `iterations` of each column.
 * Source: Hestenes & Stiefel, J. Research Nat. Bur. Standards 49 (1952).
 */
export class Conjgrad extends LeastSquares {
  static override readonly type: string = "Conjgrad";
  static override readonly parameters: readonly string[] = ["tol", "maxiters", "X0"];
  readonly tol: number;
  readonly maxiters: number | null;
  readonly X0: NdArray | null;

  constructor(options: ConjgradOptions = {}) {
    super(options);
    const { tol = 0.01, maxiters = null, X0 = null } = options;
    this.tol = checkTolerance(this.type, "tol", tol);
    this.maxiters = maxiters === null ? null : checkInteger(this.type, "maxiters", maxiters, { min: 1 });
    this.X0 = X0 === null ? null : ndarray(X0, { owner: this.type, parameter: "X0" });
    freeze(this, new.target, Conjgrad);
  }

  /** @throws ShapeError where X0 does not fit */
  override minimize(problem: SolverProblem, sigma: number | Float64Array): Solution {
    const { points, neurons, dimensions, targets } = problem;
    const weights = startOf(this.type, this.X0, problem);
    const right = backward(problem, targets, dimensions);
    const iterations = Array.from({ length: dimensions }, (_, c) => {
      const x = columnOf(weights, dimensions, c);
      const count = conjugateGradients({
        multiply: (p) => normalProduct(problem, sigma, p, 1),
        b: columnOf(right, dimensions, c),
        x,
        most: this.maxiters ?? neurons,
        done: (square, before) => Math.sqrt(square) < this.tol * Math.sqrt(points) || square / before < LEAST_PROGRESS,
      });
      putColumn(weights, dimensions, c, x);
      return count;
    });
    return { weights, info: { rmses: rmses(problem, weights), iterations } };
  }
}

/** What {@link conjugateGradients} solves: `multiply(x) = b`, from `x`, which is changed. */
export interface LinearSystem {
  readonly multiply: (x: Float64Array) => Float64Array;
  readonly b: Float64Array;
  readonly x: Float64Array;
  /** Most iterations. */
  readonly most: number;
  /** Whether to stop, given the square of the residual, and that of the one before. */
  readonly done: (square: number, before: number) => boolean;
}

/** Solves a symmetric positive definite system in place; returns the number of iterations. */
export function conjugateGradients({ multiply, b, x, most, done }: LinearSystem): number {
  const product = multiply(x);
  const residual = b.map((v, k) => v - product[k]);
  const direction = residual.slice();
  let square = dot(residual, residual);
  if (square === 0) return 0;
  for (let k = 1; k <= most; k++) {
    const along = multiply(direction);
    const step = square / dot(direction, along);
    for (let i = 0; i < x.length; i++) {
      x[i] += step * direction[i];
      residual[i] -= step * along[i];
    }
    const before = square;
    square = dot(residual, residual);
    if (done(square, before) || square === 0) return k;
    for (let i = 0; i < x.length; i++) direction[i] = residual[i] + (square / before) * direction[i];
  }
  return most;
}
