import { checkNumber, freeze } from "../declared.ts";
import { abs, add, div, exp, gt, input, log, log1p, max, mul, neg, select, sigmoid, sub, withDerivative } from "../expr/expr.ts";
import { LIFRate, type LIFRateOptions } from "./lif.ts";
import type { Dynamics } from "./neuronType.ts";

/*
 * The LIF rate with J - 1 replaced by sigma softplus((J - 1) / sigma), so that it has a slope everywhere.
 * Source: Hunsberger & Eliasmith, arXiv:1510.08829, "Spiking deep networks with LIF neurons".
 */

const sigma = input("sigma");
const scaled = div(sub(input("J"), 1), sigma);
const softplus = withDerivative(add(max(scaled, 0), log1p(exp(neg(abs(scaled))))), scaled, sigmoid(scaled));
// Far below threshold softplus(x) = exp(x), and log(1 + 1 / (sigma exp(x))) = -x - log(sigma) to the last bit.
const delay = select(gt(scaled, -40), log1p(div(1, mul(sigma, softplus))), sub(neg(scaled), log(sigma)));
const rate = div(input("amplitude"), add(input("tauRef"), mul(input("tauRc"), delay)));
const dynamics: Dynamics = { output: rate, state: {}, rate };

export interface SoftLIFRateOptions extends LIFRateOptions {
  /** Width of the threshold, > 0; towards 0 the rate is that of LIF. @defaultValue 1 */
  readonly sigma?: number;
}

/** Rate of leaky integrate-and-fire neurons with a smooth threshold, for training. */
export class SoftLIFRate extends LIFRate {
  static override readonly type: string = "SoftLIFRate";
  static override readonly parameters: readonly string[] = ["sigma", "tauRc", "tauRef", "amplitude", "initialState"];
  readonly sigma: number;

  constructor(options: SoftLIFRateOptions = {}) {
    super(options);
    this.sigma = checkNumber(this.type, "sigma", options.sigma ?? 1, { above: 0 });
    freeze(this, new.target, SoftLIFRate);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, sigma: this.sigma };
  }
}
