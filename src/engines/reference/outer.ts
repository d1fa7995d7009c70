import { outerProduct } from "../../plan/adjoint.ts";
import type { ElementwiseOperator } from "../../ir/operators.ts";
import { startOf, type Context, type Kernel } from "./context.ts";

/** Whether an operator adds an outer product of two per-item vectors, summed over items, to a shared matrix. */
export function isOuterSum(op: ElementwiseOperator): boolean {
  const [output] = op.outputs;
  const { x, y } = op.inputs;
  return (
    op.outputs.length === 1 &&
    output.expr === outerProduct &&
    output.role === "inc" &&
    !output.operand.signal.perItem &&
    op.shape.length === 2 &&
    x !== undefined &&
    y !== undefined &&
    x.signal.perItem &&
    y.signal.perItem &&
    y.strides[1] === 0 &&
    x.strides[0] === 0
  );
}

/** That operator without an array of rows * columns * items numbers between. */
export function outerSumKernel(context: Context, op: ElementwiseOperator): Kernel {
  const { batch, item, shared } = context;
  const [rows, columns] = op.shape as readonly [number, number];
  const { x, y } = op.inputs as { x: NonNullable<(typeof op.inputs)["x"]>; y: NonNullable<(typeof op.inputs)["y"]> };
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
