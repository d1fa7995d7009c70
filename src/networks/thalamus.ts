import { checkInteger, checkNumber } from "../declared.ts";
import { Choice, Uniform } from "../distributions/index.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { column, othersInhibited } from "./matrices.ts";

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

/** Turns the output of basal ganglia around: near 1 for the chosen action, 0 for all others. */
export class Thalamus extends Network {
  readonly actions: EnsembleArray;
  readonly bias: Node;
  readonly input: Node;
  readonly output: Node;

  constructor(options: ThalamusOptions, parent: Network | null = null) {
    const { dimensions, nNeuronsPerEnsemble: nNeurons = 50, mutualInhib = 1, threshold = 0, label = "Thalamus", seed = null } = options;
    super({ label, seed }, parent);
    const owner = String(this);
    checkInteger(owner, "dimensions", dimensions, { min: 1 });
    checkNumber(owner, "mutualInhib", mutualInhib);
    checkNumber(owner, "threshold", threshold, { below: 1 });
    this.actions = ensembleArray(this, {
      nNeurons,
      nEnsembles: dimensions,
      intercepts: new Uniform({ low: threshold, high: 1 }),
      encoders: new Choice({ options: [[1]] }),
      label: "actions",
    });
    this.connect(this.actions.output, this.actions.input, { transform: othersInhibited(dimensions, mutualInhib) });
    this.bias = this.node([1], { label: "thalamus bias" });
    this.connect(this.bias, this.actions.input, { transform: column(dimensions, 1) });
    this.input = this.actions.input;
    this.output = this.actions.output;
  }
}

/** Makes a network that inverts the choice of basal ganglia. */
export const thalamus = (parent: Network, options: ThalamusOptions): Thalamus => parent.add(new Thalamus(options, parent));
