import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkInteger } from "../declared.ts";
import { repeatSteps } from "./repeatSteps.ts";
import type { LayerArgs, Shape } from "./temporalLayer.ts";

/** Arguments of {@link Repeat}. */
export interface RepeatArgs extends LayerArgs {
  /** How often every item is shown. */
  steps: number;
}

/** Shows every item at each of `steps` steps: `[batch, ...features]` to `[batch, steps, ...features]`, of any rank and type. */
export class Repeat extends tfl.layers.Layer {
  static className = "NengoRepeat";
  readonly steps: number;

  /** @throws ValidationError unless `steps` is a whole number from 1 */
  constructor(args: RepeatArgs) {
    const { steps, ...rest } = args;
    super(rest);
    this.steps = checkInteger(`NengoRepeat ${JSON.stringify(this.name)}`, "steps", steps, { min: 1 });
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => repeatSteps([inputs].flat()[0], this.steps));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, ...features] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    return [batch, this.steps, ...features];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), steps: this.steps };
  }
}
tf.serialization.registerClass(Repeat);

/** Repeats items over time: see {@link Repeat}. */
export const repeat = (args: RepeatArgs): Repeat => new Repeat(args);
