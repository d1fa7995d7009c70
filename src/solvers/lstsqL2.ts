import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { Cholesky } from "./cholesky.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

export interface LstsqL2Options {
  /** Regularisation, relative to the highest activity, >= 0. @defaultValue 0.1 */
  readonly reg?: number;
  /** Numerical method. @defaultValue new Cholesky() */
  readonly solver?: LeastSquares;
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

/** Least squares with the square of the weights held small: noise of `reg` times the highest activity is assumed. */
export class LstsqL2 extends Solver {
  static override readonly type: string = "LstsqL2";
  static override readonly parameters: readonly string[] = ["weights", "reg", "solver"];
  readonly weights: boolean;
  readonly reg: number;
  readonly solver: LeastSquares;

  constructor(options: LstsqL2Options = {}) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    this.reg = checkNumber(this.type, "reg", options.reg ?? 0.1, { min: 0 });
    this.solver = options.solver ?? new Cholesky();
    if (!(this.solver instanceof LeastSquares))
      throw new ValidationError({
        owner: this.type,
        parameter: "solver",
        expected: "a method of least squares, e.g. new Cholesky()",
        got: describe(this.solver),
      });
    freeze(this, new.target, LstsqL2);
  }

  /** Least squares with an L2 penalty scaled by the largest activity. */
  override solve(problem: SolverProblem): Solution {
    const highest = problem.activities.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = this.solver.minimize(problem, this.reg * highest);
    return { weights, info: { rmses: rmses(problem, weights) } };
  }
}
