import type { Operator, Picked, Role } from "./operators.ts";
import type { Operand, Range, Signal } from "./signal.ts";

export interface Rewiring {
  /** The signal to read instead. */
  readonly read: (signal: Signal) => Signal;
  /** The role to write with instead. */
  readonly role: (role: Role) => Role;
}

/** The operator reading other signals and writing with other roles. */
export function rewire(op: Operator, { read, role }: Rewiring): Operator {
  const from = <T extends Range | Operand | Picked>(place: T): T => ({ ...place, signal: read(place.signal) });
  switch (op.kind) {
    case "copy":
      return { ...op, source: from(op.source), role: role(op.role) };
    case "elementwise":
      return {
        ...op,
        inputs: Object.fromEntries(Object.entries(op.inputs).map(([name, o]) => [name, from(o)])),
        outputs: op.outputs.map((o) => ({ ...o, role: role(o.role) })),
      };
    case "matmul":
      return { ...op, weights: from(op.weights), x: from(op.x), role: role(op.role) };
    case "sparseMatmul":
      return { ...op, weights: from(op.weights), x: from(op.x), role: role(op.role) };
    case "convolve": {
      const target = op.mode === "forward" ? "output" : op.mode === "inputAdjoint" ? "input" : "filter";
      const reads = { input: from(op.input), filter: from(op.filter), output: from(op.output) };
      return { ...op, ...reads, [target]: op[target], role: role(op.role) };
    }
    case "draw":
      return op.parameter === null ? op : { ...op, parameter: from(op.parameter) };
    case "host":
      return { ...op, inputs: op.inputs.map(from), outputs: op.outputs.map((o) => ({ ...o, role: role(o.role) })) };
    case "tensor":
      return op.x === null ? op : { ...op, x: from(op.x) };
    case "record":
      return { ...op, source: from(op.source) };
    case "fir":
      return { ...op, input: from(op.input), role: role(op.role) };
    case "set":
    case "feed":
    case "time":
      return op;
  }
}
