import { ShapeError, ValidationError, describe } from "../errors.ts";
import { Uniform } from "../distributions/index.ts";
import { exp } from "../math/elementary.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { boolean, integer, nullable, number, text, type Check } from "../network/checks.ts";
import { Network, type Connection, type Ensemble, type EnsembleOptions, type NetworkOptions, type Node } from "../network/index.ts";
import { parameter, resolveOptions } from "../network/parameters.ts";
import { synapse } from "../network/probeParameters.ts";
import type { SynapseLike } from "../synapses/asSynapse.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { column, othersInhibited } from "./matrices.ts";
import { ofNetwork, partOf, required } from "./options.ts";
import { thresholdingEnsembles } from "./presets.ts";

export interface AssociativeMemoryOptions extends NetworkOptions {
  /** `[items, dimensions]`. */
  readonly inputVectors: ArrayLike_;
  /** `[items, dimensions]`; null: inputVectors. @defaultValue null */
  readonly outputVectors?: ArrayLike_ | null;
  /** For every item. @defaultValue 50 */
  readonly nNeurons?: number;
  /** Similarity from which an item answers; one number, or one an item. @defaultValue 0.3 */
  readonly threshold?: PerItem;
  /** By which similarities are multiplied; one number, or one an item. @defaultValue 1 */
  readonly inputScales?: PerItem;
  /** Whether there is an `inhibit` Node that silences all. @defaultValue false */
  readonly inhibitable?: boolean;
}

/** One number for all items, or one an item. */
export type PerItem = number | readonly number[] | Float64Array;

/** Options of `addDefaultOutputVector`. */
export interface DefaultOutputOptions {
  /** @defaultValue "output" */
  readonly outputName?: string;
  /** @defaultValue 50 */
  readonly nNeurons?: number;
  /** Sum of the items' answers from which the default is silent. @defaultValue 0.5 */
  readonly minActivationValue?: number;
}

/** Options of `addWtaNetwork`. */
export interface WtaOptions {
  /** @defaultValue 1.5 */
  readonly inhibitScale?: number;
  /** @defaultValue 0.005 */
  readonly inhibitSynapse?: SynapseLike;
}

/** Options of `addThresholdToOutputs`. */
export interface ThresholdOptions {
  /** For every item, twice. @defaultValue 50 */
  readonly nNeurons?: number;
  /** @defaultValue 10 */
  readonly inhibitScale?: number;
}

const array =
  (rank: number, expected: string): Check<NdArray> =>
  (owner, name, value) => {
    const { shape, data } = ndarray(value, { owner, parameter: name });
    if (shape.length !== rank || data.length === 0)
      throw new ShapeError({ owner, parameter: name, expected, got: shape.length === 0 ? "a number" : `shape [${shape.join(", ")}]` });
    return { shape, data };
  };

const vectors = array(2, "vectors [items, dimensions]");
const vector = array(1, "a vector");

/** A number or a vector; how long it must be is known later. */
const perItem: Check<number | NdArray> = (owner, name, value) =>
  (typeof value === "number" ? number() : array(1, "a number, or one an item"))(owner, name, value, {});

/** Options and their defaults. */
export const parameters = {
  inputVectors: required(vectors),
  outputVectors: parameter(null, nullable(vectors)),
  nNeurons: parameter(50, integer({ min: 1 })),
  threshold: parameter(0.3, perItem),
  inputScales: parameter(1, perItem),
  inhibitable: parameter(false, boolean),
  ...ofNetwork(null),
};

const defaultOutputParameters = {
  outputName: parameter("output", text),
  nNeurons: parameter(50, integer({ min: 1 })),
  minActivationValue: parameter(0.5, number({ above: 0 })),
};

const wtaParameters = { inhibitScale: parameter(1.5, number()), inhibitSynapse: parameter(0.005, synapse) };

const thresholdParameters = { nNeurons: parameter(50, integer({ min: 1 })), inhibitScale: parameter(10, number()) };

/** Nearly a step at 0. */
const step = (x: Float64Array): number => Math.max(1 - exp(-15 * x[0]), 0);

/** How strongly `inhibit` acts. */
const INHIBITION = -1.5;

/** Populations that stand for one item each. */
const elements: EnsembleOptions = { ...thresholdingEnsembles({ threshold: 0 }), nEvalPoints: 5000 };

/** Populations that make an answer 0 or 1. */
const switches: EnsembleOptions = {
  ...elements,
  intercepts: new Uniform({ low: 0.5, high: 1 }),
  evalPoints: new Uniform({ low: 0.75, high: 1.1 }),
};

/** A connection from the answers, made again when they come from elsewhere. */
interface Reader {
  readonly connect: (answers: Node) => Connection;
  connection: Connection;
}

/**
 * Finds what it knows in a vector: one population for every item compares the input with the item's vector and, above a threshold,
 * puts out the item's output vector.
 * Source: Stewart, Tang & Eliasmith, Cognitive Systems Research 12 (2011), "A biologically realistic cleanup memory".
 */
