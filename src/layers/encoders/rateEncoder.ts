import * as tf from "@tensorflow/tfjs-core";
import { checkChoice, checkNumber } from "../../declared.ts";
import { RandomState } from "../../math/random.ts";
import { drawSeed } from "../entropy.ts";
import type { TemporalCall, TemporalResult } from "../temporalLayer.ts";
import { EncoderLayer, type EncoderArgs } from "./encoderLayer.ts";

/** Arguments of {@link RateEncoder}. */
export interface RateEncoderArgs extends EncoderArgs {
  /** Hz of an input of 1; null for one spike a step, 1 / dt, so that the input is the probability of a spike in a step. @defaultValue null */
  maxRate?: number | null;
  /** `bernoulli`: at most one spike a step; `poisson`: any number. @defaultValue "bernoulli" */
  distribution?: "bernoulli" | "poisson";
}

/** Largest float32 below 1. */
const BELOW_ONE = 1 - 2 ** -24;

/**
 * Random spikes at rates `maxRate * x`, each of height 1 / dt. Rates below 0 count as 0, and with `bernoulli` those above 1 / dt as
 * 1 / dt. The gradient is that of the (limited) rate. With a seed the spikes are the same at every call, and an item's spikes do not
 * depend on the other items.
 */
export class RateEncoder extends EncoderLayer {
  static className = "NengoRateEncoder";
  readonly maxRate: number | null;
  readonly distribution: "bernoulli" | "poisson";
  private own: RandomState | null = null;
  /** Generators of the items, which go on over the calls of a stateful layer. */
  private items: { readonly rngs: readonly RandomState[]; readonly step: number } | null = null;

  constructor(args: RateEncoderArgs = {}) {
    const { maxRate = null, distribution = "bernoulli", ...rest } = args;
    super(rest);
    this.maxRate = maxRate === null ? null : checkNumber(this.owner, "maxRate", maxRate, { above: 0 });
    this.distribution = checkChoice(this.owner, "distribution", distribution, ["bernoulli", "poisson"]);
  }

  protected override steps({ x, batch, nSteps, step }: TemporalCall): TemporalResult {
    const { dt } = this;
    const perStep = this.maxRate === null ? 1 : this.maxRate * dt;
    const most = this.distribution === "bernoulli" ? 1 : Infinity;
    const rngs = this.generators(batch, nSteps, step);
    const output = tf.customGrad((input, save) => {
      const expected = tf.maximum(tf.mul(input as tf.Tensor3D, perStep), 0);
      (save as tf.GradSaveFunc)([expected]);
      const spikes = this.distribution === "bernoulli" ? this.bernoulli(expected, rngs) : this.poisson(expected, rngs);
      return {
        value: tf.div(spikes, dt),
        gradFunc: (dy: tf.Tensor, [spikesPerStep]: tf.Tensor[]) => {
          const within = tf.logicalAnd(tf.greater(spikesPerStep, 0), tf.less(spikesPerStep, most));
          return tf.mul(dy, tf.mul(tf.cast(within, "float32"), perStep / dt));
        },
      };
    })(x) as tf.Tensor3D;
    return { output, states: [] };
  }

  private generators(batch: number, nSteps: number, step: number): readonly RandomState[] {
    const { items } = this;
    const goesOn = this.stateful && step > 0 && items !== null && items.step === step && items.rngs.length === batch;
    let rngs = items?.rngs ?? [];
    if (!goesOn) {
      const source = this.seed === null ? (this.own ??= new RandomState(drawSeed())) : new RandomState(this.seed);
      rngs = Array.from({ length: batch }, () => new RandomState(source.u32()));
    }
    this.items = { rngs, step: step + nSteps };
    return rngs;
  }

  private bernoulli(expected: tf.Tensor, rngs: readonly RandomState[]): tf.Tensor {
    const size = expected.size / rngs.length;
    const uniforms = new Float32Array(expected.size);
    rngs.forEach((rng, b) => {
      for (let k = 0; k < size; k++) uniforms[b * size + k] = Math.min(rng.uniform(), BELOW_ONE);
    });
    return tf.cast(tf.less(tf.tensor(uniforms, expected.shape), expected), "float32");
  }

  private poisson(expected: tf.Tensor, rngs: readonly RandomState[]): tf.Tensor {
    const means = expected.dataSync();
    const size = expected.size / rngs.length;
    return tf.tensor(
      means.map((mean, k) => rngs[Math.floor(k / size)].poisson(mean)),
      expected.shape,
    );
  }

  /** What makes the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    const { maxRate, distribution } = this;
    return { ...super.getConfig(), maxRate, distribution };
  }
}
tf.serialization.registerClass(RateEncoder);

/** Random spikes at a rate: see {@link RateEncoder}. */
export const rateEncoder = (args: RateEncoderArgs = {}): RateEncoder => new RateEncoder(args);
