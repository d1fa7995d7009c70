import { Neurons, objectName, type Connection, type IndexSet, type NetworkObject, type ViewTarget } from "../network/index.ts";
import type { RefJSON } from "./document.ts";
import { wrong } from "./places.ts";

/** A reference to (components of) an object of the network that is written. */
export function writeRef(ids: ReadonlyMap<NetworkObject, string>, object: ViewTarget | Connection, part: Pick<RefJSON, "slice" | "indices">, path: string): RefJSON {
  const neurons = object instanceof Neurons;
  const id = ids.get(neurons ? object.ensemble : object);
  if (id === undefined) throw wrong(path, "an object of the network that is written", objectName(object), "Write the whole network");
  return { id, ...(neurons ? { attribute: "neurons" } : {}), ...part };
}

/** The part of `size` components that an index set picks; nothing where it is all of them. */
export function writePart(indices: IndexSet, size: number): Pick<RefJSON, "slice" | "indices"> {
  if (indices.kind === "list") return { indices: Array.from(indices.list) };
  if (indices.isFull(size)) return {};
  const { start, step, length } = indices;
  const stop = start + length * step;
  return { slice: [start, stop < 0 ? null : stop, step] };
}
