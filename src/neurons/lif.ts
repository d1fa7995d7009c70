import { checkNumber, freeze } from "../declared.ts";
import { Choice } from "../distributions/choice.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { Uniform } from "../distributions/uniform.ts";
import { add, div, eq, expm1, gt, input, log1p, max, min, mul, neg, select, sub, withDerivative, type Expr } from "../expr/expr.ts";
import { exp, log1p as log1pOf } from "../math/elementary.ts";
import { checkBelowRefractory } from "./checkRates.ts";
import { NeuronType, type Dynamics, type GainBias, type MaxRatesIntercepts, type NeuronTypeOptions } from "./neuronType.ts";

/*
 * Leaky integrate-and-fire. Between spikes  tauRc dv/dt = J - v,  solved exactly over the part of a step outside the
 * refractory period; v > 1 is a spike, whose time within the step is interpolated on the exponential; then v = 0 for tauRef.
 * Rate for J > 1:  amplitude / (tauRef + tauRc log(1 + 1/(J - 1))),  else 0.
 * Source: Eliasmith & Anderson, Neural Engineering (2003), ch. 4; Koch, Biophysics of Computation (1999), ch. 14.
 */

const J = input("J");
const dt = input("dt");
const refractoryTime = input("refractoryTime");
const tauRc = input("tauRc");
const tauRef = input("tauRef");
const amplitude = input("amplitude");

const rateValue = select(gt(J, 1), div(amplitude, add(tauRef, mul(tauRc, log1p(div(1, sub(J, 1)))))), 0);
/** d rate / dJ = rate^2 tauRc / (amplitude J (J - 1)), which needs no logarithm where the rate is known. */
const rateSlope = select(gt(J, 1), div(mul(mul(rateValue, rateValue), tauRc), mul(amplitude, mul(J, sub(J, 1)))), 0);
const rate = withDerivative(rateValue, J, rateSlope);

const remaining = sub(refractoryTime, dt);
/** Seconds of this step outside the refractory period. */
const active = min(max(sub(dt, remaining), 0), dt);
// Nearly always the whole step is active, or none of it: those factors are one number for all neurons of equal tauRc.
const decay = select(eq(active, dt), expm1(neg(div(dt, tauRc))), select(gt(active, 0), expm1(neg(div(active, tauRc))), -0));
const voltage = input("voltage");
const integrated = sub(voltage, mul(sub(J, voltage), decay));
const spiked = gt(integrated, 1);
/** Seconds from the end of this step back to the spike, plus dt: where in the next steps the refractory period ends. */
const spikeTime = add(dt, mul(tauRc, log1p(neg(div(sub(integrated, 1), sub(J, 1))))));

export const rateDynamics: Dynamics & { readonly rate: Expr } = { output: rate, state: {}, rate };
const height = div(amplitude, dt);
export const spikingDynamics: Dynamics & { readonly rate: Expr; readonly spike: NonNullable<Dynamics["spike"]> } = {
  output: select(spiked, height, 0),
  state: {
    voltage: select(spiked, 0, max(integrated, input("minVoltage"))),
    refractoryTime: select(spiked, add(tauRef, spikeTime), remaining),
  },
  rate,
  spike: { distance: sub(integrated, 1), height },
};

export interface LIFRateOptions extends NeuronTypeOptions {
  /** Membrane time constant, s. @defaultValue 0.02 */
  readonly tauRc?: number;
  /** Refractory period, s. @defaultValue 0.002 */
  readonly tauRef?: number;
  /** Height of the output relative to 1 (a spike is `amplitude / dt`). @defaultValue 1 */
  readonly amplitude?: number;
}

/** The firing rate of leaky integrate-and-fire neurons, without state. */
export class LIFRate extends NeuronType {
  static override readonly type: string = "LIFRate";
  static override readonly parameters: readonly string[] = ["tauRc", "tauRef", "amplitude", "initialState"];
  readonly tauRc: number;
  readonly tauRef: number;
  readonly amplitude: number;

  constructor(options: LIFRateOptions = {}) {
    super(options);
    this.tauRc = checkNumber(this.type, "tauRc", options.tauRc ?? 0.02, { above: 0 });
    this.tauRef = checkNumber(this.type, "tauRef", options.tauRef ?? 0.002, { min: 0 });
    this.amplitude = checkNumber(this.type, "amplitude", options.amplitude ?? 1, { above: 0 });
    freeze(this, new.target, LIFRate);
  }

  override get dynamics(): Dynamics {
    return rateDynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { tauRc: this.tauRc, tauRef: this.tauRef, amplitude: this.amplitude };
  }

  /** @throws ValidationError where a maximum rate is not below `1 / tauRef`. */
  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    checkBelowRefractory(this.type, this.tauRef, maxRates);
    const gain = maxRates.map((r, i) => (1 - 1 / (1 - exp((this.tauRef - 1 / r) / this.tauRc))) / (intercepts[i] - 1));
    return { gain, bias: gain.map((g, i) => 1 - g * intercepts[i]) };
  }

  override maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    const intercepts = gain.map((g, i) => (1 - bias[i]) / g);
    const maxRates = gain.map((g, i) => 1 / (this.tauRef - this.tauRc * log1pOf(1 / (g * (intercepts[i] - 1) - 1))));
    return { maxRates, intercepts };
  }
}

export interface LIFOptions extends LIFRateOptions {
  /** Voltages below this are raised to it. @defaultValue 0 */
  readonly minVoltage?: number;
}

/** Spiking leaky integrate-and-fire neurons; a spike is `amplitude / dt`. */
export class LIF extends LIFRate {
  static override readonly type: string = "LIF";
  static override readonly parameters: readonly string[] = ["tauRc", "tauRef", "minVoltage", "amplitude", "initialState"];
  readonly minVoltage: number;

  constructor(options: LIFOptions = {}) {
    super(options);
    this.minVoltage = checkNumber(this.type, "minVoltage", options.minVoltage ?? 0, { max: 0 });
    freeze(this, new.target, LIF);
  }

  override get spiking(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return spikingDynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, minVoltage: this.minVoltage };
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return lifState;
  }
}

export const lifState = { voltage: new Uniform({ low: 0, high: 1 }), refractoryTime: new Choice({ options: [0] }) };
