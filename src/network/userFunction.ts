import { ValidationError, describe } from "../errors.ts";

/** How many numbers a user's function returned: 1 for a number, the length of an array; null if it is neither. */
export function resultSize(value: unknown): number | null {
  if (typeof value === "number") return 1;
  if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && !(value instanceof DataView))) return null;
  const list = value as ArrayLike<unknown>;
  for (let k = 0; k < list.length; k++) if (typeof list[k] !== "number") return null;
  return list.length;
}

/**
 * Calls a user's function to learn the size of its result.
 * @throws ValidationError, with the function's own error as `cause`, if it throws.
 */
export function callOnce<T>(owner: string, parameter: string, expected: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const error = new ValidationError({
      owner,
      parameter,
      expected,
      got: `an exception: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : describe(cause)}`,
      fix: "It is called once with zeros when it is set, to learn the size of its result",
    });
    error.cause = cause;
    throw error;
  }
}
