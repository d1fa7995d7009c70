/**
 * `npm run bench:layers [-- COLUMN ...] [--rows spiking,lif] [--sizes 512,1024]`: training and prediction steps of models with layers of ours, on the
 * backends cpu, wasm (as it comes, and completed) and native, beside KerasSpiking, each in a process of its own. The native backend is
 * taken from the folder that TFJS_NODE_DIR names, KerasSpiking from the environment that bench/peers/setup.sh made; what is missing is left out.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { table } from "tfjs-nengo/node";
import { command } from "./runScript.ts";
import { summary } from "./summary.ts";

/** Milliseconds; `processor`: the least time of all threads together, which other work on the machine changes less. */
type Times = Record<string, ReturnType<typeof summary> & { readonly processor: number }>;

const COLUMNS = ["cpu", "wasm", "completed wasm", "native", "KerasSpiking"] as const;
type Column = (typeof COLUMNS)[number];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    measure: { type: "string" },
    rows: { type: "string", default: "spiking,lif" },
    sizes: { type: "string", default: "512,1024,2048,4096" },
  },
});
const BATCH = 32;

async function load(column: string): Promise<void> {
  if (column === "native") {
    // Copies of tfjs share one engine, so that a backend of another folder serves ours too.
    createRequire(join(process.env["TFJS_NODE_DIR"] as string, "any.js"))("@tensorflow/tfjs-node");
    await tf.setBackend("tensorflow");
  } else if (column === "cpu") await nengo.useBackend("cpu");
  else {
    await nengo.useBackend("wasm");
    if (column === "completed wasm") await nengo.completeWasmBackend();
  }
}

/** Milliseconds of repeats, until about `limit` ms have gone, after two that are not counted. */
async function repeated(once: () => unknown, limit = 4000): Promise<Times[string]> {
  const times: number[] = [];
  let processor = Infinity;
  await once();
  await once();
  const end = performance.now() + limit;
  do {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await once();
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    processor = Math.min(processor, (user + system) / 1000);
  } while (performance.now() < end);
  return { ...summary(times), processor };
}

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
    times[`train step, dense + spiking + lowpass, ${steps} steps`] = await repeated(() => model.trainOnBatch(x, y));
    times[`predict, the same, ${steps} steps`] = await repeated(async () => {
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
    times[`LIF ${n}, forward`] = await repeated(async () => {
      const total = tf.tidy(() => tf.sum(model.apply(x) as tf.Tensor));
      await total.data();
      total.dispose();
    }, limit);
    times[`LIF ${n}, forward and backward`] = await repeated(async () => {
      const { value, grads } = tf.variableGrads(() => tf.sum(model.apply(x) as tf.Tensor), [kernel]);
      await grads[kernel.name].data();
      tf.dispose([value, grads]);
    }, limit);
    x.dispose();
    model.dispose();
  }
}

const rows: Readonly<Record<string, (times: Times) => Promise<void>>> = { spiking, lif };

/** One column in a process of its own; null, with a word about it, where it is not installed. */
function columnOf(column: Column): Times | null {
  if (column === "native" && process.env["TFJS_NODE_DIR"] === undefined) {
    console.error("native left out: TFJS_NODE_DIR names no folder with @tensorflow/tfjs-node");
    return null;
  }
  const peer = column === "KerasSpiking";
  const program = peer ? command("nengodl", "keras_spiking_measure") : [process.execPath, fileURLToPath(import.meta.url)];
  if (program === null) return null;
  const args = peer ? [] : ["--measure", column, "--rows", values.rows, "--sizes", values.sizes];
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  const { stdout, stderr, status } = spawnSync(program[0], [...program.slice(1), ...args], { encoding: "utf8", env, maxBuffer: 1 << 28 });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Times;
  console.error(`${column} failed:\n${stderr.trim().split("\n").slice(-5).join("\n")}`);
  return null;
}

if (values.measure !== undefined) {
  await load(values.measure);
  const times: Times = {};
  for (const row of values.rows.split(",")) await rows[row](times);
  console.log(`\n${JSON.stringify(times)}`);
} else {
  const columns = COLUMNS.filter((column) => positionals.length === 0 || positionals.includes(column));
  const results = columns.flatMap((column) => {
    const times = columnOf(column);
    return times === null ? [] : [[column, times] as const];
  });
  const names = [...new Set(results.flatMap(([, times]) => Object.keys(times)))];
  const cell = (value: Times[string] | undefined): string =>
    value === undefined ? "" : `${value.min.toFixed(1)} / ${value.median.toFixed(1)} (${value.processor.toFixed(1)})`;
  console.log(
    `${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}; ms, smallest / median (processor)`,
  );
  console.log(
    table(
      ["", ...results.map(([column]) => column)],
      names.map((name) => [name, ...results.map(([, times]) => cell(times[name]))]),
    ),
  );
}
