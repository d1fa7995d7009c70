import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ValidationError } from "../../errors.ts";
import { isIdx, readIdx } from "./readIdx.ts";
import { readJsonData, type JsonData } from "./readJsonData.ts";
import { isNpy, readNpy } from "./readNpy.ts";

/**
 * Reads data of a model from a file: JSON, NumPy (`.npy`) or IDX (as MNIST's), known by its content; packed by gzip or not.
 * @throws ValidationError for what cannot be read
 */
export function readData(path: string, owner: string): JsonData {
  const named = `${owner} ${path}`;
  const bytes = unpacked(path, named);
  if (isNpy(bytes)) return { x: readNpy(bytes, named), y: null };
  if (isIdx(bytes)) return { x: readIdx(bytes, named), y: null };
  return readJsonData(new TextDecoder().decode(bytes), named);
}

function unpacked(path: string, owner: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } catch (cause) {
    throw new ValidationError({ owner, expected: "a file", got: `none that can be read (${(cause as Error).message})` });
  }
}
