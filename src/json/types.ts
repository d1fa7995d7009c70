import { Declared } from "../declared.ts";
import * as distributions from "../distributions/index.ts";
import { ValidationError, describe } from "../errors.ts";
import * as learning from "../learning/index.ts";
import * as neurons from "../neurons/index.ts";
import * as surrogates from "../neurons/surrogates/index.ts";
import * as processes from "../processes/index.ts";
import * as solvers from "../solvers/index.ts";
import * as synapses from "../synapses/index.ts";
import * as transforms from "../transforms/index.ts";

/** A class of declared values that a file may name. */
export interface FileType {
  new (options: never): Declared;
  readonly type: string;
  readonly parameters: readonly string[];
}

/** Types of the format that are no classes. */
const reserved: readonly string[] = ["constant", "table", "function", "points", "NoTransform"];

const isFileType = (value: unknown): value is FileType =>
  typeof value === "function" &&
  value.prototype instanceof Declared &&
  Object.hasOwn(value, "type") &&
  typeof (value as unknown as FileType).type === "string" &&
  (value as unknown as FileType).type !== "";

const types = new Map<string, FileType>();
for (const family of [distributions, learning, neurons, processes, solvers, surrogates, synapses, transforms]) {
  for (const member of Object.values<unknown>(family)) if (isFileType(member)) types.set(member.type, member);
}

/**
 * Makes a class of your own (neuron type, process, distribution, ...) known to files by its static `type`.
 * @throws ValidationError unless it is a subclass of a family with a `type` of its own that is not taken
 */
export function registerType(Class: FileType): void {
  const owner = "registerType";
  if (!isFileType(Class)) {
    throw new ValidationError({
      owner,
      expected: "a class with a static `type` of its own that extends NeuronType, Process, Distribution or another family",
      got: describe(Class),
    });
  }
  const known = types.get(Class.type);
  if (known === Class) return;
  if (known !== undefined || reserved.includes(Class.type)) {
    throw new ValidationError({
      owner,
      parameter: "type",
      expected: "a type that is not taken",
      got: JSON.stringify(Class.type),
      fix: "Choose another static type",
    });
  }
  types.set(Class.type, Class);
}

/** The class that a file means by a type; undefined if there is none. */
export const typeNamed = (type: string): FileType | undefined => types.get(type);
