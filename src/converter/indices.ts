import type { ItemShape } from "./graph.ts";
import { sizeOf } from "./port.ts";

/** For every element of an array, row-major, what `at` gives for its index. */
export function eachIndex(shape: ItemShape, at: (index: readonly number[]) => number): Int32Array {
  const out = new Int32Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let k = 0; k < out.length; k++) {
    out[k] = at(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

/** Place of an element in an array, row-major. */
export const flatIndex = (index: readonly number[], shape: ItemShape): number => index.reduce((at, i, axis) => at * shape[axis] + i, 0);

/** Where the elements of an array with its axes in another order come from: axis k of the result is axis `axes[k]`. */
export function permutation(shape: ItemShape, axes: readonly number[]): Int32Array {
  const source = shape.map(() => 0);
  return eachIndex(
    axes.map((axis) => shape[axis]),
    (index) => {
      axes.forEach((axis, k) => (source[axis] = index[k]));
      return flatIndex(source, shape);
    },
  );
}

/** Where the elements of an array come from that is spread to a larger shape, as numpy broadcasts; null where they are the same. */
export function broadcast(shape: ItemShape, to: ItemShape): Int32Array | null {
  const whole = [...Array.from({ length: to.length - shape.length }, () => 1), ...shape];
  if (whole.every((n, axis) => n === to[axis])) return null;
  return eachIndex(to, (index) =>
    flatIndex(
      index.map((i, axis) => (whole[axis] === 1 ? 0 : i)),
      whole,
    ),
  );
}
