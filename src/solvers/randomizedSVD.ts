import { checkInteger, freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import { multiply, transpose } from "../math/linalg.ts";
import { orthonormalColumns } from "../math/orthonormalColumns.ts";
import type { RandomState } from "../math/random.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import type { Solution, SolverProblem } from "./solver.ts";
import { combine, damped, factorsOf, oneSigma, type Factors } from "./svd.ts";

export interface RandomizedSVDOptions {
  /** Singular values that are kept, >= 1. @defaultValue 60 */
  readonly nComponents?: number;
  /** Random directions more than that, >= 0. @defaultValue 10 */
  readonly nOversamples?: number;
  /** Times that the directions are turned towards the largest singular values, >= 0. @defaultValue 0 */
  readonly nIter?: number;
}

/**
 * Least squares by the largest singular values, found among random directions: quick for many neurons, and approximate.
 * Where there are no more neurons or points than directions, all singular values are taken ({@link SVD}).
 * Source: Halko, Martinsson & Tropp, SIAM Review 53 (2011), "Finding structure with randomness".
 */
export class RandomizedSVD extends LeastSquares {
  static override readonly type: string = "RandomizedSVD";
  static override readonly parameters: readonly string[] = ["nComponents", "nOversamples", "nIter"];
  readonly nComponents: number;
  readonly nOversamples: number;
  readonly nIter: number;

  constructor(options: RandomizedSVDOptions = {}) {
    super(options);
    this.nComponents = checkInteger(this.type, "nComponents", options.nComponents ?? 60, { min: 1 });
    this.nOversamples = checkInteger(this.type, "nOversamples", options.nOversamples ?? 10, { min: 0 });
    this.nIter = checkInteger(this.type, "nIter", options.nIter ?? 0, { min: 0 });
    freeze(this, new.target, RandomizedSVD);
  }

  /** @throws ValidationError where neurons have regularisations of their own, or without a generator */
  override minimize(problem: SolverProblem, sigma: number | Float64Array, rng?: RandomState): Solution {
    const { activities, points, neurons } = problem;
    const few = Math.min(points, neurons) <= this.nComponents + this.nOversamples;
    const factors = few ? factorsOf(activities, points, neurons) : this.largest(problem, this.checkRng(rng));
    const weights = combine(factors, problem, damped(points, oneSigma(this.type, sigma)));
    return { weights, info: { rmses: rmses(problem, weights) } };
  }

  private checkRng(rng: RandomState | undefined): RandomState {
    if (rng !== undefined) return rng;
    throw new ValidationError({ owner: this.type, parameter: "rng", expected: "a RandomState to draw directions from", got: "undefined" });
  }

  /** The factors of the largest singular values. */
  private largest({ activities, points, neurons }: SolverProblem, rng: RandomState): Factors {
    // Directions are drawn on the shorter side, as scikit-learn does.
    const turned = points < neurons;
    const [a, m, n] = turned ? [transpose(activities, points, neurons), neurons, points] : [activities, points, neurons];
    const at = transpose(a, m, n);
    const count = this.nComponents + this.nOversamples;
    let directions = rng.normals(n * count);
    for (let k = 0; k < this.nIter; k++) {
      const range = orthonormalColumns(multiply(a, directions, m, n, count), m, count);
      directions = orthonormalColumns(multiply(at, range, n, m, count), n, count);
    }
    const q = orthonormalColumns(multiply(a, directions, m, n, count), m, count);
    const inside = factorsOf(multiply(transpose(q, m, count), a, count, m, n), count, n);
    const order = Array.from(inside.s.keys()).sort((x, y) => inside.s[y] - inside.s[x]);
    const kept = order.slice(0, this.nComponents);
    const rows = (from: Float64Array, width: number): Float64Array =>
      Float64Array.from({ length: kept.length * width }, (_, k) => from[kept[Math.floor(k / width)] * width + (k % width)]);
    // Vectors lie as rows, [components, count]; Q takes them back to all of the long side.
    const long = multiply(rows(inside.ofPoints, count), transpose(q, m, count), kept.length, count, m);
    const short = rows(inside.ofNeurons, n);
    const s = Float64Array.from(kept, (c) => inside.s[c]);
    return turned ? { ofPoints: short, s, ofNeurons: long } : { ofPoints: long, s, ofNeurons: short };
  }
}
