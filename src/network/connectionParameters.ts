import type { Distribution } from "../distributions/distribution.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { isNdArray, ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { LstsqL2 } from "../solvers/index.ts";
import { Solver } from "../solvers/solver.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { Lowpass } from "../synapses/index.ts";
import type { Transform } from "../transforms/transform.ts";
import { boolean, distOrArray, member, nullable, seed, text, type Check, type DistOrArrayLike } from "./checks.ts";
import { learningRuleTypes, type LearningRuleTypes } from "./learningRules.ts";
import { parameter } from "./parameters.ts";
import { synapse } from "./probeParameters.ts";

/** A function that a connection computes; gets a copy of `[sizeIn]` numbers. */
export type ConnectionFunction = (x: Float64Array) => number | ArrayLike<number>;

/** The values of a function at the connection's evaluation points, row by row. */
export interface FunctionPoints {
  /** `[n, sizeMid]`. */
  readonly points: NdArray;
}

/** What may be given as a function. */
export type FunctionLike =
  | ConnectionFunction
  | FunctionPoints
  | readonly (readonly number[])[]
  | { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
  | null;

/** What may be given as a transform: a number or vector scales, a matrix is `[sizeOut, sizeMid]`. */
export type TransformGiven = Transform | Distribution | ArrayLike_ | null;

/** Options of a connection. */
export interface ConnectionOptions {
  /** Filter of what arrives; a number is the time constant (s) of a Lowpass; null is none. @defaultValue 0.005 */
  readonly synapse?: SynapseLike;
  /** Points `[n, dimensions]` where decoders are fitted. @defaultValue null: the ensemble's */
  readonly evalPoints?: DistOrArrayLike | null;
  /** Whether evalPoints are multiplied by the radius. @defaultValue true */
  readonly scaleEvalPoints?: boolean;
  /** What is computed from pre's value: a function, or its values at evalPoints (an array then). @defaultValue null: the value itself */
  readonly function?: FunctionLike;
  /** @defaultValue null: none */
  readonly transform?: TransformGiven;
  /** Finds the decoders. @defaultValue LstsqL2() */
  readonly solver?: Solver;
  /** How the connection learns while it runs: a rule, or several in a list or by name. @defaultValue null: not at all */
  readonly learningRuleType?: LearningRuleTypes;
  readonly label?: string | null;
  /** 0..2^32-1; null: drawn from the network's. @defaultValue null */
  readonly seed?: number | null;
}

const computed: Check<ConnectionFunction | FunctionPoints | null> = (owner, name, value) => {
  if (value === null || typeof value === "function") return value as ConnectionFunction | null;
  const points = typeof value === "object" && "points" in value ? value.points : value;
  if (!Array.isArray(points) && !isNdArray(points)) {
    throw new ValidationError({
      owner,
      parameter: name,
      expected: "a function of an array, its values at evalPoints as an array, or null",
      got: describe(value),
    });
  }
  const array = ndarray(points, { owner, parameter: name });
  if (array.shape.length !== 2 || array.data.length === 0)
    throw new ShapeError({
      owner,
      parameter: name,
      expected: "values of shape [n, sizeMid], a row for each evaluation point",
      got: `shape [${array.shape.join(", ")}]`,
    });
  return { points: array };
};

export const connectionParameters = {
  synapse: parameter(new Lowpass({ tau: 0.005 }), synapse),
  evalPoints: parameter(null, nullable(distOrArray("nEvalPoints", "dimensions"))),
  scaleEvalPoints: parameter(true, boolean),
  function: parameter(null, computed),
  // Kept as given: what it stands for depends on the sizes of the connection.
  transform: parameter<TransformGiven>(null, (_owner, _name, value) => value as TransformGiven),
  solver: parameter(
    new LstsqL2(),
    member((value) => value instanceof Solver, "a solver such as new LstsqL2()"),
  ),
  learningRuleType: parameter(null, learningRuleTypes),
  label: parameter(null, nullable(text)),
  seed: parameter(null, seed),
};
