import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkDataFormat, checkPairs, checkRank, oneShape, oneTensor, spatialAxes, type DataFormat, type LayerArgs } from "./support.ts";

export interface ZeroPaddingArgs extends LayerArgs {
  /** Zeros for each axis: one number for all ends, one an axis, or pairs [before, after]. @defaultValue 1 */
  padding?: number | readonly number[] | readonly (readonly number[])[];
  /** @defaultValue "channelsLast" */
  dataFormat?: DataFormat;
}

/** Adds zeros at the ends of `rank` axes of space. */
export abstract class ZeroPadding extends tfl.layers.Layer {
  readonly rank: number;
  readonly padding: [number, number][];
  readonly dataFormat: DataFormat;

  constructor(rank: number, args: ZeroPaddingArgs) {
    super(args);
    const owner = `ZeroPadding${rank}D`;
    this.rank = rank;
    this.padding = checkPairs(args.padding ?? 1, rank, owner, "padding");
    this.dataFormat = checkDataFormat(args.dataFormat, owner);
  }

  /** @throws ShapeError for an input of another rank */
  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = oneShape(inputShape).slice();
    checkRank(shape, this.rank + 2, this.name);
    spatialAxes(this.rank, this.dataFormat).forEach((axis, i) => {
      const length = shape[axis];
      if (length !== null) shape[axis] = length + this.padding[i][0] + this.padding[i][1];
    });
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = oneTensor(inputs);
      const ends = x.shape.map((): [number, number] => [0, 0]);
      spatialAxes(this.rank, this.dataFormat).forEach((axis, i) => (ends[axis] = this.padding[i]));
      return padded(x, ends);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), padding: this.padding, dataFormat: this.dataFormat };
  }
}

/** tf.pad, whose gradient slices a tensor of up to six axes; the wasm kernel pads up to four, so more are taken together. */
export function padded(x: tf.Tensor, ends: [number, number][]): tf.Tensor {
  if (x.rank <= 4) return tf.pad(x, ends);
  return ends.reduce((part, pair, axis) => {
    if (pair[0] === 0 && pair[1] === 0) return part;
    const before = part.shape.slice(0, axis).reduce((product, n) => product * n, 1);
    const after = part.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    const flat = tf.pad(tf.reshape(part, [before, part.shape[axis], after]), [[0, 0], pair, [0, 0]]);
    return tf.reshape(
      flat,
      part.shape.map((length, i) => (i === axis ? length + pair[0] + pair[1] : length)),
    );
  }, x);
}
