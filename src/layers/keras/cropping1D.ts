import { Cropping, type CroppingArgs } from "./cropping.ts";
import { registerLayer } from "./support.ts";

/** Cuts steps off both ends: [batch, steps, channels] to [batch, steps - before - after, channels]. As Keras's Cropping1D. */
export class Cropping1D extends Cropping {
  static className = "Cropping1D";
  constructor(args: CroppingArgs = {}) {
    super(1, args);
  }
}
registerLayer(Cropping1D);
