import { ShapeError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";

/**
 * All combinations of the values of some axes: for each axis an array of the grid's shape (one dimension an axis) with the axis's value
 * at every place.
 * @throws ShapeError unless every axis is a list of numbers
 */
export function meshgridNd(...axes: readonly ArrayLike_[]): NdArray[] {
  const lists = axes.map((axis, k) => {
    const array = ndarray(axis, { owner: "meshgridNd", parameter: `axes[${k}]` });
    if (array.shape.length === 1) return array.data;
    throw new ShapeError({
      owner: "meshgridNd",
      parameter: `axes[${k}]`,
      expected: "a list of numbers",
      got: `shape [${array.shape.join(", ")}]`,
    });
  });
  const shape = lists.map((list) => list.length);
  const size = shape.reduce((a, b) => a * b, 1);
  return lists.map((list, k) => {
    const inner = shape.slice(k + 1).reduce((a, b) => a * b, 1);
    return { shape, data: Float64Array.from({ length: size }, (_, at) => list[Math.floor(at / inner) % list.length]) };
  });
}
