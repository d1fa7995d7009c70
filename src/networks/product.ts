import { integer, number } from "../network/checks.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import { parameter, resolveOptions } from "../network/parameters.ts";
import { ensembleArray, type EnsembleArray } from "./ensembleArray.ts";
import { ofNetwork, partOf, required } from "./options.ts";

export interface ProductOptions extends NetworkOptions {
  /** For every product. */
  readonly nNeurons: number;
  readonly dimensions: number;
  /** Largest expected size of an input. @defaultValue 1 */
  readonly inputMagnitude?: number;
}

/** Options and their defaults. */
export const parameters = {
  nNeurons: required(integer({ min: 1 })),
  dimensions: required(integer({ min: 1 })),
  inputMagnitude: parameter(1, number({ above: 0 })),
  ...ofNetwork("Product"),
};

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
    const { nNeurons, dimensions, inputMagnitude, label, seed } = resolveOptions("Product", parameters, options, []);
    super({ label, seed }, parent);
    this.inputA = this.node({ sizeIn: dimensions, label: "input_a" });
    this.inputB = this.node({ sizeIn: dimensions, label: "input_b" });
    this.output = this.node({ sizeIn: dimensions, label: "output" });
    const half = {
      nNeurons: Math.max(1, Math.floor(nNeurons / 2)),
      nEnsembles: dimensions,
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

/** Makes a network that multiplies two vectors element by element. @throws ValidationError for bad options */
export const product = (parent: Network, options: ProductOptions): Product => partOf(parent, "product", () => new Product(options, parent));

/** The transform `[1, dimensions]` that adds up the elements of a product: a dot product then. */
export const dotProductTransform = (dimensions: number, scale = 1): number[][] => [new Array<number>(dimensions).fill(scale)];
