import { Distribution } from "../distributions/distribution.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { ndarray, type ArrayLike_ } from "../math/ndarray.ts";
import { Dense } from "./dense.ts";
import { NoTransform } from "./noTransform.ts";
import { Transform } from "./transform.ts";

/** What may be given as a connection's transform; null is none. */
export type TransformLike = Transform | Distribution | ArrayLike_ | null;

/** @throws ShapeError where the transform does not map `sizeMid` to `sizeOut` numbers. */
export function asTransform(
  value: unknown,
  { sizeMid, sizeOut, owner }: { sizeMid: number; sizeOut: number; owner: string },
): Transform | null {
  const sizes = `from size ${sizeMid} (pre, after the function) to size ${sizeOut} (post)`;
  if (value === null) {
    if (sizeMid !== sizeOut)
      throw new ShapeError({
        owner,
        parameter: "transform",
        expected: `equal sizes where there is no transform`,
        got: `a connection ${sizes}`,
        fix: `Give a transform of shape [${sizeOut}, ${sizeMid}], or mend the function or the slices`,
      });
    return null;
  }
  if (value instanceof Transform) {
    if (value.sizeIn !== sizeMid || value.sizeOut !== sizeOut)
      throw new ShapeError({
        owner,
        parameter: "transform",
        expected: `a transform ${sizes}`,
        got: `one from ${value.sizeIn} to ${value.sizeOut}`,
      });
    return value instanceof NoTransform ? null : value;
  }
  if (value instanceof Distribution) return new Dense({ shape: [sizeOut, sizeMid], init: value });
  if (
    typeof value !== "number" &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(typeof value === "object" && "shape" in value)
  ) {
    throw new ValidationError({
      owner,
      parameter: "transform",
      expected: "a number, vector, matrix, distribution, transform or null",
      got: describe(value),
    });
  }
  const init = ndarray(value, { owner, parameter: "transform" });
  const matrix = init.shape.length === 2;
  if (
    init.shape.length > 2 ||
    (matrix && (init.shape[0] !== sizeOut || init.shape[1] !== sizeMid)) ||
    (!matrix && sizeMid !== sizeOut) ||
    (init.shape.length === 1 && init.shape[0] !== sizeOut)
  ) {
    throw new ShapeError({
      owner,
      parameter: "transform",
      expected: `a matrix [${sizeOut}, ${sizeMid}]${sizeMid === sizeOut ? `, a vector of length ${sizeOut} or a number` : ""} for a connection ${sizes}`,
      got: init.shape.length === 0 ? "a number" : `shape [${init.shape.join(", ")}]`,
    });
  }
  return new Dense({ shape: [sizeOut, sizeMid], init: value as ArrayLike_ });
}
