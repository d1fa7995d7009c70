import { BuildError } from "../errors.ts";
import { input, mul } from "../expr/expr.ts";
import { operand, range, Signal } from "../ir/signal.ts";
import { multiply, transpose } from "../math/linalg.ts";
import type { NdArray } from "../math/ndarray.ts";
import { RandomState } from "../math/random.ts";
import { Ensemble, Neurons, objectName, trainableOf, type Connection, type IndexSet, type Probe } from "../network/index.ts";
import { Direct } from "../neurons/direct.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { columnMajor, Dense } from "../transforms/dense.ts";
import { positions, solveDecoders, type Decoded } from "./decoders.ts";
import type { BuiltConnection, Model } from "./model.ts";
import { checkOutput } from "./node.ts";
import { copy, noRoles, rangeOf, reset, slot, spaced, whole, type Slot } from "./operators.ts";

/** Decoders are applied as any matrix is. */
const decodedTransform = new Dense({ shape: [1, 1] });
const scaled = mul(input("gain"), input("x"));

/** What is needed to wire a connection, or a probe as one. */
export interface Wiring {
  readonly source: Decoded;
  /** As given: the object, or a view of it. */
  readonly pre: unknown;
  /** The network's object: signals and built values are kept under it. */
  readonly owner: Connection | Probe;
  readonly seed: number;
  readonly synapse: Synapse | null;
  readonly target: Target;
  /** Whether the weights may train. */
  readonly trainable: boolean;
}

/** Where the value of a connection ends. */
type Target =
  | { readonly kind: "value"; readonly slot: Slot }
  | { readonly kind: "neurons"; readonly slot: Slot; readonly gain: Slot }
  /** Weights that contain the post ensemble's encoders, whose columns `post` picks. */
  | { readonly kind: "encoded"; readonly ensemble: Ensemble; readonly post: IndexSet };

/** Builds a connection of the network. */
export function buildConnection(model: Model, connection: Connection): void {
  const { preObject: pre, postObject: post, postIndices } = connection;
  const name = objectName(connection);
  const into = (): Slot => slot(model.signal(post, "in", name), postIndices, connection.post);
  const encoded = connection.solver.weights && isDecoded(pre) && post instanceof Ensemble;
  const target: Target = encoded
    ? { kind: "encoded", ensemble: post, post: postIndices }
    : post instanceof Neurons
      ? { kind: "neurons", slot: into(), gain: slot(model.signal(post.ensemble.neurons, "gain", name), postIndices, connection.post) }
      : { kind: "value", slot: into() };
  const { function: fn, preIndices, sizeMid, transform, solver, evalPoints, scaleEvalPoints } = connection;
  const source = { name, preObject: pre, preIndices, function: fn, sizeMid, transform, solver, evalPoints, scaleEvalPoints };
  wire(model, {
    source,
    pre: connection.pre,
    owner: connection,
    seed: model.seed(connection),
    synapse: connection.synapse,
    target,
    trainable: trainableOf(connection) ?? true,
  });
}

/** Whether values are decoded from an object's neurons. */
const isDecoded = (pre: Connection["preObject"]): pre is Ensemble => pre instanceof Ensemble && !(pre.neuronType instanceof Direct);

/** Operators of a connection, in Nengo's order: slice, function, weights, synapse, into post. */
export function wire(model: Model, wiring: Wiring): void {
  const { source, owner, synapse } = wiring;
  const { name, preObject: pre } = source;
  const rng = new RandomState(wiring.seed);
  const decoded = isDecoded(pre) ? pre : null;
  const output = model.signal(decoded === null ? pre : decoded.neurons, "out", name);
  model.register(owner, "in", output);

  const from = decoded === null ? sliced(model, name, slot(output, source.preIndices, wiring.pre)) : whole(output);
  const value = decoded !== null || pre instanceof Neurons ? from : applyFunction(model, source, from);
  const weighted = weigh(model, wiring, value, rng, decoded);
  const filtered = synapse === null ? weighted : filter(model, synapse, weighted, name);
  model.register(owner, "out", filtered.picked.signal);
  deliver(model, name, wiring.target, filtered);
}

/** A slice that is not evenly spaced by 1 is copied together. */
function sliced(model: Model, name: string, from: Slot): Slot {
  if (from.picked.index === null) return from;
  const picked = new Signal(`${name}.slice`, { shape: [from.picked.length], perItem: true });
  model.add(copy(from, whole(picked), "set"));
  return whole(picked);
}

