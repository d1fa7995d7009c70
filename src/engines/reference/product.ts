import type { MatmulOperator, SparseMatmulOperator } from "../../ir/operators.ts";
import type { Floats } from "../engine.ts";
import { memoryOf, startOf, type Context, type Kernel } from "./context.ts";

/*
 * Products follow the numerics contract: every output has one accumulator, to which columns are added in ascending order;
 * a column whose input is zero may be skipped, which leaves the same bits, since no sum begins at -0.
 */

/** What sums begin with: zero, or what they are added to, where -0 becomes 0. */
export function begin(memory: Floats, start: number, size: number, set: boolean): void {
  if (set) memory.fill(0, start, start + size);
  else for (let k = start; k < start + size; k++) memory[k] += 0;
}

/** `matmul`: y (+)= W x with W shared or per item. */
export function matmulKernel(context: Context, operators: readonly MatmulOperator[]): Kernel {
  const runs = operators.map((op) =>
    op.weights.signal.perItem && context.batch > 1 ? perItemProduct(context, op) : sharedProduct(context, op),
  );
  return runs.length === 1
    ? { run: runs[0] }
    : {
        run: () => {
          for (const run of runs) run();
        },
      };
}

/** All items have the same weights, or there is one item. */
function sharedProduct(context: Context, op: MatmulOperator): () => void {
  const { batch, item } = context;
  const weights = memoryOf(context, op.weights.signal);
  const [rowStride, columnStride] = op.weights.strides as readonly [number, number];
  const [w0, x0, y0] = [startOf(context, op.weights), startOf(context, op.x) * batch, startOf(context, op.y) * batch];
  const [rows, columns] = [op.y.length, op.x.length];
  const set = op.role !== "inc";
  if (batch === 1) {
    if (rows === 1) {
      // As in memory, the sum is rounded after every column.
      if (context.dtype === "float32") {
        return () => {
          let sum = set ? 0 : item[y0] + 0;
          for (let j = 0; j < columns; j++) sum = Math.fround(sum + weights[w0 + j * columnStride] * item[x0 + j]);
          item[y0] = sum;
        };
      }
      return () => {
        let sum = set ? 0 : item[y0] + 0;
        for (let j = 0; j < columns; j++) sum += weights[w0 + j * columnStride] * item[x0 + j];
        item[y0] = sum;
      };
    }
    return () => {
      begin(item, y0, rows, set);
      for (let j = 0; j < columns; j++) {
        const x = item[x0 + j];
        if (x === 0) continue;
        const w = w0 + j * columnStride;
        for (let i = 0; i < rows; i++) item[y0 + i] += weights[w + i * rowStride] * x;
      }
    };
  }
  if (op.spikes) return sparseInput(context, op, set);
  return () => {
    begin(item, y0, rows * batch, set);
    for (let j = 0; j < columns; j++) {
      const x = x0 + j * batch;
      for (let i = 0; i < rows; i++) {
        const w = weights[w0 + i * rowStride + j * columnStride];
        const y = y0 + i * batch;
        for (let b = 0; b < batch; b++) item[y + b] += w * item[x + b];
      }
    }
  };
}

/** Spikes over a batch: only the items whose neuron fired are visited. */
function sparseInput(context: Context, op: MatmulOperator, set: boolean): () => void {
  const { batch, item, shared } = context;
  const [rowStride, columnStride] = op.weights.strides as readonly [number, number];
  const [w0, x0, y0] = [startOf(context, op.weights), startOf(context, op.x) * batch, startOf(context, op.y) * batch];
  const [rows, columns] = [op.y.length, op.x.length];
  const fired = new Int32Array(batch);
  return () => {
    begin(item, y0, rows * batch, set);
    for (let j = 0; j < columns; j++) {
      const x = x0 + j * batch;
      let count = 0;
      for (let b = 0; b < batch; b++) if (item[x + b] !== 0) fired[count++] = b;
      if (count === 0) continue;
      for (let i = 0; i < rows; i++) {
        const w = shared[w0 + i * rowStride + j * columnStride];
        const y = y0 + i * batch;
        for (let k = 0; k < count; k++) {
          const b = fired[k];
          item[y + b] += w * item[x + b];
        }
      }
    }
  };
}

/** Every item has its own weights (learning rules). */
function perItemProduct(context: Context, op: MatmulOperator): () => void {
  const { batch, item } = context;
  const [rowStride, columnStride] = op.weights.strides as readonly [number, number];
  const [w0, x0, y0] = [startOf(context, op.weights), startOf(context, op.x) * batch, startOf(context, op.y) * batch];
  const [rows, columns] = [op.y.length, op.x.length];
  const set = op.role !== "inc";
  return () => {
    begin(item, y0, rows * batch, set);
    for (let j = 0; j < columns; j++) {
      const x = x0 + j * batch;
      let silent = true;
      for (let b = 0; b < batch; b++) silent &&= item[x + b] === 0;
      if (silent) continue;
      for (let i = 0; i < rows; i++) {
        const w = (w0 + i * rowStride + j * columnStride) * batch;
        const y = y0 + i * batch;
        for (let b = 0; b < batch; b++) item[y + b] += item[w + b] * item[x + b];
      }
    }
  };
}

/** `sparseMatmul`: y (+)= W x over the entries of W, which are visited in their order. */
export function sparseMatmulKernel(context: Context, op: SparseMatmulOperator): Kernel {
  const { batch, item } = context;
  const perItem = op.weights.signal.perItem;
  const weights = memoryOf(context, op.weights.signal);
  const [w0, x0, y0] = [startOf(context, op.weights), startOf(context, op.x), startOf(context, op.y)];
  const { rows, columns } = op;
  const size = op.y.length * batch;
  return {
    run: () => {
      if (op.role !== "inc") item.fill(0, y0 * batch, y0 * batch + size);
      for (let k = 0; k < rows.length; k++) {
        const x = (x0 + columns[k]) * batch;
        const y = (y0 + rows[k]) * batch;
        for (let b = 0; b < batch; b++) item[y + b] += weights[perItem ? (w0 + k) * batch + b : w0 + k] * item[x + b];
      }
    },
  };
}
