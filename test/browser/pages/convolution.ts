import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { completeWasmBackend } from "../../../src/wasm-backend/index.ts";

/** A small convolutional network from weights that are always the same: losses of some steps. */
async function losses(steps: number): Promise<number[]> {
  const wave = (shape: number[], phase: number): tf.Tensor =>
    tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => 0.4 * Math.sin(1.7 * k + phase)),
      shape,
    );
  const zeros = { kernelInitializer: "zeros" } as const;
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ ...zeros, inputShape: [9, 8, 2], filters: 6, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ ...zeros, units: 3, activation: "softmax" }),
    ],
  });
  model.setWeights(model.weights.map(({ shape }, k) => wave(shape as number[], k)));
  model.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
  const [x, y] = [wave([6, 9, 8, 2], 9), tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], "int32"), 3).toFloat()];
  const curve: number[] = [];
  for (let k = 0; k < steps; k++) curve.push((await model.trainOnBatch(x, y)) as number);
  return curve;
}

/** What training gives on a backend: with stock kernels, and with those of this package. */
export async function run({ steps, backend }: { readonly steps: number; readonly backend: "cpu" | "wasm" }) {
  if (backend === "wasm" && typeof document !== "undefined") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    setWasmPaths("/");
  }
  await tf.setBackend(backend);
  const stock = await losses(steps).catch((error: Error) => error.message);
  const report = await completeWasmBackend();
  const completed = await losses(steps).catch((error: Error) => error.message);
  report.undo();
  return { backend: tf.getBackend(), stock, completed, added: report.added };
}
