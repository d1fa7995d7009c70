/**
 * Another person's trained network from npm (`mnist-react-tfjs`, 99.07 % on MNIST's test set): loaded from its Keras file and from its
 * tfjs files, converted, checked, calibrated, with spikes, and back. `npm run example 06 small` takes fewer images.
 */
import * as tf from "@tensorflow/tfjs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as nengo from "tfjs-nengo";
import { table } from "tfjs-nengo/node";
import { check, done, heading, largestDifference, plotsOf } from "../report.ts";
import { accuracyOf } from "../support/accuracy.ts";
import { mnist } from "../support/mnist.ts";

const start = performance.now();
const { figure } = plotsOf("06-a-model-from-npm");
const small = process.argv.includes("small");
const { loaded, spiked, runs, rateChoices } = small
  ? { loaded: 100, spiked: 20, runs: [2, 8], rateChoices: [16] }
  : { loaded: 1000, spiked: 200, runs: [4, 8, 16, 32], rateChoices: [1, 16] };
const folder = dirname(createRequire(import.meta.url).resolve("mnist-react-tfjs/package.json"));

await nengo.useBackend("wasm");
await nengo.completeWasmBackend();
const test = mnist("test", loaded);
const images = tf.reshape<tf.Rank.R4>(test.images, [-1, 28, 28, 1]);
const firstImages = (count: number): tf.Tensor4D => tf.slice(images, 0, count);

const predictions = (model: tf.LayersModel, x: tf.Tensor): Float32Array =>
  tf.tidy(() => (model.predict(x, { batchSize: 50 }) as tf.Tensor).dataSync<"float32">());

heading("Loaded from the Keras 2.0.4 file and from the tfjs files");
const model = await nengo.loadKeras(join(folder, "keras", "cnn.h5"));
const other = await nengo.loadKeras(join(folder, "public", "assets", "model.json"));
const outputs = predictions(model, images);
const accuracy = accuracyOf(outputs, test.labels);
check(largestDifference(predictions(other, images), outputs) === 0, `both predict the same for ${loaded} images`);
check(accuracy > 98, `${accuracy.toFixed(2)} % of them are right`);
other.dispose();

heading("As a network of neurons");
const options = { swapActivations: { relu: new nengo.SpikingRectifiedLinear() }, synapse: 0.002, inferenceOnly: true };
const conversion = await nengo.convert(model, options);
console.log(String(conversion.report).replace(/^/gm, "   "));
const two = firstImages(2);
const { rates, spikes } = await conversion.verify(two, { steps: 20 });
const worst = Math.max(...rates.map(({ error }) => error ?? 0));
check(worst <= 1e-5, `rates: every layer is the model's within ${worst.toExponential(1)} of its largest number`);
check(spikes.length > 0, `spikes: every neuron of ${spikes.length} populations fires as its input asks`);

heading("Calibrated on 100 training images: 16 spikes a step at the 99.9th percentile of each layer");
const training = mnist("train", 100);
const seen = tf.reshape(training.images, [-1, 28, 28, 1]);
const calibrated = await nengo.calibrate(conversion, seen, { spikesPerStep: 16 });
console.log(String(calibrated.report).replace(/^/gm, "   "));
const scales = calibrated.report.layers.filter(({ scale }) => scale !== 1);
check(
  scales.length > 0 && scales.every(({ scale }) => scale > 1),
  `rates of ${scales.map(({ name }) => name).join(", ")} are raised by ${scales.map(({ scale }) => scale.toFixed(0)).join(", ")}`,
);

heading("Back to a tfjs model");
const back = await nengo.toLayersModel(calibrated);
check(
  back.layers.map((layer) => layer.getClassName()).join() === model.layers.map((layer) => layer.getClassName()).join(),
  `the same ${back.layers.length} layers, ${back.countParams()} parameters`,
);
check(largestDifference(predictions(back, images), outputs) <= 1e-6, "with the same predictions");

heading(`With spikes, ${spiked} images, the mean of all steps`);
/** Images that the model answers at once. */
const BATCH = 10;

/** Per cent right after so many steps, with rates found by the same data. */
async function spikingAccuracy(steps: number, spikesPerStep: number): Promise<number> {
  const calibration = { spikesPerStep };
  const spiking = await nengo.toSpiking(model, { steps, scaleFiringRates: "auto", data: seen, calibration, seed: 0 });
  const answers = new Float32Array(10 * spiked);
  for (let first = 0; first < spiked; first += BATCH) {
    const answer = tf.tidy(() => {
      const batch = tf.slice(images, first, BATCH);
      return (spiking.predict(tf.tile(tf.expandDims(batch, 1), [1, steps, 1, 1, 1])) as tf.Tensor).dataSync<"float32">();
    });
    answers.set(answer, 10 * first);
  }
  spiking.dispose();
  return accuracyOf(answers, test.labels.subarray(0, spiked));
}

const curves: { spikesPerStep: number; accuracies: number[] }[] = [];
for (const spikesPerStep of rateChoices) {
  const accuracies: number[] = [];
  for (const steps of runs) accuracies.push(await spikingAccuracy(steps, spikesPerStep));
  curves.push({ spikesPerStep, accuracies });
}
const analog = accuracyOf(outputs.subarray(0, 10 * spiked), test.labels.subarray(0, spiked));
console.log(
  table(
    ["spikes a step", ...runs.map((steps) => `${steps} steps`), "the model itself"],
    curves.map(({ spikesPerStep, accuracies }) => [
      String(spikesPerStep),
      ...accuracies.map((a) => `${a.toFixed(2)} %`),
      `${analog.toFixed(2)} %`,
    ]),
  ).replace(/^/gm, "   "),
);
figure(
  "steps",
  "A network from npm with spikes",
  "accuracy (%)",
  [
    ...curves.map(({ spikesPerStep, accuracies }) => ({ label: `${spikesPerStep} a step`, x: runs, y: accuracies })),
    { label: "the model itself", x: [runs[0], runs[runs.length - 1]], y: [analog, analog], dash: "5 3" },
  ],
  "steps (ms)",
);
const lost = analog - curves[curves.length - 1].accuracies[runs.length - 1];
check(lost <= (small ? 5 : 0.5), `${runs[runs.length - 1]} steps lose ${lost.toFixed(2)} points`);
const { user, system } = process.cpuUsage();
console.log(`   ${((user + system) / 1e6).toFixed(0)} s of processor time`);
tf.dispose([two, seen, images, test.images, test.oneHot, training.images, training.oneHot]);
conversion.dispose();
calibrated.dispose();
done(start);
