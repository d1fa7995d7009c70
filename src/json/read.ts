import { Network, type NetworkObject, type NetworkOptions } from "../network/index.ts";
import { keysOf } from "./document.ts";
import { FunctionTable, type NamedFunctions } from "./functions.ts";
import { IdTable } from "./ids.ts";
import { parseDocument } from "./parse.ts";
import { fields, list, member, within } from "./places.ts";
import { readConnection, readEnsemble, readNode, readProbe, type ReadContext } from "./readObjects.ts";

/** Options of reading and writing network files. */
export interface FileOptions {
  /** JavaScript functions by the names that they have in the file, beside those of `registerFunction`. */
  readonly functions?: NamedFunctions;
}

/** A network with its objects by the ids of the file. */
export interface ReadNetwork {
  readonly network: Network;
  readonly objects: ReadonlyMap<string, NetworkObject>;
}

/**
 * Makes the network that a `nengo-network` document (parsed, or JSON text) describes.
 * @throws NetworkFileError, with the path inside the document, for everything that is not right
 */
export function networkFromJSON(document: unknown, options: FileOptions = {}): Network {
  return readNetwork(document, options).network;
}

/** As `networkFromJSON`; tells the objects' ids too. */
export function readNetwork(document: unknown, options: FileOptions = {}): ReadNetwork {
  const functions = new FunctionTable("networkFromJSON", options.functions);
  const json = parseDocument(document);
  const context = { ids: new IdTable(), functions };
  const later: Later = { connections: [], probes: [] };
  const network = readPopulation(context, null, json, "network", later);
  for (const make of [...later.connections, ...later.probes]) make();
  return { network, objects: context.ids.objects };
}

/** What refers to other objects, which may stand anywhere in the document. */
interface Later {
  readonly connections: (() => void)[];
  readonly probes: (() => void)[];
}

/** Makes a network, its ensembles, nodes and subnetworks. */
function readPopulation(context: ReadContext, parent: Network | null, json: unknown, path: string, later: Later): Network {
  const { id, label, seed, ...lists } = fields(json, path, "a network", keysOf.network);
  const { ids } = context;
  ids.claim(id, path);
  const options = { label, seed } as NetworkOptions;
  const network = ids.made(
    id,
    within(path, () => (parent === null ? new Network(options) : parent.network(options))),
  );
  const each = (key: keyof typeof lists, visit: (item: unknown, path: string) => void): void =>
    list(lists[key], member(path, key)).forEach((item, k) => visit(item, member(member(path, key), k)));
  const claimed =
    (visit: (item: unknown, path: string) => void) =>
    (item: unknown, at: string): void => {
      if (typeof item === "object" && item !== null && "id" in item) ids.claim(item.id, at);
      visit(item, at);
    };
  each(
    "ensembles",
    claimed((item, at) => readEnsemble(context, network, item, at)),
  );
  each(
    "nodes",
    claimed((item, at) => readNode(context, network, item, at)),
  );
  each("networks", (item, at) => readPopulation(context, network, item, at, later));
  each(
    "connections",
    claimed((item, at) => later.connections.push(() => readConnection(context, network, item, at))),
  );
  each(
    "probes",
    claimed((item, at) => later.probes.push(() => readProbe(context, network, item, at))),
  );
  return network;
}
