import { ShapeError } from "../errors.ts";
import { boolean, integer, number } from "../network/checks.ts";
import { Network, type NetworkOptions, type Node } from "../network/index.ts";
import { parameter, resolveOptions } from "../network/parameters.ts";
import { ofNetwork, partOf, required } from "./options.ts";
import { product, type Product } from "./product.ts";

export interface CircularConvolutionOptions extends NetworkOptions {
  /** For every product of Fourier coefficients. */
  readonly nNeurons: number;
  readonly dimensions: number;
  /** Correlate with a instead of convolving. @defaultValue false */
  readonly invertA?: boolean;
  /** Correlate with b instead of convolving. @defaultValue false */
  readonly invertB?: boolean;
  /** Largest expected size of an input. @defaultValue 1 */
  readonly inputMagnitude?: number;
}

/** Options and their defaults. */
export const parameters = {
  nNeurons: required(integer({ min: 1 })),
  dimensions: required(integer({ min: 1 })),
  invertA: parameter(false, boolean),
  invertB: parameter(false, boolean),
  inputMagnitude: parameter(1, number({ above: 0 })),
  ...ofNetwork("Circular convolution"),
};

/**
 * The circular convolution of two vectors: Fourier transforms (linear), their product coefficient by coefficient, and back. For every
 * frequency w up to d/2 there are four real products: Re Re, Im Im, Re Im, Im Re.
 */
export class CircularConvolution extends Network {
  readonly inputA: Node;
  readonly inputB: Node;
  readonly output: Node;
  readonly product: Product;

  constructor(options: CircularConvolutionOptions, parent: Network | null = null) {
    const given = resolveOptions("CircularConvolution", parameters, options, []);
    const { nNeurons, dimensions: d, invertA, invertB, inputMagnitude, label, seed } = given;
    super({ label, seed }, parent);
    this.inputA = this.node({ sizeIn: d, label: "input_a" });
    this.inputB = this.node({ sizeIn: d, label: "input_b" });
    const frequencies = Math.floor(d / 2) + 1;
    this.product = product(this, { nNeurons, dimensions: 4 * frequencies, inputMagnitude: 2 * inputMagnitude });
    this.output = this.node({ sizeIn: d, label: "output" });
    this.connect(this.inputA, this.product.inputA, { transform: transformIn(d, [false, true, false, true], invertA), synapse: null });
    this.connect(this.inputB, this.product.inputB, { transform: transformIn(d, [false, true, true, false], invertB), synapse: null });
    this.connect(this.product.output, this.output, { transform: transformOut(d), synapse: null });
  }
}

/** Makes a network that convolves two vectors circularly. @throws ValidationError for bad options */
export const circularConvolution = (parent: Network, options: CircularConvolutionOptions): CircularConvolution =>
  partOf(parent, "circularConvolution", () => new CircularConvolution(options, parent));

/** Coefficient w of element x in a Fourier transform: `exp(-2 pi i w x / d)`. */
const fourier = (w: number, x: number, d: number): readonly [number, number] => {
  const angle = (-2 * Math.PI * w * x) / d;
  return [Math.cos(angle), Math.sin(angle)];
};

/** Rows 4 w + r: real or imaginary parts of the coefficients. */
function transformIn(d: number, imaginary: readonly boolean[], invert: boolean): number[][] {
  return Array.from({ length: 4 * (Math.floor(d / 2) + 1) }, (_, row) =>
    Array.from({ length: d }, (_, x) => {
      const [re, im] = fourier(Math.floor(row / 4), x, d);
      return imaginary[row % 4] ? (invert ? -im : im) : re;
    }),
  );
}

/** Back from the four products of every frequency; all but the first and (of an even d) the last stand for two. */
function transformOut(d: number): number[][] {
  return Array.from({ length: d }, (_, x) =>
    Array.from({ length: 4 * (Math.floor(d / 2) + 1) }, (_, column) => {
      const w = Math.floor(column / 4);
      const [re, im] = fourier(w, x, d);
      const twice = w === 0 || 2 * w === d ? 1 : 2;
      // The conjugate's imaginary part is -im.
      return (twice * [re, -re, im, im][column % 4]) / d;
    }),
  );
}

/** Circular convolution `[d]` of two vectors by its definition; inverted ones are correlated. @throws ShapeError for unequal lengths */
export function circconv(a: ArrayLike<number>, b: ArrayLike<number>, { invertA = false, invertB = false } = {}): Float64Array {
  const d = a.length;
  if (b.length !== d) throw new ShapeError({ owner: "circconv", parameter: "b", expected: `${d} numbers, as in a`, got: `${b.length}` });
  const at = (v: ArrayLike<number>, k: number, invert: boolean): number => v[(((invert ? -k : k) % d) + d) % d];
  return Float64Array.from({ length: d }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += at(a, j, invertA) * at(b, k - j, invertB);
    return sum;
  });
}