export class AssociativeMemory extends Network {
  readonly amEnsembles: readonly Ensemble[];
  readonly biasNode: Node;
  readonly elemInput: Node;
  readonly elemOutput: Node;
  readonly input: Node;
  readonly output: Node;
  /** Null unless inhibitable. */
  readonly inhibit: Node | null;
  readonly nItems: number;
  readonly nNeuronsPerItem: number;
  private readonly inputNodes = new Map<string, Node>();
  private readonly outputNodes = new Map<string, Node>();
  private readonly outputReaders: Reader[] = [];
  private readonly defaultReaders: Reader[] = [];
  private thresholds: { readonly bias: EnsembleArray; readonly ensembles: EnsembleArray } | null = null;
  private winnerTakesAll = false;

  constructor(options: AssociativeMemoryOptions, parent: Network | null = null) {
    const given = resolveOptions("AssociativeMemory", parameters, options, []);
    const { inputVectors, outputVectors, nNeurons, label, seed } = given;
    super({ label, seed }, parent);
    this.nItems = inputVectors.shape[0];
    this.nNeuronsPerItem = nNeurons;
    const thresholds = this.eachItem("threshold", given.threshold);
    this.biasNode = this.node(1);
    this.elemInput = this.node({ sizeIn: this.nItems, label: "element input" });
    this.elemOutput = this.node({ sizeIn: this.nItems, label: "element output" });
    this.amEnsembles = Array.from(thresholds, (threshold, i) => {
      const ensemble = this.ensemble(nNeurons, 1, { ...elements, label: String(i) });
      this.connect(this.biasNode, ensemble, { transform: -threshold, synapse: null });
      this.connect(this.elemInput.at(i), ensemble, { synapse: null });
      this.connect(ensemble, this.elemOutput.at(i), { function: step, synapse: null });
      return ensemble;
    });
    this.inhibit = given.inhibitable ? this.node({ sizeIn: 1, label: "inhibit" }) : null;
    if (this.inhibit !== null) this.connect(this.inhibit, this.elemInput, { transform: column(this.nItems, INHIBITION), synapse: null });
    this.input = this.mapInput("input", inputVectors, given.inputScales);
    this.output = this.mapOutput("output", outputVectors ?? inputVectors);
  }

  /** Inputs by name, `input` among them. */
  get inputs(): ReadonlyMap<string, Node> {
    return this.inputNodes;
  }
  /** Outputs by name, `output` among them. */
  get outputs(): ReadonlyMap<string, Node> {
    return this.outputNodes;
  }
  /** Whether items inhibit each other. */
  get isWta(): boolean {
    return this.winnerTakesAll;
  }
  /** The items' answers `[nItems]`. */
  get utilities(): Node {
    return this.elemOutput;
  }
  /** The answers made 0 or 1, `[nItems]`; null before `addThresholdToOutputs`. */
  get thresholdedUtilities(): Node | null {
    return this.thresholds?.ensembles.output ?? null;
  }
  /** Populations of `addThresholdToOutputs` that silence those of `threshEns`; null before. */
  get threshBias(): EnsembleArray | null {
    return this.thresholds?.bias ?? null;
  }
  /** Populations of `addThresholdToOutputs` that give answers of 0 or 1; null before. */
  get threshEns(): EnsembleArray | null {
    return this.thresholds?.ensembles ?? null;
  }

  /**
   * Makes another input Node, whose vectors `[items, dimensions]` stand for the items.
   * @throws ValidationError if the name is taken; ShapeError unless there is a vector for every item
   */
  addInputMapping(name: string, inputVectors: ArrayLike_, inputScales: PerItem = 1): Node {
    const owner = String(this);
    return this.mapInput(name, vectors(owner, "inputVectors", inputVectors, {}), perItem(owner, "inputScales", inputScales, {}));
  }

  /**
   * Makes another output Node, whose vectors `[items, dimensions]` stand for the items.
   * @throws ValidationError if the name is taken; ShapeError unless there is a vector for every item
   */
  addOutputMapping(name: string, outputVectors: ArrayLike_): Node {
    return this.mapOutput(name, vectors(String(this), "outputVectors", outputVectors, {}));
  }

  /**
   * What an output gives where no item answers.
   * @param outputVector - as long as the output
   * @throws ValidationError for an unknown output; ShapeError for another length
   */
  addDefaultOutputVector(outputVector: readonly number[] | Float64Array, options: DefaultOutputOptions = {}): Ensemble {
    const owner = `${String(this)}.addDefaultOutputVector`;
    const { outputName, nNeurons, minActivationValue } = resolveOptions(owner, defaultOutputParameters, options, []);
    const { data } = vector(owner, "outputVector", outputVector, {});
    const output = this.outputNodes.get(outputName);
    if (output === undefined)
      throw new ValidationError({
        owner,
        parameter: "outputName",
        expected: `one of ${[...this.outputNodes.keys()].join(", ")}`,
        got: describe(outputName),
      });
    if (data.length !== output.sizeIn)
      throw new ShapeError({ owner, parameter: "outputVector", expected: `${output.sizeIn} numbers`, got: `${data.length}` });
    const ensemble = this.ensemble(nNeurons, 1, { ...elements, label: "Default output vector" });
    this.connect(this.biasNode, ensemble, { synapse: null });
    const silenced = [new Array<number>(this.nItems).fill(-1 / minActivationValue)];
    this.read(this.defaultReaders, (answers) => this.connect(answers, ensemble, { transform: silenced }));
    this.connect(ensemble, output, { transform: { shape: [data.length, 1], data }, synapse: null });
    if (this.inhibit !== null) this.connect(this.inhibit, ensemble, { transform: INHIBITION, synapse: null });
    return ensemble;
  }

