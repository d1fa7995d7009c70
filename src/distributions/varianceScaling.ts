import { checkChoice, checkNumber, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";
import { TruncatedNormal } from "./truncatedNormal.ts";
import { Uniform } from "./uniform.ts";

const MODES = ["fanIn", "fanOut", "fanAvg"] as const;
const SHAPES = ["uniform", "normal"] as const;

/** Of a standard normal distribution that is cut off at -2 and 2. */
const STD_WITHIN_TWO = 0.87962566103423978;

export interface VarianceScalingOptions {
  /** Variance of a sum of `fan` products with numbers of variance 1, > 0. @defaultValue 1 */
  readonly scale?: number;
  /** What counts: columns (`fanIn`: what a row sums up), rows (`fanOut`), or the mean of both. @defaultValue "fanAvg" */
  readonly mode?: (typeof MODES)[number];
  /** `normal` is cut off at two standard deviations. @defaultValue "uniform" */
  readonly distribution?: (typeof SHAPES)[number];
}

/**
 * Weights `[n, d]` (n outputs, d inputs) whose variance is `scale / fan`, so that layers neither blow up nor lose a signal.
 * Uniform draws are NengoDL's; NengoDL's normal draws have only 0.774 of the variance, since the tails that are cut off are not made up for.
 */
export class VarianceScaling extends Distribution {
  static override readonly type: string = "VarianceScaling";
  static override readonly parameters: readonly string[] = ["scale", "mode", "distribution"];
  readonly scale: number;
  readonly mode: (typeof MODES)[number];
  readonly distribution: (typeof SHAPES)[number];

  constructor(options: VarianceScalingOptions = {}) {
    super(options);
    this.scale = checkNumber(this.type, "scale", options.scale ?? 1, { above: 0 });
    this.mode = checkChoice(this.type, "mode", options.mode ?? "fanAvg", MODES);
    this.distribution = checkChoice(this.type, "distribution", options.distribution ?? "uniform", SHAPES);
    freeze(this, new.target, VarianceScaling);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    return scaled(n, d, rng, this);
  }
}

/** Options of {@link Glorot} and {@link He}. */
export interface FanOptions {
  /** > 0. @defaultValue 1 */
  readonly scale?: number;
  /** `normal` is cut off at two standard deviations. @defaultValue "uniform" for Glorot, "normal" for He */
  readonly distribution?: (typeof SHAPES)[number];
}

/**
 * {@link VarianceScaling} by the mean of rows and columns: variance `scale / fanAvg`.
 * Source: Glorot & Bengio, AISTATS (2010), "Understanding the difficulty of training deep feedforward neural networks".
 */
export class Glorot extends Distribution {
  static override readonly type: string = "Glorot";
  static override readonly parameters: readonly string[] = ["scale", "distribution"];
  readonly scale: number;
  readonly distribution: (typeof SHAPES)[number];

  constructor(options: FanOptions = {}) {
    super(options);
    this.scale = checkNumber(this.type, "scale", options.scale ?? 1, { above: 0 });
    this.distribution = checkChoice(this.type, "distribution", options.distribution ?? "uniform", SHAPES);
    freeze(this, new.target, Glorot);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    return scaled(n, d, rng, { scale: this.scale, mode: "fanAvg", distribution: this.distribution });
  }
}

/**
 * {@link VarianceScaling} by the columns: variance `scale^2 / fanIn`. The scale that suits rectified linear units is the square root of 2.
 * Source: He, Zhang, Ren & Sun, ICCV (2015), "Delving deep into rectifiers".
 */
export class He extends Distribution {
  static override readonly type: string = "He";
  static override readonly parameters: readonly string[] = ["scale", "distribution"];
  readonly scale: number;
  readonly distribution: (typeof SHAPES)[number];

  constructor(options: FanOptions = {}) {
    super(options);
    this.scale = checkNumber(this.type, "scale", options.scale ?? 1, { above: 0 });
    this.distribution = checkChoice(this.type, "distribution", options.distribution ?? "normal", SHAPES);
    freeze(this, new.target, He);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    return scaled(n, d, rng, { scale: this.scale ** 2, mode: "fanIn", distribution: this.distribution });
  }
}

function scaled(
  n: number,
  d: number | null,
  rng: RandomState,
  { scale, mode, distribution }: Pick<VarianceScaling, "scale" | "mode" | "distribution">,
): Float64Array {
  const columns = d ?? 1;
  const fan = mode === "fanIn" ? columns : mode === "fanOut" ? n : (n + columns) / 2;
  if (distribution === "uniform") {
    const limit = Math.sqrt((3 * scale) / fan);
    return new Uniform({ low: -limit, high: limit }).sample(n, d, rng);
  }
  return new TruncatedNormal({ stddev: Math.sqrt(scale / fan) / STD_WITHIN_TWO }).sample(n, d, rng);
}
