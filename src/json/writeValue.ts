import { Declared } from "../declared.ts";
import { describe } from "../errors.ts";
import { isNdArray, toNested } from "../math/ndarray.ts";
import { hasType } from "./readValue.ts";
import { member, wrong } from "./places.ts";
import { typeNamed } from "./types.ts";

/**
 * A value of a network as it stands in a file: arrays as nested lists, declared values as `{type, ...parameters}`.
 * @throws NetworkFileError for functions, numbers that are not finite, and classes that a reader would not know
 */
export function writeValue(value: unknown, path: string): unknown {
  if (value instanceof Declared) {
    if (typeNamed(value.type) !== value.constructor) throw unknownType(value.constructor.name, path);
    return writeValue(value.toJSON(), path);
  }
  // A SparseMatrix has a shape and data too.
  if (isNdArray(value) && !hasType(value)) return toNested(value.data, value.shape);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value))
    return value.map((item: unknown, k) => (typeof item === "number" && Number.isFinite(item) ? item : writeValue(item, member(path, k))));
  if (typeof value === "object" && value !== null) {
    if (hasType(value) && (typeof value.type !== "string" || typeNamed(value.type) === undefined))
      throw unknownType(describe(value.type), path);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, writeValue(item, member(path, key))]));
  }
  if (value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)))
    return value;
  throw wrong(path, "a value that a file can hold", describe(value));
}

const unknownType = (got: string, path: string): Error =>
  wrong(path, "a value of a known type", got, "Make its class known with registerType");
