import * as tf from "@tensorflow/tfjs-core";
import { checkBoolean, checkNumber } from "../../declared.ts";
import type { StateSpec, TemporalCall, TemporalResult } from "../temporalLayer.ts";
import { EncoderLayer, type EncoderArgs } from "./encoderLayer.ts";

/** Arguments of {@link DeltaEncoder}. */
export interface DeltaEncoderArgs extends Omit<EncoderArgs, "steps"> {
  /** Change from one step to the next that gives a spike. @defaultValue 0.1 */
  threshold?: number;
  /** Whether a fall by the threshold gives a spike of height -1 / dt. @defaultValue false */
  offSpikes?: boolean;
}

/**
 * A spike of height 1 / dt where the input rose by the threshold since the step before. Input and output `[batch, steps, ...features]`;
 * its state is the last input, 0 at the start. The gradient is that of the change counted in thresholds, `change / (threshold dt)`,
 * without `offSpikes` of rises alone.
 */
export class DeltaEncoder extends EncoderLayer {
  static className = "NengoDeltaEncoder";
  readonly threshold: number;
  readonly offSpikes: boolean;

  constructor(args: DeltaEncoderArgs = {}) {
    const { threshold = 0.1, offSpikes = false, ...rest } = args;
    super(rest);
    this.threshold = checkNumber(this.owner, "threshold", threshold, { above: 0 });
    this.offSpikes = checkBoolean(this.owner, "offSpikes", offSpikes);
  }

  /** The input of the step before. */
  protected override stateSpecs(): readonly StateSpec[] {
    return [{ name: "last", shape: this.featureShape }];
  }

  protected override steps({ x, states, batch, nSteps }: TemporalCall): TemporalResult {
    const { threshold, offSpikes, dt } = this;
    const start = tf.reshape(states[0], [batch, 1, this.units]);
    const before = tf.concat([start, tf.slice(x, [0, 0, 0], [batch, nSteps - 1, -1])], 1);
    const output = tf.customGrad((change, save) => {
      const d = change as tf.Tensor;
      (save as tf.GradSaveFunc)([d]);
      const ons = tf.cast(tf.greaterEqual(d, threshold), "float32");
      const spikes = offSpikes ? tf.sub(ons, tf.cast(tf.lessEqual(d, -threshold), "float32")) : ons;
      return {
        value: tf.div(spikes, dt),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const slope = tf.div(dy, threshold * dt);
          return offSpikes ? slope : tf.mul(slope, tf.cast(tf.greater(saved[0], 0), "float32"));
        },
      };
    })(tf.sub(x, before)) as tf.Tensor3D;
    const last = tf.reshape<tf.Rank.R2>(tf.slice(x, [0, nSteps - 1, 0], [batch, 1, -1]), [batch, this.units]);
    return { output, states: [last] };
  }

  /** What makes the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { threshold, offSpikes } = this;
    return { ...super.getConfig(), threshold, offSpikes };
  }
}
tf.serialization.registerClass(DeltaEncoder);

/** Spikes where a signal changes: see {@link DeltaEncoder}. */
export const deltaEncoder = (args: DeltaEncoderArgs = {}): DeltaEncoder => new DeltaEncoder(args);
