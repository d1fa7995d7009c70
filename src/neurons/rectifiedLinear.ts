import { checkNumber, freeze } from "../declared.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { Uniform } from "../distributions/uniform.ts";
import { add, div, floor, input, max, mul, sub } from "../expr/expr.ts";
import { NeuronType, type Dynamics, type GainBias, type MaxRatesIntercepts, type NeuronTypeOptions } from "./neuronType.ts";

/*
 * Rectified linear: rate = amplitude max(0, J). Spiking form: v += max(J, 0) dt; the whole part of v leaves as spikes,
 * several a step where the rate is above 1/dt.
 */

const J = input("J");
const dt = input("dt");
const amplitude = input("amplitude");
// max(0, J), not max(J, 0): at a tie the derivative goes to the first argument, so that the slope at 0 is 0.
const positive = max(0, J);
const rate = mul(amplitude, positive);
const charged = add(input("voltage"), mul(positive, dt));
const spikes = floor(charged);
const height = div(amplitude, dt);
/** A threshold at every whole number from 1 on. */
const distance = sub(charged, max(1, floor(add(charged, 0.5))));

const rateDynamics: Dynamics = { output: rate, state: {}, rate };
const spikingDynamics: Dynamics = {
  output: mul(spikes, height),
  state: { voltage: sub(charged, spikes) },
  rate,
  spike: { distance, height },
};

export interface RectifiedLinearOptions extends NeuronTypeOptions {
  /** Slope of the output above threshold. @defaultValue 1 */
  readonly amplitude?: number;
}

/** Rectified linear rate neurons (ReLU). */
export class RectifiedLinear extends NeuronType {
  static override readonly type: string = "RectifiedLinear";
  static override readonly parameters: readonly string[] = ["amplitude", "initialState"];
  readonly amplitude: number;

  constructor(options: RectifiedLinearOptions = {}) {
    super(options);
    this.amplitude = checkNumber(this.type, "amplitude", options.amplitude ?? 1, { above: 0 });
    freeze(this, new.target, RectifiedLinear);
  }

  override get dynamics(): Dynamics {
    return rateDynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { amplitude: this.amplitude };
  }

  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    const gain = maxRates.map((r, i) => r / (1 - intercepts[i]));
    return { gain, bias: gain.map((g, i) => -intercepts[i] * g) };
  }

  override maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    const intercepts = gain.map((g, i) => -bias[i] / g);
    return { maxRates: gain.map((g, i) => g * (1 - intercepts[i])), intercepts };
  }
}

/** Spiking rectified linear neurons; a spike is `amplitude / dt`, and several may fall into one step. */
export class SpikingRectifiedLinear extends RectifiedLinear {
  static override readonly type: string = "SpikingRectifiedLinear";

  constructor(options: RectifiedLinearOptions = {}) {
    super(options);
    freeze(this, new.target, SpikingRectifiedLinear);
  }

  override get spiking(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return spikingDynamics;
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return integrateState;
  }
}

const integrateState = { voltage: new Uniform({ low: 0, high: 1 }) };
