import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { SimulationError } from "../../errors.ts";

/**
 * A tf function of time and input: t has shape `[batch, 1, ...]` (seconds), of x's rank, so that it broadcasts; x has
 * shape `[batch, ...shapeIn]`. The result has shape `[batch, ...shapeOut]`.
 */
export type TensorFunction = (t: tf.Tensor, x: tf.Tensor) => tf.Tensor;

/** Whether something is a tensor. */
export const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/** What the engine needs of a tensor node. */
export interface TensorCall {
  readonly tensorFunction: TensorFunction | layers.Layer;
  readonly shapeIn: readonly number[];
  readonly shapeOut: readonly number[];
  /** For messages. */
  readonly toString: () => string;
}

export interface Extent {
  readonly batch: number;
  readonly nSteps: number;
  /** Seconds. */
  readonly dt: number;
  /** Steps done before. */
  readonly step: number;
}

/**
 * Calls a tensor node once over all items and steps.
 * @param x - `[batch, nSteps, sizeIn]`, null where the node has no input
 * @returns `[batch, nSteps, sizeOut]`
 */
export function callTensorNode(
  node: TensorCall,
  x: tf.Tensor | null,
  { batch, nSteps, dt, step }: Extent,
  kwargs: Record<string, unknown> = {},
): tf.Tensor {
  const rows = batch * nSteps;
  const sizeOut = node.shapeOut.reduce((a, b) => a * b, 1);
  const input = x === null ? tf.zeros([rows, ...node.shapeIn]) : tf.reshape(x, [rows, ...node.shapeIn]);
  const { tensorFunction: fn } = node;
  const y: unknown = typeof fn === "function" ? fn(times({ batch, nSteps, dt, step }, input.rank), input) : fn.apply(input, kwargs);
  if (!isTensor(y) || y.size !== rows * sizeOut || y.shape[0] !== rows) {
    const got = isTensor(y) ? `shape [${y.shape.join(", ")}]` : typeof y;
    throw new SimulationError(
      `${node.toString()}: expected a tensor of shape [${[rows, ...node.shapeOut].join(", ")}] from its function, got ${got}. Every row must be computed by itself.`,
    );
  }
  return tf.reshape(y, [batch, nSteps, sizeOut]);
}

/** Times of all rows, `[batch * nSteps, 1, ...]`. */
function times({ batch, nSteps, dt, step }: Extent, rank: number): tf.Tensor {
  const data = new Float32Array(batch * nSteps);
  for (let b = 0; b < batch; b++) for (let k = 0; k < nSteps; k++) data[b * nSteps + k] = (step + k + 1) * dt;
  return tf.tensor(data, [batch * nSteps, ...Array.from({ length: rank - 1 }, () => 1)]);
}
