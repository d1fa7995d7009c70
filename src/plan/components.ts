/** Strongly connected components of a graph, each before those it leads to; and the component of every node. */
export function components(next: readonly (readonly number[])[]): {
  readonly order: readonly (readonly number[])[];
  readonly of: Int32Array;
} {
  // Tarjan's algorithm with a stack of its own: graphs are deeper than the machine's stack.
  const count = next.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const waiting = new Uint8Array(count);
  const at = new Int32Array(count);
  const stack: number[] = [];
  const found: number[][] = [];
  let clock = 0;
  for (let root = 0; root < count; root++) {
    if (index[root] >= 0) continue;
    const path = [root];
    while (path.length > 0) {
      const node = path[path.length - 1];
      if (index[node] < 0) {
        index[node] = low[node] = clock++;
        stack.push(node);
        waiting[node] = 1;
      }
      if (at[node] < next[node].length) {
        const to = next[node][at[node]++];
        if (index[to] < 0) path.push(to);
        else if (waiting[to] === 1) low[node] = Math.min(low[node], index[to]);
        continue;
      }
      path.pop();
      if (path.length > 0) low[path[path.length - 1]] = Math.min(low[path[path.length - 1]], low[node]);
      if (low[node] !== index[node]) continue;
      const members: number[] = [];
      for (let member = -1; member !== node;) {
        member = stack.pop()!;
        waiting[member] = 0;
        members.push(member);
      }
      found.push(members);
    }
  }
  // They are found from the last to the first.
  const order = found.reverse();
  const of = new Int32Array(count);
  order.forEach((members, component) => members.forEach((node) => (of[node] = component)));
  return { order, of };
}
