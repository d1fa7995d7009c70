import { registerLayer } from "./support.ts";
import { UpSampling, type UpSamplingArgs } from "./upSampling.ts";

/** Repeats every element along the three axes of space of [batch, a, b, c, channels] or [batch, channels, a, b, c]. As Keras's UpSampling3D. */
export class UpSampling3D extends UpSampling {
  static className = "UpSampling3D";
  constructor(args: UpSamplingArgs = {}) {
    super(3, args);
  }
}
registerLayer(UpSampling3D);
