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

/** The highest activity (Hz). */
export function highest(activities: Float64Array): number {
  let most = -Infinity;
  for (let k = 0; k < activities.length; k++) most = Math.max(most, activities[k]);
  return most;
}

/** Sum over the points of the squares of Y - A X, per dimension. */
function squaredErrors({ activities, targets, points, neurons, dimensions }: SolverProblem, weights: Float64Array): Float64Array {
  const sums = new Float64Array(dimensions);
  if (dimensions === 1) {
    for (let p = 0; p < points; p++) {
      const row = p * neurons;
      let error = targets[p];
      for (let i = 0; i < neurons; i++) error -= activities[row + i] * weights[i];
      sums[0] += error * error;
    }
    return sums;
  }
  const errors = new Float64Array(dimensions);
  for (let p = 0; p < points; p++) {
    for (let c = 0; c < dimensions; c++) errors[c] = targets[p * dimensions + c];
    for (let i = 0; i < neurons; i++) {
      const a = activities[p * neurons + i];
      if (a === 0) continue;
      for (let c = 0; c < dimensions; c++) errors[c] -= a * weights[i * dimensions + c];
    }
    for (let c = 0; c < dimensions; c++) sums[c] += errors[c] * errors[c];
  }
  return sums;
}

/** Root mean square over the points of Y - A X, per dimension. */
export const rmses = (problem: SolverProblem, weights: Float64Array): Float64Array =>
  squaredErrors(problem, weights).map((sum) => Math.sqrt(sum / problem.points));

/** Length of Y - A X, per dimension. */
export const residualsOf = (problem: SolverProblem, weights: Float64Array): Float64Array => squaredErrors(problem, weights).map(Math.sqrt);
