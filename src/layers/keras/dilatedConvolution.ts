import * as tf from "@tensorflow/tfjs-core";

type Sizes = readonly [number, number];
type Convolve = (x: tf.Tensor4D, kernel: tf.Tensor4D, strides: Sizes, padding: "valid" | "same", dilations: Sizes) => tf.Tensor4D;

const pair = (sizes: Sizes): [number, number] => [sizes[0], sizes[1]];

/** Convolution of [batch, h, w, in] with a kernel [kh, kw, in, out], differentiable with dilation too, which tfjs's gradient refuses. */
export const convolve = differentiable((x, kernel, strides, padding, dilations) =>
  tf.conv2d(x, kernel, pair(strides), padding, "NHWC", pair(dilations)),
);

/** Depthwise convolution of [batch, h, w, in] with a kernel [kh, kw, in, multiplier], differentiable with dilation too. */
export const convolveDepthwise = differentiable((x, kernel, strides, padding, dilations) =>
  tf.depthwiseConv2d(x, kernel, pair(strides), padding, "NHWC", pair(dilations)),
);

/** While gradients are recorded, the same sums with zeros between the kernel's elements, whose gradient tfjs has; else the quicker way. */
function differentiable(plain: Convolve): Convolve {
  return (x, kernel, strides, padding, dilations) => {
    const dilated = dilations[0] !== 1 || dilations[1] !== 1;
    const recorded = tf.engine().state.gradientDepth > 0;
    if (!dilated || !recorded) return plain(x, kernel, strides, padding, dilations);
    return plain(x, spreadOut(kernel, dilations), strides, padding, [1, 1]);
  };
}

/** A kernel with zeros between its elements along the first two axes. */
function spreadOut(kernel: tf.Tensor4D, dilations: Sizes): tf.Tensor4D {
  const [h, w, inputs, outputs] = kernel.shape;
  const wide = spreadRows(tf.reshape(kernel, [h, w, inputs * outputs]), dilations[1]);
  const tall = spreadRows(tf.reshape(wide, [1, h, wide.shape[1] * inputs * outputs]), dilations[0]);
  return tf.reshape(tall, [tall.shape[1], wide.shape[1], inputs, outputs]);
}

/** [n, rows, k] with dilation - 1 rows of zeros after each but the last. */
function spreadRows(x: tf.Tensor3D, dilation: number): tf.Tensor3D {
  const [n, rows, k] = x.shape;
  const apart = tf.pad(tf.reshape(x, [n * rows, 1, k]), [
    [0, 0],
    [0, dilation - 1],
    [0, 0],
  ]);
  return tf.slice3d(tf.reshape(apart, [n, rows * dilation, k]), [0, 0, 0], [n, (rows - 1) * dilation + 1, k]);
}
