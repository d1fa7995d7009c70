import { ValidationError, describe } from "../errors.ts";
import type { Check, Sizes } from "./checks.ts";

/** An option of a kind of network object. */
export interface Parameter<T> {
  /** The value where neither the object nor a network's `config` says otherwise. */
  readonly initial: unknown;
  readonly check: Check<T>;
}

/** Options by name, in the order in which they are checked. */
export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>;

/** The kept values of a table's options. */
export type Values<P extends ParameterTable> = { [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

export const parameter = <T>(initial: unknown, check: Check<T>): Parameter<T> => ({ initial, check });

/** @throws ValidationError if `options` is no plain object or has a name that the table lacks. */
export function checkNames(owner: string, options: unknown, table: ParameterTable): void {
  const known = Object.keys(table);
  const list = known.length === 0 ? "no option" : `one of ${known.join(", ")}`;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ValidationError({ owner, expected: `an options object with ${list}`, got: describe(options) });
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name))
      throw new ValidationError({
        owner,
        parameter: name,
        expected: list,
        got: `an unknown option ${JSON.stringify(name)}`,
        fix: "Remove or rename it",
      });
  }
}

/** Where options come from that were not given: `undefined` if a network has none of that name. */
export interface DefaultsSource {
  get(name: string): unknown;
}

/** What the nearest defaults say that have the name; undefined if none has. */
export function nearest(defaults: readonly DefaultsSource[], name: string): unknown {
  for (const own of defaults) {
    const value = own.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Every option of a table: as given, else from the nearest defaults that have it, else Nengo's; checked. */
export function resolveOptions<P extends ParameterTable>(
  owner: string,
  table: P,
  options: object,
  defaults: readonly DefaultsSource[],
  sizes: Sizes = {},
): Values<P> {
  checkNames(owner, options, table);
  const values: Record<string, unknown> = {};
  for (const [name, { initial, check }] of Object.entries(table)) {
    const given = (options as Record<string, unknown>)[name];
    const value = given === undefined ? nearest(defaults, name) : given;
    values[name] = check(owner, name, value === undefined ? initial : value, sizes);
  }
  return values as Values<P>;
}
