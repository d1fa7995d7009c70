import { discretize, type StateSpace } from "../../math/stateSpace.ts";
import { multiply, transpose } from "../../math/linalg.ts";

/** How the memory's system becomes one of steps. */
export const DISCRETIZERS = ["zoh", "euler"] as const;
export type Discretizer = (typeof DISCRETIZERS)[number];

/** The memory of a step: `m' = A m + B u`; A is row-major `[order, order]`, B has `order` numbers. */
export interface MemoryMatrices {
  readonly order: number;
  readonly A: Float64Array;
  readonly B: Float64Array;
}

/**
 * The system whose state holds the last unit of time of its input as Legendre coefficients.
 * Source: Voelker, Kajić & Eliasmith, Legendre Memory Units (2019), eq. 2.
 */
export function delaySystem(order: number): StateSpace {
  const A = new Float64Array(order * order);
  const B = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    B[i] = (2 * i + 1) * (i % 2 === 0 ? 1 : -1);
    for (let j = 0; j < order; j++) A[i * order + j] = (2 * i + 1) * (i < j || (i - j) % 2 === 0 ? -1 : 1);
  }
  return { order, A, B, C: new Float64Array(order), D: 0 };
}

/** The memory of `theta` steps, in float64. */
export function memoryMatrices(order: number, theta: number, discretizer: Discretizer): MemoryMatrices {
  const { A, B } = discretize(delaySystem(order), 1 / theta, discretizer);
  return { order, A, B };
}

/**
 * How `[A B]` (`[order, order + 1]`, row-major) changes with the logarithm of theta. With E the exponential of M / theta, its
 * derivative by 1 / theta is M E, since M and E commute.
 */
export function matricesByLogTheta({ order, A, B }: MemoryMatrices, theta: number, discretizer: Discretizer): Float64Array {
  const { A: A0, B: B0 } = delaySystem(order);
  const [dA, dB] = discretizer === "euler" ? [A0, B0] : [multiply(A0, A, order, order, order), multiply(A0, B, order, order, 1)];
  const out = new Float64Array(order * (order + 1));
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) out[i * (order + 1) + j] = -dA[i * order + j] / theta;
    out[i * (order + 1) + order] = -(discretizer === "euler" ? dB[i] : dB[i] + B0[i]) / theta;
  }
  return out;
}

/** The memory's states after an input of 1 and zeros: `[steps, order]`. */
export function impulseResponse({ order, A, B }: MemoryMatrices, steps: number): Float64Array {
  const out = new Float64Array(steps * order);
  let state = B;
  for (let t = 0; t < steps; t++) {
    if (t > 0) state = multiply(A, state, order, order, 1);
    out.set(state, t * order);
  }
  return out;
}

/** A block of steps as products: its states from its inputs and from the state before it. */
export interface MemoryBlock {
  readonly length: number;
  readonly order: number;
  /** `[length + order, length * order]`: from the inputs of the block and the state before it to its states. */
  readonly states: Float32Array;
  /** `[length, order]`: from the inputs to the last state. */
  readonly inputsToEnd: Float32Array;
  /** `[order, order]`: from the state before the block to the last state. */
  readonly startToEnd: Float32Array;
}

/** The products of a block of `length` steps, for row vectors. */
export function memoryBlock(matrices: MemoryMatrices, length: number): MemoryBlock {
  const { order, A } = matrices;
  const columns = length * order;
  const response = impulseResponse(matrices, length);
  const states = new Float32Array((length + order) * columns);
  for (let i = 0; i < length; i++) states.set(response.subarray(0, (length - i) * order), i * columns + i * order);
  const At = transpose(A, order, order);
  let power = At;
  for (let j = 0; j < length; j++) {
    if (j > 0) power = multiply(power, At, order, order, order);
    for (let r = 0; r < order; r++) states.set(power.subarray(r * order, (r + 1) * order), (length + r) * columns + j * order);
  }
  const inputsToEnd = new Float32Array(length * order);
  for (let i = 0; i < length; i++) inputsToEnd.set(response.subarray((length - 1 - i) * order, (length - i) * order), i * order);
  return { length, order, states, inputsToEnd, startToEnd: Float32Array.from(power) };
}
