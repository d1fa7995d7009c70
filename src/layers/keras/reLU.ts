import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import { oneTensor, registerLayer, type LayerArgs } from "./support.ts";

export interface ReLUArgs extends LayerArgs {
  /** Largest output; null or none for no limit. */
  maxValue?: number | null;
  /** Slope below the threshold. @defaultValue 0 */
  negativeSlope?: number;
  /** Input from where on the output is the input. @defaultValue 0 */
  threshold?: number;
}

/** x from the threshold on, up to `maxValue`; negativeSlope * (x - threshold) below. As Keras's ReLU; tfjs's has `maxValue` alone. */
export class ReLU extends tfl.layers.Layer {
  static className = "NengoReLU";
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  /** @throws ValidationError for what is no number, and a negative limit or slope */
  constructor(args: ReLUArgs = {}) {
    super(args);
    const number = (parameter: "maxValue" | "negativeSlope" | "threshold", least: number): number => {
      const value = args[parameter] ?? 0;
      if (typeof value === "number" && value >= least) return value;
      throw new ValidationError({ owner: "ReLU", parameter, expected: least === 0 ? "a number >= 0" : "a number", got: describe(value) });
    };
    this.maxValue = (args.maxValue ?? null) === null ? null : number("maxValue", 0);
    this.negativeSlope = number("negativeSlope", 0);
    this.threshold = number("threshold", -Infinity);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = oneTensor(inputs);
      // tfjs has no gradient of a comparison; that of a step is zero
      const above = this.threshold === 0 ? tf.relu(x) : tf.mul(x, tf.step(tf.sub(x, this.threshold)));
      const limited = this.maxValue === null ? above : tf.clipByValue(above, 0, this.maxValue);
      if (this.negativeSlope === 0) return limited;
      return tf.sub(limited, tf.mul(tf.relu(tf.sub(this.threshold, x)), this.negativeSlope));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), maxValue: this.maxValue, negativeSlope: this.negativeSlope, threshold: this.threshold };
  }
}
registerLayer(ReLU);
