import { checkSeed } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import { nullable, seed, text } from "./checks.ts";
import { Config, type ConfigKind } from "./config.ts";
import { Connection, type Connectable } from "./connection.ts";
import type { ConnectionOptions } from "./connectionParameters.ts";
import { Ensemble } from "./ensemble.ts";
import type { EnsembleOptions } from "./ensembleParameters.ts";
import { Node } from "./node.ts";
import type { NodeOutputLike } from "./nodeOutput.ts";
import type { NodeOptions } from "./nodeParameters.ts";
import { Named, labelOf, labelled, objectName, rememberPlace } from "./objectName.ts";
import { parameter, resolveOptions } from "./parameters.ts";
import { readonlyList } from "./readonlyList.ts";
import { Probe } from "./probe.ts";
import type { ProbeOptions } from "./probeParameters.ts";

/** Options of a network. */
export interface NetworkOptions {
  /** 0..2^32-1; every seed of what the network holds follows from it. @defaultValue null: drawn when a simulator is made */
  readonly seed?: number | null;
  readonly label?: string | null;
}

const networkParameters = { seed: parameter(null, seed), label: parameter(null, nullable(text)) };

/** What a network holds. */
export type NetworkObject = Ensemble | Node | Connection | Probe | Network;

/** A description of ensembles, Nodes and subnetworks and of the connections between them. Lists are in creation order, on which seeds depend. */
export class Network extends Named {
  /** The network that this one is part of; null at the top. */
  readonly parent: Network | null;
  readonly label: string | null;
  /** Defaults for objects made later, here and in subnetworks. */
  readonly config: Config = new Config(this);
  private ownSeed: number | null;
  private readonly lists = {
    ensembles: [] as Ensemble[],
    nodes: [] as Node[],
    connections: [] as Connection[],
    probes: [] as Probe[],
    networks: [] as Network[],
  };
  /** The lists as others see them. */
  private readonly guarded = {
    ensembles: this.guard("ensembles", "ensemble"),
    nodes: this.guard("nodes", "node"),
    connections: this.guard("connections", "connect"),
    probes: this.guard("probes", "probe"),
    networks: this.guard("networks", "network"),
  };
  private readonly members = new Set<unknown>();

  /** @param parent - for `network.network()`, which also lists the new network */
  constructor(options: NetworkOptions = {}, parent: Network | null = null) {
    super();
    const values = resolveOptions(labelled("Network", labelOf(options)), networkParameters, options, []);
    this.parent = parent;
    this.label = values.label;
    this.ownSeed = values.seed;
  }

  get seed(): number | null {
    return this.ownSeed;
  }
  set seed(value: number | null) {
    this.ownSeed = checkSeed(String(this), value);
  }

  get ensembles(): readonly Ensemble[] {
    return this.guarded.ensembles;
  }
  get nodes(): readonly Node[] {
    return this.guarded.nodes;
  }
  get connections(): readonly Connection[] {
    return this.guarded.connections;
  }
  get probes(): readonly Probe[] {
    return this.guarded.probes;
  }
  get networks(): readonly Network[] {
    return this.guarded.networks;
  }

  /** Own ensembles first, then those of the subnetworks, depth first. */
  get allEnsembles(): readonly Ensemble[] {
    return this.all("ensembles");
  }
  get allNodes(): readonly Node[] {
    return this.all("nodes");
  }
  get allConnections(): readonly Connection[] {
    return this.all("connections");
  }
  get allProbes(): readonly Probe[] {
    return this.all("probes");
  }
  get allNetworks(): readonly Network[] {
    return this.all("networks");
  }

  /** Neurons of all ensembles, subnetworks included. */
  get nNeurons(): number {
    return this.allEnsembles.reduce((sum, { nNeurons }) => sum + nNeurons, 0);
  }

  /** The top-level network. */
  get root(): Network {
    return this.parent === null ? this : this.parent.root;
  }

