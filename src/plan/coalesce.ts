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

/** Constants of neighbours, each of so many elements, one after the other; one number where all are that number. */
function joinConstants(parts: readonly (number | Float64Array)[], lengths: readonly number[]): number | Float64Array {
  const [first] = parts;
  if (typeof first === "number" && parts.every((part) => part === first)) return first;
  const out = new Float64Array(lengths.reduce((a, b) => a + b, 0));
  let at = 0;
  parts.forEach((part, k) => {
    if (typeof part === "number") out.fill(part, at, at + lengths[k]);
    else out.set(part, at);
    at += lengths[k];
  });
  return out;
}

/** Index spaces that follow one another as one. */
function join(run: readonly Segment[]): Segment {
  const [first] = run;
  if (run.length === 1) return first;
  const lengths = run.map(({ shape }) => elements(shape));
  const rows = run.reduce((sum, { shape }) => sum + shape[0], 0);
  const constants = first.constants.map((_, i) =>
    joinConstants(
      run.map((segment) => segment.constants[i]),
      lengths,
    ),
  );
  return { ...first, shape: [rows, ...first.shape.slice(1)], constants };
}

/** Merged elementwise operators as few index spaces: neighbours in memory become one. */
export function coalesce(operators: readonly ElementwiseOperator[], layout: Layout): Segment[] {
  const out: Segment[] = [];
  let run: Segment[] = [];
  let rows = 0;
  const close = (): void => {
    if (run.length > 0) out.push(join(run));
    run = [];
    rows = 0;
  };
  for (const op of operators) {
    const next = segmentOf(op, layout);
    const [first] = run;
    const joins =
      run.length > 0 &&
      next.shape.length > 0 &&
      first.inputs.every((a, i) => follows(a, next.inputs[i], rows) || repeats(a, next.inputs[i])) &&
      first.outputs.every((a, i) => follows(a, next.outputs[i], rows));
    if (!joins) close();
    run.push(next);
    rows += next.shape[0] ?? 0;
  }
  close();
  return out;
}
