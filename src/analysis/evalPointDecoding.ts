import { activitiesAt, targetsAt } from "../build/decoders.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { multiply, transpose } from "../math/linalg.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Connection, Ensemble, objectName } from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import type { Simulator } from "../simulator/index.ts";

/** What a connection should decode, and what it does. */
export interface EvalPointDecoding {
  /** `[points, dimensions]` of the ensemble. */
  readonly evalPoints: NdArray;
  /** What the function says, before the transform `[points, size]`. */
  readonly targets: NdArray;
  /** What the weights give of the neurons' rates, after the transform `[points, sizeOut]` (input currents where the solver has weights). */
  readonly decoded: NdArray;
}

/**
 * Targets and decoded values of a connection from an ensemble, at its evaluation points or others, with the weights that a
 * simulator solved or trained.
 * @param evalPoints - `[points, dimensions]`; left out, those that the weights were solved at
 * @throws ValidationError unless the connection decodes from an ensemble, ShapeError for points of other dimensions
 */
export function evalPointDecoding(connection: Connection, sim: Simulator, evalPoints?: ArrayLike_): EvalPointDecoding {
  const owner = "evalPointDecoding";
  const pre = connection instanceof Connection ? connection.preObject : null;
  if (!(pre instanceof Ensemble) || pre.neuronType instanceof Direct)
    throw new ValidationError({
      owner,
      parameter: "connection",
      expected: "a connection from an ensemble with neurons",
      got: objectName(connection),
    });
  const known = sim.data.get(connection);
  const points = evalPoints === undefined ? known.evalPoints : ndarray(evalPoints, { owner, parameter: "evalPoints" });
  if (points === null)
    throw new ValidationError({
      owner,
      parameter: "evalPoints",
      expected: "points, for none were needed to solve this connection",
      got: "none",
    });
  if (points.shape.length !== 2 || points.shape[1] !== pre.dimensions)
    throw new ShapeError({
      owner,
      parameter: "evalPoints",
      expected: `points [n, ${pre.dimensions}]`,
      got: `shape [${points.shape.join(", ")}]`,
    });
  const { function: fn, sizeMid, preIndices, transform, solver, scaleEvalPoints } = connection;
  const name = objectName(connection);
  const described = { preObject: pre, preIndices, function: fn, sizeMid, transform, solver, evalPoints: null, scaleEvalPoints, name };
  const targets = targetsAt(described, points);
  const activities = activitiesAt(pre, sim.data.get(pre), points);
  const [count, n] = [points.shape[0], pre.nNeurons];
  const { shape, data } = known.weights!;
  const decoded = multiply(activities, transpose(data, shape[0], n), count, n, shape[0]);
  return { evalPoints: points, targets, decoded: { shape: [count, shape[0]], data: decoded } };
}
