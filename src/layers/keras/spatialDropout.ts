import type { Tensor } from "@tensorflow/tfjs-core";
import { checkDataFormat, registerLayer, spatialAxes, type DataFormat, type LayerArgs } from "./support.ts";
import { Dropout } from "./tfjsClasses.ts";

export interface SpatialDropoutArgs extends LayerArgs {
  /** Part of the channels that is dropped in training, 0 to 1. */
  rate: number;
  seed?: number;
  /** @defaultValue "channelsLast" */
  dataFormat?: DataFormat;
}

/** Drops whole channels in training, and does nothing otherwise. */
abstract class SpatialDropout extends Dropout {
  readonly dataFormat: DataFormat;

  constructor(args: SpatialDropoutArgs) {
    super(args);
    this.dataFormat = checkDataFormat(args.dataFormat, "SpatialDropout");
  }

  override getNoiseShape(input: Tensor): number[] {
    const axes = spatialAxes(input.rank - 2, this.dataFormat);
    return input.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  }

  override getConfig() {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

/** Keras's SpatialDropout2D, for [batch, h, w, channels]. */
export class SpatialDropout2D extends SpatialDropout {
  static className = "SpatialDropout2D";
}

/** Keras's SpatialDropout3D, for [batch, a, b, c, channels]. */
export class SpatialDropout3D extends SpatialDropout {
  static className = "SpatialDropout3D";
}

registerLayer(SpatialDropout2D);
registerLayer(SpatialDropout3D);
