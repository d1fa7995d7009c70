import { ShapeError, ValidationError, describe } from "../errors.ts";

/** A float64 array of any rank, row-major. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Nested lists of numbers, a typed array (rank 1), or `{shape, data}`. */
export type ArrayLike_ =
  | number
  | readonly ArrayLike_[]
  | Float64Array
  | Float32Array
  | Int32Array
  | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Makes an {@link NdArray}; `where` names owner and parameter in errors. Throws if ragged or not finite. */
export function ndarray(value: unknown, where: { owner: string; parameter?: string }): NdArray {
  if (isNdArray(value)) {
    const shape = [...value.shape];
    if (sizeOf(shape) !== value.data.length) {
      throw new ShapeError({ ...where, expected: `${sizeOf(shape)} numbers for shape [${shape.join(", ")}]`, got: `${value.data.length}` });
    }
    return finite({ shape, data: new Float64Array(value.data) }, where);
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const data = new Float64Array(value as unknown as ArrayLike<number>);
    return finite({ shape: [data.length], data }, where);
  }
  const shape: number[] = [];
  for (let v: unknown = value; Array.isArray(v) || ArrayBuffer.isView(v); v = (v as unknown[])[0]) shape.push((v as unknown[]).length);
  const data = new Float64Array(sizeOf(shape));
  let next = 0;
  const fill = (v: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof v !== "number") throw new ValidationError({ ...where, expected: "numbers", got: describe(v) });
      data[next++] = v;
      return;
    }
    const row = v as ArrayLike<unknown>;
    if (!(Array.isArray(v) || ArrayBuffer.isView(v)) || row.length !== shape[depth]) {
      throw new ShapeError({ ...where, expected: `rows of equal length ${shape[depth]}`, got: describe(v) });
    }
    for (let i = 0; i < row.length; i++) fill(row[i], depth + 1);
  };
  fill(value, 0);
  return finite({ shape, data }, where);
}

export function isNdArray(value: unknown): value is { shape: readonly number[]; data: ArrayLike<number> } {
  return typeof value === "object" && value !== null && "shape" in value && "data" in value && Array.isArray((value as NdArray).shape);
}

function finite(array: NdArray, where: { owner: string; parameter?: string }): NdArray {
  const { data } = array;
  // A sum of multiples of 0 is NaN where a value is not finite; only then is it worth looking for it.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * 0;
  if (!Number.isNaN(sum)) return array;
  const bad = data.findIndex((v) => !Number.isFinite(v));
  throw new ValidationError({ ...where, expected: "finite numbers", got: `${data[bad]} at position ${bad}` });
}

/** Nested lists from a row-major array. */
export function toNested(data: ArrayLike<number>, shape: readonly number[]): unknown {
  let next = 0;
  const make = (depth: number): unknown =>
    depth === shape.length ? data[next++] : Array.from({ length: shape[depth] }, () => make(depth + 1));
  return make(0);
}
