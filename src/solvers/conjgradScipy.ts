import { checkNumber, freeze } from "../declared.ts";
import { BuildError } from "../errors.ts";
import { conjugateGradients } from "./conjgrad.ts";
import { backward, checkTolerance, columnOf, dot, normalProduct, putColumn } from "./iterative.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import type { Solution, SolverProblem } from "./solver.ts";

export interface ConjgradScipyOptions {
  /** A column is done where the residual of the normal equations is this part of their right side, > 0. @defaultValue 1e-4 */
  readonly tol?: number;
  /** A column is done too where the residual is below this, >= 0. @defaultValue 1e-8 */
  readonly atol?: number;
}

/** Iterations for every neuron after which SciPy gives up too. */
const PER_NEURON = 10;

/** {@link Conjgrad} with the rule by which SciPy's method stops. The name is Nengo's; nothing of SciPy is needed. */
export class ConjgradScipy extends LeastSquares {
  static override readonly type: string = "ConjgradScipy";
  static override readonly parameters: readonly string[] = ["tol", "atol"];
  readonly tol: number;
  readonly atol: number;

  constructor(options: ConjgradScipyOptions = {}) {
    super(options);
    this.tol = checkTolerance(this.type, "tol", options.tol ?? 1e-4);
    this.atol = checkNumber(this.type, "atol", options.atol ?? 1e-8, { min: 0 });
    freeze(this, new.target, ConjgradScipy);
  }

  /** Information: `rmses`, and `iterations` of each column. @throws BuildError where a column does not settle */
  override minimize(problem: SolverProblem, sigma: number | Float64Array): Solution {
    const { neurons, dimensions, targets } = problem;
    const weights = new Float64Array(neurons * dimensions);
    const right = backward(problem, targets, dimensions);
    const most = PER_NEURON * neurons;
    const iterations = Array.from({ length: dimensions }, (_, c) => {
      const b = columnOf(right, dimensions, c);
      const x = new Float64Array(neurons);
      const limit = Math.max(this.tol * Math.sqrt(dot(b, b)), this.atol);
      let settled = Math.sqrt(dot(b, b)) <= limit;
      if (settled) return 0;
      const done = (square: number): boolean => (settled = Math.sqrt(square) <= limit);
      const count = conjugateGradients({ multiply: (p) => normalProduct(problem, sigma, p, 1), b, x, most, done });
      if (!settled)
        throw new BuildError(
          `${this.type}: expected a residual below ${limit} within ${most} iterations, got a larger one. Raise tol or the solver's regularisation.`,
        );
      putColumn(weights, dimensions, c, x);
      return count;
    });
    return { weights, info: { rmses: rmses(problem, weights), iterations } };
  }
}
