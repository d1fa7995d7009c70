import { expect } from "chai";
import { readNetwork, type NetworkDocument, type NetworkJSON } from "../../src/json/index.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import type { Connection, Ensemble, Network, NetworkObject, Probe } from "../../src/network/index.ts";
import { Table } from "../../src/processes/index.ts";
import { fixture } from "./fixtures.ts";
import { expectClose } from "./numbers.ts";
import type { Simulation } from "./simulate.ts";

/** An array as the fixtures hold it. */
export interface ArrayJSON {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
/** A large array: its first three rows, its last one, and the sum of all. */
export interface SummaryJSON {
  readonly shape: readonly number[];
  readonly first: readonly (readonly number[])[];
  readonly last: readonly number[];
  readonly sum: number;
}
/** `[step, neuron, count]` of every spike, steps from 0. */
export interface SpikesJSON {
  readonly shape: readonly number[];
  readonly height: number;
  readonly events: readonly (readonly [number, number, number])[];
}
export interface EnsembleBuiltJSON {
  readonly seed: number;
  readonly evalPoints: SummaryJSON;
  readonly encoders: ArrayJSON;
  readonly scaledEncoders: ArrayJSON;
  readonly gain?: ArrayJSON;
  readonly bias?: ArrayJSON;
  readonly maxRates?: ArrayJSON;
  readonly intercepts?: ArrayJSON;
}
export interface ConnectionBuiltJSON {
  readonly seed: number;
  readonly weights: ArrayJSON | null;
  readonly evalPoints?: SummaryJSON;
  readonly rmses?: readonly number[];
}

/** A network that Python Nengo built and ran (see test/fixtures/nengo/networks.py). */
export interface NetworkCase {
  readonly document: NetworkDocument;
  readonly steps: number;
  readonly dt: number;
  readonly simulatorSeed: number;
  readonly seeds: Readonly<Record<string, number>>;
  /** Ids of the objects that each process (a synapse, noise or a Node's output) belongs to, in step order; null where Nengo shares one. */
  readonly processOrder: readonly (string | null)[];
  /** Classes of Nengo's operators. */
  readonly stepOrder: readonly string[];
  readonly ensembles: Readonly<Record<string, EnsembleBuiltJSON>>;
  readonly connections: Readonly<Record<string, ConnectionBuiltJSON>>;
  readonly probes: Readonly<Record<string, ArrayJSON | SpikesJSON>>;
}

/** The functions that the documents name. */
export const functions = {
  square: (x: Float64Array) => x[0] * x[0],
  product: (x: Float64Array) => x[0] * x[1],
  sin: (x: Float64Array) => Math.sin(x[0]),
  squares: (x: Float64Array) => x.map((v) => v * v),
  sumless: (x: Float64Array) => [x[0], x[0] * x[0]],
  squares2: (x: Float64Array) => [x[0] * x[0], x[1] * x[1]],
  sumAndDifference: (x: Float64Array) => [x[0] + x[1], x[0] - x[1], 0.5],
  step: (t: number) => (t < 0.1 ? 1 : -0.5),
  ramp: (t: number) => 4 * t - 0.4,
  ramp3: (t: number) => [4 * t - 0.4, 0.5 - 2 * t, t],
  circle: (t: number) => [Math.sin(2 * Math.PI * t), Math.cos(2 * Math.PI * t)],
  circle5: (t: number) => [Math.sin(10 * Math.PI * t), Math.cos(10 * Math.PI * t)],
  mix: (t: number, x: Float64Array) => [x[0] * t, x[1] - x[0]],
};

/** The cases of a fixture file, by name. */
export const networkCases = (path: string): [string, NetworkCase][] =>
  Object.entries(fixture<Record<string, unknown>>(path)).filter(
    (entry): entry is [string, NetworkCase] => typeof entry[1] === "object" && entry[1] !== null && "document" in entry[1],
  );

/** The network of a case; its objects are labelled with their ids. */
export const readCase = ({ document }: NetworkCase): { readonly network: Network; readonly objects: ReadonlyMap<string, NetworkObject> } =>
  readNetwork({ ...document, network: labelled(document.network) }, { functions });

function labelled(network: NetworkJSON): NetworkJSON {
  const all = <T extends { readonly id?: string }>(items: readonly T[] = []): T[] => items.map((item) => ({ ...item, label: item.id }));
  const { ensembles, nodes, networks = [], connections, probes } = network;
  return {
    ...network,
    ensembles: all(ensembles),
    nodes: all(nodes),
    connections: all(connections),
    probes: all(probes),
    networks: networks.map(labelled),
  };
}

const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, v) => Math.max(a, Math.abs(v)), 0);

