import { VectorProgram, type Lanes } from "../../expr/vectorise.ts";
import type { ElementwiseOperator } from "../../ir/operators.ts";
import { coalesce, type Placed, type Segment } from "../../plan/coalesce.ts";
import { floats } from "../engine.ts";
import type { Context, Kernel } from "./context.ts";

/** Row-major strides of a shape. */
function denseStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

const isDense = (operand: Placed, shape: readonly number[]): boolean => {
  const dense = denseStrides(shape);
  return operand.strides.every((s, axis) => s === dense[axis] || shape[axis] === 1);
};

/** Address in memory of every lane (element of the index space, then item). */
function addresses(operand: Placed, shape: readonly number[], batch: number): Int32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const out = new Int32Array(count * batch);
  const index = shape.map(() => 0);
  for (let e = 0, lane = 0; e < count; e++) {
    let at = operand.start;
    for (let axis = 0; axis < shape.length; axis++) at += index[axis] * operand.strides[axis];
    for (let b = 0; b < batch; b++) out[lane++] = operand.perItem ? at * batch + b : at;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

interface Prepared {
  readonly lanes: number;
  readonly inputs: Lanes[];
  readonly inputOffsets: number[];
  readonly outputs: Lanes[];
  readonly outputOffsets: number[];
  /** Lanes that must be gathered before every step, or only when shared signals changed. */
  readonly gathers: { readonly from: Lanes; readonly at: Int32Array; readonly into: Lanes; readonly constant: boolean }[];
  readonly scatters: { readonly from: Lanes; readonly at: Int32Array; readonly to: Lanes; readonly inc: boolean }[];
}

/** `elementwise`: one vector program for the whole group, run over each of its segments. */
export function elementwiseKernel(context: Context, operators: readonly ElementwiseOperator[]): Kernel {
  const [first] = operators as readonly [ElementwiseOperator];
  const { batch, dtype } = context;
  const segments = coalesce(operators, context.layout);
  const names = Object.keys(first.constants);
  // A constant that is one number for all lanes of all segments is uniform; the others become lanes.
  const uniform = names.map((_, c) => {
    const value = segments[0].constants[c];
    return typeof value === "number" && segments.every((s) => s.constants[c] === value) ? value : null;
  });
  const uniformNames = names.filter((_, c) => uniform[c] !== null);
  const laneConstants = names.flatMap((_, c) => (uniform[c] === null ? [c] : []));
  const laneNames = [...Object.keys(first.inputs), ...laneConstants.map((c) => names[c])];
  const direct = first.outputs.map((_, o) => segments.every((s) => writesDirectly(s, o, batch)));
  const program = new VectorProgram(
    first.outputs.map((o, k) => ({ expr: o.expr, accumulate: o.role === "inc" && direct[k] })),
    laneNames,
    uniformNames,
    dtype,
  );
  program.setUniforms(uniform.filter((v) => v !== null));
  const prepared = segments.map((s) => prepare(context, first, s, laneConstants, direct));
  const refresh = (): void => {
    for (const { gathers } of prepared) for (const g of gathers) if (g.constant) gather(g.from, g.at, g.into);
  };
  refresh();
  return {
    refresh,
    run: () => {
      for (let s = 0; s < prepared.length; s++) {
        const p = prepared[s];
        for (const g of p.gathers) if (!g.constant) gather(g.from, g.at, g.into);
        program.run(p.lanes, p.inputs, p.inputOffsets, p.outputs, p.outputOffsets);
        for (const { from, at, to, inc } of p.scatters) {
          if (inc) for (let k = 0; k < at.length; k++) to[at[k]] += from[k];
          else for (let k = 0; k < at.length; k++) to[at[k]] = from[k]!;
        }
      }
    },
  };
}

function gather(from: Lanes, at: Int32Array, into: Lanes): void {
  for (let k = 0; k < at.length; k++) into[k] = from[at[k]]!;
}

/** Per-item (or, in a batch of one, shared) operands that lie densely need no gathering. */
const inPlace = (operand: Placed, shape: readonly number[], batch: number): boolean =>
  (operand.perItem || batch === 1) && isDense(operand, shape);

const writesDirectly = (segment: Segment, output: number, batch: number): boolean => inPlace(segment.outputs[output], segment.shape, batch);

function prepare(
  context: Context,
  op: ElementwiseOperator,
  segment: Segment,
  laneConstants: readonly number[],
  direct: readonly boolean[],
): Prepared {
  const { batch, dtype, item, shared } = context;
  const { shape } = segment;
  const lanes = shape.reduce((a, b) => a * b, 1) * batch;
  const out: Prepared = { lanes, inputs: [], inputOffsets: [], outputs: [], outputOffsets: [], gathers: [], scatters: [] };
  const written = new Set(op.outputs.map((o) => o.operand.signal));
  // An input that an output overwrites at other elements is copied, since lanes are worked on block by block.
  const overwritten = (input: Placed): boolean =>
    segment.outputs.some(
      (o, k) => direct[k] && o.perItem === input.perItem && o.start !== input.start && Math.abs(o.start - input.start) * batch < lanes,
    );
  Object.values(op.inputs).forEach(({ signal }, i) => {
    const operand = segment.inputs[i];
    const memory = operand.perItem ? item : shared;
    if (inPlace(operand, shape, batch) && !overwritten(operand)) {
      out.inputs.push(memory);
      out.inputOffsets.push(operand.start * (operand.perItem ? batch : 1));
      return;
    }
    const into = floats(dtype, lanes);
    out.inputs.push(into);
    out.inputOffsets.push(0);
    out.gathers.push({ from: memory, at: addresses(operand, shape, batch), into, constant: !operand.perItem && !written.has(signal) });
  });
  for (const c of laneConstants) {
    const value = segment.constants[c];
    const into = floats(dtype, lanes);
    if (typeof value === "number") into.fill(value);
    else for (let k = 0; k < lanes; k++) into[k] = value[Math.floor(k / batch)]!;
    out.inputs.push(into);
    out.inputOffsets.push(0);
  }
  segment.outputs.forEach((operand, o) => {
    const memory = operand.perItem ? item : shared;
    if (direct[o]) {
      out.outputs.push(memory);
      out.outputOffsets.push(operand.start * (operand.perItem ? batch : 1));
      return;
    }
    const from = floats(dtype, lanes);
    out.outputs.push(from);
    out.outputOffsets.push(0);
    out.scatters.push({ from, at: addresses(operand, shape, batch), to: memory, inc: op.outputs[o].role === "inc" });
  });
  return out;
}
