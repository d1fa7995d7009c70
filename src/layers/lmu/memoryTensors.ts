import * as tf from "@tensorflow/tfjs-core";
import { matricesByLogTheta, memoryMatrices, type Discretizer, type MemoryMatrices } from "./memoryMatrices.ts";

/** The memory's matrices for row vectors, `m' = m A + u B`: A is `[order, order]`, B `[1, order]`. */
export type MemoryTensors = {
  readonly A: tf.Tensor2D;
  readonly B: tf.Tensor2D;
};

/** `[order + 1, order]`: A transposed, and B below it. */
function forRows({ order, A, B }: MemoryMatrices): Float32Array {
  const out = new Float32Array((order + 1) * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) out[j * order + i] = A[i * order + j];
    out[order * order + i] = B[i];
  }
  return out;
}

const split = (joined: tf.Tensor2D, order: number): MemoryTensors => ({
  A: tf.slice(joined, [0, 0], [order, order]),
  B: tf.slice(joined, [order, 0], [1, order]),
});

/** Matrices of a constant theta. */
export function constantMatrices(matrices: MemoryMatrices): MemoryTensors {
  const { order } = matrices;
  return split(tf.tensor2d(forRows(matrices), [order + 1, order]), order);
}

/**
 * Matrices of a theta that trains, with their gradient with respect to its logarithm. They are computed in float64 on the CPU, once
 * for every value of theta.
 */
export class TrainedMatrices {
  private readonly order: number;
  private readonly discretizer: Discretizer;
  private made: { readonly log: number; readonly matrices: MemoryMatrices } | null = null;

  constructor(order: number, discretizer: Discretizer) {
    this.order = order;
    this.discretizer = discretizer;
  }

  at(logTheta: tf.Scalar): MemoryTensors {
    const { order, discretizer } = this;
    const [log] = logTheta.dataSync();
    const theta = Math.exp(log);
    if (this.made?.log !== log) this.made = { log, matrices: memoryMatrices(order, theta, discretizer) };
    const { matrices } = this.made;
    const joined = tf.customGrad(() => ({
      value: tf.tensor2d(forRows(matrices), [order + 1, order]),
      gradFunc: (dy: tf.Tensor) => {
        const slope = matricesByLogTheta(matrices, theta, discretizer);
        const A = Float64Array.from({ length: order * order }, (_, k) => slope[Math.floor(k / order) * (order + 1) + (k % order)]);
        const B = Float64Array.from({ length: order }, (_, i) => slope[i * (order + 1) + order]);
        return tf.sum(tf.mul(dy, tf.tensor2d(forRows({ order, A, B }), [order + 1, order])));
      },
    }))(logTheta) as tf.Tensor2D;
    return split(joined, order);
  }
}
