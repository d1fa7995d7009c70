import { checkBoolean, checkInteger, checkNumber, checkSeed, type Limits } from "../declared.ts";
import { Distribution, type DistOrArray } from "../distributions/distribution.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { isNdArray, ndarray, type ArrayLike_ } from "../math/ndarray.ts";

/** What the named axes of an array must measure; an axis that is not here may have any length. */
export type Sizes = Readonly<Record<string, number>>;

/** Checks a value as the user wrote it and turns it into the one that is kept. */
export type Check<T> = (owner: string, name: string, value: unknown, sizes: Sizes) => T;

/** Where a distribution may stand, so may an array, or (along one axis) one number for all. */
export type DistOrArrayLike = Distribution | ArrayLike_;

export const number =
  (limits: Limits = {}): Check<number> =>
  (owner, name, value) =>
    checkNumber(owner, name, value, limits);

export const integer =
  (limits: Limits = {}): Check<number> =>
  (owner, name, value) =>
    checkInteger(owner, name, value, limits);

export const boolean: Check<boolean> = (owner, name, value) => checkBoolean(owner, name, value);

export const seed: Check<number | null> = (owner, _name, value) => checkSeed(owner, value);

export const text: Check<string> = (owner, name, value) => {
  if (typeof value !== "string") throw new ValidationError({ owner, parameter: name, expected: "a string", got: describe(value) });
  return value;
};

/** Null and undefined are null. */
export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (owner, name, value, sizes) =>
    value === null || value === undefined ? null : check(owner, name, value, sizes);

/** A value that passes the test; `what` says what is wanted. */
export const member =
  <T>(test: (value: unknown) => value is T, what: string): Check<T> =>
  (owner, name, value) => {
    if (!test(value)) throw new ValidationError({ owner, parameter: name, expected: what, got: describe(value) });
    return value;
  };

/** A distribution, or an array whose axes are named. */
export const distOrArray =
  (...axes: readonly string[]): Check<DistOrArray> =>
  (owner, parameter, value, sizes) => {
    if (value instanceof Distribution) return value;
    const wanted = axes.map((axis) => sizes[axis]);
    const expected = `a distribution or an array of shape [${axes.map((axis, k) => wanted[k] ?? axis).join(", ")}]`;
    if (typeof value !== "number" && !Array.isArray(value) && !ArrayBuffer.isView(value) && !isNdArray(value))
      throw new ValidationError({ owner, parameter, expected, got: describe(value) });
    const array = ndarray(value, { owner, parameter });
    if (axes.length === 1 && array.shape.length === 0) {
      const length = wanted[0] ?? 1;
      return { shape: [length], data: new Float64Array(length).fill(array.data[0]) };
    }
    if (array.data.length === 0 || array.shape.length !== axes.length || array.shape.some((size, k) => size !== (wanted[k] ?? size))) {
      throw new ShapeError({
        owner,
        parameter,
        expected,
        got: array.shape.length === 0 ? "a number" : `shape [${array.shape.join(", ")}]`,
      });
    }
    return array;
  };
