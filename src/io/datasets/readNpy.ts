import { ValidationError } from "../../errors.ts";
import type { DataArray } from "./dataArray.ts";

type Read = (view: DataView, at: number, little: boolean) => number;

/** Kinds of numbers, by NumPy's letter and size. */
const KINDS: Readonly<Record<string, Read>> = {
  b1: (view, at) => view.getUint8(at),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** Whether bytes begin as a NumPy file. */
export const isNpy = (bytes: Uint8Array): boolean => [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((byte, k) => bytes[k] === byte);

/**
 * Reads an array that NumPy's `save` wrote (format 1 to 3; booleans, whole and real numbers in C order).
 * @throws ValidationError for other kinds, and files that are cut off
 */
export function readNpy(bytes: Uint8Array, owner: string): DataArray {
  const bad = (expected: string, got: string, fix?: string): ValidationError =>
    new ValidationError({ owner, expected, got, ...(fix === undefined ? {} : { fix }) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lead = bytes[6] === 1 ? 10 : 12;
  if (bytes.length < lead) throw bad("a NumPy file", "one that ends in its header");
  const start = lead + (lead === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder("latin1").decode(bytes.subarray(lead, Math.min(start, bytes.length)));
  const [, order, kind] = /'descr': *'([<>|=])([a-z]\d+)'/.exec(header) ?? [];
  const [, shapeText] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (kind === undefined || shapeText === undefined) throw bad("a NumPy array of numbers", `the header ${JSON.stringify(header.trim())}`);
  if (!Object.hasOwn(KINDS, kind))
    throw bad(`numbers of a kind among ${Object.keys(KINDS).join(", ")}`, kind, "Convert it by astype('float32')");
  if (/'fortran_order': *True/.test(header)) throw bad("an array in C order", "one in Fortran order", "Save numpy.ascontiguousarray(x)");
  const shape = shapeText
    .split(",")
    .filter((text) => text.trim() !== "")
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const size = Number(kind.slice(1));
  if (bytes.length !== start + count * size)
    throw bad(`${count * size} bytes of numbers for [${shape.join(", ")}]`, `${Math.max(0, bytes.length - start)}`, "Save the file again");
  return { shape, data: Float32Array.from({ length: count }, (_, k) => KINDS[kind](view, start + k * size, order !== ">")) };
}
