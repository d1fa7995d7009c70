import { BuildError } from "../errors.ts";
import { input, mul } from "../expr/expr.ts";
import { operand, range, Signal } from "../ir/signal.ts";
import { RandomState } from "../math/random.ts";
import { Ensemble, Neurons, objectName, trainableOf, type Connection } from "../network/index.ts";
import type { Decoded } from "./decoders.ts";
import type { Model } from "./model.ts";
import { checkOutput } from "./node.ts";
import { copy, noRoles, rangeOf, reset, slot, spaced, whole, type Slot } from "./operators.ts";
import { buildLearning } from "./learning.ts";
import { sliced } from "./sliced.ts";
import { filter } from "./synapse.ts";
import { weigh } from "./weights.ts";
import { isDecoded, type Target, type Wiring } from "./wiring.ts";

const scaled = mul(input("gain"), input("x"));

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
  buildLearning(model, connection);
}

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
  model.connectionOutputs.set(owner, filtered);
  deliver(model, name, wiring.target, filtered);
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
