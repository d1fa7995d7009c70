import { ValidationError, describe } from "../errors.ts";

/** What tfjs takes as the name of a tensor or a layer. */
const LEGAL = /^[A-Za-z0-9][-\w./]*$/;

/** The names in order, a repeated one with the first free of `_1`, `_2`, ... behind it. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let i = 1; taken.has(free) || (free !== name && names.includes(free)); i++) free = `${name}_${i}`;
    taken.add(free);
    return free;
  });
}

/** Checks names that a user gives to `count` outputs; returns them. */
export function checkOutputNames(names: readonly string[], count: number): string[] {
  const fail = (got: string, fix: string): never => {
    throw new ValidationError({ owner: "NengoModel", parameter: "outputNames", expected: `${count} distinct legal names`, got, fix });
  };
  if (!Array.isArray(names) || names.length !== count)
    fail(describe(names), "Give one name for each output, or none to name them by their layers");
  for (const name of names) {
    if (typeof name !== "string" || !LEGAL.test(name))
      fail(describe(name), "A name starts with a letter or digit and has only letters, digits, and any of . / _ -");
  }
  if (new Set(names).size !== names.length) fail(describe(names), "Rename the repeated ones");
  return [...names];
}
