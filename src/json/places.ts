import { NetworkFileError, ValidationError, describe } from "../errors.ts";

/** The path of a member of an object or list: `path.key`, `path["a key"]` or `path[3]`. */
export function member(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The error that something at a path is not as it should be. */
export function wrong(path: string, expected: string, got: string, fix?: string): NetworkFileError {
  const what = `expected ${expected}, got ${got}.`;
  return new NetworkFileError(path, fix === undefined ? what : `${what} ${fix}.`);
}

/**
 * Runs what makes or draws the object at a path; its errors are told with the path in place of their owner.
 * @param keys - keys of the file for parameters of another name
 */
export function within<T>(path: string, make: () => T, keys: Readonly<Record<string, string>> = {}): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof NetworkFileError) throw error;
    if (error instanceof ValidationError) {
      const { owner, parameter } = error;
      const place = parameter === undefined ? path : `${path}.${keys[parameter] ?? parameter}`;
      const prefix = `${parameter === undefined ? owner : `${owner}.${parameter}`}: `;
      throw new NetworkFileError(place, error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message, {
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message : describe(error);
    throw new NetworkFileError(path, `expected a value to make an object of, got one that fails: ${reason}.`, { cause: error });
  }
}

/** Checks an object that has no keys but these. */
export function fields<K extends string>(value: unknown, path: string, what: string, keys: readonly K[]): { readonly [P in K]?: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, what, describe(value));
  for (const key of Object.keys(value)) {
    if (!(keys as readonly string[]).includes(key))
      throw wrong(member(path, key), `one of ${keys.join(", ")}`, `an unknown key ${JSON.stringify(key)}`, "Remove or rename it");
  }
  return value;
}

/** A list, empty where it is left out. */
export function list(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(path, "a list", describe(value));
  return value;
}
