import { BuildError } from "../errors.ts";
import type { Operator } from "../ir/operators.ts";
import { range, Signal } from "../ir/signal.ts";
import { Connection, Ensemble, objectName, type Probe } from "../network/index.ts";
import { wire } from "./connection.ts";
import type { Model } from "./model.ts";
import { copy, noRoles, reset, slot, whole, type Slot } from "./operators.ts";
import { filter } from "./synapse.ts";

/** Key under which the build registered what an attribute names. */
function signalKey(probe: Probe): string {
  const { attribute } = probe;
  return attribute === "output" ? "out" : attribute === "input" ? "in" : attribute;
}

/** Builds a probe: a hidden connection for a decoded output, else a direct look at a signal. */
export function buildProbe(model: Model, probe: Probe, index: number): void {
  const name = objectName(probe);
  const recorded = `probe:${index}`;
  const { object } = probe;
  const period = probe.sampleEvery === null ? 1 : probe.sampleEvery / model.dt;
  /** `copied` is filled from the source before it is recorded. */
  const record = (source: Slot, shape: readonly number[], copied?: Signal): void => {
    model.probes.set(probe, { slot: recorded, shape });
    const label = `SimProbe ${name}`;
    const { signal, offset, length } = source.picked;
    const look: Operator = {
      kind: "record",
      origin: name,
      source: copied === undefined ? range(signal, offset, length) : range(copied),
      slot: recorded,
      period,
    };
    const before: Operator[] =
      copied === undefined ? [] : [{ kind: "copy", origin: name, source: source.picked, target: whole(copied).picked, role: "set" }];
    model.add({ ...noRoles, label, reads: [source.touched], lower: () => [...before, look] });
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

  const signal = model.signal(object, signalKey(probe), `${name}.${probe.attribute}`);
  if (signal.shape.length === 2) {
    // Matrices are stored by columns; what is recorded is a row-major copy.
    if (probe.synapse !== null)
      throw new BuildError(
        `${name}.synapse: expected null where a matrix is probed, got ${probe.synapse.toString()}. Filter the recorded data instead.`,
      );
    const [rows, columns] = signal.shape as readonly [number, number];
    const rowMajor = new Signal(`${name}.in`, { shape: signal.shape, perItem: true });
    const source = {
      ...whole(signal),
      picked: {
        ...range(signal),
        index: Int32Array.from({ length: signal.size }, (_, k) => (k % columns) * rows + Math.floor(k / columns)),
      },
    };
    record(source, signal.shape, rowMajor);
    return;
  }
  // Connections have no views; weights that are a number or a diagonal have not the size of what they are applied to.
  const connection = object instanceof Connection;
  let from = connection ? whole(signal) : slot(signal, probe.indices, probe.target);
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
  record(from, connection ? signal.shape : [from.picked.length]);
}
