import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import { oneTensor, registerLayer, type LayerArgs } from "./support.ts";

export interface RescalingArgs extends LayerArgs {
  /** One factor, or one a channel (last axis). */
  scale: number | readonly number[];
  /** One number to add, or one a channel. @defaultValue 0 */
  offset?: number | readonly number[];
}

/** x * scale + offset, channel by channel. As Keras's Rescaling with lists; tfjs's takes single numbers. */
export class Rescaling extends tfl.layers.Layer {
  static className = "NengoRescaling";
  readonly scale: number | number[];
  readonly offset: number | number[];

  /** @throws ValidationError for what is no number or list of numbers */
  constructor(args: RescalingArgs) {
    super(args);
    const numbers = (parameter: "scale" | "offset", value: unknown): number | number[] => {
      const list: unknown[] = Array.isArray(value) ? value : [value];
      if (list.length > 0 && list.every((n) => typeof n === "number")) return value as number | number[];
      throw new ValidationError({ owner: "Rescaling", parameter, expected: "a number, or one a channel", got: describe(value) });
    };
    this.scale = numbers("scale", args.scale);
    this.offset = numbers("offset", args.offset ?? 0);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.add(tf.mul(oneTensor(inputs).toFloat(), this.scale), this.offset));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}
registerLayer(Rescaling);
