import { registerLayer } from "./support.ts";
import { ZeroPadding, type ZeroPaddingArgs } from "./zeroPadding.ts";

/** Adds zeros at the ends of the three axes of space of [batch, a, b, c, channels] or [batch, channels, a, b, c]. As Keras's ZeroPadding3D. */
export class ZeroPadding3D extends ZeroPadding {
  static className = "ZeroPadding3D";
  constructor(args: ZeroPaddingArgs = {}) {
    super(3, args);
  }
}
registerLayer(ZeroPadding3D);
