import * as tf from "@tensorflow/tfjs-core";
import { checkBoolean, checkChoice, checkNumber } from "../../declared.ts";
import { ValidationError } from "../../errors.ts";
import type { TemporalCall, TemporalResult } from "../temporalLayer.ts";
import { EncoderLayer, type EncoderArgs } from "./encoderLayer.ts";

/** Arguments of {@link LatencyEncoder}. */
export interface LatencyEncoderArgs extends EncoderArgs {
  steps: number;
  /** `logarithmic`: `tau ln(x / (x - threshold))`, the time in which an RC circuit with current x reaches the threshold; `linear`: `tau (1 - x)`. @defaultValue "logarithmic" */
  kind?: "logarithmic" | "linear";
  /** Seconds; null scales times so that 1 spikes at the first step and the smallest value at the last. @defaultValue null */
  tau?: number | null;
  /** Smallest value that spikes by itself. @defaultValue 0.01 */
  threshold?: number;
  /** Whether values below the threshold give no spike; otherwise they give theirs at the last step (`linear`: at their time). @defaultValue false */
  clip?: boolean;
}

/** What a value is at least above the threshold, so that its time is finite. */
const LEAST = 1e-7;

/**
 * One spike of height 1 / dt an item and feature, the earlier the larger the value (0 to 1). Input `[batch, ...features]`, output
 * `[batch, steps, ...features]`. The gradient moves the spike: that of its time is half the difference between the gradients at the
 * next and the previous step, over dt, and goes on through the time's own slope.
 */
export class LatencyEncoder extends EncoderLayer {
  static className = "NengoLatencyEncoder";
  readonly kind: "logarithmic" | "linear";
  readonly tau: number | null;
  readonly threshold: number;
  readonly clip: boolean;

  constructor(args: LatencyEncoderArgs) {
    const { kind = "logarithmic", tau = null, threshold = 0.01, clip = false, ...rest } = args;
    super(rest);
    if (this.repeats === null)
      throw new ValidationError({
        owner: this.owner,
        parameter: "steps",
        expected: "a number of steps, since a value has one spike",
        got: "none",
        fix: "Give steps",
      });
    this.kind = checkChoice(this.owner, "kind", kind, ["logarithmic", "linear"]);
    this.tau = tau === null ? null : checkNumber(this.owner, "tau", tau, { above: 0 });
    this.threshold = checkNumber(this.owner, "threshold", threshold, { above: 0, below: 1 });
    this.clip = checkBoolean(this.owner, "clip", clip);
  }

  protected override steps({ x, batch, nSteps }: TemporalCall): TemporalResult {
    const { dt } = this;
    const values = tf.slice(x, [0, 0, 0], [batch, 1, -1]);
    const output = tf.customGrad((v, save) => {
      (save as tf.GradSaveFunc)([v as tf.Tensor]);
      return {
        value: tf.div(this.hits(v as tf.Tensor, nSteps, 0), dt),
        // A step later the spike would be worth dy of the next step, a step earlier that of the previous one.
        gradFunc: (dy: tf.Tensor, [value]: tf.Tensor[]) => {
          const moved = tf.sum(tf.mul(dy, tf.sub(this.hits(value, nSteps, 1), this.hits(value, nSteps, -1))), 1, true);
          return tf.mul(tf.div(moved, 2 * dt * dt), this.times(value, nSteps).slope);
        },
      };
    })(values) as tf.Tensor3D;
    return { output, states: [] };
  }

  /** 1 at the steps that are `shift` after those of the spikes, `[batch, steps, units]`. */
  private hits(x: tf.Tensor, nSteps: number, shift: number): tf.Tensor {
    const at = tf.round(tf.clipByValue(tf.div(this.times(x, nSteps).times, this.dt), 0, nSteps - 1));
    const hit = tf.equal(tf.reshape(tf.range(0, nSteps), [1, nSteps, 1]), tf.add(at, shift));
    return tf.cast(this.clip ? tf.logicalAnd(hit, tf.greaterEqual(x, this.threshold)) : hit, "float32");
  }

  /** Times of the spikes (s) and their slopes by the values. */
  private times(x: tf.Tensor, nSteps: number): { times: tf.Tensor; slope: tf.Tensor } {
    const { threshold, kind } = this;
    const end = (nSteps - 1) * this.dt;
    const low = kind === "linear" ? 0 : threshold + LEAST;
    const value = tf.clipByValue(x, low, 1);
    const within = tf.cast(tf.logicalAnd(tf.greaterEqual(x, low), tf.lessEqual(x, 1)), "float32");
    if (kind === "linear") {
      const tau = this.tau ?? end;
      return { times: tf.mul(tf.sub(1, value), tau), slope: tf.mul(within, -tau) };
    }
    const above = tf.maximum(tf.sub(value, threshold), LEAST);
    const raw = tf.log(tf.div(value, above));
    const [first, last] = [-Math.log(1 - threshold), Math.log((threshold + LEAST) / LEAST)];
    const scale = this.tau ?? end / (last - first);
    const slope = tf.mul(tf.div(within, tf.mul(value, above)), -scale * threshold);
    return { times: tf.mul(this.tau === null ? tf.sub(raw, first) : raw, scale), slope };
  }

  /** What makes the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { kind, tau, threshold, clip } = this;
    return { ...super.getConfig(), kind, tau, threshold, clip };
  }
}
tf.serialization.registerClass(LatencyEncoder);

/** Values as times of spikes: see {@link LatencyEncoder}. */
export const latencyEncoder = (args: LatencyEncoderArgs): LatencyEncoder => new LatencyEncoder(args);
