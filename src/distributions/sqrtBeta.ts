import { checkInteger, freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import type { RandomState } from "../math/random.ts";
import { betaFunction, betainc, betaincinv } from "../math/special.ts";
import { Distribution } from "./distribution.ts";

export interface SqrtBetaOptions {
  /** Degrees of freedom of the rest, >= 0 (to sample: >= 1). */
  readonly n: number;
  /** Degrees of freedom of the part, >= 0 (to sample: >= 1). @defaultValue 1 */
  readonly m?: number;
}

/**
 * The square root of a Beta(m/2, n/2) variate: the length of `m` components of a random unit vector of `m + n`.
 */
export class SqrtBeta extends Distribution {
  static override readonly type: string = "SqrtBeta";
  static override readonly parameters: readonly string[] = ["n", "m"];
  readonly n: number;
  readonly m: number;

  constructor(options: SqrtBetaOptions) {
    super(options);
    this.n = checkInteger(this.type, "n", options.n, { min: 0 });
    this.m = checkInteger(this.type, "m", options.m ?? 1, { min: 0 });
    freeze(this, new.target, SqrtBeta);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    if (this.n === 0 || this.m === 0) {
      throw new ValidationError({ owner: this.type, parameter: this.n === 0 ? "n" : "m", expected: "at least 1 to draw from", got: "0" });
    }
    return Float64Array.from({ length: n * (d ?? 1) }, () => Math.sqrt(rng.beta(this.m / 2, this.n / 2)));
  }

  /** Probability of a value up to `x` (>= 0). */
  cdf(x: number): number {
    return x * x < 1 ? betainc(x * x, this.m / 2, this.n / 2) : 1;
  }

  /** Probability density at `x`; 0 outside [0, 1). */
  pdf(x: number): number {
    if (x < 0 || x >= 1) return 0;
    const { n, m } = this;
    return (2 / betaFunction(m / 2, n / 2)) * x ** (m - 1) * (1 - x * x) ** (n / 2 - 1);
  }

  /** The value that a draw stays below with probability `p`. */
  ppf(p: number): number {
    return Math.sqrt(betaincinv(p, this.m / 2, this.n / 2));
  }
}

export interface SubvectorLengthOptions {
  readonly dimensions: number;
  /** How many of the components, at most `dimensions`. @defaultValue 1 */
  readonly subdimensions?: number;
}

/** The length of the first `subdimensions` components of a random unit vector of `dimensions`. */
export class SubvectorLength extends Distribution {
  static override readonly type: string = "SubvectorLength";
  static override readonly parameters: readonly string[] = ["dimensions", "subdimensions"];
  readonly dimensions: number;
  readonly subdimensions: number;

  constructor(options: SubvectorLengthOptions) {
    super(options);
    this.dimensions = checkInteger(this.type, "dimensions", options.dimensions, { min: 1 });
    this.subdimensions = checkInteger(this.type, "subdimensions", options.subdimensions ?? 1, { min: 0, max: this.dimensions });
    freeze(this, new.target, SubvectorLength);
  }

  private get length(): SqrtBeta {
    return new SqrtBeta({ n: this.dimensions - this.subdimensions, m: this.subdimensions });
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    return this.length.sample(n, d, rng);
  }
  /** Probability of a length up to `x` (>= 0). */
  cdf(x: number): number {
    return this.length.cdf(x);
  }
  /** Probability density of the length `x`. */
  pdf(x: number): number {
    return this.length.pdf(x);
  }
  /** The length that a draw stays below with probability `p`. */
  ppf(p: number): number {
    return this.length.ppf(p);
  }
}
