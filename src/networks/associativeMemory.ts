import { checkBoolean, checkInteger, checkNumber } from "../declared.ts";
import { Choice, Exponential, Uniform } from "../distributions/index.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { exp } from "../math/elementary.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Network, type Connection, type Ensemble, type EnsembleOptions, type NetworkOptions, type Node } from "../network/index.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { column, othersInhibited } from "./matrices.ts";

export interface AssociativeMemoryOptions extends NetworkOptions {
  /** `[items, dimensions]`. */
  readonly inputVectors: ArrayLike_;
  /** `[items, dimensions]`; null: inputVectors. @defaultValue null */
  readonly outputVectors?: ArrayLike_ | null;
  /** For every item. @defaultValue 50 */
  readonly nNeurons?: number;
  /** Similarity from which an item answers; one number, or one an item. @defaultValue 0.3 */
  readonly threshold?: number | readonly number[];
  /** By which similarities are multiplied; one number, or one an item. @defaultValue 1 */
  readonly inputScales?: number | readonly number[];
  /** Whether there is an `inhibit` Node that silences all. @defaultValue false */
  readonly inhibitable?: boolean;
}

/** Nearly a step at 0. */
const filtered = (x: Float64Array): number => Math.max(1 - exp(-15 * x[0]), 0);

