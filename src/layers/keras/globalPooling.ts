import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkDataFormat, checkRank, oneShape, oneTensor, registerLayer, spatialAxes, type DataFormat, type LayerArgs } from "./support.ts";

export interface GlobalPoolingArgs extends LayerArgs {
  /** @defaultValue "channelsLast" */
  dataFormat?: DataFormat;
  /** Leave axes of length 1 in place of those that were pooled. @defaultValue false */
  keepdims?: boolean;
}

type Reduce = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor;

/** One number a channel from all of space: [batch, ...space, channels] to [batch, channels], or with axes of length 1 between. */
export abstract class GlobalPooling extends tfl.layers.Layer {
  readonly rank: number;
  readonly dataFormat: DataFormat;
  readonly keepdims: boolean;
  private readonly reduce: Reduce;

  constructor(rank: number, reduce: Reduce, args: GlobalPoolingArgs) {
    super(args);
    this.rank = rank;
    this.reduce = reduce;
    this.dataFormat = checkDataFormat(args.dataFormat, `Global pooling of rank ${rank}`);
    this.keepdims = args.keepdims ?? false;
  }

  /** @throws ShapeError for an input of another rank */
  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = oneShape(inputShape);
    checkRank(shape, this.rank + 2, this.name);
    const axes = spatialAxes(this.rank, this.dataFormat);
    return this.keepdims
      ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
      : shape.filter((_, axis) => !axes.includes(axis));
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.reduce(oneTensor(inputs), spatialAxes(this.rank, this.dataFormat), this.keepdims));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), dataFormat: this.dataFormat, keepdims: this.keepdims };
  }
}

const average: Reduce = (x, axes, keepDims) => tf.mean(x, axes, keepDims);
const largest: Reduce = (x, axes, keepDims) => tf.max(x, axes, keepDims);

/** Keras's GlobalAveragePooling3D, which tfjs lacks. */
export class GlobalAveragePooling3D extends GlobalPooling {
  static className = "GlobalAveragePooling3D";
  constructor(args: GlobalPoolingArgs = {}) {
    super(3, average, args);
  }
}

/** Keras's GlobalMaxPooling3D, which tfjs lacks. */
export class GlobalMaxPooling3D extends GlobalPooling {
  static className = "GlobalMaxPooling3D";
  constructor(args: GlobalPoolingArgs = {}) {
    super(3, largest, args);
  }
}

/** Keras's GlobalAveragePooling1D with `keepdims` or channels first, which tfjs's layer of that name leaves aside. */
export class NengoGlobalAveragePooling1D extends GlobalPooling {
  static className = "NengoGlobalAveragePooling1D";
  constructor(args: GlobalPoolingArgs = {}) {
    super(1, average, args);
  }
}

/** Keras's GlobalMaxPooling1D with `keepdims` or channels first, which tfjs's layer of that name leaves aside. */
export class NengoGlobalMaxPooling1D extends GlobalPooling {
  static className = "NengoGlobalMaxPooling1D";
  constructor(args: GlobalPoolingArgs = {}) {
    super(1, largest, args);
  }
}

/** Keras's GlobalAveragePooling2D with `keepdims`, which tfjs's layer of that name leaves aside. */
export class NengoGlobalAveragePooling2D extends GlobalPooling {
  static className = "NengoGlobalAveragePooling2D";
  constructor(args: GlobalPoolingArgs = {}) {
    super(2, average, args);
  }
}

/** Keras's GlobalMaxPooling2D with `keepdims`, which tfjs's layer of that name leaves aside. */
export class NengoGlobalMaxPooling2D extends GlobalPooling {
  static className = "NengoGlobalMaxPooling2D";
  constructor(args: GlobalPoolingArgs = {}) {
    super(2, largest, args);
  }
}

for (const layer of [
  GlobalAveragePooling3D,
  GlobalMaxPooling3D,
  NengoGlobalAveragePooling1D,
  NengoGlobalMaxPooling1D,
  NengoGlobalAveragePooling2D,
  NengoGlobalMaxPooling2D,
]) {
  registerLayer(layer);
}
