import { accesses, type Operator } from "../ir/operators.ts";
import type { Signal } from "../ir/signal.ts";

interface Users {
  readonly writers: Map<Signal, number[]>;
  readonly readers: Map<Signal, number[]>;
}

/** Who writes and who reads each signal, by index. */
export function usersOf(operators: readonly Operator[]): Users {
  const writers = new Map<Signal, number[]>();
  const readers = new Map<Signal, number[]>();
  const note = (map: Map<Signal, number[]>, signal: Signal, index: number): void => {
    const list = map.get(signal);
    if (list === undefined) map.set(signal, [index]);
    else if (list.at(-1) !== index) list.push(index);
  };
  operators.forEach((op, index) => {
    const { sets, incs, reads, updates } = accesses(op);
    for (const { signal } of [...sets, ...incs, ...updates]) note(writers, signal, index);
    for (const { signal } of reads) note(readers, signal, index);
  });
  return { writers, readers };
}

/** Number of tensor nodes on the longest way to each operator, over any number of steps; null where one is in a loop. */
export function stageLevels(operators: readonly Operator[]): number[] | null {
  const { writers, readers } = usersOf(operators);
  const edges = operators.map(() => [] as number[]);
  for (const [signal, ws] of writers) {
    for (const reader of readers.get(signal) ?? []) edges[ws[0]].push(reader);
    // All that write one signal belong to one stage: a ring joins them, so that the readers of one are those of all.
    if (ws.length > 1) ws.forEach((w, k) => edges[w].push(ws[(k + 1) % ws.length]));
  }
  const component = components(edges);
  const sizes = new Map<number, number>();
  for (const c of component) sizes.set(c, (sizes.get(c) ?? 0) + 1);
  if (operators.some((op, i) => op.kind === "tensor" && (sizes.get(component[i])! > 1 || edges[i].includes(i)))) return null;
  // Tarjan numbers components in reverse topological order: sources have the highest number.
  const level = new Map<number, number>();
  const order = operators.map((_, i) => i).sort((a, b) => component[b] - component[a]);
  for (const i of order) {
    const own = level.get(component[i]) ?? 0;
    const next = own + (operators[i].kind === "tensor" ? 1 : 0);
    for (const to of edges[i]) {
      const c = component[to];
      if (c !== component[i]) level.set(c, Math.max(level.get(c) ?? 0, next));
    }
  }
  return operators.map((_, i) => level.get(component[i]) ?? 0);
}

/** Strongly connected components (Tarjan, without recursion). */
function components(edges: readonly (readonly number[])[]): number[] {
  const n = edges.length;
  const index = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const onStack = new Uint8Array(n);
  const component = new Array<number>(n).fill(-1);
  const stack: number[] = [];
  let counter = 0;
  let found = 0;
  for (let root = 0; root < n; root++) {
    if (index[root] !== -1) continue;
    const work: { v: number; next: number }[] = [{ v: root, next: 0 }];
    while (work.length > 0) {
      const top = work.at(-1)!;
      const { v } = top;
      if (top.next === 0) {
        index[v] = low[v] = counter++;
        stack.push(v);
        onStack[v] = 1;
      }
      const to = edges[v][top.next++];
      if (to !== undefined) {
        if (index[to] === -1) work.push({ v: to, next: 0 });
        else if (onStack[to] === 1) low[v] = Math.min(low[v], index[to]);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) low[parent.v] = Math.min(low[parent.v], low[v]);
      if (low[v] !== index[v]) continue;
      for (let w = -1; w !== v;) {
        w = stack.pop()!;
        onStack[w] = 0;
        component[w] = found;
      }
      found++;
    }
  }
  return component;
}
