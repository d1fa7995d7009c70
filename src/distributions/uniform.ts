import { checkBoolean, checkInteger, checkNumber, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface UniformOptions {
  readonly low: number;
  /** Not drawn itself. */
  readonly high: number;
  /** Draw integers; both bounds must be integers. @defaultValue false */
  readonly integer?: boolean;
}

/** All numbers (or integers) of `[low, high)` alike. Numbers may have bounds in either order, integers need `low < high`. */
export class Uniform extends Distribution {
  static override readonly type: string = "Uniform";
  static override readonly parameters: readonly string[] = ["low", "high", "integer"];
  readonly low: number;
  readonly high: number;
  readonly integer: boolean;

  constructor(options: UniformOptions) {
    super(options);
    this.integer = checkBoolean(this.type, "integer", options.integer ?? false);
    this.low = this.integer ? checkInteger(this.type, "low", options.low) : checkNumber(this.type, "low", options.low);
    this.high = this.integer
      ? checkInteger(this.type, "high", options.high, { above: this.low, max: this.low + 2 ** 32 })
      : checkNumber(this.type, "high", options.high);
    freeze(this, new.target, Uniform);
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    const count = n * (d ?? 1);
    if (!this.integer) return rng.uniforms(count, this.low, this.high);
    return Float64Array.from({ length: count }, () => rng.randint(this.low, this.high));
  }
}
