import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { accuracyBySteps } from "../support/accuracy.ts";
import type { Mnist } from "../support/mnist.ts";
import { pictures } from "./digits.ts";

/** How a model becomes spiking, and for how many steps of 1 ms it sees an image. */
export interface Rung {
  readonly steps: number;
  /** Seconds; null: unfiltered. */
  readonly synapse: number | null;
  /** How many times as fast neurons fire. @defaultValue 1 */
  readonly scale?: number;
}

export interface RungResult {
  /** Per cent right by the output of each step. */
  readonly bySteps: Float64Array;
  /** By the last one. */
  readonly accuracy: number;
}

/** Images times steps in one batch: the first layer's output of a step and image are 87 KB. */
const BATCH = 300;

/** Converts a model as NengoDL's tutorial does, and runs the network on images. */
export async function runRung(model: tf.LayersModel, { images, labels }: Mnist, { steps, synapse, scale = 1 }: Rung): Promise<RungResult> {
  const conversion = await nengo.convert(model, {
    swapActivations: { relu: new nengo.SpikingRectifiedLinear() },
    scaleFiringRates: scale,
    synapse,
    inferenceOnly: true,
  });
  // Convolutions of all steps at once, by the backend's own kernels: half the time of the engine's.
  const sim = new nengo.Simulator(conversion.network, { progressBar: false, engine: "tfjs" });
  const shown = tf.tidy(() => tf.tile(tf.expandDims(images, 1), [1, steps, 1]));
  const outputs = await sim.predict([[conversion.inputs.get("conv0_input"), shown]], { batchSize: Math.floor(BATCH / steps) });
  shown.dispose();
  const bySteps = accuracyBySteps(outputs.get(conversion.outputs.get("dense"))!.data, steps, labels);
  sim.close();
  conversion.dispose();
  return { bySteps, accuracy: bySteps[steps - 1] };
}

export interface SpikingRun {
  readonly steps: number;
  /** Of a neuron at the 99.9th percentile of its layer's activations. */
  readonly spikesPerStep: number;
  /** Images that rates are found by; the first 200 are taken. */
  readonly data: tf.Tensor2D;
}

/** Outputs `[items, 10]` of the model as spiking layers: rates by data, the mean of all steps. */
export async function runSpiking(
  model: tf.LayersModel,
  { images }: Mnist,
  { steps, spikesPerStep, data }: SpikingRun,
): Promise<Float32Array> {
  const seen = tf.tidy(() => pictures(tf.slice(data, 0, Math.min(200, data.shape[0]))));
  const spiking = await nengo.toSpiking(model, { steps, scaleFiringRates: "auto", data: seen, calibration: { spikesPerStep }, seed: 0 });
  seen.dispose();
  const [count] = images.shape;
  const outputs = new Float32Array(10 * count);
  const batch = Math.floor(BATCH / steps);
  for (let first = 0; first < count; first += batch) {
    const answers = tf.tidy(() => {
      const some = pictures(tf.slice(images, first, Math.min(batch, count - first)));
      return (spiking.predict(tf.tile(tf.expandDims(some, 1), [1, steps, 1, 1, 1])) as tf.Tensor).dataSync<"float32">();
    });
    outputs.set(answers, 10 * first);
  }
  spiking.dispose();
  return outputs;
}
