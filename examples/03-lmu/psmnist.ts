import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { mnist } from "../support/mnist.ts";

export const PIXELS = 784;

/** Digits as sequences of pixels. */
export interface Digits {
  readonly count: number;
  /** `[count, 784]`, 0 to 1. */
  readonly images: Float32Array;
  /** `[count]`, 0 to 9. */
  readonly labels: Uint8Array;
}

/** Digits of MNIST whose pixels come in the same random order, which the seed draws. */
export function permuted(part: "train" | "test", most: number, seed = 0): Digits {
  const digits = mnist(part, most);
  const pixels = digits.images.dataSync();
  tf.dispose([digits.images, digits.oneHot]);
  const count = digits.labels.length;
  const order = permutation(PIXELS, seed);
  const images = new Float32Array(count * PIXELS);
  for (let row = 0; row < count; row++) for (let k = 0; k < PIXELS; k++) images[row * PIXELS + k] = pixels[row * PIXELS + order[k]];
  return { count, images, labels: digits.labels };
}

/** The numbers below `count` in a random order. */
export function permutation(count: number, seed: number): Float64Array {
  const order = Float64Array.from({ length: count }, (_, k) => k);
  new nengo.RandomState(seed).shuffleRows(order, 1);
  return order;
}

/**
 * One signal remembered for 784 steps by 256 coefficients, and 212 hidden units that see it and the pixel: 101,771 parameters.
 * With `paper`, hidden units and memory also feed into the memory: 102,027.
 */
export function psMnistModel({ paper = false, seed = 1, orthogonal = true } = {}): tf.LayersModel {
  const { glorotUniform } = tf.initializers;
  const cell = tf.layers.simpleRNNCell({
    units: 212,
    useBias: !paper,
    kernelInitializer: glorotUniform({ seed }),
    recurrentInitializer: (orthogonal ? tf.initializers.orthogonal : glorotUniform)({ seed: seed + 1 }),
  });
  const lmu = nengo.layers.lmu({
    memoryD: 1,
    order: 256,
    theta: PIXELS,
    hiddenCell: cell,
    inputToHidden: true,
    hiddenToMemory: paper,
    memoryToMemory: paper,
    kernelInitializer: paper ? glorotUniform({ seed: seed + 2 }) : "ones",
    recurrentInitializer: "zeros",
  });
  const input = tf.input({ shape: [PIXELS, 1] });
  const output = tf.layers.dense({ units: 10, activation: "softmax", kernelInitializer: glorotUniform({ seed: seed + 3 }) });
  return tf.model({ inputs: input, outputs: output.apply(lmu.apply(input)) as tf.SymbolicTensor });
}

/** Some digits as tensors: `[count, 784, 1]` and one-hot `[count, 10]`. */
export function batchOf({ images, labels }: Digits, rows: ArrayLike<number>): { x: tf.Tensor3D; y: tf.Tensor2D } {
  const x = new Float32Array(rows.length * PIXELS);
  const y = new Float32Array(rows.length * 10);
  for (let k = 0; k < rows.length; k++) {
    x.set(images.subarray(rows[k] * PIXELS, (rows[k] + 1) * PIXELS), k * PIXELS);
    y[k * 10 + labels[rows[k]]] = 1;
  }
  return { x: tf.tensor3d(x, [rows.length, PIXELS, 1]), y: tf.tensor2d(y, [rows.length, 10]) };
}

/** Rows of the batches of an epoch, in an order that the seed draws; a last batch that is not full is left out. */
export function batches(count: number, size: number, seed: number): Float64Array[] {
  const order = permutation(count, seed);
  return Array.from({ length: Math.floor(count / size) }, (_, k) => order.subarray(k * size, (k + 1) * size));
}

/** Share of digits that a model names rightly. */
export async function accuracy(model: tf.LayersModel, digits: Digits, batchSize = 100): Promise<number> {
  let right = 0;
  for (let from = 0; from < digits.count; from += batchSize) {
    const rows = Array.from({ length: Math.min(batchSize, digits.count - from) }, (_, k) => from + k);
    const { x, y } = batchOf(digits, rows);
    const counted = tf.tidy(() => tf.sum(tf.equal(tf.argMax(model.predict(x) as tf.Tensor, 1), tf.argMax(y, 1)).toInt()));
    right += (await counted.data())[0];
    tf.dispose([x, y, counted]);
  }
  return right / digits.count;
}
