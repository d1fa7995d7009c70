import { input, mul } from "../expr/expr.ts";
import { accesses, type ElementwiseOperator, type Operator, type Picked } from "../ir/operators.ts";
import type { Operand, Signal } from "../ir/signal.ts";
import type { Simplification } from "./simplify.ts";

/*
 * Simplifications around signals that nothing writes. A parameter may be set from outside, and so may a result; they are no constants.
 */

function constantsOf(operators: readonly Operator[], results: ReadonlySet<Signal>): (signal: Signal) => boolean {
  const written = new Set<Signal>();
  for (const op of operators) {
    const { sets, incs, updates } = accesses(op);
    for (const list of [sets, incs, updates]) for (const { signal } of list) written.add(signal);
  }
  return (signal) => signal.parameter === null && !written.has(signal) && !results.has(signal);
}

const isAll = (signal: Signal, value: number): boolean =>
  signal.initial === null ? value === 0 : signal.initial.every((v) => v === value);

/** Increments by a constant zero are left out. */
export const zeroIncrement: Simplification = (operators, results) => {
  const isConstant = constantsOf(operators, results);
  const isZero = (signal: Signal): boolean => isConstant(signal) && isAll(signal, 0);
  return operators.flatMap((op): Operator[] => {
    switch (op.kind) {
      case "copy":
        return op.role === "inc" && isZero(op.source.signal) ? [] : [op];
      case "matmul":
        return op.role === "inc" && (isZero(op.x.signal) || isZero(op.weights.signal)) ? [] : [op];
      case "sparseMatmul":
        return op.role === "inc" && (isZero(op.x.signal) || isZero(op.weights.signal)) ? [] : [op];
      case "elementwise": {
        const outputs = op.outputs.filter((o) => !(o.role === "inc" && o.expr.op === "const" && o.expr.value === 0));
        return outputs.length === op.outputs.length ? [op] : outputs.length === 0 ? [] : [{ ...op, outputs }];
      }
      default:
        return [op];
    }
  });
};

const product = mul(input("w"), input("x"));

/** `w * x` with w a constant 1 is x: a copy. */
export const identityProduct: Simplification = (operators, results) => {
  const isConstant = constantsOf(operators, results);
  return operators.map((op) => {
    if (op.kind !== "elementwise" || op.outputs.length !== 1 || op.shape.length !== 1) return op;
    const [{ expr, operand, role }] = op.outputs;
    const { w, x } = op.inputs as Readonly<Record<string, Operand | undefined>>;
    if (expr !== product || w === undefined || x === undefined) return op;
    const [one, other] = [w, x].map(({ signal }) => isConstant(signal) && isAll(signal, 1)) as [boolean, boolean];
    const kept = one ? x : other ? w : null;
    // A sum over items, or of one element, is more than a copy.
    if (kept === null || kept.signal.perItem !== operand.signal.perItem || kept.strides[0] !== 1 || operand.strides[0] !== 1) return op;
    return copyOf(op, kept, operand, role);
  });
};

function copyOf(op: ElementwiseOperator, from: Operand, to: Operand, role: "set" | "inc" | "update"): Operator {
  const picked = ({ signal, offset }: Operand): Picked => ({ signal, offset, length: op.shape[0], index: null });
  return { kind: "copy", origin: op.origin, source: picked(from), target: picked(to), role };
}

/** Copies of a constant into what holds the same from the start, and which nothing else writes, are left out. */
export const constantCopy: Simplification = (operators, results) => {
  const isConstant = constantsOf(operators, results);
  const writers = new Map<Signal, number>();
  for (const op of operators) {
    const { sets, incs, updates } = accesses(op);
    for (const list of [sets, incs, updates]) for (const { signal } of list) writers.set(signal, (writers.get(signal) ?? 0) + 1);
  }
  return operators.filter((op) => {
    if (op.kind !== "copy" || op.role === "inc" || !isConstant(op.source.signal)) return true;
    const { source, target } = op;
    if (writers.get(target.signal) !== 1 || results.has(target.signal) || target.signal.parameter !== null) return true;
    const count = (target.index ?? source.index)?.length ?? target.length;
    const at = (p: Picked, k: number): number => p.signal.initial?.[p.offset + (p.index?.[k] ?? k)] ?? 0;
    for (let k = 0; k < count; k++) if (!Object.is(at(source, k), at(target, k))) return true;
    return false;
  });
};
