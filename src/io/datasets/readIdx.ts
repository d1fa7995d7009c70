import { ValidationError } from "../../errors.ts";
import type { DataArray } from "./dataArray.ts";

/** Kinds of numbers by their code: bytes of each, and how they are read (big-endian). */
const KINDS: Readonly<Record<number, readonly [size: number, read: (view: DataView, at: number) => number]>> = {
  0x08: [1, (view, at) => view.getUint8(at)],
  0x09: [1, (view, at) => view.getInt8(at)],
  0x0b: [2, (view, at) => view.getInt16(at)],
  0x0c: [4, (view, at) => view.getInt32(at)],
  0x0d: [4, (view, at) => view.getFloat32(at)],
  0x0e: [8, (view, at) => view.getFloat64(at)],
};

/** Whether bytes begin as a file of the format of MNIST. */
export const isIdx = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] in KINDS && bytes[3] > 0;

/**
 * Reads an array in the format of MNIST (IDX): two zeros, kind, number of axes, sizes, numbers.
 * @throws ValidationError for files that are cut off
 */
export function readIdx(bytes: Uint8Array, owner: string): DataArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [size, read] = KINDS[bytes[2]];
  const start = 4 + 4 * bytes[3];
  if (bytes.length < start)
    throw new ValidationError({ owner, expected: `an IDX file of ${bytes[3]} axes`, got: "one that ends in its header" });
  const shape = Array.from({ length: bytes[3] }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== start + count * size)
    throw new ValidationError({
      owner,
      expected: `${count * size} bytes of numbers for [${shape.join(", ")}]`,
      got: `${bytes.length - start}`,
      fix: "Download the file again",
    });
  return { shape, data: Float32Array.from({ length: count }, (_, k) => read(view, start + k * size)) };
}
