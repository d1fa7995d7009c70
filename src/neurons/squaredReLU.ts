import { freeze } from "../declared.ts";
import { input, max, mul } from "../expr/expr.ts";
import type { Dynamics, GainBias, MaxRatesIntercepts } from "./neuronType.ts";
import { RectifiedLinear, type RectifiedLinearOptions } from "./rectifiedLinear.ts";

/* Rectified and squared (So et al. 2021): rate = amplitude max(0, J)^2. Four of them multiply: see src/converter/product.ts. */

const positive = max(0, input("J"));
const rate = mul(input("amplitude"), mul(positive, positive));
const dynamics: Dynamics = { output: rate, state: {}, rate };

/** Rate neurons whose output is the square of what a rectified linear neuron's would be. */
export class SquaredReLU extends RectifiedLinear {
  static override readonly type: string = "SquaredReLU";

  constructor(options: RectifiedLinearOptions = {}) {
    super(options);
    freeze(this, new.target, SquaredReLU);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }

  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    const gain = maxRates.map((r, i) => Math.sqrt(r) / (1 - intercepts[i]));
    return { gain, bias: gain.map((g, i) => -intercepts[i] * g) };
  }

  override maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    const { intercepts } = super.maxRatesIntercepts(gain, bias);
    return { maxRates: gain.map((g, i) => (g * (1 - intercepts[i])) ** 2), intercepts };
  }
}
