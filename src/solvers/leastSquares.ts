import { Declared } from "../declared.ts";
import type { SolverProblem } from "./solver.ts";

/** A numerical method for regularised least squares, for solvers to choose from. */
export abstract class LeastSquares extends Declared {
  /**
   * Finds the X that minimises `|A X - Y|^2 + points sigma^2 |X|^2`, row-major `[neurons, dimensions]`.
   * @param sigma - one number, or one a neuron (Hz)
   */
  abstract minimize(problem: SolverProblem, sigma: number | Float64Array): Float64Array;
}

/** Sum over the points of the squares of Y - A X, per dimension. */
function squaredErrors({ activities, targets, points, neurons, dimensions }: SolverProblem, weights: Float64Array): Float64Array {
  const sums = new Float64Array(dimensions);
  for (let p = 0; p < points; p++) {
    const errors = targets.slice(p * dimensions, (p + 1) * dimensions);
    for (let i = 0; i < neurons; i++) {
      const a = activities[p * neurons + i];
      if (a === 0) continue;
      for (let c = 0; c < dimensions; c++) errors[c] -= a * weights[i * dimensions + c];
    }
    for (let c = 0; c < dimensions; c++) sums[c] += errors[c] ** 2;
  }
  return sums;
}

/** Root mean square over the points of Y - A X, per dimension. */
export const rmses = (problem: SolverProblem, weights: Float64Array): Float64Array =>
  squaredErrors(problem, weights).map((sum) => Math.sqrt(sum / problem.points));

/** Length of Y - A X, per dimension. */
export const residualsOf = (problem: SolverProblem, weights: Float64Array): Float64Array => squaredErrors(problem, weights).map(Math.sqrt);
