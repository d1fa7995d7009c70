/**
 * `npm run evidence lmu [-- --epochs 10 --items 60000 --batch 100 --folder out/evidence-lmu]`: permuted sequential MNIST in full. Goes on
 * from its last checkpoint, which it writes every 50 batches. With TFJS_NODE_DIR it runs on tfjs's native backend.
 */
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import type * as nengo from "tfjs-nengo";
import { fastestBackend } from "./backend.ts";
import { loadCheckpoint, saveCheckpoint, type Progress } from "./checkpoint.ts";
import { accuracy, batches, batchOf, permuted, psMnistModel } from "./psmnist.ts";

const WANTED = 0.959;
const EVERY = 50;

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "10" },
    items: { type: "string", default: "60000" },
    batch: { type: "string", default: "100" },
    test: { type: "string", default: "10000" },
    folder: { type: "string", default: "out/evidence-lmu" },
  },
});
const [epochs, items, size] = [Number(values.epochs), Number(values.items), Number(values.batch)];
const backend = await fastestBackend();
const train = permuted("train", items);
const test = permuted("test", Number(values.test));

const saved = await loadCheckpoint(values.folder);
const model = saved?.model ?? psMnistModel();
const progress: Progress = saved?.progress ?? { epoch: 0, batch: 0, secondsByEpoch: [], seconds: 0, testAccuracy: [], backend };
progress.backend = backend;
model.compile({ optimizer: tf.train.adam(), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
await saved?.restore(model.optimizer);
const say = (text: string): void => console.log(`${new Date().toISOString()} ${text}`);
say(
  `${model.countParams()} parameters, ${train.count} items in batches of ${size}, backend ${backend}` +
    (saved === null ? "" : `, going on at epoch ${progress.epoch + 1}, batch ${progress.batch}`),
);

while (progress.epoch < epochs) {
  const all = batches(train.count, size, 100 + progress.epoch);
  let [loss, right, since] = [0, 0, 0];
  while (progress.batch < all.length) {
    const start = performance.now();
    const { x, y } = batchOf(train, all[progress.batch]);
    const [l, a] = (await model.trainOnBatch(x, y)) as number[];
    tf.dispose([x, y]);
    progress.seconds += (performance.now() - start) / 1000;
    progress.batch++;
    [loss, right, since] = [loss + l, right + a, since + 1];
    if (progress.batch % EVERY === 0 || progress.batch === all.length) {
      say(
        `epoch ${progress.epoch + 1}, batch ${progress.batch}/${all.length}: loss ${(loss / since).toFixed(4)}, ` +
          `accuracy ${(right / since).toFixed(4)}, ${progress.seconds.toFixed(0)} s`,
      );
      [loss, right, since] = [0, 0, 0];
      if (progress.batch < all.length) await saveCheckpoint(values.folder, model, progress);
    }
  }
  progress.testAccuracy.push(await accuracy(model, test));
  progress.secondsByEpoch.push(progress.seconds);
  [progress.epoch, progress.batch, progress.seconds] = [progress.epoch + 1, 0, 0];
  await saveCheckpoint(values.folder, model, progress);
  const [seconds, tested] = [progress.secondsByEpoch.at(-1)!, progress.testAccuracy.at(-1)!];
  say(`epoch ${progress.epoch}: test accuracy ${(100 * tested).toFixed(2)} %, ${seconds.toFixed(0)} s of training`);
}
const { path } = model.layers.find((layer) => layer.getClassName() === "NengoLMU") as unknown as nengo.layers.LMU;
const reached = progress.testAccuracy.at(-1) ?? 0;
say(`memory: ${path?.memory ?? "not run"}, hidden: ${path?.hidden ?? "not run"}`);
say(`${(100 * reached).toFixed(2)} % after ${epochs} epochs; wanted ${100 * WANTED} % after 10 of 60000 items`);
if (epochs >= 10 && items >= 60000 && reached < WANTED) process.exitCode = 1;
