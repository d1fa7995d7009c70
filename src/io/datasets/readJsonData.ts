import { ValidationError, describe } from "../../errors.ts";
import { isNdArray, ndarray } from "../../math/ndarray.ts";
import type { DataArray, NamedArrays } from "./dataArray.ts";

/** Data with labels, where the file has them. */
export interface JsonData {
  readonly x: NamedArrays;
  readonly y: NamedArrays | null;
}

/**
 * Reads `{x, y}` of JSON: nested lists of numbers (or `{shape, data}`) each, or objects of them by names of inputs and outputs; or only x.
 * @throws ValidationError for other text, ShapeError for lists of unequal length
 */
export function readJsonData(text: string, owner: string): JsonData {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ValidationError({
      owner,
      expected: "JSON, a NumPy file or an IDX file",
      got: `text that is none (${(error as Error).message})`,
    });
  }
  const whole = Array.isArray(value) || isNdArray(value) ? { x: value } : value;
  const { x, y = null } = (whole ?? {}) as { x?: unknown; y?: unknown };
  if (x === undefined) throw new ValidationError({ owner, expected: "lists of numbers, or { x, y } of them", got: describe(value) });
  return { x: arrays(x, owner, "x"), y: y === null ? null : arrays(y, owner, "y") };
}

function arrays(value: unknown, owner: string, parameter: string): NamedArrays {
  if (Array.isArray(value) || isNdArray(value)) return float32(value, owner, parameter);
  if (typeof value !== "object" || value === null)
    throw new ValidationError({ owner, parameter, expected: "lists of numbers, or an object of them by name", got: describe(value) });
  return new Map(Object.entries(value).map(([name, one]) => [name, float32(one, owner, `${parameter}.${name}`)]));
}

function float32(value: unknown, owner: string, parameter: string): DataArray {
  const { shape, data } = ndarray(value, { owner, parameter });
  return { shape, data: Float32Array.from(data) };
}
