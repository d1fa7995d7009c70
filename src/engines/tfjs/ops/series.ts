import * as tf from "@tensorflow/tfjs-core";
import { materialised, withRows, type Piece } from "./values.ts";

/*
 * Values of all steps lie as `[steps * items, size]`, the items of the first step first. Tensors that go into and out of a run are
 * `[items, steps, size]`.
 */

/** `[items, steps, size]` as rows of all items of the first step, of the second, ... */
export function toSeries(x: tf.Tensor, reversed = false): tf.Tensor2D {
  const [batch, steps, size] = x.shape as [number, number, number];
  const bySteps = batch === 1 || steps === 1 ? tf.reshape(x, [steps, batch, size]) : tf.transpose(x, [1, 0, 2]);
  return tf.reshape(reversed && steps > 1 ? tf.reverse(bySteps, 0) : bySteps, [steps * batch, size]);
}

/** The other way round. */
export function fromSeries(x: tf.Tensor2D, batch: number, reversed = false): tf.Tensor3D {
  const [rows, size] = x.shape;
  const steps = rows / batch;
  const bySteps: tf.Tensor3D = tf.reshape(x, [steps, batch, size]);
  const ordered = reversed && steps > 1 ? tf.reverse(bySteps, 0) : bySteps;
  return batch === 1 || steps === 1 ? tf.reshape(ordered, [batch, steps, size]) : tf.transpose(ordered, [1, 0, 2]);
}

/** The last step first. */
export function backwards(x: tf.Tensor2D, batch: number): tf.Tensor2D {
  const [rows, size] = x.shape;
  return rows <= batch ? x : tf.reshape(tf.reverse(tf.reshape(x, [rows / batch, batch, size]), 0), [rows, size]);
}

/** Values at the start of every step, from those at its end and those at the start of the first. */
export function shifted(ends: tf.Tensor2D, start: tf.Tensor2D, batch: number, rows: number): tf.Tensor2D {
  if (rows === batch) return start;
  const earlier = tf.slice(withRows(ends, rows), [0, 0], [rows - batch, ends.shape[1]]);
  return tf.concat([withRows(start, batch), earlier], 0);
}

/** Items of one step. */
export const stepOf = (x: tf.Tensor2D, step: number, batch: number): tf.Tensor2D =>
  x.shape[0] <= batch ? x : tf.slice(x, [step * batch, 0], [batch, x.shape[1]]);

/** Makes one value of those of all steps; tensors that several signals have in common are put together once. */
export class Stacker {
  private readonly made: { readonly parts: readonly tf.Tensor2D[]; readonly whole: tf.Tensor2D }[] = [];
  private readonly batch: number;

  constructor(batch: number) {
    this.batch = batch;
  }

  /** @param steps - a signal's pieces at every step */
  stack(steps: readonly (readonly Piece[])[]): readonly Piece[] {
    const [first] = steps;
    const alike = (pieces: readonly Piece[]): boolean =>
      pieces.length === first.length && pieces.every(({ from, length }, j) => from === first[j].from && length === first[j].length);
    if (steps.every(alike))
      return first.map(({ from, length }, j) => ({ tensor: this.whole(steps.map((s) => s[j].tensor)), from, length }));
    const tensor = this.whole(steps.map((pieces) => materialised(pieces, this.batch)));
    return [{ tensor, from: 0, length: tensor.shape[1] }];
  }

  private whole(parts: readonly tf.Tensor2D[]): tf.Tensor2D {
    const [first] = parts;
    if (parts.every((t) => t === first) && (first.shape[0] === 1 || parts.length === 1)) return first;
    const same = this.made.find((m) => m.parts.length === parts.length && m.parts.every((t, k) => t === parts[k]));
    if (same !== undefined) return same.whole;
    const whole = tf.concat(
      parts.map((t) => withRows(t, this.batch)),
      0,
    );
    this.made.push({ parts, whole });
    return whole;
  }
}
