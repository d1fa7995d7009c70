import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { waves } from "../support.ts";

export type Arguments = Omit<nengo.layers.LMUArgs, "hiddenCell">;

/** Hidden cells by name; a layer or cell belongs to one memory, so that each call makes one. */
export const hiddenCells: Readonly<Record<string, () => nengo.layers.LMUArgs["hiddenCell"]>> = {
  simpleRNNCell: () => tf.layers.simpleRNNCell({ units: 4 }),
  relu: () => tf.layers.simpleRNNCell({ units: 4, activation: "relu", useBias: false }),
  lstmCell: () => tf.layers.lstmCell({ units: 3, recurrentActivation: "sigmoid" }),
  gruCell: () => tf.layers.gruCell({ units: 3 }),
  dense: () => tf.layers.dense({ units: 3, activation: "tanh" }),
  none: () => null,
};

/** Combinations of options and hidden cells, with how the fused layer runs them where its kernels are. */
export const combinations: readonly (readonly [string, string, Partial<Arguments>, string, string])[] = [
  ["a simple cell", "simpleRNNCell", {}, "blocked", "scan"],
  ["fewer inputs than memories", "simpleRNNCell", { memoryD: 3, inputToHidden: true }, "blocked", "scan"],
  ["a bias", "relu", { useBias: true, inputToHidden: true }, "blocked", "scan"],
  ["no hidden cell", "none", { inputToHidden: true }, "blocked", "none"],
  ["no kernel", "none", { kernelInitializer: null }, "blocked", "none"],
  ["Euler's method", "dense", { discretizer: "euler", theta: 40 }, "blocked", "layer"],
  ["an LSTM", "lstmCell", {}, "blocked", "loop"],
  ["memory to memory", "gruCell", { memoryToMemory: true }, "scan", "loop"],
  ["hidden to memory", "simpleRNNCell", { hiddenToMemory: true, inputToHidden: true }, "scan", "scan"],
  ["a layer's output to memory", "dense", { hiddenToMemory: true, memoryToMemory: true }, "scan", "scan"],
  ["an LSTM's output to memory", "lstmCell", { hiddenToMemory: true }, "loop", "loop"],
  ["theta that trains", "simpleRNNCell", { trainableTheta: true }, "scan", "scan"],
  [
    "theta that trains, Euler's method",
    "relu",
    { trainableTheta: true, discretizer: "euler", theta: 30, hiddenToMemory: true },
    "scan",
    "scan",
  ],
  [
    "everything",
    "simpleRNNCell",
    { trainableTheta: true, hiddenToMemory: true, memoryToMemory: true, inputToHidden: true, useBias: true },
    "scan",
    "scan",
  ],
];

const base = { memoryD: 2, order: 5, theta: 8 };

/** The fused layer. */
export const fused = (hidden: string, args: Partial<Arguments> = {}): nengo.layers.LMU =>
  nengo.layers.lmu({ ...base, ...args, hiddenCell: hiddenCells[hidden]() });

/** The cell in tfjs's own loop. */
export const looped = (hidden: string, args: Partial<Arguments> = {}): tf.layers.Layer => {
  const { returnSequences = false, returnState = false, stateful: _, ...own } = args;
  const cell = nengo.layers.lmuCell({ ...base, ...own, hiddenCell: hiddenCells[hidden]() });
  return tf.layers.rnn({ cell: cell, returnSequences, returnState });
};

/** Gives a layer weights that are not what initializers give. */
export function setWeights(layer: { getWeights(): tf.Tensor[]; setWeights(w: tf.Tensor[]): void }): void {
  tf.tidy(() => {
    layer.setWeights(
      layer.getWeights().map((w, k) => {
        const values = tf.mul(waves(w.shape.length === 0 ? [1] : w.shape, k), 0.6);
        return w.shape.length === 0 ? tf.add(w, tf.mul(tf.reshape(values, []), 0.1)) : values;
      }),
    );
  });
}

/** Outputs and states of a layer in the order of the fused layer: tfjs's loop has the memory last, and may have the output as a state. */
export function memoryFirst(layer: tf.layers.Layer | nengo.layers.LMU, results: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  const all = [results].flat();
  const { cell } = layer as tf.layers.Layer & { cell: nengo.layers.LMUCell };
  if (layer.getClassName() !== "RNN" || all.length === 1) return all;
  const hidden = cell.definition.hidden.layer === null ? [] : all.slice(1, -1);
  return [all[0], all.at(-1)!, ...hidden];
}

/** Sum of tensors, each with a fixed, irregular weight for every number. */
export const weightedSum = (tensors: readonly tf.Tensor[]): tf.Scalar =>
  tensors.map((t) => tf.sum(tf.mul(t, tf.reshape(tf.cos(tf.range(0, t.size)), t.shape)))).reduce((a, b) => tf.add(a, b)) as tf.Scalar;

/** All outputs of a layer, and gradients of their weighted sum with respect to the input and the trainable weights, in that order. */
export function outputsAndGradients(
  layer: tf.layers.Layer | nengo.layers.LMU,
  x: tf.Tensor,
): { outputs: number[][]; gradients: number[][] } {
  const l = layer;
  return tf.tidy(() => {
    const given = tf.variable(x);
    const outputs = memoryFirst(l, l.apply(x) as tf.Tensor[]).map((t) => Array.from(t.dataSync()));
    const variables = l.trainableWeights.map((w) => (w as unknown as { val: tf.Variable }).val);
    const { grads } = tf.variableGrads(() => weightedSum(memoryFirst(l, l.apply(given) as tf.Tensor[])), [given, ...variables]);
    const gradients = [given, ...variables].map((v) => Array.from(grads[v.name].dataSync()));
    given.dispose();
    return { outputs, gradients };
  });
}

/** Numbers within a part of the largest wanted one (or of 1 where all are small). */
export function expectClose(got: readonly number[], wanted: readonly number[], part: number, what: string): void {
  expect(got.length, `numbers of ${what}`).to.equal(wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  let worst = 0;
  got.forEach((v, i) => (worst = Math.max(worst, Math.abs(v - wanted[i]) / scale)));
  expect(worst, `largest difference of ${what}`).to.be.at.most(part);
}
