/**
 * Legendre memory units: what they remember, two forms of the same layer, and permuted sequential MNIST with 101,771 parameters on a
 * small part of the data. `npm run evidence lmu` trains on all of it.
 */
import * as tf from "@tensorflow/tfjs";
import { check, done, heading, mean, plotsOf } from "../report.ts";
import { fastestBackend } from "./backend.ts";
import { rememberedSignal, twoForms } from "./memory.ts";
import { accuracy, batches, batchOf, permuted, psMnistModel } from "./psmnist.ts";

const BATCH = 20;
// With `small`, as tests run it, there is little to learn from.
const [ITEMS, TESTED, EPOCHS, WANTED] = process.argv[2] === "small" ? [120, 60, 1, 0.3] : [800, 400, 2, 0.6];

const start = performance.now();
const { figure } = plotsOf("03-lmu");
console.log(`Backend: ${await fastestBackend()}`);

heading("1  A memory, read out");
rememberedSignal();

heading("2  Step by step, and fused");
await twoForms();

heading(`3  Permuted sequential MNIST: ${ITEMS} digits, ${EPOCHS} epochs, a pixel a step`);
const [train, test] = [permuted("train", ITEMS), permuted("test", TESTED)];
const model = psMnistModel();
check(model.countParams() === 101_771, `the model has ${model.countParams()} parameters`);
const paper = psMnistModel({ paper: true, orthogonal: false });
check(paper.countParams() === 102_027, `the paper's, in which hidden units and memory feed the memory, ${paper.countParams()}`);
paper.dispose();

// The recurrent part learns by leaps where rates are high; the second epoch lets it settle.
const RATES = [1e-3, 3e-4];
const losses: number[] = [];
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  model.compile({ optimizer: tf.train.adam(RATES[epoch]), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  const begun = performance.now();
  let right = 0;
  const all = batches(train.count, BATCH, 100 + epoch);
  for (const rows of all) {
    const { x, y } = batchOf(train, rows);
    const [loss, share] = (await model.trainOnBatch(x, y)) as number[];
    losses.push(loss);
    right += share / all.length;
    tf.dispose([x, y]);
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `   epoch ${epoch + 1}: loss ${mean(losses.slice(-all.length)).toFixed(3)}, accuracy ${(100 * right).toFixed(1)} %, ` +
      `${seconds.toFixed(1)} s, ${((1000 * seconds) / all.length).toFixed(0)} ms a batch of ${BATCH}`,
  );
}
const reached = await accuracy(model, test);
const smooth = losses.map((_, k) => mean(losses.slice(Math.max(0, k - 9), k + 1)));
const index = losses.map((_, k) => k + 1);
figure(
  "training",
  "psMNIST: training loss",
  "cross-entropy",
  [
    { label: "a batch", x: index, y: losses, color: "#ccc" },
    { label: "mean of ten", x: index, y: smooth },
  ],
  "batch",
);
check(reached > WANTED, `${(100 * reached).toFixed(1)} % of ${TESTED} digits that were not trained on (chance: 10 %)`);
model.dispose();
done(start);
