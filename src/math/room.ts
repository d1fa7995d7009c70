import { BuildError } from "../errors.ts";

/** Most numbers in one array: 2 GiB in float64. */
export const MOST_NUMBERS = 2 ** 28;

/**
 * Checks that an array has room; returns its length.
 * @throws BuildError for more numbers than an array should have, in place of a failure for want of memory
 */
export function checkRoom(numbers: number, what: string): number {
  if (numbers <= MOST_NUMBERS) return numbers;
  throw new BuildError(
    `${what}: expected at most 2^28 numbers (2 GiB) in one array, got ${numbers.toExponential(1)}. Take fewer neurons, dimensions or points.`,
  );
}
