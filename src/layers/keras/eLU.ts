import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import { oneTensor, registerLayer, type LayerArgs } from "./support.ts";

export interface ELUArgs extends LayerArgs {
  /** Where negative inputs end: -alpha. @defaultValue 1 */
  alpha?: number;
}

/** x where it is positive, alpha * (exp(x) - 1) below. As Keras's ELU; tfjs's refuses any alpha but 1. */
export class ELU extends tfl.layers.Layer {
  static className = "NengoELU";
  readonly alpha: number;

  constructor(args: ELUArgs = {}) {
    super(args);
    this.alpha = args.alpha ?? 1;
    if (typeof this.alpha !== "number")
      throw new ValidationError({ owner: "ELU", parameter: "alpha", expected: "a number", got: describe(this.alpha) });
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = oneTensor(inputs);
      const positive = tf.relu(x);
      return tf.add(positive, tf.mul(tf.sub(tf.elu(x), positive), this.alpha));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}
registerLayer(ELU);
