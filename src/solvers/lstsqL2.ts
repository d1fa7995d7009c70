import { freeze } from "../declared.ts";
import { highest } from "./leastSquares.ts";
import { RegularisedSolver, type LstsqL2Options } from "./regularisedSolver.ts";
import type { RandomState } from "../math/random.ts";
import type { Solution, SolverProblem } from "./solver.ts";

/** Least squares with the square of the weights held small: noise of `reg` times the highest activity is assumed. */
export class LstsqL2 extends RegularisedSolver {
  static override readonly type: string = "LstsqL2";

  constructor(options: LstsqL2Options = {}) {
    super(options);
    freeze(this, new.target, LstsqL2);
  }

  /** Least squares with an L2 penalty scaled by the largest activity. */
  override solve(problem: SolverProblem, rng?: RandomState): Solution {
    return this.solver.minimize(problem, this.reg * highest(problem.activities), rng);
  }
}
