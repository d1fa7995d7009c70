import { BuildError } from "../errors.ts";
import { checkRoom } from "../math/room.ts";
import { sizeOf, type NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";
import { objectName, type Connection, type Ensemble, type IndexSet } from "../network/index.ts";
import type { Solution } from "../solvers/solver.ts";
import { drawPoints } from "./ensemble.ts";
import type { BuiltEnsemble } from "./model.ts";

/** Positions that an index set picks. */
export const positions = (indices: IndexSet): Int32Array =>
  indices.kind === "list"
    ? Int32Array.from(indices.list)
    : Int32Array.from({ length: indices.length }, (_, k) => indices.start + k * indices.step);

/** What a connection computes, apart from where it ends; a decoded probe is one too. */
export interface Decoded extends Pick<
  Connection,
  "preObject" | "preIndices" | "function" | "sizeMid" | "transform" | "solver" | "evalPoints" | "scaleEvalPoints"
> {
  /** For messages. */
  readonly name: string;
}

/** Evaluation points of a connection: its own, or the ensemble's. `[points, dimensions]` */
export function connectionPoints(connection: Decoded, ensemble: Ensemble, built: BuiltEnsemble, rng: RandomState): NdArray {
  if (connection.evalPoints === null) return built.evalPoints;
  return drawPoints(connection.evalPoints, ensemble, connection.scaleEvalPoints ? ensemble.radius : 1, rng);
}

/** What the decoded value should be at every evaluation point: `[points, sizeMid]`. */
export function targetsAt(connection: Decoded, points: NdArray): NdArray {
  const [count, d] = points.shape as readonly [number, number];
  const picks = positions(connection.preIndices);
  const size = connection.sizeMid;
  const fn = connection.function;
  if (fn !== null && typeof fn !== "function") {
    if (fn.points.shape[0] !== count)
      throw new BuildError(
        `${connection.name}.function: expected one row for each of ${count} evaluation points, got ${fn.points.shape[0]}. Give evalPoints with as many rows.`,
      );
    return fn.points;
  }
  const all = picks.length === d && picks.every((from, k) => from === k);
  if (fn === null && all) return { shape: [count, size], data: points.data.slice() };
  const data = new Float64Array(count * size);
  for (let p = 0; p < count; p++) {
    if (fn === null) {
      for (let k = 0; k < size; k++) data[p * size + k] = points.data[p * d + picks[k]];
      continue;
    }
    // A new one for every call: it is the function's to keep.
    const x = all ? points.data.slice(p * d, (p + 1) * d) : Float64Array.from(picks, (i) => points.data[p * d + i]);
    const value: unknown = fn(x);
    if (size === 1 && Number.isFinite(value)) {
      data[p] = value as number;
      continue;
    }
    const row = typeof value === "number" ? [value] : (value as ArrayLike<number> | null | undefined);
    if (row === null || row === undefined || row.length !== size || !isFiniteRow(row)) {
      throw new BuildError(
        `${connection.name}.function: expected ${size} finite number${size === 1 ? "" : "s"} at every evaluation point, got ${row === null || row === undefined ? String(row) : `[${Array.from(row).join(", ")}]`} at [${Array.from(x).join(", ")}]. Make the function total on the ensemble's range.`,
      );
    }
    data.set(row, p * size);
  }
  return { shape: [count, size], data };
}

function isSilent(activities: Float64Array): boolean {
  for (let k = 0; k < activities.length; k++) if (activities[k] !== 0) return false;
  return true;
}

function isFiniteRow(row: ArrayLike<number>): boolean {
  for (let k = 0; k < row.length; k++) if (!Number.isFinite(row[k])) return false;
  return true;
}

/** Rates (Hz) of an ensemble's neurons at points `[points, dimensions]`: `[points, neurons]`. */
export function activitiesAt(ensemble: Ensemble, built: BuiltEnsemble, points: NdArray): Float64Array {
  const [count, d] = points.shape as readonly [number, number];
  const n = ensemble.nNeurons;
  const encoders = built.encoders.data.map((e) => e / ensemble.radius);
  const { gain, bias } = { gain: built.gain!.data, bias: built.bias!.data };
  const J = new Float64Array(checkRoom(count * n, `${objectName(ensemble)}: rates at ${count} evaluation points`));
  const at = points.data;
  for (let p = 0; p < count; p++) {
    const row = p * n;
    if (d === 1) {
      const x = at[p];
      for (let i = 0; i < n; i++) J[row + i] = gain[i] * (x * encoders[i]) + bias[i];
      continue;
    }
    for (let i = 0; i < n; i++) {
      let x = 0;
      for (let k = 0; k < d; k++) x += at[p * d + k] * encoders[i * d + k];
      J[row + i] = gain[i] * x + bias[i];
    }
  }
  return ensemble.neuronType.ratesOf(J);
}

/** Decoders solved for a connection from an ensemble. */
export interface Decoders {
  readonly solution: Solution;
  readonly points: NdArray | null;
}

interface SolveOptions {
  /** Turns targets `[points, sizeMid]` into those that are solved for. */
  readonly through?: (targets: NdArray) => NdArray;
  /** Where rates come from; computed anew unless said otherwise. */
  readonly ratesAt?: typeof activitiesAt;
}

/**
 * Solves the decoders (`weights` is X, `[neurons, sizeMid]`) of a connection from an ensemble with neurons.
 * @throws BuildError where no neuron fires at any evaluation point
 */
export function solveDecoders(
  connection: Decoded,
  ensemble: Ensemble,
  built: BuiltEnsemble,
  rng: RandomState,
  { through = (targets) => targets, ratesAt = activitiesAt }: SolveOptions = {},
): Decoders {
  const { solver } = connection;
  const sizes = { neurons: ensemble.nNeurons, dimensions: connection.sizeMid };
  if (!solver.needsActivities) {
    const empty = new Float64Array(0);
    return { solution: solver.solve({ activities: empty, targets: empty, points: 0, ...sizes }, rng), points: null };
  }
  const points = connectionPoints(connection, ensemble, built, rng);
  const targets = through(targetsAt(connection, points));
  sizes.dimensions = targets.shape[1];
  const activities = ratesAt(ensemble, built, points);
  if (isSilent(activities)) {
    throw new BuildError(
      `${connection.name}: expected neurons that fire at some evaluation point, got none in ${objectName(ensemble)}. Look at its intercepts, maxRates and evalPoints.`,
    );
  }
  const solution = solver.solve({ activities, targets: targets.data, points: points.shape[0], ...sizes }, rng);
  if (solution.weights.length !== sizeOf([sizes.neurons, sizes.dimensions])) {
    throw new BuildError(
      `${connection.name}.solver: expected weights of shape [${sizes.neurons}, ${sizes.dimensions}], got ${solution.weights.length} numbers.`,
    );
  }
  return { solution, points };
}
