import { matrixPlusOuter, outerProduct, outerWithDecay } from "../../ir/outer.ts";
import type { ElementwiseOperator } from "../../ir/operators.ts";
import type { Operand } from "../../ir/signal.ts";
import type { Floats } from "../engine.ts";
import { memoryOf, startOf, type Context, type Kernel } from "./context.ts";

/** Whether an operator is one of the expressions of `ir/outer`, of per-item vectors. */
export function isOuter(op: ElementwiseOperator): boolean {
  const [{ expr, role, operand }] = op.outputs;
  const { x, y, s, W } = op.inputs as Readonly<Record<string, Operand | undefined>>;
  const vectors = (...operands: readonly (Operand | undefined)[]): boolean => operands.every((o) => o === undefined || o.signal.perItem);
  if (op.outputs.length > 1 || op.shape.length !== 2 || !vectors(x, y, s)) return false;
  if (y?.strides[1] !== 0 || x?.strides[0] !== 0 || (s !== undefined && s.strides[1] !== 0)) return false;
  if (expr === outerProduct) return role === "inc" || operand.signal.perItem;
  return (expr === outerWithDecay || (expr === matrixPlusOuter && role !== "inc")) && operand.signal.perItem && W?.signal.perItem === true;
}

/** Such an operator without an array of rows * columns * items numbers between. */
export const outerKernel = (context: Context, op: ElementwiseOperator): Kernel =>
  op.outputs[0].operand.signal.perItem ? itemKernel(context, op) : sumKernel(context, op);

/** Into a shared matrix: summed over the items. */
function sumKernel(context: Context, op: ElementwiseOperator): Kernel {
  const { batch, item, shared } = context;
  const [rows, columns] = op.shape as readonly [number, number];
  const { x, y } = op.inputs as { x: Operand; y: Operand };
  const [x0, y0] = [startOf(context, x), startOf(context, y)];
  const [xStride, yStride] = [x.strides[1], y.strides[0]];
  const { operand } = op.outputs[0];
  const w0 = startOf(context, operand);
  const [rowStride, columnStride] = operand.strides as readonly [number, number];
  return {
    run: () => {
      for (let j = 0; j < columns; j++) {
        const a = (x0 + j * xStride) * batch;
        for (let i = 0; i < rows; i++) {
          const g = (y0 + i * yStride) * batch;
          const at = w0 + i * rowStride + j * columnStride;
          let sum = shared[at];
          for (let b = 0; b < batch; b++) sum += item[g + b] * item[a + b];
          shared[at] = sum;
        }
      }
    },
  };
}

/** Where an operand's element (i, j) of the first item lies: `start + i * row + j * column`. */
interface Place {
  readonly start: number;
  readonly row: number;
  readonly column: number;
}

/** What the loops below need. */
interface Loop {
  readonly memory: Floats;
  readonly rows: number;
  readonly columns: number;
  readonly batch: number;
  readonly m: Place;
  readonly x: Place;
  readonly y: Place;
}

/** Into a matrix of every item. */
function itemKernel(context: Context, op: ElementwiseOperator): Kernel {
  const { batch } = context;
  const [rows, columns] = op.shape as readonly [number, number];
  const [{ expr, role, operand }] = op.outputs;
  const { x, y, s, W } = op.inputs as { x: Operand; y: Operand; s?: Operand; W?: Operand };
  const place = (o: Operand): Place => ({
    start: startOf(context, o) * batch,
    row: o.strides[0] * batch,
    column: o.strides[1] * batch,
  });
  const loop = { memory: memoryOf(context, operand.signal), rows, columns, batch, m: place(operand), x: place(x), y: place(y) };
  if (expr === outerProduct) return role === "inc" ? addOuter(loop, loop.m) : setOuter(loop);
  if (expr === matrixPlusOuter) return addOuter(loop, place(W!));
  return withDecay(loop, place(s!), place(W!), role === "inc");
}

/** m = y x^T */
const setOuter = ({ memory, rows, columns, batch, m, x, y }: Loop): Kernel => ({
  run: () => {
    for (let j = 0; j < columns; j++) {
      let to = m.start + j * m.column;
      let from = y.start;
      const at = x.start + j * x.column;
      for (let i = 0; i < rows; i++, to += m.row, from += y.row) {
        for (let b = 0; b < batch; b++) memory[to + b] = memory[from + b] * memory[at + b];
      }
    }
  },
});

/** m = W + y x^T */
const addOuter = ({ memory, rows, columns, batch, m, x, y }: Loop, W: Place): Kernel => ({
  run: () => {
    for (let j = 0; j < columns; j++) {
      let to = m.start + j * m.column;
      let old = W.start + j * W.column;
      let from = y.start;
      const at = x.start + j * x.column;
      for (let i = 0; i < rows; i++, to += m.row, old += W.row, from += y.row) {
        for (let b = 0; b < batch; b++) memory[to + b] = memory[old + b] + memory[from + b] * memory[at + b];
      }
    }
  },
});

/** m (+)= y x^T + diag(s) W */
const withDecay = ({ memory, rows, columns, batch, m, x, y }: Loop, s: Place, W: Place, add: boolean): Kernel => ({
  run: () => {
    for (let j = 0; j < columns; j++) {
      let to = m.start + j * m.column;
      let old = W.start + j * W.column;
      let from = y.start;
      let factor = s.start;
      const at = x.start + j * x.column;
      for (let i = 0; i < rows; i++, to += m.row, old += W.row, from += y.row, factor += s.row) {
        for (let b = 0; b < batch; b++) {
          const change = memory[from + b] * memory[at + b] + memory[factor + b] * memory[old + b];
          memory[to + b] = add ? memory[to + b] + change : change;
        }
      }
    }
  },
});
