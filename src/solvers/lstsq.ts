import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import { residualsOf, rmses } from "./leastSquares.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";
import { combine, factorsOf } from "./svd.ts";

export interface LstsqOptions {
  /** Singular values below this part of the largest count as 0, >= 0. @defaultValue 0.01 */
  readonly rcond?: number;
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

/** Plain least squares; of several solutions the smallest. (Singular values of 1000 neurons take half a minute: LstsqL2 is quicker.) */
export class Lstsq extends Solver {
  static override readonly type: string = "Lstsq";
  static override readonly parameters: readonly string[] = ["weights", "rcond"];
  readonly weights: boolean;
  readonly rcond: number;

  constructor(options: LstsqOptions = {}) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    this.rcond = checkNumber(this.type, "rcond", options.rcond ?? 0.01, { min: 0 });
    freeze(this, new.target, Lstsq);
  }

  /** Information: `rmses`, `residuals` (lengths of the errors, where the solution is unique), `rank`, `singularValues` (descending). */
  override solve(problem: SolverProblem): Solution {
    const { activities, points, neurons } = problem;
    const factors = factorsOf(activities, points, neurons);
    const { s } = factors;
    const least = this.rcond * s.reduce((a, b) => Math.max(a, b), 0);
    const rank = s.filter((value) => value > least).length;
    const weights = combine(factors, problem, (value) => (value > least ? 1 / value : 0));
    const unique = rank === neurons && points > neurons;
    const residuals = unique ? residualsOf(problem, weights) : new Float64Array(0);
    return { weights, info: { rmses: rmses(problem, weights), residuals, rank, singularValues: s.toSorted().reverse() } };
  }
}
