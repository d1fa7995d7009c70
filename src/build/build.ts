import { BuildError, describe, toldOf, ValidationError } from "../errors.ts";
import { checkNumber } from "../declared.ts";
import type { Operator } from "../ir/operators.ts";
import type { Program, Stream } from "../ir/program.ts";
import { Network, objectName } from "../network/index.ts";
import type { Phase } from "../neurons/neuronType.ts";
import { buildConnection } from "./connection.ts";
import { buildEnsemble } from "./ensemble.ts";
import { Model, type BuiltConnection, type BuiltEnsemble, type BuiltParameter } from "./model.ts";
import type { NengoOperator } from "./nengoOperator.ts";
import { buildNode } from "./node.ts";
import { noRoles } from "./operators.ts";
import { buildProbe } from "./probe.ts";
import { assignSeeds } from "./seeds.ts";
import { stepOrder } from "./stepOrder.ts";

export interface BuildOptions {
  /** Seconds. @defaultValue 0.001 */
  readonly dt?: number;
  /** Seed of the network where it has none. */
  readonly seed?: number;
  /** Called with objects built so far and their total. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A network, drawn and solved, and its programs. */
export interface BuiltNetwork {
  readonly network: Network;
  readonly dt: number;
  readonly seeds: ReadonlyMap<object, number>;
  readonly ensembles: Model["ensembles"];
  readonly connections: Model["connections"];
  readonly parameters: readonly BuiltParameter[];
  readonly inputs: Model["inputs"];
  readonly probes: Model["probes"];
  /** Operators of Nengo's granularity, in its step order. */
  readonly stepOrder: readonly NengoOperator[];
  /** The network as it runs (`inference`), or with rates for spikes (`training`). Both share signals and streams. */
  readonly program: (phase: Phase) => Program;
}

export type { BuiltConnection, BuiltEnsemble, BuiltParameter };

/**
 * Draws and solves everything of a network, float64, with the same numbers as Nengo for the same seeds.
 * @throws BuildError, ValidationError, ShapeError where the network cannot be built
 */
export function buildNetwork(network: Network, options: BuildOptions = {}): BuiltNetwork {
  if (!(network instanceof Network))
    throw new ValidationError({ owner: "build", parameter: "network", expected: "a Network", got: describe(network) });
  const dt = checkNumber("build", "dt", options.dt ?? 0.001, { above: 0 });
  const seed = network.seed ?? options.seed;
  if (seed === undefined) throw new BuildError("Network: expected a seed, of the network or given, got none.");
  const model = new Model(network, dt, assignSeeds(network, seed));
  const { allEnsembles, allNodes, allConnections, allProbes } = network;
  const total = allEnsembles.length + allNodes.length + allConnections.length + allProbes.length;
  const report = options.onProgress ?? ((): void => undefined);
  let done = 0;
  const each = <T extends object>(objects: readonly T[], build: (object: T) => void): void =>
    objects.forEach((object) => {
      toldOf(objectName(object), () => build(object));
      report(++done, total);
    });

  const timeUpdate: NengoOperator = {
    ...noRoles,
    label: "TimeUpdate",
    sets: model.time,
    lower: () => [{ kind: "time", origin: "TimeUpdate" }],
  };
  model.add(timeUpdate);
  const nodeIndex = new Map(allNodes.map((node, i) => [node, i]));
  const probeIndex = new Map(allProbes.map((probe, i) => [probe, i]));
  const visit = (net: Network): void => {
    each(net.ensembles, (e) => buildEnsemble(model, e));
    each(net.nodes, (n) => buildNode(model, n, nodeIndex.get(n)!));
    net.networks.forEach(visit);
    each(net.connections, (c) => buildConnection(model, c));
    each(net.probes, (p) => buildProbe(model, p, probeIndex.get(p)!));
  };
  visit(network);
  model.activities.clear();

  const order = stepOrder(model.operators);
  const streams: Stream[] = [];
  const streamOf = new Map<NengoOperator, number>();
  for (const op of order) if (op.stream !== undefined) streamOf.set(op, streams.push(op.stream) - 1);
  const programs = new Map<Phase, Program>();
  const program = (phase: Phase): Program => {
    let made = programs.get(phase);
    if (made === undefined) programs.set(phase, (made = { dt, streams, results: [], operators: lowered(model, order, streamOf, phase) }));
    return made;
  };
  return {
    network,
    dt,
    seeds: model.seeds,
    ensembles: model.ensembles,
    connections: model.connections,
    parameters: model.parameters,
    inputs: model.inputs,
    probes: model.probes,
    stepOrder: order,
    program,
  };
}

function lowered(model: Model, order: readonly NengoOperator[], streamOf: ReadonlyMap<NengoOperator, number>, phase: Phase): Operator[] {
  const operators = order.flatMap((op) => op.lower(phase, streamOf.get(op) ?? null));
  const written = new Set(operators.flatMap((op) => (op.kind === "feed" ? [op.slot] : op.kind === "host" ? [op.slot] : [])));
  // A constant Node is no operator of Nengo's; here it can be fed with data like every other input Node.
  const constants = [...model.inputs.values()].filter(({ slot }) => !written.has(slot));
  const feeds: Operator[] = constants.map(({ slot, signal }) => ({
    kind: "feed",
    origin: signal.name,
    target: { signal, offset: 0, length: signal.size },
    slot,
    stream: null,
  }));
  return [...operators.slice(0, 1), ...feeds, ...operators.slice(1)];
}
