import { describe } from "../errors.ts";
import type { Network, NetworkObject } from "../network/index.ts";
import { member, wrong } from "./places.ts";

/** The ids under which objects stood in the file that they were read from, so that they are written with the same. */
const remembered = new WeakMap<NetworkObject, string>();

/** The ids of a document that is read. */
export class IdTable {
  readonly objects = new Map<string, NetworkObject>();
  private readonly paths = new Map<string, string>();

  /** Notes where an id stands, before its object is made. */
  claim(id: unknown, path: string): void {
    if (id === undefined) return;
    const place = member(path, "id");
    if (typeof id !== "string" || id === "") throw wrong(place, "a string of at least one character", describe(id));
    const other = this.paths.get(id);
    if (other !== undefined) throw wrong(place, "an id of its own", `${JSON.stringify(id)}, which ${other} has`);
    this.paths.set(id, path);
  }

  made<T extends NetworkObject>(id: unknown, object: T): T {
    if (typeof id !== "string") return object;
    this.objects.set(id, object);
    remembered.set(object, id);
    return object;
  }

  /** The object with an id; of those that can be referred to, all are made before. */
  find(id: unknown, path: string, what: string): NetworkObject {
    const object = typeof id === "string" ? this.objects.get(id) : undefined;
    if (object !== undefined) return object;
    const place = typeof id === "string" ? this.paths.get(id) : undefined;
    throw wrong(
      path,
      `the id of ${what}`,
      place === undefined
        ? `${describe(id)}${id === undefined ? "" : ", which no object has"}`
        : `${describe(id)}, which is that of ${place}`,
    );
  }
}

/** Ids for a network and all that it holds: as read, else places such as `ensembles[0]` and `networks[1].nodes[0]`. */
export function assignIds(network: Network): Map<NetworkObject, string> {
  const ids = new Map<NetworkObject, string>();
  const places = new Map<NetworkObject, string>([[network, "network"]]);
  const visit = (net: Network, prefix: string): void => {
    for (const key of ["ensembles", "nodes", "networks", "connections", "probes"] as const)
      net[key].forEach((object, k) => places.set(object, `${prefix}${key}[${k}]`));
    net.networks.forEach((sub, k) => visit(sub, `${prefix}networks[${k}].`));
  };
  visit(network, "");
  const used = new Set([...places.keys()].map((object) => remembered.get(object)));
  for (const [object, place] of places) {
    let id = remembered.get(object);
    if (id === undefined) {
      for (id = place; used.has(id);) id += "'";
      used.add(id);
    }
    ids.set(object, id);
  }
  return ids;
}
