import * as tf from "@tensorflow/tfjs-core";
import type { RecordOperator } from "../../../ir/operators.ts";
import { fromSeries } from "./series.ts";
import { withRows } from "./values.ts";

interface Extent {
  readonly batch: number;
  readonly nSteps: number;
  /** Steps done before. */
  readonly step: number;
}

/** Steps of a run, counted from 0, after which a row is recorded. */
const recordedSteps = (period: number, { nSteps, step }: Extent): number[] =>
  Array.from({ length: nSteps }, (_, k) => k).filter((k) => (step + k + 1) % period < 1);

/** A record of a signal's series, `[batch, rows, size]`. */
export function recordOf(series: tf.Tensor2D, { source, index, period }: RecordOperator, extent: Extent): tf.Tensor3D {
  const { batch, nSteps } = extent;
  const { offset, length, signal } = source;
  let x = withRows(series, batch * nSteps);
  if (index !== undefined)
    x = tf.gather(
      x,
      tf.tensor1d(
        index.map((i) => offset + i),
        "int32",
      ),
      1,
    );
  else if (length !== signal.size) x = tf.slice(x, [0, offset], [batch * nSteps, length]);
  if (period === 1) return tf.clone(fromSeries(x, batch));
  const steps = recordedSteps(period, extent);
  if (steps.length === 0) return tf.zeros([batch, 0, length]);
  return tf.gather(fromSeries(x, batch), tf.tensor1d(steps, "int32"), 1);
}

/** A gradient of recorded rows with a row for every step: zeros where none was recorded. */
export function everyStep(dy: tf.Tensor, period: number, extent: Extent): tf.Tensor {
  if (period === 1) return dy;
  const { batch, nSteps } = extent;
  const steps = recordedSteps(period, extent);
  const [, , size] = dy.shape as [number, number, number];
  if (steps.length === 0) return tf.zeros([batch, nSteps, size]);
  const from = new Int32Array(nSteps).fill(steps.length);
  steps.forEach((k, row) => (from[k] = row));
  return tf.gather(tf.concat([dy, tf.zeros([batch, 1, size])], 1), tf.tensor1d(from, "int32"), 1);
}
