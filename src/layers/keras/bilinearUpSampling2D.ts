import * as tf from "@tensorflow/tfjs-core";
import { ValidationError, describe } from "../../errors.ts";
import { fromChannelsLast, oneTensor, registerLayer, toChannelsLast, type DataFormat, type LayerArgs } from "./support.ts";
import { UpSampling2D } from "./tfjsClasses.ts";

export interface BilinearUpSampling2DArgs extends LayerArgs {
  size?: number | readonly [number, number];
  dataFormat?: DataFormat;
  interpolation?: "bilinear";
}

/**
 * Keras's UpSampling2D with bilinear interpolation: [batch, h, w, channels] to [batch, h * size[0], w * size[1], channels]. Pixels have
 * their centres at 0.5, 1.5, ... as in TensorFlow 2; tfjs's own layer has them at 0, 1, ... and gives other numbers.
 */
export class BilinearUpSampling2D extends UpSampling2D {
  static className = "NengoUpSampling2D";

  /** @throws ValidationError for another interpolation */
  constructor(args: BilinearUpSampling2DArgs = {}) {
    const { interpolation, ...rest } = args;
    if (interpolation !== undefined && interpolation !== "bilinear") {
      throw new ValidationError({
        owner: "UpSampling2D",
        parameter: "interpolation",
        expected: '"bilinear" (or tfjs\'s layer for "nearest")',
        got: describe(interpolation),
      });
    }
    super({ ...rest, interpolation: "bilinear" });
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const format = this.dataFormat as DataFormat;
      const x = toChannelsLast(oneTensor(inputs), format);
      const [batch, h, w, channels] = x.shape;
      const [tall, wide] = [h * this.size[0], w * this.size[1]];
      // One axis after the other, each as a product with the matrix of its weights
      const rows = product(weights(h, this.size[0]), tf.reshape(x, [batch, h, w * channels]));
      const columns = product(weights(w, this.size[1]), tf.reshape(rows, [batch * tall, w, channels]));
      return fromChannelsLast(tf.reshape(columns, [batch, tall, wide, channels]), format);
    });
  }
}
registerLayer(BilinearUpSampling2D);

/** matrix [n, m] times each item of x [items, m, k]. */
function product(matrix: tf.Tensor2D, x: tf.Tensor): tf.Tensor {
  const [items, m, k] = x.shape;
  const flat = tf.reshape(tf.transpose(x, [1, 0, 2]), [m, items * k]);
  return tf.transpose(tf.reshape(tf.matMul(matrix, flat), [matrix.shape[0], items, k]), [1, 0, 2]);
}

/** Row i: how much of each of `length` pixels the i-th of `length * size` new ones takes. */
function weights(length: number, size: number): tf.Tensor2D {
  const matrix = new Float32Array(length * size * length);
  for (let i = 0; i < length * size; i++) {
    const at = Math.min(Math.max((i + 0.5) / size - 0.5, 0), length - 1);
    const below = Math.floor(at);
    matrix[i * length + below] += 1 - (at - below);
    matrix[i * length + Math.min(below + 1, length - 1)] += at - below;
  }
  return tf.tensor2d(matrix, [length * size, length]);
}
