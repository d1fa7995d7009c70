import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError } from "../../errors.ts";
import { registerLayer } from "./support.ts";
import { Add } from "./tfjsClasses.ts";

/** First input less second input, [batch, ...] each; axes of length 1 are repeated. As Keras's Subtract. */
export class Subtract extends Add {
  static className = "Subtract";

  /** @throws ShapeError for other than two inputs */
  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    if (!Array.isArray(inputShape[0]) || inputShape.length !== 2) {
      throw new ShapeError({
        owner: "Subtract",
        expected: "two inputs",
        got: Array.isArray(inputShape[0]) ? `${inputShape.length}` : "one",
      });
    }
    super.build(inputShape);
  }

  override mergeFunction(inputs: tf.Tensor[]): tf.Tensor {
    return tf.sub(inputs[0], inputs[1]);
  }
}
registerLayer(Subtract);
