import type { Tensor } from "@tensorflow/tfjs-core";
import { ShapeError, ValidationError } from "../../errors.ts";

/** The class of an item: the largest of several values, or whether a single one (of a sigmoid) is at least a half. */
export function classAt(values: ArrayLike<number>, item: number, size: number): number {
  if (size === 1) return values[item] >= 0.5 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < size; k++) if (values[item * size + k] > values[item * size + best]) best = k;
  return best;
}

/**
 * Classes of all items, from whole numbers `[items]` or `[items, 1]`, or one-hot rows `[items, size]`.
 * @param size - values of the output
 * @throws ShapeError for another shape, ValidationError for numbers that are no classes
 */
export async function labelsOf(owner: string, y: Tensor, items: number, size: number): Promise<Int32Array> {
  const values = await y.data();
  const oneHot = y.rank === 2 && y.shape[1] === size && size > 1;
  if (y.shape[0] !== items || !(oneHot || values.length === items))
    throw new ShapeError({
      owner,
      parameter: "y",
      expected: `labels [${items}]${size > 1 ? `, or one-hot rows [${items}, ${size}]` : ""}`,
      got: `[${y.shape.join(", ")}]`,
    });
  if (oneHot) return Int32Array.from({ length: items }, (_, item) => classAt(values, item, size));
  const classes = Math.max(2, size);
  const bad = values.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (bad >= 0)
    throw new ValidationError({
      owner,
      parameter: `y[${bad}]`,
      expected: `a class, a whole number from 0 to ${classes - 1}`,
      got: `${values[bad]}`,
      fix: "Leave y out to compare with the model's own outputs",
    });
  return Int32Array.from(values);
}
