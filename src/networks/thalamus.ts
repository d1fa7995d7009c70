import { Choice, Uniform } from "../distributions/index.ts";
import { integer, number } from "../network/checks.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import { parameter, resolveOptions } from "../network/parameters.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { column, othersInhibited } from "./matrices.ts";
import { ofNetwork, partOf, required } from "./options.ts";

export interface ThalamusOptions extends NetworkOptions {
  /** Number of actions. */
  readonly dimensions: number;
  /** @defaultValue 50 */
  readonly nNeuronsPerEnsemble?: number;
  /** How strongly actions inhibit each other. @defaultValue 1 */
  readonly mutualInhib?: number;
  /** Values below are 0. @defaultValue 0 */
  readonly threshold?: number;
}

/** Options and their defaults. */
export const parameters = {
  dimensions: required(integer({ min: 1 })),
  nNeuronsPerEnsemble: parameter(50, integer({ min: 1 })),
  mutualInhib: parameter(1, number()),
  threshold: parameter(0, number({ below: 1 })),
  ...ofNetwork("Thalamus"),
};

/** Turns the output of basal ganglia around: near 1 for the chosen action, 0 for all others. */
export class Thalamus extends Network {
  readonly actions: EnsembleArray;
  readonly bias: Node;
  readonly input: Node;
  readonly output: Node;

  constructor(options: ThalamusOptions, parent: Network | null = null) {
    const given = resolveOptions("Thalamus", parameters, options, []);
    const { dimensions, label, seed } = given;
    super({ label, seed }, parent);
    this.actions = ensembleArray(this, {
      nNeurons: given.nNeuronsPerEnsemble,
      nEnsembles: dimensions,
      intercepts: new Uniform({ low: given.threshold, high: 1 }),
      encoders: new Choice({ options: [[1]] }),
      label: "actions",
    });
    this.connect(this.actions.output, this.actions.input, { transform: othersInhibited(dimensions, given.mutualInhib) });
    this.bias = this.node([1], { label: "thalamus bias" });
    this.connect(this.bias, this.actions.input, { transform: column(dimensions, 1) });
    this.input = this.actions.input;
    this.output = this.actions.output;
  }
}

/** Makes a network that inverts the choice of basal ganglia. @throws ValidationError for bad options */
export const thalamus = (parent: Network, options: ThalamusOptions): Thalamus =>
  partOf(parent, "thalamus", () => new Thalamus(options, parent));
