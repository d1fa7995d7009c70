import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkDataFormat, checkRank, checkSizes, oneShape, oneTensor, spatialAxes, type DataFormat, type LayerArgs } from "./support.ts";

export interface UpSamplingArgs extends LayerArgs {
  /** How often each element is repeated, along each axis or all. @defaultValue 2 */
  size?: number | readonly number[];
  /** @defaultValue "channelsLast" */
  dataFormat?: DataFormat;
}

/** Repeats every element along `rank` axes of space. */
export abstract class UpSampling extends tfl.layers.Layer {
  readonly rank: number;
  readonly size: number[];
  readonly dataFormat: DataFormat;

  constructor(rank: number, args: UpSamplingArgs) {
    super(args);
    const owner = `UpSampling${rank}D`;
    this.rank = rank;
    this.size = checkSizes(args.size ?? 2, rank, 1, owner, "size");
    this.dataFormat = checkDataFormat(args.dataFormat, owner);
  }

  /** @throws ShapeError for an input of another rank */
  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = oneShape(inputShape).slice();
    checkRank(shape, this.rank + 2, this.name);
    spatialAxes(this.rank, this.dataFormat).forEach((axis, i) => {
      const length = shape[axis];
      if (length !== null) shape[axis] = length * this.size[i];
    });
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      let x = oneTensor(inputs);
      spatialAxes(this.rank, this.dataFormat).forEach((axis, i) => (x = repeated(x, axis, this.size[i])));
      return x;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size, dataFormat: this.dataFormat };
  }
}

/** Every element along an axis `times` times. */
function repeated(x: tf.Tensor, axis: number, times: number): tf.Tensor {
  if (times === 1) return x;
  const product = (lengths: number[]) => lengths.reduce((a, b) => a * b, 1);
  const parts = tf.reshape(x, [product(x.shape.slice(0, axis + 1)), 1, product(x.shape.slice(axis + 1))]);
  return tf.reshape(
    tf.tile(parts, [1, times, 1]),
    x.shape.map((length, i) => (i === axis ? length * times : length)),
  );
}
