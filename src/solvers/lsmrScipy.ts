import { freeze } from "../declared.ts";
import { lsmr } from "../math/lsmr.ts";
import { backward, checkTolerance, columnOf, forward, putColumn } from "./iterative.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import type { Solution, SolverProblem } from "./solver.ts";
import { oneSigma } from "./svd.ts";

export interface LSMRScipyOptions {
  /** Relative size of the errors of activities and targets, > 0: a column is done where it is solved as exactly as these allow. @defaultValue 1e-4 */
  readonly tol?: number;
}

/**
 * Least squares by LSMR, column by column: conjugate residuals without the normal equations, whose condition is the square of the
 * activities'. The name is Nengo's; nothing of SciPy is needed. Information: `rmses`, and `iterations` of each column.
 */
export class LSMRScipy extends LeastSquares {
  static override readonly type: string = "LSMRScipy";
  static override readonly parameters: readonly string[] = ["tol"];
  readonly tol: number;

  constructor(options: LSMRScipyOptions = {}) {
    super(options);
    this.tol = checkTolerance(this.type, "tol", options.tol ?? 1e-4);
    freeze(this, new.target, LSMRScipy);
  }

  /** @throws ValidationError where neurons have regularisations of their own */
  override minimize(problem: SolverProblem, sigma: number | Float64Array): Solution {
    const { points, neurons, dimensions, targets } = problem;
    const damping = Math.sqrt(points) * oneSigma(this.type, sigma);
    const weights = new Float64Array(neurons * dimensions);
    const iterations = Array.from({ length: dimensions }, (_, c) => {
      const { x, rounds } = lsmr({
        forward: (v) => forward(problem, v, 1),
        backward: (u) => backward(problem, u, 1),
        b: columnOf(targets, dimensions, c),
        n: neurons,
        damping,
        tolerance: this.tol,
      });
      putColumn(weights, dimensions, c, x);
      return rounds;
    });
    return { weights, info: { rmses: rmses(problem, weights), iterations } };
  }
}
