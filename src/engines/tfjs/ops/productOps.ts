import * as tf from "@tensorflow/tfjs-core";
import type { MatmulOperator, SparseMatmulOperator } from "../../../ir/operators.ts";
import { elementsOf } from "../../../plan/elementsWritten.ts";
import { madeOf, writeValue, type Frame, type Step } from "./frame.ts";
import { denseOf } from "./operandOps.ts";
import { occurrences } from "./pickOps.ts";
import { withRows } from "./values.ts";

/** `matmul`: y (+)= W x, with W shared or of every item. */
export function matmulStep(op: MatmulOperator): Step {
  const weights = weightsOf(op);
  return (frame) => {
    const x = frame.read(op.x);
    const { matrix, transposed } = weights(frame);
    if (matrix.rank === 2) {
      writeValue(frame, op.role, op.y, tf.matMul(x, matrix, false, transposed));
      return;
    }
    const rows = Math.max(matrix.shape[0], x.shape[0]);
    const columns = tf.reshape(withRows(x, rows), [rows, op.x.length, 1]);
    writeValue(frame, op.role, op.y, tf.reshape(tf.matMul(matrix, columns, !transposed), [rows, op.y.length]));
  };
}

/** The matrix as it lies in its signal: `[outputs, inputs]` where `transposed` (as a factor on the right), else `[inputs, outputs]`. */
function weightsOf({ weights, x, y }: MatmulOperator): (frame: Frame) => { matrix: tf.Tensor; transposed: boolean } {
  const shape = [y.length, x.length] as [number, number];
  const { signal } = weights;
  const dense = denseOf(weights, shape);
  const full = dense?.range.length === y.length * x.length ? dense : null;
  const transposed = full === null || full.axes[0] !== 1 || full.axes.length < 2;
  const [height, width] = transposed ? shape : [x.length, y.length];
  const index = full === null ? elementsOf(weights, shape) : null;
  const read = (frame: Frame): tf.Tensor => {
    const from = full === null ? { signal, offset: 0, length: signal.size } : full.range;
    const lying = frame.read(from);
    const elements = index === null ? lying : tf.gather(lying, frame.run.constants.array(index, [index.length]), 1);
    return lying.shape[0] === 1 ? tf.reshape(elements, [height, width]) : tf.reshape(elements, [lying.shape[0], height, width]);
  };
  return (frame) => ({
    matrix: madeOf(frame, signal, weights, () => read(frame)),
    transposed,
  });
}

/** `sparseMatmul`: y (+)= W x over the entries of W. */
export function sparseMatmulStep({ rows, columns, weights, x, y, role }: SparseMatmulOperator): Step {
  if (rows.length === 0) {
    return (frame) => frame.write(role, [y], frame.run.constants.filled([1, y.length], 0) as tf.Tensor2D);
  }
  // A table of entries for every row, filled up with an entry that is 0.
  const table = occurrences(rows, y.length);
  const padded = Int32Array.from([...columns, 0]);
  const picked = table.map((entry) => padded[entry]);
  return (frame) => {
    const { constants } = frame.run;
    const entries = (): tf.Tensor2D => {
      const values = frame.read(weights);
      const zero = constants.filled([values.shape[0], 1], 0) as tf.Tensor2D;
      return tf.gather(tf.concat([values, zero], 1), constants.array(table, [table.length]), 1);
    };
    const w = madeOf(frame, weights.signal, weights, entries);
    const inputs = tf.gather(frame.read(x), constants.array(picked, [picked.length]), 1);
    const products = tf.mul(w, inputs);
    const count = products.shape[0];
    writeValue(frame, role, y, tf.sum(tf.reshape(products, [count, y.length, table.length / y.length]), 2));
  };
}
