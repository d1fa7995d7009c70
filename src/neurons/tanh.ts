import { checkNumber, freeze } from "../declared.ts";
import { div, input, tanh } from "../expr/expr.ts";
import { log1p, tanh as tanhOf } from "../math/elementary.ts";
import { checkBelowRefractory } from "./checkRates.ts";
import { NeuronType, type Dynamics, type GainBias, type MaxRatesIntercepts, type NeuronTypeOptions } from "./neuronType.ts";

const rate = div(tanh(input("J")), input("tauRef"));
const dynamics: Dynamics = { output: rate, state: {}, rate };

/** Inverse of tanh. */
const atanh = (x: number): number => 0.5 * log1p((2 * x) / (1 - x));

export interface TanhOptions extends NeuronTypeOptions {
  /** Refractory period, s: rates stay within `1 / tauRef`. @defaultValue 0.0025 */
  readonly tauRef?: number;
}

/** Hyperbolic tangent rate neurons: `tanh(J) / tauRef`, which can be negative. */
export class Tanh extends NeuronType {
  static override readonly type: string = "Tanh";
  static override readonly parameters: readonly string[] = ["tauRef", "initialState"];
  readonly tauRef: number;

  constructor(options: TanhOptions = {}) {
    super(options);
    this.tauRef = checkNumber(this.type, "tauRef", options.tauRef ?? 0.0025, { above: 0 });
    freeze(this, new.target, Tanh);
  }

  override get negative(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { tauRef: this.tauRef };
  }

  /** @throws ValidationError where a maximum rate is not below `1 / tauRef` */
  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    checkBelowRefractory(this.type, this.tauRef, maxRates);
    const gain = maxRates.map((r, i) => atanh(r * this.tauRef) / (1 - intercepts[i]));
    return { gain, bias: gain.map((g, i) => -g * intercepts[i]) };
  }

  override maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    return { maxRates: gain.map((g, i) => tanhOf(g + bias[i]) / this.tauRef), intercepts: gain.map((g, i) => -bias[i] / g) };
  }
}
