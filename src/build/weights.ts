import { BuildError } from "../errors.ts";
import { range, Signal } from "../ir/signal.ts";
import { transpose } from "../math/linalg.ts";
import { product as multiply } from "../math/normalEquations.ts";
import type { NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";
import { Neurons, type Ensemble, type IndexSet } from "../network/index.ts";
import { columnMajor, Dense } from "../transforms/dense.ts";
import { activitiesAt, positions, solveDecoders, type Decoded } from "./decoders.ts";
import type { BuiltConnection, Model } from "./model.ts";
import { noRoles, rangeOf, reset, whole, type Slot } from "./operators.ts";
import type { Target, Wiring } from "./wiring.ts";

/** Decoders are applied as any matrix is. */
const decodedTransform = new Dense({ shape: [1, 1] });

/** Solves and applies weights, where the connection has any. */
export function weigh(
  model: Model,
  { source, owner, target, trainable }: Wiring,
  value: Slot,
  rng: RandomState,
  ensemble: Ensemble | null,
): Slot {
  const { name, transform, preObject: pre } = source;
  if (ensemble === null && transform === null) {
    model.connections.set(owner, { weights: null, evalPoints: null, solverInfo: null });
    return value;
  }
  const built =
    ensemble === null
      ? { weights: transform!.sample(rng), evalPoints: null, solverInfo: null }
      : decodedWeights(model, source, target, ensemble, rng);
  const { weights } = built;
  model.connections.set(owner, built);
  const signal = model.parameter(owner, {
    role: "weights",
    name: `${name}.weights`,
    shape: weights.shape,
    initial: weights.shape.length === 2 ? columnMajor(weights) : weights.data,
    trainable,
  });
  const size = ensemble === null ? transform!.sizeOut : weights.shape[0];
  const weighted = new Signal(`${name}.weighted`, { shape: [size], perItem: true });
  model.add(reset(weighted));
  const label = `DotInc ${name}.weights`;
  const lowering = ensemble === null ? transform! : decodedTransform;
  const spikes = pre instanceof Neurons ? pre.ensemble.neuronType.spiking : (ensemble?.neuronType.spiking ?? false);
  model.add({
    ...noRoles,
    label,
    incs: [weighted],
    reads: [signal, value.touched],
    lower: () => lowering.lower({ weights: signal, x: rangeOf(value), y: range(weighted), spikes, origin: label }),
  });
  return whole(weighted);
}

/** Decoders, with the transform and (for full weights) the post ensemble's encoders multiplied in. */
function decodedWeights(
  model: Model,
  source: Decoded,
  target: Target,
  ensemble: Ensemble,
  rng: RandomState,
): BuiltConnection & { readonly weights: NdArray } {
  const { name, transform, solver, sizeMid } = source;
  if (transform !== null && !(transform instanceof Dense)) {
    throw new BuildError(
      `${name}.transform: expected a dense transform on a decoded connection, got ${transform.type}. Connect from the ensemble's neurons instead.`,
    );
  }
  const built = model.ensembles.get(ensemble)!;
  const ratesAt: typeof activitiesAt = (e, b, points) => (points === b.evalPoints ? model.activities.at(e, b) : activitiesAt(e, b, points));
  const encoders = target.kind === "encoded" ? encodersOf(model, target.ensemble, target.post) : null;
  if (encoders !== null && !solver.compositional) {
    // What is solved for are the weights themselves, of which the product with decoders would be something else.
    if (transform === null)
      throw new BuildError(
        `${name}.transform: expected a dense transform for ${solver.type} with weights, got none. Give transform: 1 (the identity).`,
      );
    const sampled = transform.sample(rng);
    const through = (targets: NdArray): NdArray => product(targets, transposed(product(encoders, matrixOf(sampled, sizeMid))));
    const { solution, points } = solveDecoders(source, ensemble, built, rng, { through, ratesAt });
    const shape = [encoders.shape[0], ensemble.nNeurons];
    return { weights: transposed({ shape: [shape[1], shape[0]], data: solution.weights }), evalPoints: points, solverInfo: solution.info };
  }
  const { solution, points } = solveDecoders(source, ensemble, built, rng, { ratesAt });
  const decoders = transposed({ shape: [ensemble.nNeurons, sizeMid], data: solution.weights });
  const weights = transform === null ? decoders : compose(transform.sample(rng), decoders);
  return { weights: encoders === null ? weights : product(encoders, weights), evalPoints: points, solverInfo: solution.info };
}

const transposed = ({ shape: [rows, columns], data }: NdArray): NdArray => ({
  shape: [columns, rows],
  data: transpose(data, rows, columns),
});

/** A number or a diagonal as a matrix. */
function matrixOf({ shape, data }: NdArray, size: number): NdArray {
  if (shape.length === 2) return { shape, data };
  const full = new Float64Array(size * size);
  for (let k = 0; k < size; k++) full[k * (size + 1)] = data[data.length === 1 ? 0 : k];
  return { shape: [size, size], data: full };
}

/** Product of two row-major matrices. */
function product(a: NdArray, b: NdArray): NdArray {
  const [m, k, n] = [a.shape[0], a.shape[1], b.shape[1]];
  return { shape: [m, n], data: multiply(a.data, b.data, m, k, n) };
}

/** T . D, where T is a number, a diagonal or a matrix. */
function compose(transform: NdArray, decoders: NdArray): NdArray {
  if (transform.shape.length === 2) return product(transform, decoders);
  const columns = decoders.shape[1];
  const factor = (row: number): number => transform.data[transform.data.length === 1 ? 0 : row];
  return { shape: decoders.shape, data: decoders.data.map((v, k) => factor(Math.floor(k / columns)) * v) };
}

/** The columns of an ensemble's scaled encoders that a slice picks: `[neurons, picked]`. */
function encodersOf(model: Model, ensemble: Ensemble, post: IndexSet): NdArray {
  const { scaledEncoders } = model.ensembles.get(ensemble)!;
  const picks = positions(post);
  const [n, d] = scaledEncoders.shape as readonly [number, number];
  const data = new Float64Array(n * picks.length);
  for (let i = 0; i < n; i++) picks.forEach((p, k) => (data[i * picks.length + k] = scaledEncoders.data[i * d + p]!));
  return { shape: [n, picks.length], data };
}
