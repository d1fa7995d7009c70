/**
 * `npm run bench:lmu [-- COLUMN ...] [--rows feedforward,recurrent]`: training and prediction steps of psMNIST's models by Legendre memory
 * units (order 256, 212 hidden units, 784 steps, 32 items), on the backends cpu, wasm (as it comes, and completed) and native, beside
 * KerasLMU, each in a process of its own. The native backend is taken from the folder that TFJS_NODE_DIR names, KerasLMU from the
 * environment that bench/peers/setup.sh made; what is missing is left out. `cpu` runs only where it is named: a step takes minutes.
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

const COLUMNS = ["cpu", "wasm", "completed wasm", "native", "KerasLMU"] as const;
type Column = (typeof COLUMNS)[number];
const [BATCH, STEPS] = [32, 784];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { measure: { type: "string" }, rows: { type: "string", default: "feedforward,recurrent" } },
});

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

/** Milliseconds of repeats, until about `limit` ms have gone, after one that is not counted. */
async function repeated(once: () => unknown, limit = 15_000): Promise<Times[string]> {
  const times: number[] = [];
  let processor = Infinity;
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

/** `recurrent`: hidden units and memory also feed the memory, as in the paper, so that no step can run before the one before it. */
async function measure(kind: string, times: Times): Promise<void> {
  const paper = kind === "recurrent";
  // tfjs's orthogonal initializer takes seconds; what the weights are makes no difference here.
  const plain = { kernelInitializer: "glorotUniform", recurrentInitializer: "glorotUniform" } as const;
  const lmu = nengo.layers.lmu({
    ...{ memoryD: 1, order: 256, theta: STEPS, inputToHidden: true, hiddenToMemory: paper, memoryToMemory: paper },
    hiddenCell: tf.layers.simpleRNNCell({ units: 212, useBias: !paper, ...plain }),
    kernelInitializer: paper ? "glorotUniform" : "ones",
    recurrentInitializer: "zeros",
  });
  const input = tf.input({ shape: [STEPS, 1] });
  const output = tf.layers.dense({ units: 10, activation: "softmax" }).apply(lmu.apply(input)) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "categoricalCrossentropy" });
  const x = tf.randomUniform([BATCH, STEPS, 1], 0, 1, "float32", 1);
  const y = tf.oneHot(tf.range(0, BATCH, 1, "int32").mod(tf.scalar(10, "int32")).toInt(), 10).toFloat();
  times[`train step, ${kind}`] = await repeated(() => model.trainOnBatch(x, y));
  times[`predict, ${kind}`] = await repeated(async () => {
    const out = model.predictOnBatch(x) as tf.Tensor;
    await out.data();
    out.dispose();
  });
  tf.dispose([x, y]);
  model.dispose();
}

/** One column in a process of its own; null, with a word about it, where it is not installed. */
function columnOf(column: Column): Times | null {
  if (column === "native" && process.env["TFJS_NODE_DIR"] === undefined) {
    console.error("native left out: TFJS_NODE_DIR names no folder with @tensorflow/tfjs-node");
    return null;
  }
  const peer = column === "KerasLMU";
  const program = peer ? command("nengodl", "keras_lmu_measure") : [process.execPath, fileURLToPath(import.meta.url)];
  if (program === null) return null;
  const args = peer ? values.rows.split(",") : ["--measure", column, "--rows", values.rows];
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  const { stdout, stderr, status } = spawnSync(program[0], [...program.slice(1), ...args], { encoding: "utf8", env, maxBuffer: 1 << 28 });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Times;
  console.error(`${column} failed:\n${stderr.trim().split("\n").slice(-5).join("\n")}`);
  return null;
}

if (values.measure !== undefined) {
  await load(values.measure);
  const times: Times = {};
  for (const kind of values.rows.split(",")) await measure(kind, times);
  console.log(`\n${JSON.stringify(times)}`);
} else {
  const columns = COLUMNS.filter((column) => (positionals.length === 0 ? column !== "cpu" : positionals.includes(column)));
  const results = columns.flatMap((column) => {
    const times = columnOf(column);
    return times === null ? [] : [[column, times] as const];
  });
  const names = [...new Set(results.flatMap(([, times]) => Object.keys(times)))];
  const cell = (value: Times[string] | undefined): string =>
    value === undefined ? "" : `${value.min.toFixed(0)} / ${value.median.toFixed(0)} (${value.processor.toFixed(0)})`;
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
