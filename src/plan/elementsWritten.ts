import type { Operator, Picked, Role } from "../ir/operators.ts";
import type { Operand, Range, Signal } from "../ir/signal.ts";

/** A write of an operator, with all elements of the signal that it writes, one by one. */
export interface Written {
  readonly signal: Signal;
  readonly role: Role;
  readonly elements: (visit: (element: number) => void) => void;
}

const ofRange = ({ signal, offset, length }: Range, role: Role): Written => ({
  signal,
  role,
  elements: (visit) => {
    for (let k = 0; k < length; k++) visit(offset + k);
  },
});

const ofPicked = (target: Picked, role: Role): Written =>
  target.index === null
    ? ofRange(target, role)
    : { signal: target.signal, role, elements: (visit) => target.index!.forEach((k) => visit(target.offset + k)) };

/** Elements of an operand over an index space, in row-major order of the space. */
export function elementsOf({ offset, strides }: Omit<Operand, "signal">, shape: readonly number[]): Int32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const out = new Int32Array(count);
  const index = shape.map(() => 0);
  for (let e = 0; e < count; e++) {
    out[e] = strides.reduce((at, stride, axis) => at + stride * index[axis], offset);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}

/** What an operator writes, to the element ({@link accesses} has only bounds). */
export function elementsWritten(op: Operator): readonly Written[] {
  switch (op.kind) {
    case "set":
    case "feed":
    case "draw":
      return [ofRange(op.target, "set")];
    case "copy":
      return [ofPicked(op.target, op.role)];
    case "elementwise":
      return op.outputs.map(({ operand, role }) => ({
        signal: operand.signal,
        role,
        elements: (visit) => elementsOf(operand, op.shape).forEach(visit),
      }));
    case "matmul":
    case "sparseMatmul":
      return [ofRange(op.y, op.role)];
    case "convolve":
      return [ofRange(op.mode === "forward" ? op.output : op.mode === "inputAdjoint" ? op.input : op.filter, op.role)];
    case "fir":
      return [ofRange(op.buffer, "update"), ofRange(op.output, op.role)];
    case "host":
      return op.outputs.map(({ range, role }) => ofRange(range, role));
    case "tensor":
      return [ofRange(op.y, "set")];
    case "record":
    case "time":
      return [];
  }
}
