import * as tf from "@tensorflow/tfjs-core";
import { fromTransferFunction } from "../math/stateSpace.ts";
import { FilterLayer, type FilterArgs } from "./filters/filterLayer.ts";

const system = fromTransferFunction([1], [1, 1]);

/**
 * First-order lowpass filter `1 / (tau s + 1)` of every unit, by zero-order hold: `y' = a y + (1 - a) x`, `a = exp(-dt / tau)`; the
 * output is y'. Input and output `[batch, steps, ...features]`; its state is y, `[batch, ...features]`.
 * @throws ValidationError for a time constant that is not positive
 */
export class LowpassLayer extends FilterLayer {
  static className = "NengoLowpass";
  protected override get system(): typeof system {
    return system;
  }
}
tf.serialization.registerClass(LowpassLayer);

/** A trainable first-order lowpass filter over time: see {@link LowpassLayer}. */
export const lowpass = (args: FilterArgs): LowpassLayer => new LowpassLayer(args);
