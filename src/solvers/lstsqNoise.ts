import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import type { LeastSquares } from "./leastSquares.ts";
import { methodOf } from "./regularisedSolver.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

export interface LstsqNoiseOptions {
  /** Standard deviation of the noise, relative to the highest activity (LstsqNoise) or to each (LstsqMultNoise), >= 0. @defaultValue 0.1 */
  readonly noise?: number;
  /** Numerical method. @defaultValue new Cholesky() */
  readonly solver?: LeastSquares;
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

/** Least squares on noisy activities, without a penalty. */
abstract class NoisySolver extends Solver {
  static override readonly parameters: readonly string[] = ["weights", "noise", "solver"];
  readonly weights: boolean;
  readonly noise: number;
  readonly solver: LeastSquares;

  protected constructor(options: LstsqNoiseOptions) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    this.noise = checkNumber(this.type, "noise", options.noise ?? 0.1, { min: 0 });
    this.solver = methodOf(this.type, options.solver);
  }

  /** The noisy activities. */
  protected abstract disturbed(activities: Float64Array, rng: RandomState): Float64Array;

  /** Draws one number an activity; `rmses` are those with the noise. */
  override solve(problem: SolverProblem, rng: RandomState): Solution {
    const noisy = { ...problem, activities: this.disturbed(problem.activities, rng) };
    return this.solver.minimize(noisy, 0, rng);
  }
}

/** Least squares on activities to which noise is added, of one size for all. */
export class LstsqNoise extends NoisySolver {
  static override readonly type: string = "LstsqNoise";

  constructor(options: LstsqNoiseOptions = {}) {
    super(options);
    freeze(this, new.target, LstsqNoise);
  }

  protected override disturbed(activities: Float64Array, rng: RandomState): Float64Array {
    const sigma = this.noise * activities.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    return rng.normals(activities.length).map((g, k) => activities[k] + sigma * g);
  }
}

/** Least squares on activities to which noise is added, in proportion to each. */
export class LstsqMultNoise extends NoisySolver {
  static override readonly type: string = "LstsqMultNoise";

  constructor(options: LstsqNoiseOptions = {}) {
    super(options);
    freeze(this, new.target, LstsqMultNoise);
  }

  protected override disturbed(activities: Float64Array, rng: RandomState): Float64Array {
    return rng.normals(activities.length).map((g, k) => activities[k] + this.noise * g * activities[k]);
  }
}
