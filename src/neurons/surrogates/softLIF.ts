import { checkNumber, freeze } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import { constant, input, substitute } from "../../expr/expr.ts";
import { rateSlope, type NeuronType } from "../neuronType.ts";
import { SoftLIFRate } from "../softLIFRate.ts";
import { Surrogate, type SpikeSlope } from "./surrogate.ts";

/** Options of {@link SoftLIF}. */
export interface SoftLIFOptions {
  /** Width of the threshold of the rate (see {@link SoftLIFRate}). @defaultValue 1 */
  readonly sigma?: number;
}

/**
 * Slope of the LIF rate with a smooth threshold, with respect to the current of the present step; for types with `tauRc`, `tauRef` and
 * `amplitude`. It knows no states, and none flows through them.
 */
export class SoftLIF extends Surrogate {
  static override readonly type: string = "SoftLIF";
  static override readonly parameters: readonly string[] = ["sigma"];
  readonly sigma: number;

  constructor(options: SoftLIFOptions = {}) {
    super(options);
    this.sigma = checkNumber(this.type, "sigma", options.sigma ?? 1, { above: 0 });
    freeze(this, new.target, SoftLIF);
  }

  override get throughState(): boolean {
    return false;
  }

  override slopeFor(type: NeuronType, owner: string): SpikeSlope {
    const missing = ["tauRc", "tauRef", "amplitude"].filter((name) => !Object.hasOwn(type.constants, name));
    if (missing.length > 0)
      throw new ValidationError({
        owner,
        parameter: "gradient",
        expected: "a neuron type with tauRc, tauRef and amplitude for SoftLIF",
        got: `${type.type} without ${missing.join(", ")}`,
        fix: 'Choose "rate" or a slope of the distance to the threshold, e.g. "fastSigmoid"',
      });
    return { of: input("J"), slope: substitute(rateSlope(new SoftLIFRate().dynamics.rate!), { sigma: constant(this.sigma) }) };
  }
}