/** Every number within 1e-12 of the largest. */
export function expectBuilt(got: NdArray | null, wanted: ArrayJSON, what: string): void {
  expect(got?.shape, what).to.deep.equal(wanted.shape);
  expectClose(got!.data, wanted.data, 1e-12 * largest(wanted.data), what);
}

function expectSummary({ shape, data }: NdArray, wanted: SummaryJSON, what: string): void {
  expect(shape, what).to.deep.equal(wanted.shape);
  const width = wanted.last.length;
  const rows = wanted.first.flat();
  const close = 1e-12 * largest(data);
  expectClose(data.subarray(0, rows.length), rows, close, what);
  expectClose(data.subarray(data.length - width), wanted.last, close, what);
  expect(data.reduce((a, b) => a + b, 0)).to.be.closeTo(wanted.sum, close * data.length, `sum of ${what}s`);
}

/** What was drawn for an ensemble is what Nengo drew. */
export function expectEnsemble({ built }: Simulation, ensemble: Ensemble, wanted: EnsembleBuiltJSON): void {
  const got = built.ensembles.get(ensemble)!;
  expect(built.seeds.get(ensemble)).to.equal(wanted.seed);
  expectSummary(got.evalPoints, wanted.evalPoints, "evaluation point");
  expectBuilt(got.encoders, wanted.encoders, "encoder");
  expectBuilt(got.scaledEncoders, wanted.scaledEncoders, "scaled encoder");
  for (const key of ["gain", "bias", "maxRates", "intercepts"] as const) {
    if (wanted[key] === undefined) expect(got[key], key).to.equal(null);
    else expectBuilt(got[key], wanted[key], key);
  }
}

/** What was drawn and solved for a connection is what Nengo drew and solved. */
export function expectConnection({ built }: Simulation, connection: Connection, wanted: ConnectionBuiltJSON): void {
  const got = built.connections.get(connection)!;
  expect(built.seeds.get(connection)).to.equal(wanted.seed);
  if (wanted.weights === null) expect(got.weights).to.equal(null);
  else expectBuilt(got.weights, wanted.weights, "weight");
  if (wanted.evalPoints === undefined) expect(got.evalPoints).to.equal(null);
  else expectSummary(got.evalPoints!, wanted.evalPoints, "evaluation point");
  if (wanted.rmses !== undefined) expectClose(got.solverInfo!["rmses"] as Float64Array, wanted.rmses, 1e-12, "rmse");
}

/** A probe recorded what it records in Nengo: spikes exactly, all else within 1e-9. */
export function expectRecord({ data }: Simulation, probe: Probe, wanted: ArrayJSON | SpikesJSON): void {
  const got = data(probe);
  expect(got.shape).to.deep.equal(wanted.shape);
  if ("data" in wanted) expectClose(got.data, wanted.data, 1e-9, `value of ${String(probe)}`);
  else expect(eventsOf(got, wanted.height)).to.deep.equal(wanted.events);
}

function eventsOf({ shape, data }: NdArray, height: number): [number, number, number][] {
  const events: [number, number, number][] = [];
  data.forEach((value, k) => {
    const count = Math.round(value / height);
    if (Math.abs(value - count * height) > 1e-9 * height) expect.fail(`expected spikes of height ${height}, got ${value}`);
    if (count !== 0) events.push([Math.floor(k / shape[1]), k % shape[1], count]);
  });
  return events;
}

/** Words that Nengo's classes and our labels share. */
const word = (name: string): string => (/^(Elementwise|Dot|SparseDot|Conv|ConvTranspose)Inc$/.test(name) ? "Increment" : name);

/** The operators are Nengo's, in its order, and so are the processes among them, one by one. */
export function expectStepOrder({ built }: Simulation, { stepOrder: wanted, processOrder }: NetworkCase): void {
  // A table of values is a function of time in Nengo.
  const tables = new Set(built.network.allNodes.filter((node) => node.output instanceof Table).map((node) => `SimProcess ${String(node)}`));
  const got = built.stepOrder.map(({ label }) => (tables.has(label) ? "SimPyFunc" : word(label.split(" ")[0])));
  expect(got).to.deep.equal(wanted.map(word));
  const owners = built.stepOrder.flatMap(({ label }) =>
    label.startsWith("SimProcess ") && !tables.has(label) ? [/"([^"]*)"$/.exec(label)![1]] : [],
  );
  expect(owners.map((owner, k) => (processOrder[k] === null ? null : owner))).to.deep.equal(processOrder);
}
