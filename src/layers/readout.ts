import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { checkChoice, checkNumber } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { firstSpike } from "./firstSpike.ts";
import { refuseMask } from "./refuseMask.ts";
import type { LayerArgs, Shape } from "./temporalLayer.ts";

const kinds = ["mean", "last", "count", "max", "firstSpike"] as const;
/** What a {@link Readout} makes of all steps. */
export type ReadoutKind = (typeof kinds)[number];

/** Arguments of {@link Readout}. */
export interface ReadoutArgs extends LayerArgs {
  /** `mean` (of spikes: the rate, Hz), `last` step, `count` of spikes (sum * dt), `max`, or `firstSpike` (its time, s). @defaultValue "mean" */
  kind?: ReadoutKind;
  /** Seconds at the start that do not count (not for `last`); `firstSpike` counts time from there. @defaultValue 0 */
  delay?: number;
  /** Seconds of a step. @defaultValue 0.001 */
  dt?: number;
}

/**
 * What a run came to: `[batch, steps, ...features]` to `[batch, ...features]`. The first step's spike is at dt; where there is none,
 * the time is a step after the end. A first spike's gradient is that of its expected time if steps spiked independently with the probabilities
 * that were seen: a spike more before the first one saves the time between them. So silent units have a gradient too.
 */
export class Readout extends tfl.layers.Layer {
  static className = "NengoReadout";
  readonly kind: ReadoutKind;
  readonly delay: number;
  private seconds: number;

  /** @throws ValidationError for unknown kinds, and a delay with `last` */
  constructor(args: ReadoutArgs = {}) {
    const { kind = "mean", delay = 0, dt = 0.001, ...rest } = args;
    super(rest);
    this.kind = checkChoice(this.owner, "kind", kind, kinds);
    this.delay = checkNumber(this.owner, "delay", delay, { min: 0 });
    this.seconds = checkNumber(this.owner, "dt", dt, { above: 0 });
    if (kind === "last" && delay > 0)
      throw new ValidationError({
        owner: this.owner,
        parameter: "delay",
        expected: "none, since the last step counts alone",
        got: `${delay}`,
      });
  }

  private get owner(): string {
    return `NengoReadout ${JSON.stringify(this.name)}`;
  }

  /** Seconds of a step; may be set between calls (by a schedule). */
  get dt(): number {
    return this.seconds;
  }
  set dt(value: number) {
    this.seconds = checkNumber(this.owner, "dt", value, { above: 0 });
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    refuseMask(this.owner, kwargs, {
      expected: "no mask, since every step counts",
      fix: "Leave Masking and maskZero out, or begin later by delay",
    });
    return tf.tidy(() => {
      const [input] = [inputs].flat();
      const [batch, steps, ...features] = input.shape;
      const skipped = this.kind === "last" ? steps - 1 : Math.round(this.delay / this.dt);
      if (input.rank < 2 || skipped >= steps)
        throw new ShapeError({
          owner: this.owner,
          expected:
            skipped === 0 ? "an input [batch, steps, ...features]" : `more than ${skipped} steps, since the delay is ${this.delay} s`,
          got: `[${input.shape.join(", ")}]`,
        });
      const flat = tf.reshape<tf.Rank.R3>(tf.cast(input, "float32"), [batch, steps, -1]);
      const x = skipped === 0 ? flat : tf.slice(flat, [0, skipped, 0], [batch, steps - skipped, -1]);
      return tf.reshape(this.read(x), [batch, ...features]);
    });
  }

  private read(x: tf.Tensor3D): tf.Tensor {
    switch (this.kind) {
      case "mean":
        return tf.mean(x, 1);
      case "last":
        return x;
      case "count":
        return tf.mul(tf.sum(x, 1), this.dt);
      case "max":
        return tf.max(x, 1);
      case "firstSpike":
        return firstSpike(x, this.dt);
    }
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    if (shape.length < 2)
      throw new ShapeError({ owner: this.owner, expected: "an input [batch, steps, ...features]", got: `[${shape.join(", ")}]` });
    return [shape[0], ...shape.slice(2)];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { kind, delay, dt } = this;
    return { ...super.getConfig(), kind, delay, dt };
  }
}
tf.serialization.registerClass(Readout);

/** Reads a result from all steps: see {@link Readout}. */
export const readout = (args: ReadoutArgs = {}): Readout => new Readout(args);
