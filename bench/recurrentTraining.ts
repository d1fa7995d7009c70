/**
 * Training through time: one call of fit on 64 items of 100 steps. `node dist/bench/recurrentTraining.js relu|lif [stock]`; prints JSON, seconds, and of the
 * processor too. The wasm backend is completed, without which (`stock`) tfjs needs a third of the time to pick the items of a batch.
 */
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { seconds, summary, type Measurement } from "./summary.ts";
import { integrator } from "./workloads.ts";

const BATCH = 64;
const STEPS = 100;
const DIMENSIONS = 128;

await nengo.useBackend("wasm");
const stock = process.argv[3] === "stock";
if (!stock) await nengo.completeWasmBackend();
const neuronType = process.argv[2] === "relu" ? new nengo.RectifiedLinear() : new nengo.LIF();
let made: { sim: nengo.Simulator; input: nengo.Node; output: nengo.Probe };
const build = await seconds(() => {
  const { net, input, output } = integrator(DIMENSIONS, 32, neuronType);
  made = { sim: new nengo.Simulator(net, { seed: 0, minibatchSize: BATCH, progressBar: false }), input, output };
});
const { sim, input, output } = made!;
const data = (): { shape: number[]; data: Float32Array } => ({
  shape: [BATCH, STEPS, DIMENSIONS],
  data: Float32Array.from(new nengo.RandomState(0).uniforms(BATCH * STEPS * DIMENSIONS, -1, 1)),
});
sim.compile({ optimizer: tf.train.sgd(1e-6), loss: "meanSquaredError" });
const [x, y] = [data(), data()];
const fit = (): Promise<unknown> => sim.fit([[input, x]], [[output, y]], { epochs: 1 });
const firstRun = await seconds(fit);
const runs: number[] = [];
const processor: number[] = [];
for (let k = 0; k < 9; k++) {
  const start = process.cpuUsage();
  runs.push(await seconds(fit));
  const { user, system } = process.cpuUsage(start);
  processor.push((user + system) / 1e6);
}
const result: Measurement & { readonly processor: number } = {
  peer: "tfjs-nengo",
  engine: `${sim.report.model?.training ?? sim.report.engine}${stock ? "" : ", completed"}`,
  dtype: "float32",
  batch: BATCH,
  versions: { "tfjs-nengo": "0.1.0", tfjs: tf.version.tfjs, backend: tf.getBackend(), node: process.version },
  build,
  firstRun,
  run: summary(runs),
  processor: Math.min(...processor),
};
console.log(JSON.stringify(result));
