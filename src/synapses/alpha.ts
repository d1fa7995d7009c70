import { checkNumber, freeze } from "../declared.ts";
import { TransferFunction } from "./linearFilter.ts";
import { synapseParameters, type SynapseOptions } from "./synapse.ts";

export interface AlphaOptions extends SynapseOptions {
  /** Time constant, s: the impulse response is highest there. 0 is a delay of one step. */
  readonly tau: number;
}

/** Second-order lowpass filter `1 / (tau s + 1)^2`, whose impulse response is `t exp(-t / tau) / tau^2`; zero-order hold. */
export class Alpha extends TransferFunction {
  static override readonly type: string = "Alpha";
  static override readonly parameters: readonly string[] = ["tau", ...synapseParameters];
  readonly tau: number;

  constructor(options: AlphaOptions) {
    super(options);
    this.tau = checkNumber(this.type, "tau", options.tau, { min: 0 });
    freeze(this, new.target, Alpha);
  }

  override get num(): Float64Array {
    return Float64Array.of(1);
  }
  override get den(): Float64Array {
    return Float64Array.of(this.tau ** 2, 2 * this.tau, 1);
  }
  override get analog(): true {
    return true;
  }
  override get method(): "zoh" {
    return "zoh";
  }
}