  /** Makes a population of neurons that represents a vector. */
  ensemble(nNeurons: number, dimensions: number, options?: EnsembleOptions): Ensemble {
    return this.add(new Ensemble(this, nNeurons, dimensions, options));
  }

  /** Makes a Node that gives a constant, a process or a function's value; without an output it passes its input on. */
  node(options?: NodeOptions): Node;
  node(output: NodeOutputLike, options?: NodeOptions): Node;
  node(first: NodeOutputLike | NodeOptions = null, second?: NodeOptions): Node {
    const [output, options] = second === undefined && isOptions(first) ? [null, first] : [first as NodeOutputLike, second ?? {}];
    return this.add(Node.make(this, output, options));
  }

  /** Connects the output of `pre` (or a function of it) to the input of `post`. */
  connect(pre: Connectable, post: Connectable, options?: ConnectionOptions): Connection {
    return this.add(new Connection(this, pre, post, options));
  }

  /** Records an attribute of an object over a simulation. */
  probe(target: Connectable | Connection, options?: ProbeOptions): Probe {
    return this.add(new Probe(this, target, options));
  }

  /** Makes a subnetwork. */
  network(options?: NetworkOptions): Network {
    return this.add(new Network(options, this));
  }

  /** Whether this network itself (not a subnetwork) holds the object. */
  has(object: unknown): boolean {
    return this.members.has(object);
  }

  /**
   * Lists an object that was made for this network; `ensemble`, `node` and so on do it themselves.
   * @throws ValidationError if it was made for another network, or is listed already
   */
  add<T extends NetworkObject>(object: T): T {
    const key =
      object instanceof Ensemble
        ? "ensembles"
        : object instanceof Node
          ? "nodes"
          : object instanceof Connection
            ? "connections"
            : object instanceof Probe
              ? "probes"
              : object instanceof Network
                ? "networks"
                : null;
    const home = object instanceof Network ? object.parent : key === null ? null : object.network;
    if (key === null || home !== this || this.members.has(object)) {
      throw new ValidationError({
        owner: String(this),
        parameter: "add",
        expected: "an object that was made for this network and is not in it yet",
        got: objectName(object),
      });
    }
    this.members.add(object);
    const list: NetworkObject[] = this.lists[key];
    rememberPlace(object, `${key}[${list.push(object) - 1}]`);
    return object;
  }

  /**
   * Takes a connection or probe out of this network again. (Seeds of what stays are drawn in order: they change where one before is
   * taken out.)
   * @throws ValidationError if it is not in it
   */
  remove(object: Connection | Probe): void {
    const list: (Connection | Probe)[] = object instanceof Connection ? this.lists.connections : this.lists.probes;
    const at = list.indexOf(object);
    if (at < 0)
      throw new ValidationError({
        owner: String(this),
        parameter: "remove",
        expected: "a connection or probe of this network",
        got: objectName(object),
      });
    list.splice(at, 1);
    this.members.delete(object);
  }

  /** Defaults that apply to objects made here, innermost first. */
  defaults<K extends ConfigKind>(kind: K): readonly Config[K][] {
    return [this.config[kind], ...(this.parent?.defaults(kind) ?? [])];
  }

  /** Name for messages. */
  override toString(): string {
    return labelled("Network", this.label, this);
  }

  private guard<K extends keyof Network["lists"]>(key: K, method: string): readonly Network["lists"][K][number][] {
    type Member = Network["lists"][K][number];
    return readonlyList<Member>(
      this.lists[key],
      () => String(this),
      key,
      `Make it by network.${method}(...), or take it out by network.remove(...)`,
    );
  }

  private all<K extends keyof Network["lists"]>(key: K): readonly Network["lists"][K][number][] {
    return [...this.lists[key], ...this.lists.networks.flatMap((network) => network.all(key))];
  }
}

/** A plain object that is no array in the form `{shape, data}`. */
function isOptions(value: unknown): value is NodeOptions {
  if (typeof value !== "object" || value === null || "shape" in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
