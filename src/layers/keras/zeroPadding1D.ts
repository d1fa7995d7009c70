import { registerLayer } from "./support.ts";
import { ZeroPadding, type ZeroPaddingArgs } from "./zeroPadding.ts";

/** Adds steps of zeros at both ends: [batch, steps, channels] to [batch, before + steps + after, channels]. As Keras's ZeroPadding1D. */
export class ZeroPadding1D extends ZeroPadding {
  static className = "ZeroPadding1D";
  constructor(args: ZeroPaddingArgs = {}) {
    super(1, args);
  }
}
registerLayer(ZeroPadding1D);
