/**
 * The convolutional network of NengoDL's tutorial "Converting a Keras model to a spiking neural network", trained by tfjs, and the
 * tutorial's ladder from "spikes break it" to "spikes are as good": a filter, faster neurons, rates in the loss; then rates found by
 * data. Figures of NengoDL's documentation stand beside. `npm run example 05 small` takes a part of the data.
 */
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { table } from "tfjs-nengo/node";
import { check, done, heading, plotsOf } from "../report.ts";
import { accuracyOf } from "../support/accuracy.ts";
import { digits, pictures } from "./digits.ts";
import { runRung, runSpiking } from "./ladder.ts";
import { train, tutorialModel } from "./models.ts";

const start = performance.now();
const { figure } = plotsOf("05-keras-to-spiking");
const size = process.argv.includes("all") ? "all" : process.argv.includes("small") ? "small" : "usual";
const { trained, laddered, tested } = {
  all: { trained: 60000, laddered: 400, tested: 10000 },
  usual: { trained: 20000, laddered: 200, tested: 400 },
  small: { trained: 1000, laddered: 20, tested: 60 },
}[size];
/** Steps, and spikes a step at the 99.9th percentile of a layer's activations. */
const calibrations: readonly (readonly [steps: number, spikesPerStep: number])[] =
  size === "small"
    ? [[8, 16]]
    : [
        [32, 1],
        [32, 4],
        [8, 16],
        [16, 16],
        [32, 16],
      ];

await nengo.useBackend("wasm");
await nengo.completeWasmBackend();
const training = digits("train", trained);
const test = digits("test", tested);
const ladder = digits("test", laddered);
const rows: string[][] = [];

function row(name: string, accuracy: number, published: string, images: number): void {
  rows.push([name, `${accuracy.toFixed(2)} %`, published, String(images)]);
  console.log(`   ${name}: ${accuracy.toFixed(2)} % of ${images}${published === "" ? "" : ` (NengoDL ${published} %)`}`);
}

/** Per cent right by the model itself. */
function analog(model: tf.LayersModel, { images, labels }: typeof test): number {
  return tf.tidy(() => accuracyOf((model.predict(pictures(images), { batchSize: 100 }) as tf.Tensor).dataSync<"float32">(), labels));
}

heading(`The model, trained by tfjs on ${trained} images`);
const model = tutorialModel();
await train(model, training, { learningRates: [0.001, 0.0003] });
const rate = analog(model, ladder);
row("relu", rate, "98.25", laddered);
const all = analog(model, test);
if (tested !== laddered) row("relu", all, "", tested);

heading("Spikes in place of rates, the output of the last step");
const naive = await runRung(model, ladder, { steps: 30, synapse: null });
row("spikes, 30 steps", naive.accuracy, "20.75", laddered);
check(naive.accuracy < rate - 20, "are not enough: in 30 ms most neurons have no time to spike");

heading("A filter behind the spikes, 60 steps");
const filtered = [];
for (const [synapse, published] of [
  [0.001, "23.00"],
  [0.005, "52.25"],
  [0.01, "71.75"],
] as const) {
  filtered.push(await runRung(model, ladder, { steps: 60, synapse }));
  row(`+ synapse ${1000 * synapse} ms`, filtered[filtered.length - 1].accuracy, published, laddered);
}
check(filtered[2].accuracy > filtered[0].accuracy, "a longer one is better");

heading("Faster neurons, synapse 10 ms, 30 steps");
const scaled = [];
for (const [scale, published] of [
  [2, "80.25"],
  [5, "96.00"],
  [10, "98.25"],
] as const) {
  scaled.push(await runRung(model, ladder, { steps: 30, synapse: 0.01, scale }));
  row(`+ rates x ${scale}`, scaled[scaled.length - 1].accuracy, published, laddered);
}
check(scaled[2].accuracy > naive.accuracy + 20 && scaled[2].accuracy >= scaled[0].accuracy, "are better still");

heading("Trained toward 250 Hz instead, rates not scaled");
const fast = tutorialModel();
await train(fast, training, { learningRates: [0.001, 0.001, 0.0003], rate: 250 });
const fastRate = analog(fast, ladder);
row("relu, trained toward 250 Hz", fastRate, "98.50", laddered);
const held = await runRung(fast, ladder, { steps: 30, synapse: 0.01 });
row("spikes, synapse 10 ms, 30 steps", held.accuracy, "98.25", laddered);
check(held.accuracy > naive.accuracy + 20, "rates in the loss do what a factor does");

heading('scaleFiringRates: "auto", the mean of all steps');
const auto: { steps: number; spikesPerStep: number; accuracy: number }[] = [];
for (const [steps, spikesPerStep] of calibrations) {
  const outputs = await runSpiking(model, test, { steps, spikesPerStep, data: training.images });
  const accuracy = accuracyOf(outputs, test.labels);
  auto.push({ steps, spikesPerStep, accuracy });
  row(`spikes, rates by data, ${spikesPerStep} a step, ${steps} steps`, accuracy, "", tested);
}
const fastest = auto.filter(({ spikesPerStep }) => spikesPerStep === 16);
const last = fastest[fastest.length - 1];
check(
  all - last.accuracy <= (size === "small" ? 10 : 0.3),
  `${last.steps} steps lose ${(all - last.accuracy).toFixed(2)} points of ${all.toFixed(2)} %, on ${tested} images`,
);

heading("Together");
console.log(table(["model", "accuracy", "NengoDL (%)", "images"], rows).replace(/^/gm, "   "));
const line = (label: string, bySteps: Float64Array) => ({ label, x: Array.from(bySteps, (_, k) => k + 1), y: Array.from(bySteps) });
figure(
  "ladder",
  "Spikes for longer and longer",
  "accuracy (%)",
  [
    line("spikes", naive.bySteps),
    line("+ synapse 10 ms", filtered[2].bySteps),
    line("+ rates x 10", scaled[2].bySteps),
    line("trained toward 250 Hz", held.bySteps),
    { label: "rates by data, 16 a step", x: fastest.map(({ steps }) => steps), y: fastest.map(({ accuracy }) => accuracy) },
    { label: "relu", x: [1, 60], y: [rate, rate], dash: "5 3" },
  ],
  "steps (ms)",
);
const { user, system } = process.cpuUsage();
console.log(`   ${((user + system) / 1e6).toFixed(0)} s of processor time`);
done(start);
