import { checkNumber, freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import { input, max, min, mul } from "../expr/expr.ts";
import type { Dynamics, GainBias } from "./neuronType.ts";
import { RectifiedLinear, type RectifiedLinearOptions } from "./rectifiedLinear.ts";

/* Rectified linear up to a highest value: rate = amplitude min(max(0, J), maxValue). ReLU6 is the one with maxValue 6. */

const rate = mul(input("amplitude"), min(input("maxValue"), max(0, input("J"))));
const dynamics: Dynamics = { output: rate, state: {}, rate };

export interface ClippedReLUOptions extends RectifiedLinearOptions {
  /** Highest value (before the amplitude), Hz. @defaultValue 1000 */
  readonly maxValue?: number;
}

/** Rectified linear rate neurons with a highest rate. */
export class ClippedReLU extends RectifiedLinear {
  static override readonly type: string = "ClippedReLU";
  static override readonly parameters: readonly string[] = ["maxValue", "amplitude", "initialState"];
  readonly maxValue: number;

  constructor(options: ClippedReLUOptions = {}) {
    super(options);
    this.maxValue = checkNumber(this.type, "maxValue", options.maxValue ?? 1000, { above: 0 });
    freeze(this, new.target, ClippedReLU);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, maxValue: this.maxValue };
  }

  /** @throws ValidationError where a maximum rate is above `maxValue` */
  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    const high = maxRates.find((r) => r > this.maxValue);
    if (high !== undefined)
      throw new ValidationError({
        owner: this.type,
        parameter: "maxRates",
        expected: `at most maxValue, ${this.maxValue} Hz`,
        got: `${high} Hz`,
      });
    return super.gainBias(maxRates, intercepts);
  }
}
