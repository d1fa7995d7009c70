/**
 * `npm run bench:layers [-- COLUMN ...] [--rows spiking,lif] [--sizes 512,1024]`: training and prediction steps of models with layers of ours, on the
 * backends cpu, wasm (as it comes, and completed) and native, beside KerasSpiking, each in a process of its own. The native backend is
 * taken from the folder that TFJS_NODE_DIR names, KerasSpiking from the environment that bench/peers/setup.sh made; what is missing is left out.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { loadBackend, measureColumn, printColumns, repeated, type Times } from "./backendColumns.ts";

const COLUMNS = ["cpu", "wasm", "completed wasm", "native", "KerasSpiking"] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    measure: { type: "string" },
    rows: { type: "string", default: "spiking,lif" },
    sizes: { type: "string", default: "512,1024,2048,4096" },
  },
});
const BATCH = 32;

const timed = (once: () => unknown, limit = 4000): Promise<Times[string]> => repeated(once, { warmUps: 2, limit });

/** dense 784-128, spiking activation, lowpass, dense 10: as in KerasSpiking's example. */
async function spiking(times: Times): Promise<void> {
  for (const steps of [10, 100]) {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 128, inputShape: [steps, 784] }));
    model.add(nengo.layers.spikingActivation({ activation: "relu", dt: 0.01, seed: 0 }));
    model.add(nengo.layers.lowpass({ tau: 0.1, dt: 0.01, returnSequences: false }));
    model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
    const x = tf.randomUniform([BATCH, steps, 784], 0, 1, "float32", 1);
    const y = tf.oneHot(tf.range(0, BATCH, 1, "int32").mod(tf.scalar(10, "int32")).toInt(), 10).toFloat();
    times[`train step, dense + spiking + lowpass, ${steps} steps`] = await timed(() => model.trainOnBatch(x, y));
    times[`predict, the same, ${steps} steps`] = await timed(async () => {
      const out = model.predictOnBatch(x) as tf.Tensor;
      await out.data();
      out.dispose();
    });
    tf.dispose([x, y]);
    model.dispose();
  }
}

/** The Open Neuromorphic benchmark: a linear layer and LIF neurons, 16 items of 500 steps, forward and backward. */
async function lif(times: Times): Promise<void> {
  for (const n of values.sizes.split(",").map(Number)) {
    const dense = tf.layers.dense({ units: n, useBias: false, inputShape: [500, n], kernelInitializer: "glorotUniform" });
    const model = tf.sequential({
      layers: [dense, nengo.layers.spiking({ neuronType: new nengo.LIF(), gradient: "fastSigmoid", seed: 0, gain: 5 })],
    });
    const x = tf.randomUniform([16, 500, n], 0, 1, "float32", 1);
    const [kernel] = dense.trainableWeights.map((w) => w.read() as tf.Variable);
    const limit = n > 1024 ? 1 : 4000;
    times[`LIF ${n}, forward`] = await timed(async () => {
      const total = tf.tidy(() => tf.sum(model.apply(x) as tf.Tensor));
      await total.data();
      total.dispose();
    }, limit);
    times[`LIF ${n}, forward and backward`] = await timed(async () => {
      const { value, grads } = tf.variableGrads(() => tf.sum(model.apply(x) as tf.Tensor), [kernel]);
      await grads[kernel.name].data();
      tf.dispose([value, grads]);
    }, limit);
    x.dispose();
    model.dispose();
  }
}

const rows: Readonly<Record<string, (times: Times) => Promise<void>>> = { spiking, lif };

/** One column in a process of its own. */
const columnOf = (column: string): Times | null =>
  measureColumn(
    column,
    column === "KerasSpiking"
      ? { peer: "keras_spiking_measure", args: [] }
      : { file: fileURLToPath(import.meta.url), args: ["--measure", column, "--rows", values.rows, "--sizes", values.sizes] },
  );

if (values.measure !== undefined) {
  await loadBackend(values.measure);
  const times: Times = {};
  for (const row of values.rows.split(",")) await rows[row](times);
  console.log(`\n${JSON.stringify(times)}`);
} else
  printColumns(
    COLUMNS.filter((column) => positionals.length === 0 || positionals.includes(column)),
    columnOf,
    1,
  );
