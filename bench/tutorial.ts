/** Our side of the tutorial benchmark: the same parts as bench/peers/*_tutorial.py. Prints JSON, times in seconds. */
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { summary } from "./summary.ts";
import { tutorial } from "./workloads.ts";

const times: Record<string, number> = {};
let last = 0;
/** Seconds since the part before ended; the first part starts with the process. */
function lap(name: string): void {
  const now = process.uptime();
  times[name] = now - last;
  last = now;
}

await nengo.useBackend("wasm");
lap("import");
const first = tutorial();
const sim = new nengo.Simulator(first.net, { seed: 0, progressBar: false });
lap("build");
await sim.run(1.0);
lap("firstRun1000Steps");
const runs: number[] = [];
for (let k = 0; k < 20; k++) {
  sim.reset();
  const start = performance.now();
  await sim.run(1.0);
  runs.push((performance.now() - start) / 1000);
}
lap("repeats");

const { net, inpt, outpt, outptP } = tutorial();
for (const connection of net.allConnections) connection.synapse = null;
outptP.synapse = null;
const filtered = net.probe(outpt, { synapse: 0.04 });
nengo.configure(net, { trainable: false });
nengo.configure(net, nengo.Ensemble, { trainable: true });
const rng = new nengo.RandomState(0);
const x = rng.uniforms(4096, -1, 1);
const testX = rng.uniforms(1024, -1, 1);
const target = (v: number): number => Math.sin(v * v);
const train = { shape: [4096, 1, 1], data: x };
const trainY = { shape: [4096, 1, 1], data: x.map(target) };
const test = { shape: [1024, 100, 1], data: Float32Array.from({ length: 102400 }, (_, k) => testX[Math.floor(k / 100)]) };
const testY = { shape: test.shape, data: test.data.map(target) };
const lastStepsMse = (yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor =>
  tf.mean(tf.squaredDifference(tf.slice(yTrue, [0, 90, 0]), tf.slice(yPred, [0, 90, 0])));

const trainer = new nengo.Simulator(net, { seed: 0, minibatchSize: 32, progressBar: false });
lap("buildMinibatch");
const evaluate = async (): Promise<number> => {
  trainer.compile({ loss: [[filtered, lastStepsMse]] });
  return (await trainer.evaluate([[inpt, test]], [[filtered, testY]]))["loss"];
};
const before = await evaluate();
lap("evaluateBefore");
trainer.compile({ optimizer: tf.train.adam(0.01), loss: [[outptP, "meanSquaredError"]] });
const history = await trainer.fit([[inpt, train]], [[outptP, trainY]], { epochs: 25 });
lap("fit25Epochs");
const after = await evaluate();
lap("evaluateAfter");
const wholeScript = last - times["repeats"];

const warm: number[] = [];
for (let k = 0; k < 3; k++) {
  const start = performance.now();
  await trainer.evaluate([[inpt, test]], [[filtered, testY]]);
  warm.push((performance.now() - start) / 1000);
}
const { repeats: _, ...parts } = times;
console.log(
  JSON.stringify(
    {
      peer: "tfjs-nengo",
      versions: { tfjs: tf.version.tfjs, backend: tf.getBackend(), node: process.version },
      ...parts,
      run1000Steps: summary(runs),
      evaluateWarm: summary(warm),
      wholeScript,
      losses: { before, train: (history.history["loss"] as number[]).at(-1), after },
    },
    null,
    2,
  ),
);
