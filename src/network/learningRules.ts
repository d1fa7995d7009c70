import { ValidationError, describe } from "../errors.ts";
import { LearningRuleType } from "../learning/learningRuleType.ts";
import { Direct } from "../neurons/index.ts";
import type { Solver } from "../solvers/solver.ts";
import { Dense } from "../transforms/index.ts";
import type { Transform } from "../transforms/transform.ts";
import type { Check } from "./checks.ts";
import type { Connection } from "./connection.ts";
import { Ensemble } from "./ensemble.ts";
import type { LearningRule } from "./learningRule.ts";
import { Neurons } from "./neurons.ts";
import { objectName } from "./objectName.ts";

/** One learning rule, several in a list or by name, or none. */
export type LearningRuleTypes = LearningRuleType | readonly LearningRuleType[] | Readonly<Record<string, LearningRuleType>> | null;

/** The rules of a connection, in the structure of their types. */
export type LearningRules = LearningRule | readonly LearningRule[] | Readonly<Record<string, LearningRule>> | null;

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Checks what is given as learningRuleType; lists and objects are copied. */
export const learningRuleTypes: Check<LearningRuleTypes> = (owner, name, value) => {
  if (value === null || value instanceof LearningRuleType) return value;
  const items: readonly unknown[] = Array.isArray(value) ? value : isPlain(value) ? Object.values(value) : [value];
  const bad: unknown = items.find((item) => !(item instanceof LearningRuleType));
  if (bad !== undefined) {
    throw new ValidationError({
      owner,
      parameter: name,
      expected: "a learning rule such as new PES(), a list or an object of them, or null",
      got: describe(bad),
    });
  }
  return Array.isArray(value) ? Object.freeze([...items]) : Object.freeze({ ...(value as object) });
};

/** Makes something of every rule type, in the same structure. */
export function mapRules<T>(
  types: LearningRuleTypes,
  make: (type: LearningRuleType, key: number | string | null) => T,
): T | readonly T[] | Readonly<Record<string, T>> | null {
  if (types === null) return null;
  if (types instanceof LearningRuleType) return make(types, null);
  if (Array.isArray(types)) return Object.freeze((types as readonly LearningRuleType[]).map((type, k) => make(type, k)));
  return Object.freeze(Object.fromEntries(Object.entries(types).map(([key, type]) => [key, make(type, key)])));
}

/** The rules of a connection as a list, in the order in which they are built. */
export function rulesOf({ learningRule }: Pick<Connection, "learningRule">): readonly LearningRule[] {
  if (learningRule === null) return [];
  if ("learningRuleType" in learningRule && learningRule.learningRuleType instanceof LearningRuleType)
    return [learningRule as LearningRule];
  return Object.values(learningRule as readonly LearningRule[] | Readonly<Record<string, LearningRule>>);
}

/** What a rule has to fit. */
interface Learner {
  readonly owner: string;
  readonly pre: Connection["preObject"];
  readonly post: Connection["postObject"];
  readonly toNeurons: boolean;
  readonly transform: Transform | null;
  readonly solver: Solver;
}

/** @throws ValidationError where a connection cannot learn by a rule */
export function checkLearning(type: LearningRuleType, { owner, pre, post, toNeurons, transform, solver }: Learner): void {
  const refuse = (expected: string, got: string, fix?: string): never => {
    throw new ValidationError({ owner, parameter: "learningRuleType", expected, got, ...(fix === undefined ? {} : { fix }) });
  };
  if (transform !== null && !(transform instanceof Dense))
    refuse(`a dense transform for ${type.type}`, transform.type, "Learning on other transforms is not possible");
  // What changes encoders needs no weights of its own, so it may learn from any source.
  if (type.modifies !== "encoders") {
    if (!(pre instanceof Ensemble || pre instanceof Neurons))
      refuse(`a connection from an ensemble or neurons for ${type.type}`, `one from ${objectName(pre)}`);
    if (pre instanceof Ensemble && pre.neuronType instanceof Direct)
      refuse(`a connection with decoders or weights for ${type.type}`, "one from an ensemble in Direct mode");
    if (transform === null && pre instanceof Neurons)
      refuse(`a connection with weights for ${type.type}`, "transform null", "Give a matrix as transform");
    if (pre instanceof Neurons && transform instanceof Dense && transform.rank !== 2)
      refuse(`a matrix as transform for ${type.type}`, transform.rank === 0 ? "a number" : "a vector", "Give the whole matrix");
  }
  if (type.modifies === "weights") {
    if (!toNeurons)
      refuse(
        `a connection to neurons for ${type.type}`,
        `one to ${objectName(post)}`,
        "Connect neurons with neurons, or give a solver with {weights: true}",
      );
    if (
      pre instanceof Ensemble &&
      !solver.weights &&
      !(transform instanceof Dense && transform.rank === 2 && transform.sizeIn === pre.nNeurons)
    )
      refuse(
        `weights between neurons for ${type.type}`,
        "decoders and a transform",
        "Connect from the neurons, or give a solver with {weights: true}",
      );
  }
  if (type.modifies === "encoders") {
    if (!(post instanceof Ensemble)) refuse(`a connection to an ensemble for ${type.type}`, `one to ${objectName(post)}`);
    if (toNeurons)
      refuse(`a connection through encoders for ${type.type}`, "full weights, which bypass them", "Take a solver without weights");
    if (post instanceof Ensemble && post.neuronType instanceof Direct)
      refuse(`a post ensemble with encoders for ${type.type}`, "one in Direct mode");
  }
}
