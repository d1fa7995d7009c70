import type { ElementwiseOperator } from "../ir/operators.ts";
import type { Operand } from "../ir/signal.ts";
import type { Layout } from "./layout.ts";

/** An operand with its address in its space. */
export interface Placed {
  readonly perItem: boolean;
  readonly start: number;
  readonly strides: readonly number[];
}

/** An index space with its operands; merged neighbours are one. */
export interface Segment {
  readonly shape: readonly number[];
  readonly inputs: readonly Placed[];
  readonly outputs: readonly Placed[];
  /** Values of the constants, in the order of the operator's names: one number, or one an element. */
  readonly constants: readonly (number | Float64Array)[];
}

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function place(layout: Layout, { signal, offset, strides }: Operand): Placed {
  return { perItem: signal.perItem, start: layout.offsetOf(signal) + offset, strides };
}

function segmentOf(op: ElementwiseOperator, layout: Layout): Segment {
  return {
    shape: op.shape,
    inputs: Object.values(op.inputs).map((o) => place(layout, o)),
    outputs: op.outputs.map((o) => place(layout, o.operand)),
    constants: Object.values(op.constants),
  };
}

/** Whether b goes on where a ends, along the first dimension. */
function follows(a: Placed, b: Placed, length: number): boolean {
  const [stride] = a.strides as readonly [number];
  return stride !== 0 && a.strides.every((s, axis) => s === b.strides[axis]) && b.start === a.start + length * stride;
}

/** Both read the same, wherever they are along the first dimension. */
const repeats = (a: Placed, b: Placed): boolean =>
  a.strides[0] === 0 && a.start === b.start && a.strides.every((s, axis) => s === b.strides[axis]);

function joinConstants(a: number | Float64Array, lengthA: number, b: number | Float64Array, lengthB: number): number | Float64Array {
  if (typeof a === "number" && a === b) return a;
  const out = new Float64Array(lengthA + lengthB);
  if (typeof a === "number") out.fill(a, 0, lengthA);
  else out.set(a);
  if (typeof b === "number") out.fill(b, lengthA);
  else out.set(b, lengthA);
  return out;
}

/** Merged elementwise operators as few index spaces: neighbours in memory become one. */
export function coalesce(operators: readonly ElementwiseOperator[], layout: Layout): Segment[] {
  const out: Segment[] = [];
  for (const op of operators) {
    const next = segmentOf(op, layout);
    const last = out.at(-1);
    const rows = last?.shape[0];
    const joins =
      last !== undefined &&
      rows !== undefined &&
      last.inputs.every((a, i) => follows(a, next.inputs[i], rows) || repeats(a, next.inputs[i])) &&
      last.outputs.every((a, i) => follows(a, next.outputs[i], rows));
    if (!joins) {
      out.push(next);
      continue;
    }
    out[out.length - 1] = {
      ...last,
      shape: [rows + next.shape[0], ...last.shape.slice(1)],
      constants: last.constants.map((c, i) => joinConstants(c, elements(last.shape), next.constants[i], elements(next.shape))),
    };
  }
  return out;
}
