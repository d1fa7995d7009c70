import {
  LearningRule,
  Neurons,
  View,
  objectName,
  type Connectable,
  type Connection,
  type IndexSet,
  type NetworkObject,
} from "../network/index.ts";
import type { RefJSON } from "./document.ts";
import { wrong } from "./places.ts";

/**
 * A reference to an object of the network that is written, or to some of its components.
 * @param indices - those that a view picks on the side that counts: as input or as output
 */
export function writeRef(
  ids: ReadonlyMap<NetworkObject, string>,
  given: Connectable | Connection,
  indices: IndexSet,
  path: string,
): RefJSON {
  const object = given instanceof View ? given.target : given;
  const [holder, attribute] =
    object instanceof Neurons
      ? ([object.ensemble, { attribute: "neurons" }] as const)
      : object instanceof LearningRule
        ? ([object.connection, { attribute: "learningRule", ...(object.key === null ? {} : { rule: object.key }) }] as const)
        : ([object, {}] as const);
  const id = ids.get(holder);
  if (id === undefined) throw wrong(path, "an object of the network that is written", objectName(object), "Write the whole network");
  return { id, ...attribute, ...(given instanceof View ? part(indices) : {}) };
}

function part(indices: IndexSet): Pick<RefJSON, "slice" | "indices"> {
  if (indices.kind === "list") return { indices: Array.from(indices.list) };
  const { start, step, length } = indices;
  const stop = start + length * step;
  return { slice: [start, stop < 0 ? null : stop, step] };
}