  /** Lets items inhibit each other, so that one wins. @throws ValidationError at a second call */
  addWtaNetwork(options: WtaOptions = {}): void {
    const owner = `${String(this)}.addWtaNetwork`;
    const { inhibitScale, inhibitSynapse } = resolveOptions(owner, wtaParameters, options, []);
    if (this.winnerTakesAll) throw calledTwice(owner);
    this.connect(this.elemOutput, this.elemInput, { synapse: inhibitSynapse, transform: othersInhibited(this.nItems, inhibitScale) });
    this.winnerTakesAll = true;
  }

  /**
   * Sends answers through populations that make them 0 or 1. Connections to outputs and default vectors are made anew, from there.
   * @throws ValidationError at a second call
   */
  addThresholdToOutputs(options: ThresholdOptions = {}): void {
    const owner = `${String(this)}.addThresholdToOutputs`;
    const { nNeurons, inhibitScale } = resolveOptions(owner, thresholdParameters, options, []);
    if (this.thresholds !== null) throw calledTwice(owner);
    const all = { nNeurons, nEnsembles: this.nItems, ...switches };
    const bias = ensembleArray(this, { ...all, label: "thresh_bias" });
    const ensembles = ensembleArray(this, { ...all, label: "thresh_ens" });
    this.connect(this.biasNode, bias.input, { transform: column(this.nItems, 1), synapse: null });
    this.connect(this.biasNode, ensembles.input, { transform: column(this.nItems, 1), synapse: null });
    this.connect(this.elemOutput, bias.input, { transform: -inhibitScale });
    this.connect(bias.output, ensembles.input, { transform: -inhibitScale });
    this.thresholds = { bias, ensembles };
    for (const reader of [...this.defaultReaders, ...this.outputReaders]) {
      this.remove(reader.connection);
      reader.connection = reader.connect(ensembles.output);
    }
    if (this.inhibit !== null)
      for (const ensemble of ensembles.eaEnsembles) this.connect(this.inhibit, ensemble, { transform: INHIBITION, synapse: null });
  }

  private mapInput(name: string, { shape, data }: NdArray, scale: number | NdArray): Node {
    this.checkMapping(name, "inputVectors", shape[0]);
    const scales = this.eachItem("inputScales", scale);
    const [, d] = shape as readonly [number, number];
    const input = this.node({ sizeIn: d, label: name });
    const transform = { shape, data: data.map((v, k) => v * scales[Math.floor(k / d)]) };
    this.connect(input, this.elemInput, { transform, synapse: null });
    this.inputNodes.set(name, input);
    return input;
  }

  private mapOutput(name: string, { shape, data }: NdArray): Node {
    this.checkMapping(name, "outputVectors", shape[0]);
    const [items, d] = shape as readonly [number, number];
    const output = this.node({ sizeIn: d, label: name });
    const transposed = data.map((_, k) => data[(k % items) * d + Math.floor(k / items)]);
    const transform = { shape: [d, items], data: transposed };
    this.read(this.outputReaders, (answers) => this.connect(answers, output, { transform, synapse: null }));
    this.outputNodes.set(name, output);
    return output;
  }

  private read(readers: Reader[], connect: (answers: Node) => Connection): void {
    readers.push({ connect, connection: connect(this.thresholdedUtilities ?? this.utilities) });
  }

  private checkMapping(name: string, parameter: string, items: number): void {
    const owner = String(this);
    text(owner, "name", name, {});
    if (this.inputNodes.has(name) || this.outputNodes.has(name))
      throw new ValidationError({ owner, parameter: "name", expected: "a name that is not taken", got: describe(name) });
    if (items !== this.nItems) throw new ShapeError({ owner, parameter, expected: `${this.nItems} vectors, one an item`, got: `${items}` });
  }

  private eachItem(parameter: string, value: number | NdArray): Float64Array {
    if (typeof value === "number") return new Float64Array(this.nItems).fill(value);
    if (value.data.length !== this.nItems)
      throw new ShapeError({
        owner: String(this),
        parameter,
        expected: `a number, or ${this.nItems}, one an item`,
        got: `${value.data.length}`,
      });
    return value.data;
  }
}

const calledTwice = (owner: string): ValidationError => new ValidationError({ owner, expected: "one call", got: "a second" });

/** Makes a network that finds what it knows in a vector. @throws ValidationError, ShapeError for bad options */
export const associativeMemory = (parent: Network, options: AssociativeMemoryOptions): AssociativeMemory =>
  partOf(parent, "associativeMemory", () => new AssociativeMemory(options, parent));