/** The function of a connection from a Node or a Direct ensemble is called at every step. */
function applyFunction(model: Model, { function: fn, name, sizeMid }: Decoded, from: Slot): Slot {
  if (fn === null) return from;
  if (typeof fn !== "function")
    throw new BuildError(
      `${name}.function: expected a function where pre computes exactly (a Node or Direct mode), got points. Give a function.`,
    );
  const output = new Signal(`${name}.function`, { shape: [sizeMid], perItem: true });
  model.add({
    ...noRoles,
    label: `SimPyFunc ${name}`,
    sets: [output],
    reads: [from.touched],
    lower: () => [
      {
        kind: "host",
        origin: `${name}.function`,
        call: { kind: "function", call: (_t, [x]) => [checkOutput(fn(x), sizeMid, `${name}.function`)] },
        inputs: [rangeOf(from)],
        outputs: [{ range: range(output), role: "set" }],
        slot: null,
      },
    ],
  });
  return whole(output);
}

/** Solves and applies weights, where the connection has any. */
function weigh(model: Model, { source, owner, target, trainable }: Wiring, value: Slot, rng: RandomState, ensemble: Ensemble | null): Slot {
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
  const signal = model.register(
    owner,
    "weights",
    new Signal(`${name}.weights`, {
      shape: weights.shape,
      perItem: false,
      initial: weights.shape.length === 2 ? columnMajor(weights) : weights.data,
      parameter: { role: "weights", owner, trainable },
    }),
  );
  model.parameters.push({ signal, role: "weights", owner, path: name });
  const size = weights.shape.length === 2 ? weights.shape[0] : value.picked.length;
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
  const { name, transform } = source;
  if (transform !== null && !(transform instanceof Dense)) {
    throw new BuildError(
      `${name}.transform: expected a dense transform on a decoded connection, got ${transform.type}. Connect from the ensemble's neurons instead.`,
    );
  }
  const { solution, points } = solveDecoders(source, ensemble, model.ensembles.get(ensemble)!, rng);
  const decoders = { shape: [source.sizeMid, ensemble.nNeurons], data: transpose(solution.weights, ensemble.nNeurons, source.sizeMid) };
  const weights = transform === null ? decoders : compose(transform.sample(rng), decoders);
  return {
    weights: target.kind === "encoded" ? product(encodersOf(model, target.ensemble, target.post), weights) : weights,
    evalPoints: points,
    solverInfo: solution.info,
  };
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

/** A synapse over a signal: an operator that updates, so that readers see it one step later. */
export function filter(model: Model, synapse: Synapse, from: Slot, name: string): Slot {
  const label = `SimProcess ${synapse.type} of ${name}`;
  const output = new Signal(`${name}.filtered`, { shape: [from.picked.length], perItem: true });
  const states: Signal[] = [];
  const state = (key: string, shape: readonly number[]): Signal => {
    const signal = new Signal(`${name}.filtered.${key}`, { shape, perItem: true });
    states.push(signal);
    return signal;
  };
  // Lowered once, so that both phases share the filter's state.
  const operators = synapse.lower({ dt: model.dt, input: rangeOf(from), output: range(output), origin: label, state });
  model.add({
    ...noRoles,
    label,
    reads: [from.touched],
    updates: [output, ...states],
    stream: { origin: label, seed: { kind: "draw" }, maker: { kind: "none" } },
    lower: () => operators,
  });
  return whole(output);
}

/** Adds the value to what post receives; direct neuron input is multiplied by the gains. */
function deliver(model: Model, name: string, target: Target, from: Slot): void {
  if (target.kind !== "neurons") {
    const into = target.kind === "value" ? target.slot : whole(model.signal(target.ensemble.neurons, "in", name));
    model.add(copy(from, into, "inc"));
    return;
  }
  let into = target.slot;
  let y = spaced(into);
  if (y === null) {
    // Increments through a list go into a signal of their own first, which is then copied; repeats add up.
    const scattered = new Signal(`${name}.scattered`, { shape: [into.picked.length], perItem: true });
    model.add(reset(scattered));
    model.add(copy(whole(scattered), into, "inc"));
    into = whole(scattered);
    y = operand(range(scattered));
  }
  const gain = spaced(target.gain) ?? operand(range(pickedGains(target.gain, name)));
  const increment = y;
  const label = `ElementwiseInc ${name}`;
  model.add({
    ...noRoles,
    label,
    incs: [into.touched],
    reads: [target.gain.touched, from.touched],
    lower: () => [
      {
        kind: "elementwise",
        origin: label,
        shape: [into.picked.length],
        inputs: { gain, x: operand(rangeOf(from)) },
        constants: {},
        outputs: [{ operand: increment, role: "inc", expr: scaled }],
        differentiable: true,
      },
    ],
  });
}

/** The gains of listed neurons. */
function pickedGains({ picked: { signal, index } }: Slot, name: string): Signal {
  const initial = Float64Array.from(index!, (i) => signal.initial![i]);
  return new Signal(`${name}.gains`, { shape: [initial.length], perItem: false, initial });
}
