import * as tf from "@tensorflow/tfjs-core";
import type { Role } from "../../../ir/operators.ts";
import type { Operand, Range } from "../../../ir/signal.ts";
import { elementsOf } from "../../../plan/elementsWritten.ts";
import { addedElements, placedElements } from "./pickOps.ts";
import { writeValue, type Frame } from "./frame.ts";
import { withRows } from "./values.ts";

/** An operand that covers a range of its signal: axes from the slowest to the fastest, without those of stride 0. */
export interface Dense {
  readonly range: Range;
  readonly axes: readonly number[];
}

/** How an operand lies in its signal; null where it leaves gaps, runs backwards or overlaps itself. */
export function denseOf({ signal, offset, strides }: Operand, shape: readonly number[]): Dense | null {
  const axes = shape.flatMap((n, axis) => (n > 1 && strides[axis] !== 0 ? [axis] : [])).sort((a, b) => strides[b] - strides[a]);
  let size = 1;
  for (const axis of [...axes].reverse()) {
    if (strides[axis] !== size) return null;
    size *= shape[axis];
  }
  return { range: { signal, offset, length: size }, axes };
}

/** Shape of an operand over an index space: 1 where it does not vary. */
const varying = ({ strides }: Operand, shape: readonly number[]): number[] => shape.map((n, axis) => (strides[axis] === 0 ? 1 : n));

/** Moves the axes after the first (rows) so that those given come in ascending order. */
function ascending(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  if (axes.every((axis, k) => k === 0 || axes[k - 1] < axis)) return x;
  const sorted = [...axes].sort((a, b) => a - b);
  return tf.transpose(x, [0, ...sorted.map((axis) => axes.indexOf(axis) + 1)]);
}

/** Reads an operand, `[rows or 1, ...shape]` with 1 along axes of stride 0. */
export function readOperand(frame: Frame, operand: Operand, shape: readonly number[]): tf.Tensor {
  const dense = denseOf(operand, shape);
  const own = varying(operand, shape);
  if (dense !== null) {
    const x = frame.read(dense.range);
    const lying = tf.reshape(x, [x.shape[0], ...dense.axes.map((axis) => shape[axis])]);
    return tf.reshape(ascending(lying, dense.axes), [x.shape[0], ...own]);
  }
  const x = frame.read({ signal: operand.signal, offset: 0, length: operand.signal.size });
  const index = frame.run.constants.once(operand, shape.join(), () => tf.tensor1d(elementsOf(operand, own), "int32"));
  return tf.reshape(tf.gather(x, index, 1), [x.shape[0], ...own]);
}

/**
 * Writes a value that broadcasts to `[rows or 1, ...shape]`; an increment is summed over axes of stride 0, and over rows where the
 * signal is shared.
 * @param summed - whether it has been summed over rows already
 */
export function writeOperand(
  frame: Frame,
  role: Role,
  operand: Operand,
  shape: readonly number[],
  value: tf.Tensor | number,
  summed = false,
): void {
  const given = typeof value === "number" ? frame.run.constants.filled([1, ...shape], value) : value;
  const full = tf.backend_util.assertAndGetBroadcastShape(given.shape, [1, ...shape]);
  const x = tf.util.arraysEqual(given.shape, full) ? given : tf.broadcastTo(given, full);
  const repeated = role === "inc" ? shape.flatMap((n, axis) => (n > 1 && operand.strides[axis] === 0 ? [axis] : [])) : [];
  const own = shape.filter((_, axis) => !repeated.includes(axis));
  const strides = operand.strides.filter((_, axis) => !repeated.includes(axis));
  const y =
    repeated.length === 0
      ? x
      : tf.sum(
          x,
          repeated.map((axis) => axis + 1),
        );
  const rest = { ...operand, strides };
  const dense = denseOf(rest, own);
  const rows = full[0];
  if (dense !== null) {
    // From the order of the index space to that of memory.
    const varied = own.flatMap((n, axis) => (n > 1 ? [axis] : []));
    const compact: tf.Tensor = tf.reshape(y, [rows, ...varied.map((axis) => own[axis])]);
    const order = dense.axes.map((axis) => varied.indexOf(axis));
    const lying = order.every((axis, k) => axis === k) ? compact : tf.transpose(compact, [0, ...order.map((axis) => axis + 1)]);
    writeValue(frame, role, dense.range, tf.reshape<tf.Rank.R2>(lying, [rows, dense.range.length]), summed);
    return;
  }
  const { signal } = operand;
  const index = elementsOf(rest, own);
  const flat: tf.Tensor2D = tf.reshape(y, [rows, index.length]);
  const whole = { signal, offset: 0, length: signal.size };
  if (role === "inc") writeValue(frame, role, whole, addedElements(flat, index, signal.size, frame.run.constants), summed);
  else {
    const old = frame.read(whole);
    const most = Math.max(old.shape[0], rows);
    writeValue(frame, role, whole, placedElements(withRows(flat, most), index, withRows(old, most), frame.run.constants));
  }
}
