import { ValidationError, describe } from "../../errors.ts";
import { CustomSurrogate, type CustomSlope } from "./customSurrogate.ts";
import * as surrogates from "./index.ts";
import { Surrogate } from "./surrogate.ts";

/** Names of the surrogates that need no options: the class's name in camelCase. */
export type SurrogateName = "rate" | "softLIF" | "fastSigmoid" | "arctan" | "boxcar" | "straightThrough";
/** What stands for the slope of spikes: a name, an object with options, or an expression (of the distance) of one's own. */
export type SurrogateLike = SurrogateName | Surrogate | CustomSlope;

const named = new Map<string, () => Surrogate | null>([["rate", () => null]]);
for (const [name, Class] of Object.entries(surrogates)) {
  if (Class === CustomSurrogate) continue;
  named.set(`${name[0].toLowerCase()}${name.slice(1)}`, () => new (Class as new () => Surrogate)());
}

/** The surrogate that is meant; null for "rate". @throws ValidationError for anything else */
export function asSurrogate(given: unknown, owner: string): Surrogate | null {
  if (given instanceof Surrogate) return given;
  if (typeof given === "string") {
    const make = named.get(given);
    if (make !== undefined) return make();
  } else if (typeof given === "function" || typeof given === "number" || (typeof given === "object" && given !== null && "op" in given)) {
    return new CustomSurrogate({ derivative: given as CustomSlope });
  }
  throw new ValidationError({
    owner,
    parameter: "gradient",
    expected: `one of ${[...named.keys()].map((name) => JSON.stringify(name)).join(", ")}, a surrogate, or an expression of the distance to the threshold`,
    got: describe(given),
  });
}
