import { accesses, type Access, type Operator } from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import type { Group } from "../../plan/schedule.ts";

/** Size of a signal from which on its operators should run one after another, and of all such signals from which on it is worth while. */
const LARGE_BYTES = 2048;
const WORTH_BYTES = 1 << 23;
/** Operators that touch a signal; with more of them it is a hub, such as a Node that joins many ensembles, and holds nothing together. */
const HUB = 12;
/** Bytes of large signals that a chunk may touch. */
const CHUNK_BYTES = 1 << 16;
/** Most chunks. */
const MOST_CHUNKS = 128;

/** Operators of one group and one chunk (or of none). */
interface Part {
  readonly group: number;
  readonly chunk: number;
  readonly operators: Operator[];
  /** Parts that must come before and have not yet run. */
  waiting: number;
  readonly next: Part[];
}

const NO_CHUNK = -1;

/**
 * Reorders the groups of a plan so that memory is used while it is in the cache: operators that share large signals (an ensemble's
 * encoders, neurons, decoders and records) run together, a chunk of ensembles after another, instead of kind after kind over all of
 * them. Operators keep their order where one writes what another touches, so no bit changes.
 * @param bytesOf - bytes of a signal in memory
 */
export function interleave(groups: readonly Group[], bytesOf: (signal: Signal) => number): readonly Group[] {
  const touched = groups.map((g) => g.operators.map(signalsOf));
  const uses = new Map<Signal, number>();
  for (const group of touched)
    for (const { reads, writes } of group) for (const signal of [...reads, ...writes]) uses.set(signal, (uses.get(signal) ?? 0) + 1);
  const large = new Set<Signal>();
  let total = 0;
  for (const [signal, count] of uses) {
    if (!signal.perItem || count > HUB || bytesOf(signal) < LARGE_BYTES) continue;
    large.add(signal);
    total += bytesOf(signal);
  }
  if (total < WORTH_BYTES) return groups;
  const chunkOf = chunks(groups, touched, large, bytesOf, Math.max(CHUNK_BYTES, total / MOST_CHUNKS));
  const parts = partsOf(groups, chunkOf);
  connect(parts, groups, touched);
  return order(parts, groups);
}

interface Touched {
  readonly reads: readonly Signal[];
  readonly writes: readonly Signal[];
  /** What is written, in elements. */
  readonly places: readonly Access[];
}

function signalsOf(op: Operator): Touched {
  const { sets, incs, reads, updates } = accesses(op);
  const unique = (list: readonly { readonly signal: Signal }[]): Signal[] => [...new Set(list.map((a) => a.signal))];
  const places = [...sets, ...incs, ...updates];
  return { reads: unique(reads), writes: unique(places), places };
}

/** Things that belong together: each has the root of all that it was ever united with. */
function disjointSets() {
  const parent = new Map<object, object>();
  const root = (one: object): object => {
    let r = one;
    for (let p = parent.get(r); p !== undefined; p = parent.get(r)) r = p;
    for (let at = one; at !== r;) {
      const up = parent.get(at)!;
      parent.set(at, r);
      at = up;
    }
    return r;
  };
  const unite = (one: object, other: object): void => {
    const [a, b] = [root(one), root(other)];
    if (a !== b) parent.set(b, a);
  };
  return { root, unite };
}

/** For every operator its chunk: those that share a large signal have the same. */
function chunks(
  groups: readonly Group[],
  touched: readonly (readonly Touched[])[],
  large: ReadonlySet<Signal>,
  bytesOf: (signal: Signal) => number,
  most: number,
): number[][] {
  const { root, unite } = disjointSets();
  for (const group of touched) {
    for (const t of group) for (const signal of [...t.reads, ...t.writes]) if (large.has(signal)) unite(t, signal);
    // Operators of one group that add to one place (a sum) must keep their order, so they go together.
    for (const [a, b] of overlaps(group)) unite(group[a], group[b]);
  }
  const bytes = new Map<object, number>();
  for (const s of large) bytes.set(root(s), (bytes.get(root(s)) ?? 0) + bytesOf(s));
  const numbers = new Map<object, number>();
  let [chunk, filled] = [0, 0];
  // In the order in which they lie in the first group that touches them.
  return groups.map((group, g) =>
    group.operators.map((_, k) => {
      const r = root(touched[g][k]);
      const size = bytes.get(r);
      if (size === undefined) return NO_CHUNK;
      let number = numbers.get(r);
      if (number === undefined) {
        if (filled > 0 && filled + size > most) [chunk, filled] = [chunk + 1, 0];
        filled += size;
        numbers.set(r, (number = chunk));
      }
      return number;
    }),
  );
}

/** Pairs of operators of a group that write to overlapping places, neighbours in memory first; every cluster of such is linked by them. */
function overlaps(group: readonly Touched[]): [number, number][] {
  const places = new Map<Signal, { readonly from: number; readonly to: number; readonly k: number }[]>();
  group.forEach(({ places: written }, k) => {
    for (const { signal, from, to } of written) {
      const list = places.get(signal);
      if (list === undefined) places.set(signal, [{ from, to, k }]);
      else list.push({ from, to, k });
    }
  });
  const pairs: [number, number][] = [];
  for (const list of places.values()) {
    list.sort((a, b) => a.from - b.from);
    let last = list[0];
    for (const place of list.slice(1)) {
      if (place.from < last.to && place.k !== last.k) pairs.push([last.k, place.k]);
      if (place.to > last.to) last = place;
    }
  }
  return pairs;
}

