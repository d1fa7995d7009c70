import type * as H5 from "h5wasm";
import { tensor, type Tensor } from "@tensorflow/tfjs-core";
import { ConversionError, NengoError } from "../../errors.ts";
import type { StoredWeight } from "./storedWeight.ts";

/** Reading access to an HDF5 file. */
export interface Hdf5File {
  /** An attribute of a group; undefined where it has none of that name. */
  attribute(group: string, name: string): unknown;
  hasGroup(path: string): boolean;
  /** Names in a group. */
  names(group: string): readonly string[];
  /** The array at a path; undefined where there is none. */
  weight(path: string, name: string): StoredWeight | undefined;
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** HDF5 files start with their signature, at byte 0 or behind a user block of 512 * 2^n bytes. */
export function isHdf5(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at = at === 0 ? 512 : 2 * at) if (SIGNATURE.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}

let opened = 0;

/**
 * Opens an HDF5 file in memory by h5wasm, hands it to `use`, and closes it; what `use` returns must not need the file.
 * @throws ConversionError where h5wasm is not installed, and for a file that it cannot read
 */
export async function withHdf5<T>(bytes: Uint8Array, use: (file: Hdf5File) => T): Promise<T> {
  const h5 = await library();
  const path = `tfjs-nengo-${++opened}.h5`;
  const memory = await h5.ready;
  memory.FS.writeFile(path, bytes);
  let file: H5.File | undefined;
  // Without it the library prints its troubles and returns nonsense.
  memory.activate_throwing_error_handler();
  try {
    file = new h5.File(path, "r");
    return use(access(h5, file));
  } catch (cause) {
    if (cause instanceof NengoError) throw cause;
    throw new ConversionError(
      { owner: "loadKeras", parameter: "HDF5", expected: "a whole file", got: reason(cause), fix: "Copy or save the file again" },
      { cause },
    );
  } finally {
    try {
      file?.close();
    } catch {
      // A damaged file may refuse to close; nothing is written to it, so nothing is lost.
    }
    memory.deactivate_throwing_error_handler();
    memory.FS.unlink(path);
  }
}

async function library(): Promise<typeof H5> {
  try {
    return await import("h5wasm");
  } catch (cause) {
    throw new ConversionError(
      {
        owner: "loadKeras",
        expected: "the package h5wasm, which reads HDF5",
        got: (cause as Error).message,
        fix: "npm install h5wasm (an optional peer dependency of tfjs-nengo)",
      },
      { cause },
    );
  }
}

/** The last, most specific line of HDF5's stack of errors. */
function reason(cause: unknown): string {
  const lines = String((cause as Error | undefined)?.message ?? cause).split("\n");
  const specific = lines.filter((line) => /^\s*#\d+:/.test(line)).at(-1) ?? lines[0];
  return specific.replace(/^.*\): /, "").trim() || "a damaged one";
}

function access(h5: typeof H5, file: H5.File): Hdf5File {
  const entity = (path: string) => {
    const parts = path.split("/").filter((part) => part !== "");
    let at: H5.Entity | null = file;
    // Step by step, since HDF5 takes a missing middle part for an error.
    for (const part of parts) {
      if (!(at instanceof h5.Group) || !at.keys().includes(part)) return null;
      at = at.get(part);
    }
    return at;
  };
  const group = (path: string) => {
    const found = entity(path);
    return found instanceof h5.Group ? found : null;
  };
  return {
    attribute: (path, name) => {
      const attributes = group(path)?.attrs;
      return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name].value : undefined;
    },
    hasGroup: (path) => group(path) !== null,
    names: (path) => group(path)?.keys() ?? [],
    weight: (path, name) => {
      const found = entity(path);
      return found instanceof h5.Dataset ? { name, shape: found.shape ?? [], read: () => asTensor(found, name) } : undefined;
    },
  };
}

const FLOAT = 1;
const OPAQUE_OR_TEXT = [3, 5, 7, 9];

/** float16, float32 and float64 become float32, every integer int32. */
function asTensor(dataset: H5.Dataset, name: string): Tensor {
  const { type, size } = dataset.metadata;
  const value = dataset.value;
  const shape = dataset.shape ?? [];
  const numbers = ArrayBuffer.isView(value) ? value : Array.isArray(value) ? value : [value];
  const count = shape.reduce((product, length) => product * length, 1);
  const list = numbers as ArrayLike<number | bigint>;
  if (OPAQUE_OR_TEXT.includes(type) || list.length !== count) {
    throw new ConversionError({
      owner: `weight "${name}"`,
      expected: `${count} numbers of shape [${shape.join(", ")}]`,
      got: OPAQUE_OR_TEXT.includes(type) ? "another kind of data" : `${list.length}`,
      fix: "Save the model again in float32",
    });
  }
  if (type !== FLOAT) return tensor(Int32Array.from(list, Number), shape, "int32");
  if (value instanceof Float32Array) return tensor(value, shape, "float32");
  return tensor(
    size === 2 && value instanceof Uint16Array ? Float32Array.from(value, half) : Float32Array.from(list, Number),
    shape,
    "float32",
  );
}

/** The number whose IEEE 754 half precision has these bits. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
