import { checkInteger, checkNumber } from "../declared.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { column } from "./matrices.ts";

export interface InputGatedMemoryOptions extends NetworkOptions {
  /** For every dimension, twice. */
  readonly nNeurons: number;
  readonly dimensions: number;
  /** How much of what is held goes back. @defaultValue 1 */
  readonly feedback?: number;
  /** How fast a new value is taken over. @defaultValue 1 */
  readonly differenceGain?: number;
  /** Time constant of holding, s. @defaultValue 0.1 */
  readonly recurrentSynapse?: SynapseLike;
  /** Time constant of taking over, s. @defaultValue recurrentSynapse */
  readonly differenceSynapse?: SynapseLike;
}

/** Holds a vector: takes its input over while `gate` is 0, keeps it while `gate` is 1, forgets it while `reset` is 1. */
export class InputGatedMemory extends Network {
  readonly mem: EnsembleArray;
  readonly diff: EnsembleArray;
  readonly input: Node;
  readonly output: Node;
  readonly gate: Node;
  readonly reset: Node;

  constructor(options: InputGatedMemoryOptions, parent: Network | null = null) {
    const { nNeurons, dimensions, feedback = 1, differenceGain = 1, recurrentSynapse = 0.1 } = options;
    const { differenceSynapse = recurrentSynapse, label = "Input gated memory", seed = null } = options;
    super({ label, seed }, parent);
    const owner = String(this);
    checkInteger(owner, "nNeurons", nNeurons, { min: 1 });
    checkInteger(owner, "dimensions", dimensions, { min: 1 });
    checkNumber(owner, "feedback", feedback);
    checkNumber(owner, "differenceGain", differenceGain);
    this.mem = ensembleArray(this, { nNeurons, nEnsembles: dimensions, label: "mem" });
    this.connect(this.mem.output, this.mem.input, { transform: feedback, synapse: recurrentSynapse });
    this.diff = ensembleArray(this, { nNeurons, nEnsembles: dimensions, label: "diff" });
    this.connect(this.mem.output, this.diff.input, { transform: -1 });
    this.connect(this.diff.output, this.mem.input, { transform: differenceGain, synapse: differenceSynapse });
    const all = nNeurons * dimensions;
    this.gate = this.node({ sizeIn: 1 });
    this.connect(this.gate, this.diff.addNeuronInput(), { transform: column(all, -10), synapse: null });
    this.reset = this.node({ sizeIn: 1 });
    this.connect(this.reset, this.mem.addNeuronInput(), { transform: column(all, -3), synapse: null });
    this.input = this.diff.input;
    this.output = this.mem.output;
  }
}

/** Makes a network that holds a vector. */
export const inputGatedMemory = (parent: Network, options: InputGatedMemoryOptions): InputGatedMemory =>
  parent.add(new InputGatedMemory(options, parent));
