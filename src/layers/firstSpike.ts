import * as tf from "@tensorflow/tfjs-core";

/**
 * Times of the first spikes, `[batch, steps, units]` to `[batch, units]`, in seconds: the spike of the first step is at dt, and where
 * there is none the time is a step after the end. Any value above 0 is a spike.
 *
 * The gradient is that of the expected time if each step spiked independently with the probability output * dt, taken at what was
 * seen: a spike more at a step before the first would save the time between them, the first one itself the time until the second.
 * So silent units have a gradient too.
 */
export const firstSpike = (x: tf.Tensor3D, dt: number): tf.Tensor2D =>
  tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    const { first } = found(input as tf.Tensor);
    return {
      value: tf.mul(tf.add(tf.squeeze(first, [1]), 1), dt),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const { spikes, index, never, first } = found(saved[0]);
        const later = tf.logicalAnd(spikes, tf.greater(index, first));
        const second = tf.min(tf.where(later, index, never), 1, true);
        const gain = tf.where(
          tf.less(index, first),
          tf.sub(first, index),
          tf.mul(tf.cast(tf.equal(index, first), "float32"), tf.sub(second, index)),
        );
        return tf.mul(tf.mul(gain, -dt * dt), tf.expandDims(dy, 1));
      },
    };
  })(x) as tf.Tensor2D;

/** Index of the first spike, `[batch, 1, units]`; the number of steps where there is none. */
function found(x: tf.Tensor): { spikes: tf.Tensor; index: tf.Tensor; never: tf.Tensor; first: tf.Tensor } {
  const spikes = tf.greater(x, 0);
  const steps = x.shape[1]!;
  const index = tf.reshape(tf.range(0, steps), [1, steps, 1]);
  const never = tf.scalar(steps);
  return { spikes, index, never, first: tf.min(tf.where(spikes, index, never), 1, true) };
}
