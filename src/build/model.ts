import { BuildError } from "../errors.ts";
import { Signal, type ParameterRole } from "../ir/signal.ts";
import type { NdArray } from "../math/ndarray.ts";
import { objectName, type Connection, type Ensemble, type LearningRule, type Network, type Node, type Probe } from "../network/index.ts";
import { rulesOf } from "../network/learningRules.ts";
import { ownTrainable } from "../network/trainable.ts";
import { Activities } from "./activities.ts";
import type { NengoOperator } from "./nengoOperator.ts";
import type { Slot } from "./operators.ts";

/** What was drawn and solved for an ensemble, float64; null where Direct mode has none. */
export interface BuiltEnsemble {
  /** `[points, dimensions]`, scaled by the radius. */
  readonly evalPoints: NdArray;
  /** `[neurons, dimensions]`, of length 1 (unless normalizeEncoders is off). */
  readonly encoders: NdArray;
  /** `[neurons, dimensions]`: encoders * gain / radius. */
  readonly scaledEncoders: NdArray;
  readonly gain: NdArray | null;
  readonly bias: NdArray | null;
  /** Hz. */
  readonly maxRates: NdArray | null;
  readonly intercepts: NdArray | null;
}

/** What was solved for a connection. */
export interface BuiltConnection {
  /** `[sizeOut, sizeIn]` (decoders, or full weights), a diagonal, or null where there are no weights. */
  readonly weights: NdArray | null;
  /** Evaluation points that the solver used; null where nothing was solved. */
  readonly evalPoints: NdArray | null;
  readonly solverInfo: Readonly<Record<string, unknown>> | null;
}

/** A parameter of the network as the program holds it. */
export interface BuiltParameter {
  readonly signal: Signal;
  readonly role: ParameterRole;
  readonly owner: Ensemble | Connection | Probe;
  /** Name of the owner for people. */
  readonly path: string;
}

interface ParameterSpec {
  readonly role: ParameterRole;
  /** Of the signal. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Float64Array;
  readonly trainable: boolean;
}

/** What the build functions of all object types share. */
export class Model {
  readonly network: Network;
  /** Seconds. */
  readonly dt: number;
  readonly seeds: ReadonlyMap<object, number>;
  /** Stand for Nengo's step and time, which order the operators that need them; engines keep time themselves. */
  readonly time = [new Signal("step", { shape: [1], perItem: false }), new Signal("time", { shape: [1], perItem: false })] as const;
  readonly operators: NengoOperator[] = [];
  readonly ensembles = new Map<Ensemble, BuiltEnsemble>();
  readonly connections = new Map<Connection | Probe, BuiltConnection>();
  readonly parameters: BuiltParameter[] = [];
  /** Input Nodes (no input of their own) with the slots under which a run may feed them. */
  readonly inputs = new Map<Node, { readonly slot: string; readonly signal: Signal }>();
  /** Probes with the slots of their records and the shape of one record. */
  readonly probes = new Map<Probe, { readonly slot: string; readonly shape: readonly number[] }>();
  /** What learning rules change, weights of connections and encoders of ensembles, with the number of rules. */
  readonly learned: ReadonlyMap<object, number>;
  /** Learning rules whose changes are probed. */
  readonly probedRules: ReadonlySet<object>;
  readonly activities: Activities;
  /** What connections (and probes of decoded output) deliver: with neither weights nor synapse, the slice of pre itself. */
  readonly connectionOutputs = new Map<Connection | Probe, Slot>();
  /** What learning rules compute with, by name. */
  readonly learningSources = new Map<LearningRule, Readonly<Record<string, Slot>>>();
  private readonly signals = new Map<object, Map<string, Signal>>();

  constructor(network: Network, dt: number, seeds: ReadonlyMap<object, number>) {
    this.network = network;
    this.dt = dt;
    this.seeds = seeds;
    this.activities = new Activities(network);
    this.probedRules = new Set(network.allProbes.filter(({ attribute }) => attribute === "delta").map(({ object }) => object));
    const targets = network.allConnections.flatMap((connection) =>
      rulesOf(connection).map(({ learningRuleType: { modifies } }) => (modifies === "encoders" ? connection.postObject : connection)),
    );
    const learned = new Map<object, number>();
    for (const target of targets) learned.set(target, (learned.get(target) ?? 0) + 1);
    this.learned = learned;
  }

  add(op: NengoOperator): void {
    this.operators.push(op);
  }

  /** Registers a signal of an object under a key, so that connections and probes find it. */
  register(object: object, key: string, signal: Signal): Signal {
    const own = this.signals.get(object) ?? new Map<string, Signal>();
    this.signals.set(object, own.set(key, signal));
    return signal;
  }

  /**
   * Makes and registers a parameter's signal: shared and (where it may) trained, or, where a learning rule changes it, one an item
   * that starts from the built values.
   * @param initial - in stored order
   */
  parameter(owner: BuiltParameter["owner"], { role, name, shape, initial, trainable }: ParameterSpec): Signal {
    const path = objectName(owner);
    if (role !== "bias" && this.learned.has(owner)) {
      if (ownTrainable(owner) === true)
        throw new BuildError(
          `${path}: expected not to be configured trainable where a learning rule changes it, got trainable: true. Take the setting or the rule back.`,
        );
      return this.register(owner, role, new Signal(name, { shape, perItem: true, initial }));
    }
    const signal = new Signal(name, { shape, perItem: false, initial, parameter: { role, owner, trainable } });
    this.parameters.push({ signal, role, owner, path });
    return this.register(owner, role, signal);
  }

  has(object: object, key: string): boolean {
    return this.signals.get(object)?.has(key) ?? false;
  }

  /** @throws BuildError where the object has no such signal. */
  signal(object: object, key: string, needed: string): Signal {
    const signal = this.signals.get(object)?.get(key);
    if (signal === undefined)
      throw new BuildError(
        `${needed}: expected a signal "${key}", got none. The object was not built with this network, or has no such signal.`,
      );
    return signal;
  }

  seed(object: object): number {
    const seed = this.seeds.get(object);
    if (seed === undefined)
      throw new BuildError(
        "Network: expected an object of the network that is built, got one without a seed. Make it with methods of this network.",
      );
    return seed;
  }
}
