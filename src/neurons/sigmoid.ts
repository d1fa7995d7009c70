import { checkNumber, freeze } from "../declared.ts";
import { div, input, sigmoid } from "../expr/expr.ts";
import { log, sigmoid as sigmoidOf } from "../math/elementary.ts";
import { checkBelowRefractory } from "./checkRates.ts";
import { NeuronType, type Dynamics, type GainBias, type MaxRatesIntercepts, type NeuronTypeOptions } from "./neuronType.ts";

const rate = div(sigmoid(input("J")), input("tauRef"));
const dynamics: Dynamics = { output: rate, state: {}, rate };

export interface SigmoidOptions extends NeuronTypeOptions {
  /** Refractory period, s: rates stay below `1 / tauRef`. @defaultValue 0.0025 */
  readonly tauRef?: number;
}

/** Logistic rate neurons: `1 / (tauRef (1 + exp(-J)))`. The rate at the intercept is half the highest, `1 / (2 tauRef)`. */
export class Sigmoid extends NeuronType {
  static override readonly type: string = "Sigmoid";
  static override readonly parameters: readonly string[] = ["tauRef", "initialState"];
  readonly tauRef: number;

  constructor(options: SigmoidOptions = {}) {
    super(options);
    this.tauRef = checkNumber(this.type, "tauRef", options.tauRef ?? 0.0025, { above: 0 });
    freeze(this, new.target, Sigmoid);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { tauRef: this.tauRef };
  }

  /** Maximum rates must lie above `1 / (2 tauRef)`, else gains are not positive. @throws ValidationError where one is not below `1 / tauRef` */
  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    checkBelowRefractory(this.type, this.tauRef, maxRates);
    const top = maxRates.map((r) => -log(1 / (this.tauRef * r) - 1));
    const gain = top.map((v, i) => v / (1 - intercepts[i]));
    return { gain, bias: top.map((v, i) => v - gain[i]) };
  }

  override maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    const top = gain.map((g, i) => g + bias[i]);
    return {
      maxRates: top.map((v) => sigmoidOf(v) / this.tauRef),
      intercepts: top.map((v, i) => 1 - v / gain[i]),
    };
  }
}
