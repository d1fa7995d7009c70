import { describe } from "../errors.ts";
import { member, within, wrong } from "./places.ts";
import { typeNamed } from "./types.ts";

/** Whether this is an object that tells its type. */
export const hasType = (value: unknown): value is { readonly type: unknown; readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "type");

/** Makes the declared values inside a value of the file; all else stays as it is. */
export function readValue(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, k) => (typeof item === "object" && item !== null ? readValue(item, member(path, k)) : item));
  return hasType(value) ? readDeclared(value, path) : readValues(value, path);
}

/** As `readValue`, for every member of an object. */
export const readValues = (values: object, path: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, item]) => [key, readValue(item, member(path, key))]));

function readDeclared({ type, ...parameters }: { readonly type: unknown; readonly [key: string]: unknown }, path: string): unknown {
  const Class = typeof type === "string" ? typeNamed(type) : undefined;
  if (Class === undefined)
    throw wrong(
      member(path, "type"),
      "the name of a known type",
      describe(type),
      "Correct it; a class of your own is made known with registerType",
    );
  const options = readValues(parameters, path);
  return within(path, () => new Class(options as never));
}
