import { ReadonlyError } from "./errors.ts";

/**
 * Makes fields of a finished object refuse to be set, in JavaScript too, where `readonly` is only a word.
 * @param owner - for messages
 * @param fix - what to do instead
 */
export function protect<T extends object>(object: T, owner: string, names: readonly (keyof T & string)[], fix: string): void {
  for (const parameter of names) {
    const value = object[parameter];
    Object.defineProperty(object, parameter, {
      enumerable: true,
      get: () => value,
      set: () => {
        throw new ReadonlyError({ owner, parameter, expected: "to be read only", got: "another value", fix });
      },
    });
  }
}
