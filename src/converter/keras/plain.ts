import { ConversionError, describe } from "../../errors.ts";

/** An object of a model's JSON. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * An object in JSON. Python also writes NaN and Infinity, which JSON does not have.
 * @throws ConversionError for anything else
 */
export function parseJson(name: string, source: Uint8Array | string): Json {
  const text = (typeof source === "string" ? source : new TextDecoder().decode(source)).replace(/^\uFEFF/, "");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConversionError(
      { owner: name, expected: "JSON", got: (cause as Error).message, fix: "Copy or save the file again" },
      { cause },
    );
  }
  if (!isObject(value)) throw new ConversionError({ owner: name, expected: "an object in JSON", got: describe(value) });
  return value;
}

/** Nesting that no model has; deeper JSON would end in a stack overflow. */
const DEEPEST = 200;

/** @throws ConversionError for JSON nested deeper than any model's */
export function checkDepth(value: unknown, owner: string, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > DEEPEST) throw new ConversionError({ owner, expected: `at most ${DEEPEST} levels of JSON`, got: "more" });
  for (const part of Object.values(value)) checkDepth(part, owner, depth + 1);
}

/**
 * A value of a layer's config without Python's wrappers: tuples, arrays and tensors become arrays, scalars of NumPy numbers,
 * dtype policies their names; numbers that tell that two objects were one go. Objects of classes (initialisers, layers, functions) stay as they are.
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  const { class_name: className, config } = value;
  if (className === "__tuple__") return plain(value.items);
  if ((className === "__numpy__" || className === "__tensor__") && isObject(config)) return plain(config.value);
  if (value.type === "ndarray" && "value" in value) return plain(value.value);
  if (isObject(config) && typeof className === "string" && /^(\w*DTypePolicy|Policy|PolicyV1)$/.test(className)) return plain(config.name);
  const parts = Object.entries(value).filter(([key]) => key !== "shared_object_id");
  return Object.fromEntries(parts.map(([key, part]) => [key, plain(part)]));
}

/** snake_case to camelCase, as tfjs does it. */
export const camel = (name: string) => (name.length <= 1 ? name : name.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase()));

/** A config in Python's spelling as tfjs layers take it: keys and text values in camel case, except what stands under `name`. */
export function camelConfig(value: unknown): unknown {
  if (typeof value === "string") return camel(value);
  if (Array.isArray(value)) return value.map(camelConfig);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [camel(key), key === "name" && typeof part === "string" ? part : camelConfig(part)]),
  );
}
