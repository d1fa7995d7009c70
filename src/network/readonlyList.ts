import { ReadonlyError } from "../errors.ts";

/**
 * A view of a list that follows it and refuses to be changed: what is pushed into a network's list would have no place in it.
 * @param owner - `Network.ensembles`, for messages
 * @param fix - how to do it rightly
 */
export function readonlyList<T>(list: T[], owner: () => string, parameter: string, fix: string): readonly T[] {
  const refuse = (): never => {
    throw new ReadonlyError({ owner: owner(), parameter, expected: "to be read only", got: "a change", fix });
  };
  return new Proxy(list, {
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    setPrototypeOf: refuse,
    preventExtensions: refuse,
  });
}
