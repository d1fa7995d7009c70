import { accesses, type Access, type Operator } from "../ir/operators.ts";
import { Precedence, Together } from "../ir/precedence.ts";
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

/** Operators that touch the same range. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly together: Together;
}

/** Ranges in order of their starts. */
function placesOf(touches: readonly Touch[]): Place[] {
  const members = new Map<string, { from: number; to: number; ops: number[] }>();
  for (const { op, from, to } of touches) {
    if (to <= from) continue;
    const key = `${from} ${to}`;
    const place = members.get(key);
    if (place === undefined) members.set(key, { from, to, ops: [op] });
    else place.ops.push(op);
  }
  return [...members.values()].sort((a, b) => a.from - b.from).map(({ from, to, ops }) => ({ from, to, together: new Together(ops) }));
}

/** Adds that what touches a place of `a` comes before what touches an overlapping one of `b`, by a sweep over starts. */
function addOverlaps(precedence: Precedence, a: readonly Touch[], b: readonly Touch[]): void {
  if (a.length === 0 || b.length === 0) return;
  const [first, then] = [placesOf(a), placesOf(b)];
  const before = then.map((): Together[] => []);
  let openA: Place[] = [];
  let openB: number[] = [];
  for (let i = 0, k = 0; i < first.length || k < then.length;) {
    if (k === then.length || (i < first.length && first[i].from <= then[k].from)) {
      const { from, together } = first[i];
      openB = openB.filter((o) => then[o].to > from);
      for (const o of openB) before[o].push(together);
      openA.push(first[i++]);
    } else {
      const { from } = then[k];
      openA = openA.filter((o) => o.to > from);
      for (const { together } of openA) before[k].push(together);
      openB.push(k++);
    }
  }
  then.forEach(({ together }, k) => precedence.add(before[k], together.members));
}

/**
 * The order that roles ask for: a range is set, then incremented, then read, then updated. Operators that read records are
 * not asked about (they come last), and what calls a user's code or draws keeps the program's order.
 */
export function dependencies(operators: readonly Operator[]): Precedence {
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
  const precedence = new Precedence(operators.length);
  for (const { sets, incs, reads, updates } of touches.values()) {
    addOverlaps(precedence, sets, incs);
    addOverlaps(precedence, sets, reads);
    addOverlaps(precedence, incs, reads);
    addOverlaps(precedence, reads, updates);
    addOverlaps(precedence, [...sets, ...incs], updates);
  }
  let last = -1;
  operators.forEach((op, index) => {
    if (op.kind !== "host" && op.kind !== "draw" && op.kind !== "tensor") return;
    if (last >= 0) precedence.add([new Together([last])], [index]);
    last = index;
  });
  return precedence;
}
