import { freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import { transpose } from "../math/linalg.ts";
import { svd } from "../math/svd.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import type { Solution, SolverProblem } from "./solver.ts";

/** Parts of a matrix `[points, neurons]`: `A = sum_c s[c] ofPoints[c] ofNeurons[c]^T`, vectors one after the other. */
export interface Factors {
  readonly ofPoints: Float64Array;
  readonly s: Float64Array;
  readonly ofNeurons: Float64Array;
}

/** Singular values and vectors of a matrix that may be wider than tall. */
export function factorsOf(a: Float64Array, points: number, neurons: number): Factors {
  if (points >= neurons) {
    const { u, s, v } = svd(a, points, neurons);
    return { ofPoints: u, s, ofNeurons: v };
  }
  // Of A^T = U S V^T, V has the vectors of points.
  const { u, s, v } = svd(transpose(a, points, neurons), neurons, points);
  return { ofPoints: v, s, ofNeurons: u };
}

/** `sum_c gain(s[c]) ofNeurons[c] ofPoints[c]^T Y`, `[neurons, dimensions]`; a gain of 0 leaves the part out. */
export function combine(
  { ofPoints, s, ofNeurons }: Factors,
  { targets, points, neurons, dimensions }: SolverProblem,
  gain: (s: number) => number,
): Float64Array {
  const weights = new Float64Array(neurons * dimensions);
  s.forEach((value, c) => {
    const factor = gain(value);
    if (factor === 0) return;
    for (let k = 0; k < dimensions; k++) {
      let part = 0;
      for (let p = 0; p < points; p++) part += ofPoints[c * points + p] * targets[p * dimensions + k];
      part *= factor;
      for (let i = 0; i < neurons; i++) weights[i * dimensions + k] += part * ofNeurons[c * neurons + i];
    }
  });
  return weights;
}

/** `s / (s^2 + points sigma^2)`: how much of a part stays where the weights are held small. */
export const damped =
  (points: number, sigma: number) =>
  (s: number): number =>
    s === 0 ? 0 : s / (s * s + points * sigma * sigma);

/** @throws ValidationError unless there is one sigma for all neurons */
export function oneSigma(owner: string, sigma: number | Float64Array): number {
  if (typeof sigma === "number") return sigma;
  throw new ValidationError({
    owner,
    parameter: "sigma",
    expected: "one regularisation for all neurons",
    got: "one a neuron",
    fix: "Take new Cholesky() or new Conjgrad() with LstsqL2nz",
  });
}

/** Least squares by singular values: `V diag(s / (s^2 + points sigma^2)) U^T Y`. Exact, and slower than {@link Cholesky}. */
export class SVD extends LeastSquares {
  static override readonly type: string = "SVD";

  constructor(options: Readonly<Record<never, never>> = {}) {
    super(options);
    freeze(this, new.target, SVD);
  }

  /** @throws ValidationError where neurons have regularisations of their own */
  override minimize(problem: SolverProblem, sigma: number | Float64Array): Solution {
    const { activities, points, neurons } = problem;
    const weights = combine(factorsOf(activities, points, neurons), problem, damped(points, oneSigma(this.type, sigma)));
    return { weights, info: { rmses: rmses(problem, weights) } };
  }
}
