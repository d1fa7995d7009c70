import * as tf from "@tensorflow/tfjs-core";
import { convolveCausally, correlateCausally, spectraOf, type Spectra } from "../../math/causalConvolution.ts";
import { impulseResponse, memoryBlock, type MemoryMatrices } from "./memoryMatrices.ts";

/**
 * A memory that no state feeds back into, for all steps at once. `blocked`: products of blocks of steps, with the state carried from
 * block to block. `fft`: convolution with the impulse response by fast Fourier transforms on the CPU, in float64. `raw`: tfjs's own
 * convolution with the impulse response, whose small end may be cut off.
 */
export type MemoryForm = "blocked" | "fft" | "raw";

export interface MemoryRun {
  /** `[rows, steps, order]` */
  readonly states: tf.Tensor3D;
  /** After the last step, `[rows, order]`. */
  readonly end: tf.Tensor2D;
}

/**
 * Steps of a block for a run of `steps`: a block costs its length times the order in products of inputs, and every block is one
 * more product in a row. A power of two, so that runs of similar length share what is made for a block.
 */
export const blockLength = (steps: number): number => Math.max(8, 2 ** Math.round(Math.log2(steps) / 2));

/** Operations in a microsecond of a product of matrices and of our transform, measured on one core; tfjs's plain cpu backend is slow. */
const PRODUCTS = { cpu: 400, other: 30_000 };
const TRANSFORMS = 1_000;

/** The cheaper form on a backend. */
export function cheaperForm(backend: string, order: number, steps: number): "blocked" | "fft" {
  const blocked = (2 * order * (order + blockLength(steps))) / (backend === "cpu" ? PRODUCTS.cpu : PRODUCTS.other);
  const size = 2 ** Math.ceil(Math.log2(2 * steps));
  const transforms = ((size / steps) * (order / 2 + 1) * (5 * Math.log2(size) + 8)) / TRANSFORMS;
  return transforms < blocked ? "fft" : "blocked";
}

