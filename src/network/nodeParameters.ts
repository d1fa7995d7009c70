import { MOST_NUMBERS } from "../math/room.ts";
import { ValidationError, describe } from "../errors.ts";
import { integer, nullable, text, type Check } from "./checks.ts";
import { parameter } from "./parameters.ts";

/** Options of a Node. */
export interface NodeOptions {
  /** Numbers it takes at a step. @defaultValue null: 0, or as its process says */
  readonly sizeIn?: number | null;
  /** Numbers it gives at a step. @defaultValue null: learned from the output */
  readonly sizeOut?: number | null;
  readonly label?: string | null;
  /** Only null: nothing in a Node is drawn. Give its process a seed instead. */
  readonly seed?: null;
}

const noSeed: Check<null> = (owner, name, value) => {
  if (value === null) return null;
  throw new ValidationError({
    owner,
    parameter: name,
    expected: "null, for nothing in a Node is drawn",
    got: describe(value),
    fix: "Give its process a seed instead",
  });
};

export const nodeParameters = {
  sizeIn: parameter(null, nullable(integer({ min: 0, max: MOST_NUMBERS }))),
  sizeOut: parameter(null, nullable(integer({ min: 0, max: MOST_NUMBERS }))),
  label: parameter(null, nullable(text)),
  seed: parameter(null, noSeed),
};
