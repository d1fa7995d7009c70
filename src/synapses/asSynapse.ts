import { ValidationError, describe } from "../errors.ts";
import { Lowpass } from "./lowpass.ts";
import { Synapse } from "./synapse.ts";

/** A synapse, null (none), or a number: the time constant (s) of a Lowpass. */
export type SynapseLike = Synapse | number | null;

/** @throws ValidationError for anything but a synapse, null, or a time constant >= 0. */
export function asSynapse(value: unknown, owner: string): Synapse | null {
  if (value === null || value instanceof Synapse) return value;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return new Lowpass({ tau: value });
  throw new ValidationError({
    owner,
    parameter: "synapse",
    expected: "a synapse, a time constant in seconds (>= 0), or null",
    got: describe(value),
  });
}
