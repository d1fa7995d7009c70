import { BuildError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { fullTransform } from "./fullTransform.ts";
import type { Ensemble } from "./ensemble.ts";
import { rulesOf } from "./learningRules.ts";
import type { Network } from "./network.ts";
import { Node } from "./node.ts";
import { objectName } from "./objectName.ts";
import type { ViewTarget } from "./view.ts";

/** Ensembles and Nodes of a network, and what connects them. */
export interface ObjectsAndConnections {
  readonly objects: readonly (Ensemble | Node)[];
  readonly connections: readonly Connection[];
}

/** All ensembles, Nodes and connections of a network, those of its subnetworks included. */
export const objectsAndConnections = (network: Network): ObjectsAndConnections => ({
  objects: [...network.allEnsembles, ...network.allNodes],
  connections: network.allConnections,
});

/** Connections by where they end, and by where they start. */
export interface InputsAndOutputs {
  readonly inputs: ReadonlyMap<ViewTarget, readonly Connection[]>;
  readonly outputs: ReadonlyMap<ViewTarget, readonly Connection[]>;
}

/** What goes into every object, and what comes out of it. */
export function inputsAndOutputs(connections: Iterable<Connection>): InputsAndOutputs {
  const inputs = new Map<ViewTarget, Connection[]>();
  const outputs = new Map<ViewTarget, Connection[]>();
  const append = (map: Map<ViewTarget, Connection[]>, key: ViewTarget, connection: Connection): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, [connection]);
    else known.push(connection);
  };
  for (const connection of connections) {
    append(inputs, connection.postObject, connection);
    append(outputs, connection.preObject, connection);
  }
  return { inputs, outputs };
}

/**
 * The same without Nodes that only pass their input on: what goes into one is connected to all that it goes to, by the product of both
 * transforms. The connections that this makes are in no network; where the product is 0 none is made. A Node that nothing goes into goes
 * with its connections.
 * @throws BuildError where a Node is connected to itself, or where both connections have synapses, which are not one synapse, or one
 * of them learns
 */
export function removePassthroughNodes({ objects, connections }: ObjectsAndConnections): ObjectsAndConnections {
  const passed = objects.filter((object) => object instanceof Node && object.kind === "passthrough");
  let left = [...connections];
  for (const node of passed) {
    const into = left.filter(({ postObject }) => postObject === node);
    const out = left.filter(({ preObject }) => preObject === node);
    if (into.some(({ preObject }) => preObject === node))
      throw new BuildError(`removePassthroughNodes: expected no connection from a Node to itself, got one at ${objectName(node)}.`);
    const joined = into.flatMap((first) => out.flatMap((second) => join(first, second) ?? []));
    left = [...left.filter((connection) => !into.includes(connection) && !out.includes(connection)), ...joined];
  }
  return { objects: objects.filter((object) => !passed.includes(object)), connections: left };
}

/** One connection in place of two that meet in a Node; null where nothing would come through. */
function join(first: Connection, second: Connection): Connection | null {
  const learning = [first, second].find((connection) => rulesOf(connection).length > 0);
  if (learning !== undefined)
    throw new BuildError(
      `removePassthroughNodes: expected no connection that learns at ${objectName(first.postObject)}, got ${String(learning)}.`,
    );
  if (first.synapse !== null && second.synapse !== null)
    throw new BuildError(
      `removePassthroughNodes: expected a synapse in at most one of two connections that meet in ${objectName(first.postObject)}, got ${String(first.synapse)} and ${String(second.synapse)}. Give one of them synapse: null.`,
    );
  const a = fullTransform(first, { slicePre: false });
  const b = fullTransform(second, { slicePost: false });
  const [rows, inner, columns] = [b.shape[0], a.shape[0], a.shape[1]];
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < columns; j++) data[i * columns + j] += b.data[i * inner + k] * a.data[k * columns + j];
  if (data.every((v) => v === 0)) return null;
  const { function: fn, evalPoints, scaleEvalPoints, solver, network } = first;
  return new Connection(network.root, first.pre, second.post, {
    transform: { shape: [rows, columns], data },
    synapse: first.synapse ?? second.synapse,
    function: fn === null || typeof fn === "function" ? fn : fn.points,
    evalPoints,
    scaleEvalPoints,
    solver,
  });
}
