import { integer, nullable, number } from "../network/checks.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import { parameter, resolveOptions } from "../network/parameters.ts";
import { synapse } from "../network/probeParameters.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { column } from "./matrices.ts";
import { ofNetwork, partOf, required } from "./options.ts";

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
  /** Time constant of taking over, s. @defaultValue null: recurrentSynapse */
  readonly differenceSynapse?: SynapseLike;
}

/** Options and their defaults. */
export const parameters = {
  nNeurons: required(integer({ min: 1 })),
  dimensions: required(integer({ min: 1 })),
  feedback: parameter(1, number()),
  differenceGain: parameter(1, number()),
  recurrentSynapse: parameter(0.1, synapse),
  differenceSynapse: parameter(null, nullable(synapse)),
  ...ofNetwork("Input gated memory"),
};

/** How strongly `gate` and `reset` silence neurons. */
const gating = { gate: -10, reset: -3 };

/** Holds a vector: takes its input over while `gate` is 0, keeps it while `gate` is 1, forgets it while `reset` is 1. */
export class InputGatedMemory extends Network {
  readonly mem: EnsembleArray;
  readonly diff: EnsembleArray;
  readonly input: Node;
  readonly output: Node;
  readonly gate: Node;
  readonly reset: Node;

  constructor(options: InputGatedMemoryOptions, parent: Network | null = null) {
    const given = resolveOptions("InputGatedMemory", parameters, options, []);
    const { nNeurons, dimensions, recurrentSynapse, label, seed } = given;
    super({ label, seed }, parent);
    this.mem = ensembleArray(this, { nNeurons, nEnsembles: dimensions, label: "mem" });
    this.connect(this.mem.output, this.mem.input, { transform: given.feedback, synapse: recurrentSynapse });
    this.diff = ensembleArray(this, { nNeurons, nEnsembles: dimensions, label: "diff" });
    this.connect(this.mem.output, this.diff.input, { transform: -1 });
    this.connect(this.diff.output, this.mem.input, {
      transform: given.differenceGain,
      synapse: given.differenceSynapse ?? recurrentSynapse,
    });
    const all = nNeurons * dimensions;
    this.gate = this.node({ sizeIn: 1 });
    this.connect(this.gate, this.diff.addNeuronInput(), { transform: column(all, gating.gate), synapse: null });
    this.reset = this.node({ sizeIn: 1 });
    this.connect(this.reset, this.mem.addNeuronInput(), { transform: column(all, gating.reset), synapse: null });
    this.input = this.diff.input;
    this.output = this.mem.output;
  }
}

/** Makes a network that holds a vector. @throws ValidationError for bad options */
export const inputGatedMemory = (parent: Network, options: InputGatedMemoryOptions): InputGatedMemory =>
  partOf(parent, "inputGatedMemory", () => new InputGatedMemory(options, parent));
