import { registerLayer } from "./support.ts";
import { UpSampling, type UpSamplingArgs } from "./upSampling.ts";

/** Repeats every step: [batch, steps, channels] to [batch, steps * size, channels]. As Keras's UpSampling1D. */
export class UpSampling1D extends UpSampling {
  static className = "UpSampling1D";
  constructor(args: UpSamplingArgs = {}) {
    super(1, args);
  }
}
registerLayer(UpSampling1D);
