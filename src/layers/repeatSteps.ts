import * as tf from "@tensorflow/tfjs-core";

/**
 * `[batch, ...features]` to `[batch, steps, ...features]`, the same values at every step. The gradient is one sum over steps; tfjs's own
 * of `tile` adds slices, step by step, and knows at most four axes.
 */
export const repeatSteps = (x: tf.Tensor, steps: number): tf.Tensor =>
  tf.customGrad((input) => {
    const { shape } = input as tf.Tensor;
    const size = shape.slice(1).reduce((a, b) => a * b, 1);
    const flat = tf.reshape(input as tf.Tensor, [shape[0], 1, size]);
    return {
      value: tf.reshape(tf.tile(flat, [1, steps, 1]), [shape[0], steps, ...shape.slice(1)]),
      gradFunc: (dy: tf.Tensor) => tf.sum(dy, 1),
    };
  })(x);
