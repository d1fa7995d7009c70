import * as tf from "@tensorflow/tfjs-core";
import { checkInteger } from "../../declared.ts";
import { repeatSteps } from "../repeatSteps.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs } from "../temporalLayer.ts";

/** Arguments that every encoder takes. */
export interface EncoderArgs extends TemporalArgs {
  /** Steps for which every item `[batch, ...features]` is encoded; null where the input has steps, `[batch, steps, ...features]`. @defaultValue null */
  steps?: number | null;
}

/** What makes values into activity over time, `[batch, steps, ...features]`; spikes have the height 1 / dt, as everywhere in the library. */
export abstract class EncoderLayer extends TemporalLayer {
  /** Null where the input has steps of its own. */
  protected readonly repeats: number | null;

  constructor(args: EncoderArgs = {}) {
    const { steps = null, ...rest } = args;
    super(rest);
    this.repeats = steps === null ? null : checkInteger(this.owner, "steps", steps, { min: 1 });
  }

  protected override stateSpecs(): readonly StateSpec[] {
    return [];
  }

  private withSteps(inputShape: Shape | Shape[]): Shape {
    const [batch, ...features] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    return this.repeats === null ? [batch, ...features] : [batch, this.repeats, ...features];
  }

  /** Reads the features of a step. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(this.withSteps(inputShape));
  }

  /** Encodes a batch. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    const { repeats } = this;
    if (repeats === null) return super.call(inputs, kwargs);
    const [x, ...states] = [inputs].flat();
    return tf.tidy(() => super.call([repeatSteps(x, repeats), ...states], kwargs));
  }

  /** `[batch, steps, ...features]`, and the states where they are returned. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return super.computeOutputShape(this.withSteps(inputShape));
  }

  /** What makes the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), steps: this.repeats };
  }
}
