import { checkNumber, freeze } from "../declared.ts";
import { previousFloat } from "../math/numpy.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface ExponentialOptions {
  /** Mean above `shift`, > 0. */
  readonly scale: number;
  /** Smallest value. @defaultValue 0 */
  readonly shift?: number;
  /** Values from here on are lowered to just below it; null (or Infinity) for no bound. @defaultValue null */
  readonly high?: number | null;
}

/** The exponential distribution, shifted and bounded. */
export class Exponential extends Distribution {
  static override readonly type: string = "Exponential";
  static override readonly parameters: readonly string[] = ["scale", "shift", "high"];
  readonly scale: number;
  readonly shift: number;
  readonly high: number | null;

  constructor(options: ExponentialOptions) {
    super(options);
    this.scale = checkNumber(this.type, "scale", options.scale, { above: 0 });
    this.shift = checkNumber(this.type, "shift", options.shift ?? 0);
    const high = options.high ?? null;
    // JSON has no Infinity: no bound is null.
    this.high = high === null || high === Infinity ? null : checkNumber(this.type, "high", high);
    freeze(this, new.target, Exponential);
  }

  /** No bound is left out: Python's is infinity, which JSON has not. */
  override toJSON(): { type: string } & Record<string, unknown> {
    const { high, ...rest } = super.toJSON();
    return high === null ? rest : { ...rest, high };
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    const most = previousFloat(this.high ?? Infinity);
    return Float64Array.from({ length: n * (d ?? 1) }, () =>
      Math.min(Math.max(rng.exponential(this.scale) + this.shift, this.shift), most),
    );
  }
}
