import { Declared } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import type { Solution, SolverProblem } from "./solver.ts";

/** A numerical method for regularised least squares, for solvers to choose from. */
export abstract class LeastSquares extends Declared {
  /**
   * Finds the X that minimises `|A X - Y|^2 + points sigma^2 |X|^2`. The information has `rmses`, and `iterations` where there are any.
   * @param sigma - one number, or one a neuron (Hz)
   * @param rng - only for methods that draw
   */
  abstract minimize(problem: SolverProblem, sigma: number | Float64Array, rng?: RandomState): Solution;
}

/** The highest activity (Hz). */
export function highest(activities: Float64Array): number {
  // Four at a time, since each maximum waits for the one before.
  let [a, b, c, d] = [-Infinity, -Infinity, -Infinity, -Infinity];
  const whole = activities.length - (activities.length % 4);
  for (let k = 0; k < whole; k += 4) {
    a = Math.max(a, activities[k]);
    b = Math.max(b, activities[k + 1]);
    c = Math.max(c, activities[k + 2]);
    d = Math.max(d, activities[k + 3]);
  }
  for (let k = whole; k < activities.length; k++) a = Math.max(a, activities[k]);
  return Math.max(a, b, c, d);
}

/** Sum over the points of the squares of Y - A X, per dimension. */
function squaredErrors({ activities, targets, points, neurons, dimensions }: SolverProblem, weights: Float64Array): Float64Array {
  const sums = new Float64Array(dimensions);
  if (dimensions === 1) return sums.fill(squaredErrorsOfOne(activities, targets, points, neurons, weights));
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

/** {@link squaredErrors} of one dimension: of four points at a time, since each difference waits for the one before. */
function squaredErrorsOfOne(
  activities: Float64Array,
  targets: Float64Array,
  points: number,
  neurons: number,
  weights: Float64Array,
): number {
  let sum = 0;
  let p = 0;
  for (; p + 4 <= points; p += 4) {
    const [r0, r1, r2, r3] = [p * neurons, (p + 1) * neurons, (p + 2) * neurons, (p + 3) * neurons];
    let [e0, e1, e2, e3] = [targets[p], targets[p + 1], targets[p + 2], targets[p + 3]];
    for (let i = 0; i < neurons; i++) {
      const weight = weights[i];
      e0 -= activities[r0 + i] * weight;
      e1 -= activities[r1 + i] * weight;
      e2 -= activities[r2 + i] * weight;
      e3 -= activities[r3 + i] * weight;
    }
    sum += e0 * e0;
    sum += e1 * e1;
    sum += e2 * e2;
    sum += e3 * e3;
  }
  for (; p < points; p++) {
    let error = targets[p];
    for (let i = 0; i < neurons; i++) error -= activities[p * neurons + i] * weights[i];
    sum += error * error;
  }
  return sum;
}

/** Root mean square over the points of Y - A X, per dimension. */
export const rmses = (problem: SolverProblem, weights: Float64Array): Float64Array =>
  squaredErrors(problem, weights).map((sum) => Math.sqrt(sum / problem.points));

/** Length of Y - A X, per dimension. */
export const residualsOf = (problem: SolverProblem, weights: Float64Array): Float64Array => squaredErrors(problem, weights).map(Math.sqrt);