function partsOf(groups: readonly Group[], chunkOf: readonly (readonly number[])[]): Map<number, Part>[] {
  return groups.map((group, g) => {
    const parts = new Map<number, Part>();
    group.operators.forEach((op, k) => {
      const chunk = chunkOf[g][k];
      let part = parts.get(chunk);
      if (part === undefined) parts.set(chunk, (part = { group: g, chunk, operators: [], waiting: 0, next: [] }));
      part.operators.push(op);
    });
    return parts;
  });
}

/** Edges between parts of different groups where one writes what the other touches. */
function connect(parts: readonly Map<number, Part>[], groups: readonly Group[], touched: readonly (readonly Touched[])[]): void {
  const edge = (from: Part, to: Part): void => {
    from.next.push(to);
    to.waiting++;
  };
  const states = new Map<Signal | null, { readonly writes: Map<number, Set<Part>>; readonly reads: Map<number, Set<Part>> }>();
  const note = (signal: Signal | null, kind: "writes" | "reads", group: number, part: Part): void => {
    let state = states.get(signal);
    if (state === undefined) states.set(signal, (state = { writes: new Map(), reads: new Map() }));
    let set = state[kind].get(group);
    if (set === undefined) state[kind].set(group, (set = new Set()));
    set.add(part);
  };
  groups.forEach((group, g) => {
    const where = new Map<Operator, Part>();
    for (const part of parts[g].values()) for (const op of part.operators) where.set(op, part);
    group.operators.forEach((op, k) => {
      const part = where.get(op)!;
      for (const signal of touched[g][k].reads) note(signal, "reads", g, part);
      for (const signal of touched[g][k].writes) note(signal, "writes", g, part);
      // What calls a user's code or draws keeps its order.
      if (op.kind === "host" || op.kind === "draw") note(null, "writes", g, part);
    });
  });
  for (const { writes, reads } of states.values()) {
    if (writes.size === 0) continue;
    const order = [...new Set([...writes.keys(), ...reads.keys()])].sort((a, b) => a - b);
    let before: Set<Part>[] = [];
    let lastWriters: Set<Part> | null = null;
    for (const g of order) {
      const [w, r] = [writes.get(g), reads.get(g)];
      if (w !== undefined) {
        const now = new Set([...w, ...(r ?? [])]);
        for (const earlier of before) between(earlier, now, edge);
        before = [now];
        lastWriters = now;
      } else if (r !== undefined) {
        if (lastWriters !== null) between(lastWriters, r, edge);
        before.push(r);
      }
    }
  }
}

/** All of one set before all of another; through a gate where both are many. */
function between(from: ReadonlySet<Part>, to: ReadonlySet<Part>, edge: (a: Part, b: Part) => void): void {
  if (from.size * to.size <= 64) {
    for (const a of from) for (const b of to) if (a !== b) edge(a, b);
    return;
  }
  const gate: Part = { group: -1, chunk: NO_CHUNK, operators: [], waiting: 0, next: [] };
  for (const a of from) edge(a, gate);
  for (const b of to) edge(gate, b);
}

/**
 * First all that is in no chunk and can run; then the chunks that wait for nothing outside them, one after another to their ends;
 * where there is none, one with little left to do, as far as it goes.
 */
function order(parts: readonly Map<number, Part>[], groups: readonly Group[]): Group[] {
  const out: Group[] = [];
  const ready = new Map<number, Part[]>();
  /** Parts of a chunk that have not run, and edges into it from outside that are not satisfied. */
  const left = new Map<number, number>();
  const outside = new Map<number, number>();
  const count = (map: Map<number, number>, chunk: number, by: number): void => void map.set(chunk, (map.get(chunk) ?? 0) + by);
  const gates = new Set<Part>();
  const visit = (part: Part): void => {
    for (const next of part.next) {
      if (next.chunk !== part.chunk) count(outside, next.chunk, 1);
      if (next.operators.length > 0 || gates.has(next)) continue;
      gates.add(next);
      visit(next);
    }
  };
  for (const group of parts) {
    for (const part of group.values()) {
      count(left, part.chunk, 1);
      visit(part);
    }
  }
  const add = (part: Part): void => {
    if (part.operators.length === 0) {
      // A gate: it is open.
      release(part);
      return;
    }
    const list = ready.get(part.chunk);
    if (list === undefined) ready.set(part.chunk, [part]);
    else list.push(part);
  };
  const release = (part: Part): void => {
    for (const next of part.next) {
      if (next.chunk !== part.chunk) count(outside, next.chunk, -1);
      if (--next.waiting === 0) add(next);
    }
  };
  for (const group of parts) for (const part of group.values()) if (part.waiting === 0) add(part);
  const runAll = (chunk: number): void => {
    for (let list = ready.get(chunk); list !== undefined && list.length > 0; list = ready.get(chunk)) {
      let first = 0;
      for (let k = 1; k < list.length; k++) if (list[k].group < list[first].group) first = k;
      const [part] = list.splice(first, 1);
      out.push({ kind: groups[part.group].kind, operators: part.operators });
      count(left, chunk, -1);
      release(part);
    }
    ready.delete(chunk);
  };
  while (ready.size > 0) {
    runAll(NO_CHUNK);
    const waiting = [...ready.keys()].filter((c) => c !== NO_CHUNK).sort((a, b) => a - b);
    const whole = waiting.filter((c) => (outside.get(c) ?? 0) === 0);
    if (whole.length > 0) whole.forEach(runAll);
    else if (waiting.length > 0) runAll(waiting.reduce((best, c) => (left.get(c)! < left.get(best)! ? c : best)));
  }
  return out;
}
