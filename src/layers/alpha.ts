import * as tf from "@tensorflow/tfjs-core";
import { fromTransferFunction } from "../math/stateSpace.ts";
import { FilterLayer, type FilterArgs } from "./filters/filterLayer.ts";

const system = fromTransferFunction([1], [1, 2, 1]);

/**
 * Second-order lowpass filter `1 / (tau s + 1)^2` of every unit (impulse response `t exp(-t / tau) / tau^2`), by zero-order hold. Input
 * and output `[batch, steps, ...features]`; its states are `[batch, 2, ...features]`: tau times the slope of the output, and the output.
 * @throws ValidationError for a time constant that is not positive
 */
export class AlphaLayer extends FilterLayer {
  static className = "NengoAlpha";
  protected override get system(): typeof system {
    return system;
  }
}
tf.serialization.registerClass(AlphaLayer);

/** A trainable second-order lowpass filter over time: see {@link AlphaLayer}. */
export const alpha = (args: FilterArgs): AlphaLayer => new AlphaLayer(args);