/** How strongly `inhibit` acts. */
const INHIBITION = -1.5;

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
  /** Connections from the elements to outputs and to default vectors, which a threshold replaces. */
  private outConnections: { connection: Connection; connect: (from: Node) => Connection }[] = [];
  private inhibiting: { connection: Connection; connect: (from: Node) => Connection }[] = [];
  private thresholds: { readonly bias: EnsembleArray; readonly ensembles: EnsembleArray } | null = null;
  private winners = false;

  constructor(options: AssociativeMemoryOptions, parent: Network | null = null) {
    const { nNeurons = 50, threshold = 0.3, inputScales = 1, inhibitable = false, label = null, seed = null } = options;
    super({ label, seed }, parent);
    const owner = String(this);
    const inputs = vectors(owner, "inputVectors", options.inputVectors);
    [this.nItems] = inputs.shape as readonly [number];
    const outputs =
      options.outputVectors === undefined || options.outputVectors === null
        ? inputs
        : vectors(owner, "outputVectors", options.outputVectors);
    this.checkItems("outputVectors", outputs.shape[0]);
    this.nNeuronsPerItem = checkInteger(owner, "nNeurons", nNeurons, { min: 1 });
    const limits = this.perItem("threshold", threshold);
    checkBoolean(owner, "inhibitable", inhibitable);
    this.biasNode = this.node(1);
    this.elemInput = this.node({ sizeIn: this.nItems, label: "element input" });
    this.elemOutput = this.node({ sizeIn: this.nItems, label: "element output" });
    this.amEnsembles = limits.map((limit, i) => {
      const ensemble = this.ensemble(nNeurons, 1, { ...elements, label: String(i) });
      this.connect(this.biasNode, ensemble, { transform: -limit, synapse: null });
      this.connect(this.elemInput.at(i), ensemble, { synapse: null });
      this.connect(ensemble, this.elemOutput.at(i), { function: filtered, synapse: null });
      return ensemble;
    });
    this.inhibit = inhibitable ? this.node({ sizeIn: 1, label: "inhibit" }) : null;
    if (this.inhibit !== null) this.connect(this.inhibit, this.elemInput, { transform: column(this.nItems, INHIBITION), synapse: null });
    this.input = this.addInputMapping("input", inputs, inputScales);
    this.output = this.addOutputMapping("output", outputs);
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
    return this.winners;
  }
  /** The populations of `addThresholdToOutputs`; null before. */
  get threshEns(): EnsembleArray | null {
    return this.thresholds?.ensembles ?? null;
  }

  /** Makes another input Node, whose vectors `[items, dimensions]` stand for the items. */
  addInputMapping(name: string, inputVectors: ArrayLike_, inputScales: number | readonly number[] = 1): Node {
    this.checkName(name);
    const { shape, data } = vectors(String(this), "inputVectors", inputVectors);
    this.checkItems("inputVectors", shape[0]);
    const scales = this.perItem("inputScales", inputScales);
    const d = shape[1];
    const input = this.node({ sizeIn: d, label: name });
    this.connect(input, this.elemInput, { transform: { shape, data: data.map((v, k) => v * scales[Math.floor(k / d)]) }, synapse: null });
    this.inputNodes.set(name, input);
    return input;
  }

  /** Makes another output Node, whose vectors `[items, dimensions]` stand for the items. */
  addOutputMapping(name: string, outputVectors: ArrayLike_): Node {
    this.checkName(name);
    const { shape, data } = vectors(String(this), "outputVectors", outputVectors);
    this.checkItems("outputVectors", shape[0]);
    const [items, d] = shape as readonly [number, number];
    const output = this.node({ sizeIn: d, label: name });
    const transposed = {
      shape: [d, items],
      data: Float64Array.from({ length: items * d }, (_, k) => data[(k % items) * d + Math.floor(k / items)]),
    };
    const connect = (from: Node): Connection => this.connect(from, output, { transform: transposed, synapse: null });
    this.outConnections.push({ connection: connect(this.answers), connect });
    this.outputNodes.set(name, output);
    return output;
  }

  /** What an output gives where no item answers. */
  addDefaultOutputVector(
    outputVector: readonly number[] | Float64Array,
    {
      outputName = "output",
      nNeurons = 50,
      minActivationValue = 0.5,
    }: { outputName?: string; nNeurons?: number; minActivationValue?: number } = {},
  ): Ensemble {
    const output = this.outputNodes.get(outputName);
    if (output === undefined)
      throw new ValidationError({
        owner: String(this),
        parameter: "outputName",
        expected: `one of ${[...this.outputNodes.keys()].join(", ")}`,
        got: describe(outputName),
      });
    checkNumber(String(this), "minActivationValue", minActivationValue, { above: 0 });
    if (outputVector.length !== output.sizeIn)
      throw new ShapeError({
        owner: String(this),
        parameter: "outputVector",
        expected: `${output.sizeIn} numbers`,
        got: `${outputVector.length}`,
      });
    const ensemble = this.ensemble(nNeurons, 1, { ...elements, label: "Default output vector" });
    this.connect(this.biasNode, ensemble, { synapse: null });
    const off = [new Array<number>(this.nItems).fill(-1 / minActivationValue)];
    const connect = (from: Node): Connection => this.connect(from, ensemble, { transform: off, synapse: 0.005 });
    this.inhibiting.push({ connection: connect(this.answers), connect });
    this.connect(ensemble, output, { transform: Array.from(outputVector, (v) => [v]), synapse: null });
    if (this.inhibit !== null) this.connect(this.inhibit, ensemble, { transform: INHIBITION, synapse: null });
    return ensemble;
  }

  /** Lets items inhibit each other, so that one wins. */
  addWtaNetwork({ inhibitScale = 1.5, inhibitSynapse = 0.005 }: { inhibitScale?: number; inhibitSynapse?: number } = {}): void {
    if (this.winners)
      throw new ValidationError({ owner: String(this), parameter: "addWtaNetwork", expected: "to be called once", got: "a second call" });
    this.connect(this.elemOutput, this.elemInput, { synapse: inhibitSynapse, transform: othersInhibited(this.nItems, inhibitScale) });
    this.winners = true;
  }

  /** Sends answers through populations that make them 0 or 1. */
  addThresholdToOutputs({ nNeurons = 50, inhibitScale = 10 }: { nNeurons?: number; inhibitScale?: number } = {}): void {
    if (this.thresholds !== null)
      throw new ValidationError({
        owner: String(this),
        parameter: "addThresholdToOutputs",
        expected: "to be called once",
        got: "a second call",
      });
    const options = { nNeurons, nEnsembles: this.nItems, ...thresholding };
    const bias = ensembleArray(this, { ...options, label: "thresh_bias" });
    const ensembles = ensembleArray(this, { ...options, label: "thresh_ens" });
    this.connect(this.biasNode, bias.input, { transform: column(this.nItems, 1), synapse: null });
    this.connect(this.biasNode, ensembles.input, { transform: column(this.nItems, 1), synapse: null });
    this.connect(this.elemOutput, bias.input, { transform: -inhibitScale, synapse: 0.005 });
    this.connect(bias.output, ensembles.input, { transform: -inhibitScale, synapse: 0.005 });
    this.thresholds = { bias, ensembles };
    const replaced = ({ connection, connect }: { connection: Connection; connect: (from: Node) => Connection }) => {
      this.remove(connection);
      return { connection: connect(ensembles.output), connect };
    };
    this.inhibiting = this.inhibiting.map(replaced);
    this.outConnections = this.outConnections.map(replaced);
    if (this.inhibit !== null)
      for (const ensemble of ensembles.eaEnsembles) this.connect(this.inhibit, ensemble, { transform: INHIBITION, synapse: null });
  }

  /** Where answers come from. */
  private get answers(): Node {
    return this.thresholds?.ensembles.output ?? this.elemOutput;
  }

  private checkName(name: string): void {
    if (this.inputNodes.has(name) || this.outputNodes.has(name))
      throw new ValidationError({ owner: String(this), parameter: "name", expected: "a name that is not taken", got: describe(name) });
  }

  private checkItems(parameter: string, items: number): void {
    if (items !== this.nItems)
      throw new ShapeError({ owner: String(this), parameter, expected: `${this.nItems} vectors, one an item`, got: `${items}` });
  }

  private perItem(parameter: string, value: number | readonly number[]): readonly number[] {
    const list = typeof value === "number" ? new Array<number>(this.nItems).fill(value) : value;
    this.checkItems(parameter, list.length);
    return list.map((v) => checkNumber(String(this), parameter, v));
  }
}

/** Populations that stand for one item each. */
const elements: EnsembleOptions = {
  radius: 1,
  intercepts: new Exponential({ scale: 0.15, shift: 0, high: 1 }),
  encoders: new Choice({ options: [[1]] }),
  evalPoints: new Uniform({ low: 0, high: 1 }),
  nEvalPoints: 5000,
};

const thresholding: EnsembleOptions = {
  ...elements,
  intercepts: new Uniform({ low: 0.5, high: 1 }),
  evalPoints: new Uniform({ low: 0.75, high: 1.1 }),
};

function vectors(owner: string, parameter: string, value: ArrayLike_): NdArray {
  const array = ndarray(value, { owner, parameter });
  if (array.shape.length !== 2 || array.data.length === 0)
    throw new ShapeError({ owner, parameter, expected: "vectors [items, dimensions]", got: `shape [${array.shape.join(", ")}]` });
  return array;
}

/** Makes a network that finds what it knows in a vector. */
export const associativeMemory = (parent: Network, options: AssociativeMemoryOptions): AssociativeMemory =>
  parent.add(new AssociativeMemory(options, parent));
