import { checkBoolean, checkChoice, checkNumber, freeze } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { product } from "../math/normalEquations.ts";
import { polarFactor } from "../math/svd.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution, checkDimensions } from "./distribution.ts";
import { QuasirandomSequence } from "./quasirandomSequence.ts";
import { SPHERE_MAPS, type SphereMap } from "./sphereMaps.ts";

export interface ScatteredHypersphereOptions {
  /** Points of length 1 only. @defaultValue false */
  readonly surface?: boolean;
  /** Shortest length, in [0, 1). @defaultValue 0 */
  readonly minMagnitude?: number;
  /** Points of the unit cube to map onto the sphere. @defaultValue new QuasirandomSequence() */
  readonly base?: Distribution;
  /**
   * How the cube is mapped: by spherical coordinates (`sct`), the same with tabulated angles, faster (`sct-approx`), or by
   * pairs of coordinates (`tfww`). The tables are Nengo's up to about 320 dimensions; beyond, points differ from Nengo's by about
   * 1e-3 (those of `sct` and `tfww` do not). @defaultValue "sct-approx"
   */
  readonly method?: SphereMap;
}

/** Most dimensions for which a rotation is made: its work grows with their third power (512: 5 s, 2048: about 5 minutes). */
const MOST_DIMENSIONS = 2048;

/** Most dimensions in which `sct-approx` gives Nengo's points. */
export const TABLED_DIMENSIONS = 320;

/**
 * Points spread evenly over the unit ball, or its surface, more evenly than independent draws: a sequence of the unit cube
 * mapped onto the sphere and turned by a random rotation.
 * Source: K.-T. Fang and Y. Wang, "Number-theoretic methods in statistics" (1994), ch. 1.
 */
export class ScatteredHypersphere extends Distribution {
  static override readonly type: string = "ScatteredHypersphere";
  static override readonly parameters: readonly string[] = ["surface", "minMagnitude", "base", "method"];
  readonly surface: boolean;
  readonly minMagnitude: number;
  readonly base: Distribution;
  readonly method: SphereMap;

  constructor(options: ScatteredHypersphereOptions = {}) {
    super(options);
    this.surface = checkBoolean(this.type, "surface", options.surface ?? false);
    this.minMagnitude = checkNumber(this.type, "minMagnitude", options.minMagnitude ?? 0, { min: 0, below: 1 });
    this.base = options.base ?? new QuasirandomSequence();
    if (!(this.base instanceof Distribution))
      throw new ValidationError({ owner: this.type, parameter: "base", expected: "a distribution", got: describe(this.base) });
    this.method = checkChoice(this.type, "method", options.method ?? "sct-approx", Object.keys(SPHERE_MAPS) as SphereMap[]);
    freeze(this, new.target, ScatteredHypersphere);
  }

  override sample(n: number, dimensions: number | null, rng: RandomState): Float64Array {
    const d = checkDimensions(this, dimensions);
    if (d === 1) return this.surface ? this.base.sample(n, 1, rng).map((x) => Math.sign(x - 0.5)) : this.line(n, rng);
    this.checkRotation(d);
    // The surface has one coordinate less than the ball, whose last one is the length.
    const width = this.surface ? d - 1 : d;
    const cube = this.base.sample(n, width, rng);
    const points = SPHERE_MAPS[this.method](cube, n, width, d);
    if (!this.surface) {
      const shortest = this.minMagnitude ** d;
      for (let i = 0; i < n; i++) {
        const length = (cube[i * width + d - 1] * (1 - shortest) + shortest) ** (1 / d);
        for (let k = 0; k < d; k++) points[i * d + k] *= length;
      }
    }
    return product(points, polarFactor(rng.normals(d * d), d), n, d, d);
  }

  /** @throws ValidationError for more dimensions than a rotation is found for in minutes */
  private checkRotation(d: number): void {
    if (d <= MOST_DIMENSIONS) return;
    throw new ValidationError({
      owner: this.type,
      parameter: "sample",
      expected: `at most ${MOST_DIMENSIONS} dimensions`,
      got: `${d}`,
      fix: "The random rotation would take hours. Give encoders and evalPoints new UniformHypersphere(...), or use an ensembleArray",
    });
  }

  /** Points of the ball of one dimension: half of them above 0, half below. */
  private line(n: number, rng: RandomState): Float64Array {
    const half = Math.floor(n / 2);
    const shortest = this.minMagnitude;
    const away = (x: number): number => (shortest > 0 ? x * (1 - shortest) + shortest : x);
    const points = new Float64Array(n);
    points.set(this.base.sample(half, 1, rng).map(away));
    points.set(
      this.base.sample(n - half, 1, rng).map((x) => -away(x)),
      half,
    );
    rng.shuffleRows(points, 1);
    return points;
  }
}
