import { describe, ValidationError } from "../errors.ts";
import { Ensemble, Network, objectName, type Connection, type NetworkObject, type Node, type Probe } from "../network/index.ts";
import { Table } from "../processes/index.ts";
import {
  FORMAT,
  VERSION,
  keysOf,
  type ConnectionJSON,
  type DeclaredJSON,
  type EnsembleJSON,
  type NetworkDocument,
  type NetworkJSON,
  type NodeJSON,
  type ProbeJSON,
} from "./document.ts";
import { FunctionTable } from "./functions.ts";
import { assignIds } from "./ids.ts";
import { member, wrong } from "./places.ts";
import type { FileOptions } from "./read.ts";
import { FunctionWriter, writeNamed } from "./writeFunction.ts";
import { writeRef } from "./writeRef.ts";
import { writeValue } from "./writeValue.ts";

/** A document, with the ids that objects have in it. */
export interface WrittenNetwork {
  readonly document: NetworkDocument;
  readonly ids: ReadonlyMap<NetworkObject, string>;
}

/**
 * The `nengo-network` document of a network: plain data for `JSON.stringify`, from which `networkFromJSON` makes a network that builds to
 * the same numbers. Objects that were read from a file keep their ids. A function without a name is written by its values
 * where it is decoded from an ensemble, for which the network must have a seed.
 * @throws NetworkFileError for what a file cannot hold: other functions without a name, tensor nodes, classes that are not registered
 */
export function networkToJSON(network: Network, options: FileOptions = {}): NetworkDocument {
  return writeNetwork(network, options).document;
}

/** As `networkToJSON`; tells the objects' ids too. */
export function writeNetwork(network: Network, options: FileOptions = {}): WrittenNetwork {
  if (!(network instanceof Network))
    throw new ValidationError({ owner: "networkToJSON", parameter: "network", expected: "a Network", got: describe(network) });
  const functions = new FunctionTable("networkToJSON", options.functions);
  const context: Context = { ids: assignIds(network), functions, computed: new FunctionWriter(network, functions) };
  return { document: { format: FORMAT, version: VERSION, network: writeLists(context, network, "network") }, ids: context.ids };
}

interface Context {
  readonly ids: ReadonlyMap<NetworkObject, string>;
  readonly functions: FunctionTable;
  readonly computed: FunctionWriter;
}

function writeLists(context: Context, network: Network, path: string): NetworkJSON {
  const each = <T, J>(key: string, objects: readonly T[], write: (context: Context, object: T, path: string) => J): J[] =>
    objects.map((object, k) => write(context, object, member(member(path, key), k)));
  return {
    ...head(context, network),
    ensembles: each("ensembles", network.ensembles, writeEnsemble),
    nodes: each("nodes", network.nodes, writeNode),
    networks: each("networks", network.networks, writeLists),
    connections: each("connections", network.connections, writeConnection),
    probes: each("probes", network.probes, writeProbe),
  };
}

const head = ({ ids }: Context, object: NetworkObject): { id: string; label: string | null; seed: number | null } => ({
  id: ids.get(object)!,
  label: object.label,
  seed: object.seed,
});

function writeEnsemble(context: Context, ensemble: Ensemble, path: string): EnsembleJSON {
  const [, ...keys] = keysOf.ensemble;
  const values = keys.map((key) => [key, writeValue(ensemble[key], member(path, key))]);
  return { ...head(context, ensemble), ...Object.fromEntries(values) } as EnsembleJSON;
}

function writeNode(context: Context, node: Node, path: string): NodeJSON {
  const { sizeIn, sizeOut } = node;
  return { ...head(context, node), sizeIn, sizeOut, output: writeOutput(context, node, member(path, "output")) };
}

function writeOutput({ functions }: Context, node: Node, path: string): DeclaredJSON | null {
  const { output } = node;
  if (node.kind === "tensor")
    throw wrong(path, "a Node that a network file can hold", `the tensor node ${objectName(node)}`, "Save a layer or model instead");
  if (output === null) return null;
  if (output instanceof Float64Array) return { type: "constant", value: Array.from(output) };
  if (typeof output === "function") return writeNamed(functions, output, path, objectName(node));
  if (output instanceof Table) return { type: "table", values: writeValue(output.values, path) };
  return writeValue(output, path) as DeclaredJSON;
}

function writeConnection(context: Context, connection: Connection, path: string): ConnectionJSON {
  const { synapse, sizeMid, solver } = connection;
  const computed = context.computed.write(connection, path);
  return {
    ...head(context, connection),
    pre: writeRef(context.ids, connection.pre, connection.preIndices, member(path, "pre")),
    post: writeRef(context.ids, connection.post, connection.postIndices, member(path, "post")),
    synapse: writeValue(synapse, member(path, "synapse")) as DeclaredJSON | null,
    function: computed.function,
    sizeMid,
    transform: computed.transform,
    ...(connection.preObject instanceof Ensemble ? { solver: writeValue(solver, member(path, "solver")) as DeclaredJSON } : {}),
    evalPoints: computed.evalPoints,
    scaleEvalPoints: computed.scaleEvalPoints,
    learningRuleType: writeValue(connection.learningRuleType, member(path, "learningRuleType")),
  };
}

function writeProbe(context: Context, probe: Probe, path: string): ProbeJSON {
  const { target, indices, attribute, sampleEvery, synapse, solver } = probe;
  return {
    ...head(context, probe),
    target: writeRef(context.ids, target, indices, member(path, "target")),
    attribute,
    sampleEvery,
    synapse: writeValue(synapse, member(path, "synapse")) as DeclaredJSON | null,
    ...(attribute === "decodedOutput" ? { solver: writeValue(solver, member(path, "solver")) as DeclaredJSON } : {}),
  };
}
