import { accesses, type Operator } from "../ir/operators.ts";
import { constantCopy, identityProduct, zeroIncrement } from "./constants.ts";
import type { Program } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";

/** A rewrite of a list of operators that computes the same with fewer of them. */
export type Simplification = (operators: readonly Operator[], results: ReadonlySet<Signal>) => Operator[];

interface Writers {
  readonly set: number[];
  readonly inc: number[];
  readonly update: number[];
}

function writersOf(operators: readonly Operator[]): Map<Signal, Writers> {
  const writers = new Map<Signal, Writers>();
  operators.forEach((op, index) => {
    const { sets, incs, updates } = accesses(op);
    for (const [list, key] of [
      [sets, "set"],
      [incs, "inc"],
      [updates, "update"],
    ] as const) {
      for (const { signal } of list) {
        let of = writers.get(signal);
        if (of === undefined) writers.set(signal, (of = { set: [], inc: [], update: [] }));
        of[key].push(index);
      }
    }
  });
  return writers;
}

/** The operator with its increment of the whole signal turned into a set, or null where that is not the same. */
function asSet(op: Operator, signal: Signal): Operator | null {
  const wholly = (r: { signal: Signal; offset: number; length: number }): boolean =>
    r.signal === signal && r.offset === 0 && r.length === signal.size;
  switch (op.kind) {
    case "copy":
      // A sum over the batch (item to shared) and repeated targets need an accumulator.
      return wholly(op.target) && op.target.index === null && (signal.perItem || !op.source.signal.perItem) ? { ...op, role: "set" } : null;
    case "matmul":
      return wholly(op.y) && (signal.perItem || !op.x.signal.perItem) ? { ...op, role: "set" } : null;
    case "elementwise": {
      const [output] = op.outputs;
      if (op.outputs.length !== 1 || output === undefined || !signal.perItem) return null;
      const { operand } = output;
      const dense = op.shape.length === 1 && operand.strides[0] === 1 && operand.offset === 0 && op.shape[0] === signal.size;
      return dense && operand.signal === signal ? { ...op, outputs: [{ ...output, role: "set" }] } : null;
    }
    default:
      return null;
  }
}

/**
 * A signal that is set to 0 and then incremented: the first increment sets it instead, where it covers the whole. (Not a
 * later one: others would have to wait for it, on which it may itself depend.)
 */
export const resetThenIncrement: Simplification = (operators) => {
  const out: (Operator | null)[] = [...operators];
  for (const [signal, { set, inc }] of writersOf(operators)) {
    const reset = set.length === 1 ? operators[set[0]] : null;
    if (reset === null || reset.kind !== "set" || reset.value !== 0 || reset.target.length !== signal.size || inc.length === 0) continue;
    const changed = asSet(out[inc[0]]!, signal);
    if (changed === null) continue;
    out[inc[0]] = changed;
    out[set[0]] = null;
  }
  return out.filter((op) => op !== null);
};

/**
 * A signal that is set to the same value at every step and written by nothing else keeps that value from the start.
 * (Results stay: where a program is cut into segments, others write them.)
 */
export const unmodifiedReset: Simplification = (operators, results) => {
  const writers = writersOf(operators);
  return operators.filter((op) => {
    if (op.kind !== "set") return true;
    const { signal } = op.target;
    const of = writers.get(signal)!;
    const constant = op.value;
    const starts = signal.initial === null ? constant === 0 : typeof constant === "number" && signal.initial.every((v) => v === constant);
    return of.set.length > 1 || of.inc.length > 0 || of.update.length > 0 || results.has(signal) || !starts;
  });
};

/** Operators whose results nothing reads, records or carries on are left out; a user's code never is. */
export const unusedResult: Simplification = (operators, results) => {
  const all = operators.map(accesses);
  const writers = new Map<Signal, number[]>();
  all.forEach(({ sets, incs, updates }, index) => {
    for (const list of [sets, incs, updates]) {
      for (const { signal } of list) {
        const of = writers.get(signal);
        if (of === undefined) writers.set(signal, [index]);
        else of.push(index);
      }
    }
  });
  const kept = new Uint8Array(operators.length);
  const needed = new Set<Signal>(results);
  const keep = (index: number): void => {
    if (kept[index] === 1) return;
    kept[index] = 1;
    for (const { signal } of all[index].reads) needed.add(signal);
  };
  operators.forEach((op, index) => {
    if (["record", "host", "tensor", "time"].includes(op.kind)) keep(index);
  });
  // What writes a needed signal is needed, in whichever step: a set visits what is added to it while it is walked.
  for (const signal of needed) writers.get(signal)?.forEach(keep);
  return operators.filter((_, index) => kept[index] === 1);
};

/** All of them, in order. */
export const simplifications: readonly Simplification[] = [
  zeroIncrement,
  identityProduct,
  constantCopy,
  unusedResult,
  resetThenIncrement,
  unmodifiedReset,
];

export function simplify({ operators, results }: Program): readonly Operator[] {
  const kept = new Set(results);
  return simplifications.reduce<readonly Operator[]>((ops, pass) => pass(ops, kept), operators);
}
