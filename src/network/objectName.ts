import { describe } from "../errors.ts";

/** Anything of a network that messages call by name; `String(object)` is that name. */
export abstract class Named {
  /** Name for messages. */
  abstract toString(): string;
}

/** A short name for messages, e.g. `Connection from Node "in" to Ensemble "a"`; other values as `describe` has them. */
export function objectName(value: unknown): string {
  if (Array.isArray(value) && value.some((item) => item instanceof Named)) return `[${value.map(objectName).join(", ")}]`;
  return value instanceof Named ? value.toString() : describe(value);
}

const places = new WeakMap<object, string>();

/** Notes where an object stands in its network, e.g. `ensembles[1]`: the name of what has no label. */
export function rememberPlace(object: object, place: string): void {
  places.set(object, place);
}

/** `Ensemble "square"`; without a label `Ensemble ensembles[1]`; before it stands in a network `Ensemble`. */
export function labelled(type: string, label: unknown, object?: object): string {
  if (typeof label === "string") return `${type} ${JSON.stringify(label)}`;
  const place = object === undefined ? undefined : places.get(object);
  return place === undefined ? type : `${type} ${place}`;
}

/** The label in options that are not checked yet, for messages about them. */
export const labelOf = (options: unknown): unknown =>
  typeof options === "object" && options !== null && "label" in options ? options.label : null;
