import * as tf from "@tensorflow/tfjs-core";
import { oneTensor, registerLayer } from "./support.ts";
import { BatchNormalization as TfjsBatchNormalization } from "./tfjsClasses.ts";

/**
 * Keras's BatchNormalization along an axis that is not the last, as images with channels first have it. tfjs's kernels take the last
 * axis whatever the layer says, so the axis is moved there and back.
 */
export class BatchNormalization extends TfjsBatchNormalization {
  static className = "NengoBatchNormalization";

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    const x = oneTensor(inputs);
    const axis = this.axis < 0 ? this.axis + x.rank : this.axis;
    if (axis === x.rank - 1) return super.call(x, kwargs);
    const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const order = [...others, axis];
    const back = x.shape.map((_, i) => order.indexOf(i));
    return tf.tidy(() => {
      this.axis = x.rank - 1;
      try {
        return tf.transpose(oneTensor(super.call(tf.transpose(x, order), kwargs)), back);
      } finally {
        this.axis = axis;
      }
    });
  }
}
registerLayer(BatchNormalization);
