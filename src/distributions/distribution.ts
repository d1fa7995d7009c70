import { Declared, checkInteger } from "../declared.ts";
import type { NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";

/** A probability distribution over numbers or points. Draws come from a {@link RandomState}, in NumPy's order. */
export abstract class Distribution extends Declared {
  /**
   * Draws `n` points of `d` dimensions.
   * @param d - dimensions of a point, or null for plain numbers
   * @returns row-major `[n, d]` (or `[n]`)
   */
  abstract sample(n: number, d: number | null, rng: RandomState): Float64Array;
}

/** Where a distribution may stand, so may an array of the drawn values. */
export type DistOrArray = Distribution | NdArray;

/** Draws from a distribution, or copies the array's values (whose count the caller checks). */
export function samples(source: DistOrArray, n: number, d: number | null, rng: RandomState): Float64Array {
  return source instanceof Distribution ? source.sample(n, d, rng) : Float64Array.from(source.data);
}

/** The dimensions of points, where plain numbers make no sense. Throws a ValidationError otherwise. */
export function checkDimensions(owner: Distribution, d: number | null): number {
  return checkInteger(owner.type, "sample", d, { min: 1 });
}
