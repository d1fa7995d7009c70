import type { Operator } from "../ir/operators.ts";
import { range, Signal } from "../ir/signal.ts";
import { Connection, Ensemble, LearningRule, objectName, type Probe } from "../network/index.ts";
import { wire } from "./connection.ts";
import type { Model } from "./model.ts";
import { copy, noRoles, reset, slot, whole, type Slot } from "./operators.ts";
import { filter } from "./synapse.ts";

/** Key under which the build registered what an attribute names. */
function signalKey(probe: Probe): string {
  const { attribute } = probe;
  return attribute === "output" ? "out" : attribute === "input" ? "in" : attribute;
}

/** What an attribute of a learning rule or a connection names, where that need not be a whole signal. */
function knownSlot(model: Model, object: Probe["object"], attribute: string): Slot | undefined {
  if (object instanceof LearningRule) return model.learningSources.get(object)?.[attribute];
  return object instanceof Connection && attribute === "output" ? model.connectionOutputs.get(object) : undefined;
}

/** Builds a probe: a hidden connection for a decoded output, else a direct look at a signal. */
export function buildProbe(model: Model, probe: Probe, index: number): void {
  const name = objectName(probe);
  const recorded = `probe:${index}`;
  const { object } = probe;
  const period = probe.sampleEvery === null ? 1 : probe.sampleEvery / model.dt;
  const record = (source: Slot, shape: readonly number[], index?: Int32Array): void => {
    model.probes.set(probe, { slot: recorded, shape });
    const { signal, offset, length } = source.picked;
    const order = index === undefined ? {} : { index };
    const look: Operator = { kind: "record", origin: name, source: range(signal, offset, length), ...order, slot: recorded, period };
    model.add({ ...noRoles, label: `SimProbe ${name}`, reads: [source.touched], lower: () => [look] });
  };

  if (object instanceof Ensemble && probe.attribute === "decodedOutput") {
    const input = new Signal(`${name}.in`, {
      shape: [probe.indices.kind === "list" ? probe.indices.list.length : probe.indices.length],
      perItem: true,
    });
    model.add(reset(input));
    const source = {
      name,
      preObject: object,
      preIndices: probe.indices,
      function: null,
      sizeMid: input.size,
      transform: null,
      solver: probe.solver,
      evalPoints: null,
      scaleEvalPoints: true,
    };
    wire(model, {
      source,
      pre: probe.target,
      owner: probe,
      seed: model.seed(probe),
      synapse: probe.synapse,
      target: { kind: "value", slot: whole(input) },
      trainable: false,
    });
    record(whole(input), input.shape);
    return;
  }

  const source = knownSlot(model, object, probe.attribute);
  const signal = source === undefined ? model.signal(object, signalKey(probe), `${name}.${probe.attribute}`) : source.picked.signal;
  const matrix = source === undefined && signal.shape.length === 2;
  // Connections and rules have no views; weights that are a number or a diagonal have not the size of what they are applied to.
  const viewed = !matrix && !(object instanceof Connection || object instanceof LearningRule);
  let from = source ?? (viewed ? slot(signal, probe.indices, probe.target) : whole(signal));
  if (from.picked.index !== null) {
    const picked = new Signal(`${name}.slice`, { shape: [from.picked.length], perItem: true });
    model.add(copy(from, whole(picked), "set"));
    from = whole(picked);
  }
  if (probe.synapse !== null) {
    const filtered = filter(model, probe.synapse, from, name);
    const input = new Signal(`${name}.in`, { shape: [filtered.picked.length], perItem: true });
    model.add(copy(filtered, whole(input), "set"));
    from = whole(input);
  }
  if (matrix) {
    // Matrices are stored by columns and recorded by rows.
    const [rows, columns] = signal.shape as readonly [number, number];
    const index = Int32Array.from({ length: signal.size }, (_, k) => (k % columns) * rows + Math.floor(k / columns));
    record(from, signal.shape, index);
    return;
  }
  record(from, viewed || source !== undefined ? [from.picked.length] : signal.shape);
}
