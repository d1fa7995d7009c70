import type { Declared } from "../declared.ts";
import { readValue } from "../json/readValue.ts";
import { writeValue } from "../json/writeValue.ts";

/*
 * tfjs rewrites the case of keys and strings of a layer's config when a model is saved, except for a string under the key `name`. A
 * declared value (neuron type, synapse, ...) therefore stands in a config as JSON text under that key.
 */

/** A declared value as a layer's config holds it. */
export interface DeclaredText {
  name: string;
  [key: string]: string;
}

/** @throws NetworkFileError for a class that a reader would not know (see `registerType`) */
export const declaredText = (value: Declared, parameter: string): DeclaredText => ({ name: JSON.stringify(writeValue(value, parameter)) });

export const isDeclaredText = (value: unknown): value is DeclaredText =>
  typeof value === "object" && value !== null && typeof (value as DeclaredText).name === "string" && Object.keys(value).length === 1;

/** The value that a config's text describes. */
export const fromDeclaredText = ({ name }: DeclaredText, parameter: string): unknown => readValue(JSON.parse(name), parameter);