/** Runs memories of the same matrices; keeps the products and spectra that it made for numbers of steps. */
export class MemoryOverTime {
  private readonly matrices: MemoryMatrices;
  private readonly truncate: number;
  private block: { readonly length: number; readonly tensors: readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] } | null = null;
  private spectra: Spectra | null = null;
  private filter: { readonly steps: number; readonly tensor: tf.Tensor3D } | null = null;

  /** @param truncate - `raw`: the end of the response that holds less than this part of its absolute sum is left out */
  constructor(matrices: MemoryMatrices, truncate = 0) {
    this.matrices = matrices;
    this.truncate = truncate;
  }

  /**
   * @param u - `[rows, steps]`
   * @param start - `[rows, order]`, null for zeros; only `blocked` takes one
   */
  run(form: MemoryForm, u: tf.Tensor2D, start: tf.Tensor2D | null): MemoryRun {
    if (form === "blocked") return this.blocked(u, start);
    const states = form === "fft" ? this.transformed(u) : this.convolved(u);
    const [rows, steps, order] = states.shape;
    return { states, end: tf.reshape(tf.slice(states, [0, steps - 1, 0], [rows, 1, order]), [rows, order]) };
  }

  /**
   * Only the state after the last step, from zeros: `[rows, steps]` to `[rows, order]`.
   */
  end(u: tf.Tensor2D): tf.Tensor2D {
    const [rows, steps] = u.shape;
    const { order } = this.matrices;
    const length = blockLength(steps);
    const [, toEnd, carry] = this.blockTensors(length);
    const count = Math.ceil(steps / length);
    // Zeros in front change nothing.
    const blocks = tf.reshape(tf.pad(u, [[0, 0], [count * length - steps, 0]]), [rows * count, length]); // prettier-ignore
    const ends = tf.unstack(tf.reshape(tf.matMul(blocks, toEnd), [rows, count, order]), 1) as tf.Tensor2D[];
    return ends.reduce((state, end) => tf.add(tf.matMul(state, carry), end));
  }

  private blocked(u: tf.Tensor2D, start: tf.Tensor2D | null): MemoryRun {
    const [rows, steps] = u.shape;
    const { order } = this.matrices;
    const length = blockLength(steps);
    const [toStates, toEnd, carry] = this.blockTensors(length);
    const count = Math.ceil(steps / length);
    const blocks = tf.reshape(tf.pad(u, [[0, 0], [0, count * length - steps]]), [rows * count, length]); // prettier-ignore
    const ends = tf.unstack(tf.reshape(tf.matMul(blocks, toEnd), [rows, count, order]), 1) as tf.Tensor2D[];
    let state: tf.Tensor2D | null = start;
    const starts: tf.Tensor2D[] = [];
    for (let k = 0; k < count; k++) {
      starts.push(state ?? tf.zeros([rows, order]));
      if (k < count - 1) state = state === null ? ends[k] : tf.add(tf.matMul(state, carry), ends[k]);
    }
    const given = tf.concat([blocks, tf.reshape<tf.Rank.R2>(tf.stack(starts, 1), [rows * count, order])], 1);
    const all = tf.reshape<tf.Rank.R3>(tf.matMul(given, toStates), [rows, count * length, order]);
    const states = count * length === steps ? all : tf.slice(all, [0, 0, 0], [rows, steps, order]);
    return { states, end: tf.reshape(tf.slice(all, [0, steps - 1, 0], [rows, 1, order]), [rows, order]) };
  }

  private blockTensors(length: number): readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
    if (this.block?.length !== length) {
      this.dispose();
      const { order, states, inputsToEnd, startToEnd } = memoryBlock(this.matrices, length);
      const kept = (values: Float32Array, rows: number, columns: number): tf.Tensor2D => tf.keep(tf.tensor2d(values, [rows, columns]));
      this.block = {
        length,
        tensors: [kept(states, length + order, length * order), kept(inputsToEnd, length, order), kept(startToEnd, order, order)],
      };
    }
    return this.block.tensors;
  }

  private transformed(u: tf.Tensor2D): tf.Tensor3D {
    const [rows, steps] = u.shape;
    const { order } = this.matrices;
    const most = 2 ** Math.ceil(Math.log2(steps));
    if (this.spectra?.steps !== most) this.spectra = spectraOf(impulseResponse(this.matrices, most), most, order);
    const { spectra } = this;
    return tf.customGrad((given: tf.Tensor | tf.GradSaveFunc) => ({
      value: tf.tensor3d(convolveCausally((given as tf.Tensor).dataSync(), rows, steps, spectra), [rows, steps, order]),
      gradFunc: (dy: tf.Tensor) => tf.tensor2d(correlateCausally(dy.dataSync(), rows, steps, spectra), [rows, steps]),
    }))(u) as tf.Tensor3D;
  }

  private convolved(u: tf.Tensor2D): tf.Tensor3D {
    const [rows, steps] = u.shape;
    if (this.filter?.steps !== steps) {
      this.dispose();
      const { response, length } = truncated(impulseResponse(this.matrices, steps), steps, this.truncate);
      this.filter = { steps, tensor: tf.keep(tf.tensor3d(response, [length, 1, this.matrices.order])) };
    }
    const { tensor } = this.filter;
    const padded = tf.pad(u, [[0, 0], [tensor.shape[0] - 1, 0]]); // prettier-ignore
    return tf.conv1d(tf.reshape<tf.Rank.R3>(padded, [rows, -1, 1]), tensor, 1, "valid");
  }

  /** Frees what was kept; it is made anew when needed. */
  dispose(): void {
    this.block?.tensors.forEach((t) => t.dispose());
    this.filter?.tensor.dispose();
    [this.block, this.filter, this.spectra] = [null, null, null];
  }
}

/** A response `[steps, order]` from its last step that counts to its first, as a correlation wants it. */
function truncated(response: Float64Array, steps: number, part: number): { response: Float32Array; length: number } {
  const order = response.length / steps;
  const row = (t: number): Float64Array => response.subarray(t * order, (t + 1) * order);
  let length = steps;
  if (part > 0) {
    // Every order has a scale of its own: what is left of each must be small.
    const totals = new Float64Array(order);
    for (let t = 0; t < steps; t++) row(t).forEach((v, s) => (totals[s] += Math.abs(v)));
    const left = new Float64Array(order);
    while (length > 1) {
      row(length - 1).forEach((v, s) => (left[s] += Math.abs(v)));
      if (left.some((v, s) => v >= part * totals[s])) break;
      length--;
    }
  }
  const out = new Float32Array(length * order);
  for (let t = 0; t < length; t++) out.set(row(length - 1 - t), t * order);
  return { response: out, length };
}
