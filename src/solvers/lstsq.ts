import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import { transpose } from "../math/linalg.ts";
import { svd } from "../math/svd.ts";
import { residualsOf, rmses } from "./leastSquares.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

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
    const { activities, targets, points, neurons, dimensions } = problem;
    const tall = points >= neurons;
    const { u, s, v } = tall ? svd(activities, points, neurons) : svd(transpose(activities, points, neurons), neurons, points);
    // Of A^T = U S V^T, V has the vectors of points.
    const [ofPoints, ofNeurons] = tall ? [u, v] : [v, u];
    const least = this.rcond * s.reduce((a, b) => Math.max(a, b), 0);
    const weights = new Float64Array(neurons * dimensions);
    let rank = 0;
    s.forEach((value, c) => {
      if (!(value > least)) return;
      rank++;
      for (let k = 0; k < dimensions; k++) {
        let part = 0;
        for (let p = 0; p < points; p++) part += ofPoints[c * points + p] * targets[p * dimensions + k];
        part /= value;
        for (let i = 0; i < neurons; i++) weights[i * dimensions + k] += part * ofNeurons[c * neurons + i];
      }
    });
    const unique = rank === neurons && points > neurons;
    const residuals = unique ? residualsOf(problem, weights) : new Float64Array(0);
    return { weights, info: { rmses: rmses(problem, weights), residuals, rank, singularValues: s.toSorted().reverse() } };
  }
}
