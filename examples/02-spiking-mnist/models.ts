import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";

/** Steps for which the spiking models see an image. */
export const STEPS = 10;

const dense = (units: number, seed: number, options: object = {}) =>
  tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed }), ...options });

/** An ordinary tfjs model, 784-128-10. */
export const analog = (): tf.LayersModel =>
  tf.sequential({ layers: [dense(128, 1, { inputShape: [784] }), tf.layers.activation({ activation: "relu" }), dense(10, 2)] });

export interface SpikingOptions {
  /** Seconds of a step. */
  readonly dt: number;
  /** What becomes of the spikes: their mean over time, or a trainable lowpass filter's last output. */
  readonly read?: "mean" | "lowpass";
}

/**
 * The same model with spikes for its activation: the same weights in the same order. An image is shown at every step; since the first
 * layer sees the same picture each time, it is repeated behind it.
 */
export function spiking({ dt, read = "mean" }: SpikingOptions): tf.LayersModel {
  const reader =
    read === "mean"
      ? nengo.layers.readout({ kind: "mean", dt })
      : nengo.layers.lowpass({ tau: 0.1, dt, returnSequences: false, name: "lowpass" });
  return tf.sequential({
    layers: [
      dense(128, 1, { inputShape: [784] }),
      nengo.layers.repeat({ steps: STEPS }),
      nengo.layers.spikingActivation({ activation: "relu", dt, seed: 0, name: "spikes" }),
      reader,
      dense(10, 2),
    ],
  });
}

/** Softmax and cross-entropy of the last layer's outputs. */
export const crossEntropy = nengo.losses.countCrossEntropy();

export const compile = (model: tf.LayersModel): void =>
  model.compile({ optimizer: tf.train.adam(0.002), loss: crossEntropy, metrics: ["accuracy"] });
