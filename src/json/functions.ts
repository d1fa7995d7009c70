import { ValidationError, describe } from "../errors.ts";

/** JavaScript functions by the names that stand for them in a file. */
export type NamedFunctions = Readonly<Record<string, (...args: never[]) => unknown>>;

type Named = NamedFunctions[string];

const registered = new Map<string, Named>();

/**
 * Makes a function known by a name to every network that is read or written from now on.
 * @throws ValidationError where the name stands for another function already
 */
export function registerFunction(name: string, fn: (...args: never[]) => unknown): void {
  const owner = "registerFunction";
  if (typeof name !== "string" || name === "")
    throw new ValidationError({ owner, parameter: "name", expected: "a name", got: describe(name) });
  if (typeof fn !== "function") throw new ValidationError({ owner, parameter: name, expected: "a function", got: describe(fn) });
  const known = registered.get(name);
  if (known !== undefined && known !== fn) {
    throw new ValidationError({
      owner,
      parameter: "name",
      expected: "a name that is not taken",
      got: `${JSON.stringify(name)}, which stands for another function`,
      fix: "Choose another name",
    });
  }
  registered.set(name, fn);
}

/** Functions by name, and names by function: those given come before registered ones. */
export class FunctionTable {
  private readonly given: ReadonlyMap<string, Named>;

  /** @throws ValidationError unless every value is a function */
  constructor(owner: string, functions: NamedFunctions = {}) {
    if (typeof functions !== "object" || functions === null)
      throw new ValidationError({ owner, parameter: "functions", expected: "an object of functions by name", got: describe(functions) });
    for (const [name, fn] of Object.entries<unknown>(functions)) {
      if (typeof fn !== "function")
        throw new ValidationError({ owner, parameter: `functions.${name}`, expected: "a function", got: describe(fn) });
    }
    this.given = new Map(Object.entries(functions));
  }

  find(name: string): Named | undefined {
    return this.given.get(name) ?? registered.get(name);
  }

  /** The first name under which a reader with the same table finds this function. */
  nameOf(fn: unknown): string | undefined {
    for (const [name, known] of this.given) if (known === fn) return name;
    for (const [name, known] of registered) if (known === fn && !this.given.has(name)) return name;
    return undefined;
  }
}
