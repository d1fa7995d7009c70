import { checkInteger, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";
import { SubvectorLength } from "./sqrtBeta.ts";

export interface CosineSimilarityOptions {
  /** Of the vectors, >= 1 (to sample: >= 2). */
  readonly dimensions: number;
}

/** The cosine of the angle between two random vectors; equally, one component of a random unit vector. */
export class CosineSimilarity extends Distribution {
  static override readonly type: string = "CosineSimilarity";
  static override readonly parameters: readonly string[] = ["dimensions"];
  readonly dimensions: number;

  constructor(options: CosineSimilarityOptions) {
    super(options);
    this.dimensions = checkInteger(this.type, "dimensions", options.dimensions, { min: 1 });
    freeze(this, new.target, CosineSimilarity);
  }

  /** Of the cosine without its sign. */
  private get magnitude(): SubvectorLength {
    return new SubvectorLength({ dimensions: this.dimensions });
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    const signs = rng.uniforms(n * (d ?? 1));
    return this.magnitude.sample(n, d, rng).map((length, i) => (signs[i] <= 0.5 ? length : -length));
  }

  /** Probability of a cosine up to `x`. */
  cdf(x: number): number {
    return (this.magnitude.cdf(Math.abs(x)) * Math.sign(x) + 1) / 2;
  }

  /** Probability density at `x`; 0 outside (-1, 1). */
  pdf(x: number): number {
    return this.magnitude.pdf(Math.abs(x)) / 2;
  }

  /** The cosine that a draw stays below with probability `p`. */
  ppf(p: number): number {
    const magnitude = this.magnitude.ppf(Math.abs(2 * p - 1));
    return p > 0.5 ? magnitude : -magnitude;
  }
}
