import { ValidationError, describe } from "../errors.ts";
import { nullable, seed, text, type Check } from "../network/checks.ts";
import { Network } from "../network/index.ts";
import { parameter, type Parameter } from "../network/parameters.ts";

/** The options that every network has; `label` is its name unless told otherwise. */
export const ofNetwork = (label: string | null) => ({ label: parameter(label, nullable(text)), seed: parameter(null, seed) });

/** An option that must be given. */
export const required = <T>(check: Check<T>): Parameter<T> => parameter(undefined, check);

/**
 * Makes a network as a part of another and lists it there.
 * @throws ValidationError unless `parent` is a network
 */
export function partOf<N extends Network>(parent: Network, factory: string, make: () => N): N {
  if (!(parent instanceof Network))
    throw new ValidationError({
      owner: `networks.${factory}`,
      parameter: "parent",
      expected: "a Network, and the options after it",
      got: describe(parent),
    });
  return parent.add(make());
}
