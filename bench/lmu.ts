/**
 * `npm run bench:lmu [-- COLUMN ...] [--rows feedforward,recurrent]`: training and prediction steps of psMNIST's models by Legendre memory
 * units (order 256, 212 hidden units, 784 steps, 32 items), on the backends cpu, wasm (as it comes, and completed) and native, beside
 * KerasLMU, each in a process of its own. The native backend is taken from the folder that TFJS_NODE_DIR names, KerasLMU from the
 * environment that bench/peers/setup.sh made; what is missing is left out. `cpu` runs only where it is named: a step takes minutes.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { loadBackend, measureColumn, printColumns, repeated, type Times } from "./backendColumns.ts";

const COLUMNS = ["cpu", "wasm", "completed wasm", "native", "KerasLMU"] as const;
const [BATCH, STEPS] = [32, 784];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { measure: { type: "string" }, rows: { type: "string", default: "feedforward,recurrent" } },
});

const timed = (once: () => unknown, limit = 15_000): Promise<Times[string]> => repeated(once, { warmUps: 1, limit });

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
  times[`train step, ${kind}`] = await timed(() => model.trainOnBatch(x, y));
  times[`predict, ${kind}`] = await timed(async () => {
    const out = model.predictOnBatch(x) as tf.Tensor;
    await out.data();
    out.dispose();
  });
  tf.dispose([x, y]);
  model.dispose();
}

/** One column in a process of its own. */
const columnOf = (column: string): Times | null =>
  measureColumn(
    column,
    column === "KerasLMU"
      ? { peer: "keras_lmu_measure", args: values.rows.split(",") }
      : { file: fileURLToPath(import.meta.url), args: ["--measure", column, "--rows", values.rows] },
  );

if (values.measure !== undefined) {
  await loadBackend(values.measure);
  const times: Times = {};
  for (const kind of values.rows.split(",")) await measure(kind, times);
  console.log(`\n${JSON.stringify(times)}`);
} else
  printColumns(
    COLUMNS.filter((column) => (positionals.length === 0 ? column !== "cpu" : positionals.includes(column))),
    columnOf,
    0,
  );
