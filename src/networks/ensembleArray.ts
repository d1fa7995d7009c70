import { Samples } from "../distributions/index.ts";
import { ValidationError, describe } from "../errors.ts";
import { isNdArray, type ArrayLike_ } from "../math/ndarray.ts";
import { integer } from "../network/checks.ts";
import { ensembleParameters } from "../network/ensembleParameters.ts";
import {
  Network,
  type ConnectionFunction,
  type ConnectionOptions,
  type Ensemble,
  type EnsembleOptions,
  type NetworkOptions,
  type Node,
  type View,
} from "../network/index.ts";
import { checkNames, parameter, resolveOptions } from "../network/parameters.ts";
import { callOnce, resultSize } from "../network/userFunction.ts";
import { Direct } from "../neurons/index.ts";
import { ofNetwork, partOf, required } from "./options.ts";

/** Options of an array of ensembles; those of ensembles are defaults for all of them, and an array stands for exactly its values. */
export interface EnsembleArrayOptions extends NetworkOptions, Omit<EnsembleOptions, "label" | "seed"> {
  /** Of each ensemble. */
  readonly nNeurons: number;
  readonly nEnsembles: number;
  /** Dimensions of each ensemble. @defaultValue 1 */
  readonly ensDimensions?: number;
}

const OWNER = "EnsembleArray";

/** Options and their defaults. */
export const parameters = {
  nNeurons: required(integer({ min: 1 })),
  nEnsembles: required(integer({ min: 1 })),
  ensDimensions: parameter(1, integer({ min: 1 })),
  ...ofNetwork(null),
};

const { label: _label, seed: _seed, ...shared } = ensembleParameters;

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
    checkNames(OWNER, options, { ...parameters, ...shared });
    const [own, ofEnsembles] = partition(options);
    const { nNeurons, nEnsembles, ensDimensions, label, seed } = resolveOptions(OWNER, parameters, own, []);
    super({ label, seed }, parent);
    this.nNeuronsPerEnsemble = nNeurons;
    this.nEnsembles = nEnsembles;
    this.dimensionsPerEnsemble = ensDimensions;
    this.config.ensemble.set(ofEnsembles);
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
   * @param options - of the connections from the ensembles, which have no synapse unless told otherwise
   * @throws ValidationError if the name is taken, or for what is no function, or as many as there are ensembles
   */
  addOutput(name: string, computed: ArrayFunction, options: ConnectionOptions = {}): Node {
    const owner = `${String(this)}.addOutput`;
    if (this.named.has(name))
      throw new ValidationError({ owner, parameter: "name", expected: "a name that is not taken", got: describe(name) });
    const functions: readonly unknown[] = Array.isArray(computed) ? computed : this.eaEnsembles.map(() => computed);
    if (functions.length !== this.nEnsembles)
      throw new ValidationError({
        owner,
        parameter: "function",
        expected: `${this.nEnsembles} functions, one an ensemble`,
        got: `${functions.length}`,
      });
    const sizes = functions.map((fn) => this.sizeOf(fn, owner));
    const output = this.node({ sizeIn: sizes.reduce((a, b) => a + b, 0), label: name });
    const { synapse = null } = options;
    let from = 0;
    this.eaEnsembles.forEach((ensemble, i) => {
      const fn = functions[i] as ConnectionFunction | null;
      this.connect(ensemble, output.slice(from, from + sizes[i]), { ...options, synapse, function: fn });
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

  /** How many numbers a function gives of an ensemble's value. */
  private sizeOf(fn: unknown, owner: string): number {
    const d = this.dimensionsPerEnsemble;
    if (fn === null) return d;
    const expected = `a function of ${d} numbers that returns a number or an array of numbers, or null`;
    if (typeof fn !== "function") throw new ValidationError({ owner, parameter: "function", expected, got: describe(fn) });
    const value = callOnce(owner, "function", expected, () => (fn as ConnectionFunction)(new Float64Array(d)));
    const size = resultSize(value);
    if (size === null || size === 0)
      throw new ValidationError({ owner, parameter: "function", expected, got: `one that returns ${describe(value)}` });
    return size;
  }

  private neuronNode(label: string, link: (part: View, ensemble: Ensemble) => unknown): Node {
    if (this.eaEnsembles.some(({ neuronType }) => neuronType instanceof Direct))
      throw new ValidationError({ owner: String(this), parameter: label, expected: "ensembles with neurons", got: "Direct mode" });
    const n = this.nNeuronsPerEnsemble;
    const node = this.node({ sizeIn: n * this.nEnsembles, label });
    this.eaEnsembles.forEach((ensemble, i) => link(node.slice(i * n, (i + 1) * n), ensemble));
    return node;
  }
}

const isArray = (value: unknown): value is ArrayLike_ => Array.isArray(value) || ArrayBuffer.isView(value) || isNdArray(value);

/** The array's own options, and defaults for its ensembles. */
function partition(options: EnsembleArrayOptions): [object, EnsembleOptions] {
  const entries = Object.entries(options);
  const isOwn = ([name]: [string, unknown]): boolean => Object.hasOwn(parameters, name);
  return [
    Object.fromEntries(entries.filter(isOwn)),
    Object.fromEntries(
      entries
        .filter((entry) => !isOwn(entry))
        .map(([name, value]: [string, unknown]) => [name, isArray(value) ? new Samples({ samples: value }) : value]),
    ),
  ];
}

/** Makes an array of ensembles in a network. @throws ValidationError for bad options */
export const ensembleArray = (parent: Network, options: EnsembleArrayOptions): EnsembleArray =>
  partOf(parent, "ensembleArray", () => new EnsembleArray(options, parent));
