import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import type { Mnist } from "../support/mnist.ts";
import { pictures } from "./digits.ts";

/** The convolutional network of NengoDL's tutorial: 32 and 64 filters 3 x 3, then 10 units, 110,986 parameters in all. */
export function tutorialModel(): tf.LayersModel {
  const initializer = (seed: number) => tf.initializers.glorotUniform({ seed });
  const conv = (name: string, filters: number, strides: number, seed: number, options: object = {}) =>
    tf.layers.conv2d({ name, filters, kernelSize: 3, strides, activation: "relu", kernelInitializer: initializer(seed), ...options });
  return tf.sequential({
    layers: [
      conv("conv0", 32, 1, 1, { inputShape: [28, 28, 1] }),
      conv("conv1", 64, 2, 2),
      tf.layers.flatten({ name: "flatten" }),
      // From nothing: its inputs are hundreds at first, and large random outputs would have the first steps of training undo them.
      tf.layers.dense({ name: "dense", units: 10, kernelInitializer: "zeros" }),
    ],
  });
}

export interface TrainOptions {
  /** Of RMSprop, one an epoch. */
  readonly learningRates: readonly number[];
  /** Hz that units of both convolutions are drawn to by the loss. @defaultValue none */
  readonly rate?: number;
}

/** Mean squared distance from a rate (Hz) over items and units, of this weight: what NengoDL's tutorial adds to the loss. */
const WEIGHT = 1e-3;

/** Trains by tfjs's own fit, in the order of the data set, so that every run gives the same. */
export async function train(model: tf.LayersModel, { images, oneHot }: Mnist, options: TrainOptions): Promise<void> {
  const { learningRates, rate } = options;
  const units = (name: string): number =>
    model
      .getLayer(name)
      .outputShape.slice(1)
      .reduce<number>((n, size) => n * (size as number), 1);
  const toward = (name: string, target: number) => nengo.regularizers.l2({ l2: WEIGHT / units(name), target });
  const held =
    rate === undefined
      ? null
      : nengo.regularizeRates(model, { conv0: toward("conv0", rate), conv1: toward("conv1", rate) }, { over: "steps" });
  const x = tf.tidy(() => pictures(images));
  for (const learningRate of learningRates) {
    model.compile({ optimizer: tf.train.rmsprop(learningRate), loss: nengo.losses.countCrossEntropy() });
    await model.fit(x, oneHot, { epochs: 1, batchSize: 64, shuffle: false, verbose: 0 });
  }
  x.dispose();
  held?.remove();
}
