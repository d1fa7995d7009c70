import { accesses, type Access, type Operator } from "../ir/operators.ts";
import type { Signal } from "../ir/signal.ts";

interface Touch {
  readonly op: number;
  readonly from: number;
  readonly to: number;
}

interface Touches {
  readonly sets: Touch[];
  readonly incs: Touch[];
  readonly reads: Touch[];
  readonly updates: Touch[];
}

/** Calls `pair` for every overlapping pair, by a sweep over starts. */
function overlaps(a: readonly Touch[], b: readonly Touch[], pair: (x: number, y: number) => void): void {
  if (a.length === 0 || b.length === 0) return;
  const events = [...a.map((t) => ({ t, first: true })), ...b.map((t) => ({ t, first: false }))].sort((x, y) => x.t.from - y.t.from);
  let openA: Touch[] = [];
  let openB: Touch[] = [];
  for (const { t, first } of events) {
    if (t.to <= t.from) continue;
    if (first) {
      openB = openB.filter((o) => o.to > t.from);
      for (const o of openB) pair(t.op, o.op);
      openA.push(t);
    } else {
      openA = openA.filter((o) => o.to > t.from);
      for (const o of openA) pair(o.op, t.op);
      openB.push(t);
    }
  }
}

/** Who must come before whom, as lists of successors. */
export interface Dependencies {
  readonly successors: readonly (readonly number[])[];
}

/**
 * The order that roles ask for: a range is set, then incremented, then read, then updated. Operators that read records are
 * not asked about (they come last), and what calls a user's code or draws keeps the program's order.
 */
export function dependencies(operators: readonly Operator[]): Dependencies {
  const touches = new Map<Signal, Touches>();
  const note = (role: keyof Touches, op: number, list: readonly Access[]): void => {
    for (const { signal, from, to } of list) {
      let of = touches.get(signal);
      if (of === undefined) touches.set(signal, (of = { sets: [], incs: [], reads: [], updates: [] }));
      of[role].push({ op, from, to });
    }
  };
  operators.forEach((op, index) => {
    if (op.kind === "record") return;
    const all = accesses(op);
    note("sets", index, all.sets);
    note("incs", index, all.incs);
    note("reads", index, all.reads);
    note("updates", index, all.updates);
  });
  const successors = operators.map(() => new Set<number>());
  const edge = (from: number, to: number): void => {
    if (from !== to) successors[from].add(to);
  };
  for (const { sets, incs, reads, updates } of touches.values()) {
    overlaps(sets, incs, edge);
    overlaps(sets, reads, edge);
    overlaps(incs, reads, edge);
    overlaps(reads, updates, edge);
    overlaps([...sets, ...incs], updates, edge);
  }
  let last = -1;
  operators.forEach((op, index) => {
    if (op.kind !== "host" && op.kind !== "draw" && op.kind !== "tensor") return;
    if (last >= 0) edge(last, index);
    last = index;
  });
  return { successors: successors.map((s) => [...s]) };
}
