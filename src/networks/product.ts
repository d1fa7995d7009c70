import { checkInteger, checkNumber } from "../declared.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";

export interface ProductOptions extends NetworkOptions {
  /** For every product. */
  readonly nNeurons: number;
  readonly dimensions: number;
  /** Largest expected size of an input. @defaultValue 1 */
  readonly inputMagnitude?: number;
}

const square = (x: Float64Array): number => x[0] * x[0];

/**
 * The products of two vectors, element by element: `a b = ((a + b)^2 - (a - b)^2) / 4`, two squares of one dimension each.
 * Source: Gosmann, "Precise multiplications with the NEF" (2015).
 */
export class Product extends Network {
  readonly inputA: Node;
  readonly inputB: Node;
  readonly output: Node;
  readonly sq1: EnsembleArray;
  readonly sq2: EnsembleArray;

  constructor(options: ProductOptions, parent: Network | null = null) {
    const { nNeurons, dimensions, inputMagnitude = 1, label = "Product", seed = null } = options;
    super({ label, seed }, parent);
    const owner = String(this);
    checkInteger(owner, "nNeurons", nNeurons, { min: 1 });
    checkInteger(owner, "dimensions", dimensions, { min: 1 });
    checkNumber(owner, "inputMagnitude", inputMagnitude, { above: 0 });
    this.inputA = this.node({ sizeIn: dimensions, label: "input_a" });
    this.inputB = this.node({ sizeIn: dimensions, label: "input_b" });
    this.output = this.node({ sizeIn: dimensions, label: "output" });
    const half = {
      nNeurons: Math.max(1, Math.floor(nNeurons / 2)),
      nEnsembles: dimensions,
      ensDimensions: 1,
      radius: inputMagnitude * Math.SQRT2,
    };
    this.sq1 = ensembleArray(this, half);
    this.sq2 = ensembleArray(this, half);
    const part = 1 / Math.sqrt(2);
    this.connect(this.inputA, this.sq1.input, { transform: part, synapse: null });
    this.connect(this.inputB, this.sq1.input, { transform: part, synapse: null });
    this.connect(this.inputA, this.sq2.input, { transform: part, synapse: null });
    this.connect(this.inputB, this.sq2.input, { transform: -part, synapse: null });
    this.connect(this.sq1.addOutput("square", square), this.output, { transform: 0.5, synapse: null });
    this.connect(this.sq2.addOutput("square", square), this.output, { transform: -0.5, synapse: null });
  }
}

/** Makes a network that multiplies two vectors element by element. */
export const product = (parent: Network, options: ProductOptions): Product => parent.add(new Product(options, parent));

/** The transform `[1, dimensions]` that adds up the elements of a product: a dot product then. */
export const dotProductTransform = (dimensions: number, scale = 1): number[][] => [new Array<number>(dimensions).fill(scale)];
