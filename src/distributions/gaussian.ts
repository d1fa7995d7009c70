import { checkNumber, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface GaussianOptions {
  readonly mean: number;
  /** Standard deviation, > 0. */
  readonly std: number;
}

/** The normal distribution. */
export class Gaussian extends Distribution {
  static override readonly type: string = "Gaussian";
  static override readonly parameters: readonly string[] = ["mean", "std"];
  readonly mean: number;
  readonly std: number;

  constructor(options: GaussianOptions) {
    super(options);
    this.mean = checkNumber(this.type, "mean", options.mean);
    this.std = checkNumber(this.type, "std", options.std, { above: 0 });
    freeze(this, new.target, Gaussian);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    return rng.normals(n * (d ?? 1)).map((g) => this.mean + this.std * g);
  }
}
