import { checkNumber, freeze } from "../declared.ts";
import { exp, expm1 } from "../math/elementary.ts";
import type { StateSpace } from "../math/stateSpace.ts";
import { TransferFunction } from "./linearFilter.ts";
import { synapseParameters, type SynapseOptions } from "./synapse.ts";

export interface LowpassOptions extends SynapseOptions {
  /** Time constant, s; 0 is a delay of one step. */
  readonly tau: number;
}

/**
 * First-order lowpass filter `1 / (tau s + 1)`, discretised with a zero-order hold:
 * `y[k+1] = a y[k] + (1 - a) x[k]` with `a = exp(-dt / tau)`.
 */
export class Lowpass extends TransferFunction {
  static override readonly type: string = "Lowpass";
  static override readonly parameters: readonly string[] = ["tau", ...synapseParameters];
  readonly tau: number;

  constructor(options: LowpassOptions) {
    super(options);
    this.tau = checkNumber(this.type, "tau", options.tau, { min: 0 });
    freeze(this, new.target, Lowpass);
  }

  override get num(): Float64Array {
    return Float64Array.of(1);
  }
  override get den(): Float64Array {
    return Float64Array.of(this.tau, 1);
  }
  override get analog(): true {
    return true;
  }
  override get method(): "zoh" {
    return "zoh";
  }

  override discretize(dt: number): StateSpace {
    const [a, b] = this.tau === 0 ? [0, 1] : [exp(-dt / this.tau), -expm1(-dt / this.tau)];
    return { order: 1, A: Float64Array.of(a), B: Float64Array.of(b), C: Float64Array.of(1), D: 0 };
  }
}
