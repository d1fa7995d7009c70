import { checkInteger } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";

/** Root mean square of all numbers, or along an axis (negative: from the end): an array without that axis. */
export function rms(x: ArrayLike_): number;
export function rms(x: ArrayLike_, axis: number): NdArray;
export function rms(x: ArrayLike_, axis?: number): number | NdArray {
  return reduced("rms", ndarray(x, { owner: "rms", parameter: "x" }), axis, (squares, count) => Math.sqrt(squares / count));
}

/** Length (the square root of the sum of squares) of all numbers, or along an axis. */
export function norm(x: ArrayLike_): number;
export function norm(x: ArrayLike_, axis: number): NdArray;
export function norm(x: ArrayLike_, axis?: number): number | NdArray {
  return reduced("norm", ndarray(x, { owner: "norm", parameter: "x" }), axis, Math.sqrt);
}

/** Root mean square of x - y, of all or along an axis. @throws ShapeError unless both have one shape */
export function rmse(x: ArrayLike_, y: ArrayLike_): number;
export function rmse(x: ArrayLike_, y: ArrayLike_, axis: number): NdArray;
export function rmse(x: ArrayLike_, y: ArrayLike_, axis?: number): number | NdArray {
  return axis === undefined ? rms(difference("rmse", x, y)) : rms(difference("rmse", x, y), axis);
}

/** {@link rmse} relative to the root mean square of y, of all or along an axis. @throws ShapeError unless both have one shape */
export function nrmse(x: ArrayLike_, y: ArrayLike_): number;
export function nrmse(x: ArrayLike_, y: ArrayLike_, axis: number): NdArray;
export function nrmse(x: ArrayLike_, y: ArrayLike_, axis?: number): number | NdArray {
  const off = difference("nrmse", x, y);
  if (axis === undefined) return rms(off) / rms(y);
  const [errors, sizes] = [rms(off, axis), rms(y, axis)];
  return { shape: errors.shape, data: errors.data.map((e, k) => e / sizes.data[k]) };
}

function difference(owner: string, x: ArrayLike_, y: ArrayLike_): NdArray {
  const [a, b] = [ndarray(x, { owner, parameter: "x" }), ndarray(y, { owner, parameter: "y" })];
  if (a.shape.length !== b.shape.length || a.shape.some((n, k) => n !== b.shape[k]))
    throw new ShapeError({ owner, parameter: "y", expected: `shape [${a.shape.join(", ")}], that of x`, got: `[${b.shape.join(", ")}]` });
  return { shape: a.shape, data: a.data.map((v, k) => v - b.data[k]) };
}

/** Sums of squares, of all or along an axis, and what `finish` makes of each with the number of its terms. */
function reduced(
  owner: string,
  { shape, data }: NdArray,
  axis: number | undefined,
  finish: (squares: number, count: number) => number,
): number | NdArray {
  if (axis === undefined)
    return finish(
      data.reduce((sum, v) => sum + v * v, 0),
      data.length,
    );
  checkInteger(owner, "axis", axis, { min: -shape.length, max: shape.length - 1 });
  const at = axis < 0 ? axis + shape.length : axis;
  const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  const count = shape[at];
  const out = new Float64Array(count === 0 ? 0 : data.length / count);
  data.forEach((v, k) => (out[Math.floor(k / (inner * count)) * inner + (k % inner)] += v * v));
  return { shape: shape.filter((_, k) => k !== at), data: out.map((squares) => finish(squares, count)) };
}
