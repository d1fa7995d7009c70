/** A Nengo network and an ensemble as layers of an ordinary functional model: trained by native fit, saved, loaded, trained further. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { check, columnOf, done, heading, largestDifference, plotsOf } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("04-layers-in-your-model");
await nengo.useBackend("wasm");
await nengo.completeWasmBackend();

const [ITEMS, STEPS, dt] = [64, 100, 0.001];
const rng = new nengo.RandomState(0);

/** Two slow signals with noise, and what is wanted: their product, smoothed over 20 ms. */
function task(): { x: tf.Tensor3D; y: tf.Tensor3D } {
  const [x, y] = [new Float32Array(ITEMS * STEPS * 2), new Float32Array(ITEMS * STEPS)];
  const keep = Math.exp(-dt / 0.02);
  for (let item = 0; item < ITEMS; item++) {
    const draws = Array.from({ length: 4 }, () => rng.uniform());
    const clean = (k: number, t: number): number => 0.9 * Math.sin(2 * Math.PI * ((3 + 7 * draws[k]) * t + draws[k + 2]));
    let smooth = 0;
    for (let step = 0; step < STEPS; step++) {
      const at = item * STEPS + step;
      const values = [0, 1].map((k) => clean(k, step * dt));
      values.forEach((value, k) => (x[at * 2 + k] = value + 0.2 * rng.normal()));
      smooth = keep * smooth + (1 - keep) * values[0] * values[1];
      y[at] = smooth;
    }
  }
  return { x: tf.tensor3d(x, [ITEMS, STEPS, 2]), y: tf.tensor3d(y, [ITEMS, STEPS, 1]) };
}
const [train, test] = [task(), task()];
const compile = (model: tf.LayersModel, rate: number): void => model.compile({ optimizer: tf.train.adam(rate), loss: "meanSquaredError" });
/** Root mean square error, in thousandths. */
const error = (model: tf.LayersModel): number =>
  tf.tidy(() => 1000 * Math.sqrt((model.evaluate(test.x, test.y) as tf.Scalar).dataSync()[0]));
const kernel = (seed: number) => tf.initializers.glorotUniform({ seed });
const symbol = (x: unknown): tf.SymbolicTensor => x as tf.SymbolicTensor;

heading("A model that was there before: two dense layers, step by step");
const input = tf.input({ shape: [null, 2], name: "signals" });
const features = tf.layers.dense({ units: 32, activation: "relu", name: "features", kernelInitializer: kernel(1) });
const featuresOut = symbol(features.apply(input));
const head = tf.layers.dense({ units: 1, name: "head", kernelInitializer: kernel(2) });
const plain = tf.model({ inputs: input, outputs: symbol(head.apply(featuresOut)) });
compile(plain, 0.01);
await plain.fit(train.x, train.y, { epochs: 30, batchSize: 16, shuffle: false, verbose: 0 });
const plainError = error(plain);
console.log(`   error ${plainError.toFixed(1)} thousandths: it sees single steps, and cannot smooth`);

heading("With an ensemble that multiplies, and a Nengo network that remembers, as two more layers");
// Rates in units of 100 Hz, so that decoders are of the size of other layers' weights, and one learning rate suits all.
const neuronType = new nengo.LIF({ amplitude: 0.01 });
const multiply = nengo.layers.ensemble({
  nNeurons: 200,
  radius: 1.4,
  seed: 1,
  function: (x) => x[0] * x[1],
  neuronType,
  name: "multiply",
});
const net = new nengo.Network({ seed: 2 });
const net_in = net.node([0]);
const memory = net.ensemble(100, 1, { neuronType });
net.connect(net_in, memory, { transform: 0.5, synapse: 0.01 });
net.connect(memory, memory, { transform: 0.5, synapse: 0.01 });
const remembered = net.probe(memory, { synapse: 0.005 });
const remember = nengo.layers.network({ network: net, inputs: [net_in], outputs: [remembered], name: "remember" });
const product = symbol(multiply.apply(input));
const joined = tf.layers.concatenate().apply([featuresOut, product, symbol(remember.apply(product))]);
const mixed = tf.model({
  inputs: input,
  outputs: symbol(tf.layers.dense({ units: 1, name: "newHead", kernelInitializer: kernel(3) }).apply(joined)),
});
console.log(`   ${mixed.countParams()} parameters, ${plain.countParams()} of them were there before`);
for (const layer of [features, multiply, remember]) layer.trainable = false;
compile(mixed, 0.01);
await mixed.fit(train.x, train.y, { epochs: 30, batchSize: 16, shuffle: false, verbose: 0 });
const headError = error(mixed);
check(headError < 0.7 * plainError, `only the new head trained: error ${headError.toFixed(1)}, with spikes`);

heading("Saved, loaded");
const folder = mkdtempSync(join(tmpdir(), "model-"));
await mixed.save(nengo.fileHandler(folder));
const loaded = await tf.loadLayersModel(nengo.fileHandler(folder));
rmSync(folder, { recursive: true });
const [before, after] = [mixed, loaded].map((m) => tf.tidy(() => (m.predict(test.x) as tf.Tensor).dataSync()));
check(largestDifference(before, after) === 0, "the loaded model predicts the same, spike by spike");

heading("Trained further, with all layers");
for (const layer of loaded.layers) layer.trainable = true;
compile(loaded, 0.0005);
await loaded.fit(train.x, train.y, { epochs: 20, batchSize: 16, shuffle: false, verbose: 0 });
const tunedError = error(loaded);
check(tunedError < headError, `error ${tunedError.toFixed(1)}, with spikes`);

const time = Float64Array.from({ length: STEPS }, (_, k) => (k + 1) * dt);
const first = (m: tf.LayersModel): Float64Array =>
  columnOf(
    tf.tidy(() => (m.predict(test.x) as tf.Tensor).dataSync()),
    1,
    0,
    0,
    STEPS,
  );
figure("product", "The smoothed product of two noisy signals", "value", [
  { label: "wanted", x: time, y: columnOf(test.y.dataSync(), 1, 0, 0, STEPS), dash: "4 3" },
  { label: "dense layers", x: time, y: first(plain) },
  { label: "with Nengo layers", x: time, y: first(loaded) },
]);
done(start);
