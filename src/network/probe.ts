import { ValidationError, describe } from "../errors.ts";
import { Direct } from "../neurons/index.ts";
import type { Solver } from "../solvers/solver.ts";
import { asSynapse, type SynapseLike } from "../synapses/asSynapse.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { Connection, type Connectable } from "./connection.ts";
import { connectionParameters } from "./connectionParameters.ts";
import { checkSameTree, networkOf } from "./connectionEnd.ts";
import { Ensemble } from "./ensemble.ts";
import { fullRange, type IndexSet } from "./indexSet.ts";
import { LearningRule } from "./learningRule.ts";
import type { Network } from "./network.ts";
import { Neurons } from "./neurons.ts";
import { Node } from "./node.ts";
import { Named, labelOf, labelled, objectName } from "./objectName.ts";
import { resolveOptions } from "./parameters.ts";
import { probeParameters, type ProbeOptions } from "./probeParameters.ts";
import { View, type ViewTarget } from "./view.ts";

/** What can be probed. */
export type Probed = ViewTarget | Connection;

/** Records an attribute of an object over a simulation. Made by `network.probe(target, options)`. */
export class Probe extends Named {
  readonly network: Network;
  /** As given. */
  readonly target: Connectable | Connection;
  /** The object behind the target. */
  readonly object: Probed;
  readonly attribute: string;
  /** Seconds between two records; null: every step. */
  readonly sampleEvery: number | null;
  /** Finds the decoders of a `decodedOutput`. */
  readonly solver: Solver;
  readonly label: string | null;
  readonly seed: number | null;
  private filter: Synapse | null;

  constructor(network: Network, target: Connectable | Connection, options: ProbeOptions = {}) {
    super();
    this.network = network;
    this.target = target;
    const label = labelOf(options);
    this.label = typeof label === "string" ? label : null;
    const owner = labelled("Probe", label);
    this.object = probed(owner, target);
    checkSameTree(
      network,
      this.object instanceof Connection ? this.object.network : networkOf(this.object),
      owner,
      "target",
      objectName(target),
    );
    const values = resolveOptions(owner, probeParameters, options, network.defaults("probe"));
    this.label = values.label;
    this.seed = values.seed;
    this.sampleEvery = values.sampleEvery;
    this.filter = values.synapse;
    this.solver =
      values.solver ?? resolveOptions(owner, { solver: connectionParameters.solver }, {}, network.defaults("connection")).solver;
    this.attribute = this.checkAttribute(owner, values.attribute);
    if (this.indices.size === 0)
      throw new ValidationError({
        owner,
        parameter: "target",
        expected: "something with components",
        got: `${objectName(target)}, whose size is 0`,
      });
  }

  /** Filter of what is recorded; null is none. */
  get synapse(): Synapse | null {
    return this.filter;
  }
  set synapse(synapse: SynapseLike) {
    this.filter = asSynapse(synapse, String(this));
  }

  /** Components of the attribute (rows, where it is a matrix). */
  get indices(): IndexSet {
    const { target, object, attribute } = this;
    if (target instanceof View) return target.indicesOut ?? fullRange(0);
    if (object instanceof Ensemble) return fullRange(attribute === "scaledEncoders" ? object.nNeurons : object.dimensions);
    if (object instanceof LearningRule) return fullRange(1);
    if (!(object instanceof Connection)) return fullRange(object.sizeOut);
    const { preObject: pre, postObject: post } = object;
    const decoded = pre instanceof Ensemble && !(pre.neuronType instanceof Direct);
    if (attribute === "input") return fullRange(decoded ? pre.nNeurons : pre.sizeOut);
    return fullRange(decoded && post instanceof Ensemble && object.solver.weights ? post.nNeurons : object.sizeOut);
  }

  /** Name for messages. */
  override toString(): string {
    return typeof this.label === "string" ? labelled("Probe", this.label) : `Probe of ${objectName(this.target)}`;
  }

  private checkAttribute(owner: string, wanted: string | null): string {
    const { object } = this;
    if (object instanceof Neurons && object.sizeOut === 0)
      throw new ValidationError({
        owner,
        parameter: "target",
        expected: "something to probe",
        got: objectName(this.target),
        fix: "A Direct ensemble has no neurons",
      });
    const probeable = probeableOf(object);
    const attribute = wanted ?? probeable[0];
    if (!probeable.includes(attribute))
      throw new ValidationError({
        owner,
        parameter: "attribute",
        expected: `one of ${probeable.join(", ")} for ${objectName(object)}`,
        got: describe(attribute),
      });
    if (attribute === "scaledEncoders" && this.target instanceof View) {
      throw new ValidationError({
        owner,
        parameter: "target",
        expected: "a whole ensemble where scaledEncoders are probed",
        got: objectName(this.target),
      });
    }
    return attribute;
  }
}

function probed(owner: string, target: unknown): Probed {
  const object = target instanceof View ? target.target : target;
  if (object instanceof LearningRule && !(target instanceof View)) return object;
  if (object instanceof Ensemble || object instanceof Neurons || object instanceof Node || object instanceof Connection) return object;
  throw new ValidationError({
    owner,
    parameter: "target",
    expected: "an Ensemble, its neurons, a Node, a view of one, a Connection or its learning rule",
    got: objectName(target),
  });
}

function probeableOf(object: Probed): readonly string[] {
  if (object instanceof Neurons || object instanceof LearningRule) return object.probeable;
  return object instanceof Ensemble ? Ensemble.probeable : object instanceof Node ? Node.probeable : Connection.probeable;
}
