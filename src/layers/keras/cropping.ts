import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError, describe } from "../../errors.ts";
import { checkDataFormat, checkPairs, checkRank, oneShape, oneTensor, spatialAxes, type DataFormat, type LayerArgs } from "./support.ts";

export interface CroppingArgs extends LayerArgs {
  /** What goes from each axis: one number for all ends, one an axis, or pairs [before, after]. @defaultValue 1 */
  cropping?: number | readonly number[] | readonly (readonly number[])[];
  /** @defaultValue "channelsLast" */
  dataFormat?: DataFormat;
}

/** Cuts off the ends of `rank` axes of space. */
export abstract class Cropping extends tfl.layers.Layer {
  readonly rank: number;
  readonly cropping: [number, number][];
  readonly dataFormat: DataFormat;

  constructor(rank: number, args: CroppingArgs) {
    super(args);
    const owner = `Cropping${rank}D`;
    this.rank = rank;
    this.cropping = checkPairs(args.cropping ?? 1, rank, owner, "cropping");
    this.dataFormat = checkDataFormat(args.dataFormat, owner);
  }

  /** @throws ShapeError for an input of another rank or one that nothing is left of */
  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = oneShape(inputShape).slice();
    checkRank(shape, this.rank + 2, this.name);
    spatialAxes(this.rank, this.dataFormat).forEach((axis, i) => {
      const length = shape[axis];
      if (length === null) return;
      const rest = length - this.cropping[i][0] - this.cropping[i][1];
      if (rest < 1)
        throw new ShapeError({
          owner: this.name,
          parameter: "cropping",
          expected: `less than ${length} on axis ${axis}`,
          got: describe(this.cropping[i]),
        });
      shape[axis] = rest;
    });
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = oneTensor(inputs);
      const begin = x.shape.map(() => 0);
      spatialAxes(this.rank, this.dataFormat).forEach((axis, i) => (begin[axis] = this.cropping[i][0]));
      return tf.slice(x, begin, this.computeOutputShape(x.shape) as number[]);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), cropping: this.cropping, dataFormat: this.dataFormat };
  }
}
