import * as tf from "@tensorflow/tfjs-core";
import { valueOf, type Expr } from "../../../expr/expr.ts";
import type { ElementwiseOperator } from "../../../ir/operators.ts";
import { outerProduct } from "../../../ir/outer.ts";
import type { Operand as Place, Range } from "../../../ir/signal.ts";
import { evaluateOps, type Operand } from "./expressionOps.ts";
import type { Frame, Step } from "./frame.ts";
import { denseOf, readOperand, writeOperand } from "./operandOps.ts";
import { withRows } from "./values.ts";

/** `elementwise`: operators of a group together, where each of their operands is a range; else one by one. */
export function elementwiseSteps(operators: readonly ElementwiseOperator[]): Step[] {
  if (operators.length > 1 && operators.every(isFlat) && writeApart(operators)) return [groupStep(operators)];
  return operators.map((op) => (isSharedOuter(op) ? outerStep(op) : singleStep(op)));
}

const valuesOf = (op: ElementwiseOperator): Expr[] => op.outputs.map((o) => valueOf(o.expr));

/** Whether no signal is written twice: of several increments at once only the last would count. */
function writeApart(operators: readonly ElementwiseOperator[]): boolean {
  const written = operators.flatMap((op) => op.outputs.map((o) => o.operand.signal));
  return new Set(written).size === written.length;
}

/** A number, or one an element. */
const constantOf = (frame: Frame, value: number | Float64Array, shape: readonly number[]): Operand =>
  typeof value === "number" ? value : frame.run.constants.array(value, [1, ...shape]);

function singleStep(op: ElementwiseOperator): Step {
  const exprs = valuesOf(op);
  const { shape } = op;
  return (frame) => {
    const inputs = new Map<string, Operand>();
    for (const [name, operand] of Object.entries(op.inputs)) inputs.set(name, readOperand(frame, operand, shape));
    for (const [name, value] of Object.entries(op.constants)) inputs.set(name, constantOf(frame, value, shape));
    const values = evaluateOps(exprs, inputs, frame.run.constants);
    op.outputs.forEach(({ operand, role }, k) => writeOperand(frame, role, operand, shape, values[k]));
  };
}

/** Whether everything is a range of the full index space, in its order. */
const isFlat = ({ shape, inputs, outputs }: ElementwiseOperator): boolean =>
  [...Object.values(inputs), ...outputs.map((o) => o.operand)].every((operand) => rangeOf(operand, shape) !== null) &&
  outputs.every((o) => o.operand.signal.perItem);

function rangeOf(operand: Place, shape: readonly number[]): Range | null {
  const dense = denseOf(operand, shape);
  const inOrder = dense?.axes.every((axis, k) => k === 0 || dense.axes[k - 1] < axis);
  const count = shape.reduce((a, b) => a * b, 1);
  return inOrder === true && dense!.range.length === count ? dense!.range : null;
}

/** Index spaces side by side, as one of one axis. */
function groupStep(operators: readonly ElementwiseOperator[]): Step {
  const [first] = operators as readonly [ElementwiseOperator];
  const exprs = valuesOf(first);
  const sizes = operators.map((op) => op.shape.reduce((a, b) => a * b, 1));
  const ranges = (place: (op: ElementwiseOperator) => Place): Range[] => operators.map((op) => rangeOf(place(op), op.shape)!);
  const inputs = Object.keys(first.inputs).map((name) => ({ name, from: ranges((op) => op.inputs[name]) }));
  const outputs = first.outputs.map(({ role }, k) => ({ role, to: ranges((op) => op.outputs[k].operand) }));
  const constants = Object.keys(first.constants).map((name) => ({ name, value: sideBySide(operators, sizes, name) }));
  const total = sizes.reduce((a, b) => a + b, 0);
  return (frame) => {
    const given = new Map<string, Operand>();
    for (const { name, from } of inputs) given.set(name, frame.read(...from));
    for (const { name, value } of constants) given.set(name, constantOf(frame, value, [total]));
    const values = evaluateOps(exprs, given, frame.run.constants);
    outputs.forEach(({ role, to }, k) => {
      const value = values[k];
      const full = typeof value === "number" ? frame.run.constants.filled([1, total], value) : value;
      frame.write(role, to, (full.shape[1] === total ? full : tf.broadcastTo(full, [full.shape[0], total])) as tf.Tensor2D);
    });
  };
}

function sideBySide(operators: readonly ElementwiseOperator[], sizes: readonly number[], name: string): number | Float64Array {
  const all = operators.map((op) => op.constants[name]);
  const [first] = all;
  if (typeof first === "number" && all.every((value) => value === first)) return first;
  return Float64Array.from(
    all.flatMap((value, k) => (typeof value === "number" ? Array.from({ length: sizes[k] }, () => value) : Array.from(value))),
  );
}

/** Whether an operator adds outer products of vectors to a shared matrix: the gradient of weights. */
const isSharedOuter = ({ outputs, shape, inputs }: ElementwiseOperator): boolean =>
  outputs.length === 1 &&
  shape.length === 2 &&
  outputs[0].role === "inc" &&
  outputs[0].expr === outerProduct &&
  !outputs[0].operand.signal.perItem &&
  inputs["y"].strides[1] === 0 &&
  inputs["x"].strides[0] === 0;

/** Such an operator as one product, without an array of rows * columns * items numbers. */
function outerStep({ inputs, outputs: [{ operand }], shape }: ElementwiseOperator): Step {
  const [height, width] = shape as readonly [number, number];
  const { x, y } = inputs as { x: Place; y: Place };
  const columns = { ...x, strides: [x.strides[1]] };
  const rows = { ...y, strides: [y.strides[0]] };
  return (frame) => {
    const a = withRows(readOperand(frame, rows, [height]) as tf.Tensor2D, frame.values.rows);
    const b = withRows(readOperand(frame, columns, [width]) as tf.Tensor2D, frame.values.rows);
    writeOperand(frame, "inc", operand, shape, tf.expandDims(tf.matMul(a, b, true, false), 0), true);
  };
}
