import { Process } from "../processes/process.ts";
import { Synapse } from "../synapses/synapse.ts";
import type { Network } from "./network.ts";
import { nodeParameters, type NodeOptions } from "./nodeParameters.ts";
import { resolveOutput, type NodeOutput, type NodeOutputLike, type NodeSizes } from "./nodeOutput.ts";
import { labelOf, labelled } from "./objectName.ts";
import { resolveOptions } from "./parameters.ts";
import { Viewable } from "./view.ts";

/** How a Node makes its output; a synapse is a `process` too, and `tensor` is a tf function (a subclass). */
export type NodeKind = "passthrough" | "constant" | "process" | "function" | "tensor";

/** Gives input to a network, passes values on, or computes outside of neurons. Made by `network.node(output, options)`. */
export class Node extends Viewable {
  static readonly probeable: readonly string[] = ["output"];
  readonly network: Network;
  readonly output: NodeOutput;
  readonly sizeIn: number;
  readonly sizeOut: number;
  readonly label: string | null;
  /** Nothing in a Node is drawn. */
  readonly seed: null = null;

  /** Takes finished values; `Node.make` checks and completes what a user gives. */
  protected constructor(network: Network, output: NodeOutput, { sizeIn, sizeOut }: NodeSizes, label: string | null) {
    super();
    this.network = network;
    this.output = output;
    this.sizeIn = sizeIn;
    this.sizeOut = sizeOut;
    this.label = label;
  }

  /** @throws ValidationError for a bad output, or sizes that contradict it. */
  static make(network: Network, output: NodeOutputLike, options: NodeOptions): Node {
    const owner = labelled("Node", labelOf(options));
    const { label, sizeIn, sizeOut } = resolveOptions(owner, nodeParameters, options, network.defaults("node"));
    const resolved = resolveOutput(owner, output, { sizeIn, sizeOut });
    return new Node(network, resolved.output, resolved, label);
  }

  get kind(): NodeKind {
    if (this.output === null) return "passthrough";
    if (this.output instanceof Process || this.output instanceof Synapse) return "process";
    return typeof this.output === "function" ? "function" : "constant";
  }

  /** Name for messages. */
  override toString(): string {
    return labelled("Node", this.label, this);
  }
}
