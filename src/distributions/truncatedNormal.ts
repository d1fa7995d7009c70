import { checkNumber, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface TruncatedNormalOptions {
  /** @defaultValue 0 */
  readonly mean?: number;
  /** Standard deviation before values are cut off, > 0. @defaultValue 1 */
  readonly stddev?: number;
  /** Farthest distance from the mean, at least a thousandth of `stddev`; null: twice `stddev`. @defaultValue null */
  readonly limit?: number | null;
}

/** Narrower cuts would throw nearly all draws away. */
const NARROWEST = 1e-3;

/** The normal distribution without its tails: values that lie too far out are drawn again. (NengoDL's.) */
export class TruncatedNormal extends Distribution {
  static override readonly type: string = "TruncatedNormal";
  static override readonly parameters: readonly string[] = ["mean", "stddev", "limit"];
  readonly mean: number;
  readonly stddev: number;
  readonly limit: number | null;

  constructor(options: TruncatedNormalOptions = {}) {
    super(options);
    this.mean = checkNumber(this.type, "mean", options.mean ?? 0);
    this.stddev = checkNumber(this.type, "stddev", options.stddev ?? 1, { above: 0 });
    const limit = options.limit ?? null;
    this.limit = limit === null ? null : checkNumber(this.type, "limit", limit, { min: NARROWEST * this.stddev });
    freeze(this, new.target, TruncatedNormal);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    const limit = this.limit ?? 2 * this.stddev;
    const draw = (): number => this.mean + this.stddev * rng.normal();
    const values = Float64Array.from({ length: n * (d ?? 1) }, draw);
    // All that are too far out are drawn again, and of these all that are, and so on: so the draws are NengoDL's.
    const out = (k: number): boolean => Math.abs(values[k] - this.mean) > limit;
    for (let far = Array.from(values.keys()).filter(out); far.length > 0; far = far.filter(out)) for (const k of far) values[k] = draw();
    return values;
  }
}
