import { checkInteger } from "../declared.ts";
import { Samples } from "../distributions/index.ts";
import { ValidationError, describe } from "../errors.ts";
import { isNdArray } from "../math/ndarray.ts";
import type { Ensemble } from "../network/index.ts";
import {
  Network,
  type ConnectionFunction,
  type ConnectionOptions,
  type EnsembleOptions,
  type NetworkOptions,
  type Node,
} from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";

/** Options of an array of ensembles; those of ensembles are defaults for all of them, and an array stands for exactly its values. */
export interface EnsembleArrayOptions extends NetworkOptions, Omit<EnsembleOptions, "label" | "seed"> {
  /** Of each ensemble. */
  readonly nNeurons: number;
  readonly nEnsembles: number;
  /** Dimensions of each ensemble. @defaultValue 1 */
  readonly ensDimensions?: number;
}

/** A function for all ensembles, or one (or null) for each. */
export type ArrayFunction = ConnectionFunction | readonly (ConnectionFunction | null)[] | null;

/** A vector represented part by part, by ensembles that know nothing of each other: `input` -> ensembles -> `output`. */
export class EnsembleArray extends Network {
  readonly eaEnsembles: readonly Ensemble[];
  readonly input: Node;
  readonly output: Node;
  readonly nNeuronsPerEnsemble: number;
  readonly nEnsembles: number;
  readonly dimensionsPerEnsemble: number;
  private readonly named = new Map<string, Node>();
  private neuronsIn: Node | null = null;
  private neuronsOut: Node | null = null;

  constructor(options: EnsembleArrayOptions, parent: Network | null = null) {
    const { nNeurons, nEnsembles, ensDimensions = 1, label = null, seed = null, ...ensembles } = options;
    super({ label, seed }, parent);
    const owner = String(this);
    this.nNeuronsPerEnsemble = checkInteger(owner, "nNeurons", nNeurons, { min: 1 });
    this.nEnsembles = checkInteger(owner, "nEnsembles", nEnsembles, { min: 1 });
    this.dimensionsPerEnsemble = checkInteger(owner, "ensDimensions", ensDimensions, { min: 1 });
    if ("dimensions" in ensembles)
      throw new ValidationError({
        owner,
        parameter: "dimensions",
        expected: "ensDimensions for the ensembles' dimensions",
        got: "dimensions",
      });
    const entries = Object.entries(ensembles).map(([key, value]: [string, unknown]) => [
      key,
      isArray(value) ? new Samples({ samples: value as number[] }) : value,
    ]);
    this.config.ensemble.set(Object.fromEntries(entries) as EnsembleOptions);
    const prefix = label === null ? "" : `${label}_`;
    this.input = this.node({ sizeIn: this.dimensions, label: "input" });
    this.eaEnsembles = Array.from({ length: this.nEnsembles }, (_, i) => {
      const ensemble = this.ensemble(this.nNeuronsPerEnsemble, ensDimensions, { label: `${prefix}${i}` });
      this.connect(this.input.slice(i * ensDimensions, (i + 1) * ensDimensions), ensemble, { synapse: null });
      return ensemble;
    });
    this.output = this.addOutput("output", null);
  }

  /** Of the whole array. */
  get dimensions(): number {
    return this.nEnsembles * this.dimensionsPerEnsemble;
  }
  /** Outputs by name, `output` among them. */
  get outputs(): ReadonlyMap<string, Node> {
    return this.named;
  }
  /** Currents go here to all neurons; null until `addNeuronInput`. */
  get neuronInput(): Node | null {
    return this.neuronsIn;
  }
  /** Activities of all neurons come out here; null until `addNeuronOutput`. */
  get neuronOutput(): Node | null {
    return this.neuronsOut;
  }

  /**
   * Makes a Node that holds a function of every ensemble's value, one after the other.
   * @throws ValidationError if the name is taken
   */
  addOutput(name: string, computed: ArrayFunction, options: ConnectionOptions = {}): Node {
    if (this.named.has(name))
      throw new ValidationError({ owner: String(this), parameter: "addOutput", expected: "a name that is not taken", got: describe(name) });
    const functions = Array.isArray(computed)
      ? (computed as readonly (ConnectionFunction | null)[])
      : this.eaEnsembles.map(() => computed as ConnectionFunction | null);
    if (functions.length !== this.nEnsembles)
      throw new ValidationError({
        owner: String(this),
        parameter: "addOutput",
        expected: `${this.nEnsembles} functions, one an ensemble`,
        got: `${functions.length}`,
      });
    const zero = new Float64Array(this.dimensionsPerEnsemble);
    const sizes = functions.map((fn) => {
      if (fn === null) return this.dimensionsPerEnsemble;
      const value = fn(zero.slice());
      return typeof value === "number" ? 1 : value.length;
    });
    const output = this.node({ sizeIn: sizes.reduce((a, b) => a + b, 0), label: name });
    let from = 0;
    this.eaEnsembles.forEach((ensemble, i) => {
      this.connect(ensemble, output.slice(from, from + sizes[i]), { synapse: null as SynapseLike, ...options, function: functions[i] });
      from += sizes[i];
    });
    this.named.set(name, output);
    return output;
  }

  /** Makes a Node whose input goes to the neurons of all ensembles; where there is one already, gives that. @throws ValidationError in Direct mode */
  addNeuronInput(): Node {
    if (this.neuronsIn !== null) return this.neuronsIn;
    this.neuronsIn = this.neuronNode("neuron_input", (node, ensemble) => this.connect(node, ensemble.neurons, { synapse: null }));
    return this.neuronsIn;
  }

  /** Makes a Node that gives the activities of the neurons of all ensembles; where there is one already, gives that. @throws ValidationError in Direct mode */
  addNeuronOutput(): Node {
    if (this.neuronsOut !== null) return this.neuronsOut;
    this.neuronsOut = this.neuronNode("neuron_output", (node, ensemble) => this.connect(ensemble.neurons, node, { synapse: null }));
    return this.neuronsOut;
  }

  private neuronNode(label: string, link: (part: ReturnType<Node["slice"]>, ensemble: Ensemble) => unknown): Node {
    if (this.eaEnsembles.some(({ neuronType }) => neuronType instanceof Direct))
      throw new ValidationError({ owner: String(this), parameter: label, expected: "ensembles with neurons", got: "Direct mode" });
    const n = this.nNeuronsPerEnsemble;
    const node = this.node({ sizeIn: n * this.nEnsembles, label });
    this.eaEnsembles.forEach((ensemble, i) => link(node.slice(i * n, (i + 1) * n), ensemble));
    return node;
  }
}

const isArray = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value) || isNdArray(value);

/** Makes an array of ensembles in a network. */
export const ensembleArray = (parent: Network, options: EnsembleArrayOptions): EnsembleArray =>
  parent.add(new EnsembleArray(options, parent));
