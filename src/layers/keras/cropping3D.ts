import { Cropping, type CroppingArgs } from "./cropping.ts";
import { registerLayer } from "./support.ts";

/** Cuts off the ends of the three axes of space of [batch, a, b, c, channels] or [batch, channels, a, b, c]. As Keras's Cropping3D. */
export class Cropping3D extends Cropping {
  static className = "Cropping3D";
  constructor(args: CroppingArgs = {}) {
    super(3, args);
  }
}
registerLayer(Cropping3D);
