/**
 * `npm run bench:wasm-backend`: training steps and a prediction on tfjs's cpu backend, its wasm backend as it is and completed, and the native
 * backend, each in a process of its own. The native one is taken from the folder that TFJS_NODE_DIR names, in whose node_modules
 * @tensorflow/tfjs-node must load; without it that column is left out. Names of columns as arguments select some.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Tf from "@tensorflow/tfjs";
import { table } from "tfjs-nengo/node";
import { completeWasmBackend } from "tfjs-nengo/wasm-backend";
import { summary } from "./summary.ts";

type Tfjs = typeof Tf;
type Times = Record<string, { min: number; median: number; repeats: number } | string>;

const COLUMNS = ["cpu", "wasm", "completed wasm", "native"] as const;
type Column = (typeof COLUMNS)[number];

async function load(column: Column): Promise<Tfjs> {
  if (column === "native") return createRequire(join(process.env["TFJS_NODE_DIR"] as string, "any.js"))("@tensorflow/tfjs-node") as Tfjs;
  const tf = await import("@tensorflow/tfjs");
  if (column === "cpu") await tf.setBackend("cpu");
  else {
    await import("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend("wasm");
  }
  if (column === "completed wasm") await completeWasmBackend();
  return tf;
}

/** A model, and one batch of data that it learns. */
interface Task {
  readonly model: Tf.Sequential;
  readonly x: Tf.Tensor;
  readonly y: Tf.Tensor;
}

const classes = (tf: Tfjs, count: number): Tf.Tensor =>
  tf.oneHot(tf.range(0, count, 1, "int32").mod(tf.scalar(10, "int32")).toInt(), 10).toFloat();

const tasks: Record<string, (tf: Tfjs) => Task> = {
  "MLP 784-256-10, batch 64": (tf) => {
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [784], units: 256, activation: "relu" }));
    model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
    return { model, x: tf.randomUniform([64, 784], 0, 1, "float32", 1), y: classes(tf, 64) };
  },
  "CNN 28x28, 32 and 64 3x3 filters, batch 64": (tf) => {
    const model = tf.sequential();
    model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: "relu" }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
    return { model, x: tf.randomUniform([64, 28, 28, 1], 0, 1, "float32", 1), y: classes(tf, 64) };
  },
  "LSTM 128, 32 x 100 x 128": (tf) => {
    const model = tf.sequential();
    model.add(tf.layers.lstm({ inputShape: [100, 128], units: 128, recurrentInitializer: "glorotUniform" }));
    model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
    model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
    return { model, x: tf.randomNormal([32, 100, 128], 0, 1, "float32", 1), y: classes(tf, 32) };
  },
};

/** Milliseconds of repeats, until about `limit` ms have gone, after one that is not counted. */
async function repeated(once: () => unknown, limit: number): Promise<Times[string]> {
  const times: number[] = [];
  const end = performance.now() + limit;
  await once();
  do {
    const start = performance.now();
    await once();
    times.push(performance.now() - start);
  } while (performance.now() < end);
  return summary(times);
}

/** A backend that cannot do something says so in the table, in its own words. */
const orReason = (work: Promise<Times[string]>): Promise<Times[string]> =>
  work.catch((error: Error) => `fails: ${error.message.split("\n")[0]}`);

async function measure(column: Column): Promise<Times> {
  const tf = await load(column);
  const times: Times = {};
  for (const [name, make] of Object.entries(tasks)) {
    const { model, x, y } = make(tf);
    times[`train step, ${name}`] = await orReason(repeated(() => model.trainOnBatch(x, y), 4000));
  }
  const many = tf.randomUniform([10000, 784], 0, 1, "float32", 2);
  for (const units of [128, 256]) {
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [784], units, activation: "relu" }));
    model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
    const predict = async (): Promise<void> => {
      const out = model.predict(many) as Tf.Tensor;
      await out.data();
      out.dispose();
    };
    times[`predict 10000 x 784, MLP 784-${units}-10`] = await orReason(repeated(predict, 4000));
  }
  // As in MobileNet: depthwise convolutions, each with one over channels, and a pool at the end.
  const mobile = tf.sequential();
  mobile.add(tf.layers.conv2d({ inputShape: [112, 112, 3], filters: 16, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }));
  for (const [filters, strides] of [
    [32, 1],
    [64, 2],
    [64, 1],
    [128, 2],
    [128, 1],
  ]) {
    mobile.add(tf.layers.depthwiseConv2d({ kernelSize: 3, strides, padding: "same", activation: "relu" }));
    mobile.add(tf.layers.conv2d({ filters, kernelSize: 1, activation: "relu" }));
  }
  mobile.add(tf.layers.averagePooling2d({ poolSize: 14 }));
  const images = tf.randomUniform([4, 112, 112, 3], 0, 1, "float32", 3);
  const predict = async (): Promise<void> => {
    const out = mobile.predict(images) as Tf.Tensor;
    await out.data();
    out.dispose();
  };
  times["predict, 6 layers of MobileNet, 4 x 112 x 112"] = await orReason(repeated(predict, 4000));
  return times;
}

const [mode, one] = process.argv.slice(2);
if (mode === "--measure") {
  console.log(`\n${JSON.stringify(await measure(one as Column))}`);
} else {
  const wanted = process.argv.length > 2 ? COLUMNS.filter((column) => process.argv.includes(column)) : COLUMNS;
  const columns = wanted.filter((column) => column !== "native" || process.env["TFJS_NODE_DIR"] !== undefined);
  if (columns.length < wanted.length) console.error("native left out: TFJS_NODE_DIR names no folder with @tensorflow/tfjs-node");
  const results = columns.map((column) => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
    const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--measure", column], {
      encoding: "utf8",
      env,
    });
    if (status !== 0) throw new Error(`${column} failed:\n${stderr}`);
    return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Times;
  });
  const cell = (value: Times[string]): string =>
    typeof value === "string" ? value : `${value.min.toFixed(1)} / ${value.median.toFixed(1)}`;
  console.log(`${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}; ms, smallest / median`);
  console.log(
    table(
      ["", ...columns],
      Object.keys(results[0]).map((row) => [row, ...results.map((times) => cell(times[row]))]),
    ),
  );
}
