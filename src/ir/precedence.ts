/** Operators that come before others in the same way, e.g. all that add to one signal. */
export class Together {
  readonly members: readonly number[];
  private set: ReadonlySet<number> | null = null;
  /** Node that opens when all are done; made when it is needed. */
  gate: number | null = null;

  constructor(members: readonly number[]) {
    this.members = members;
  }

  has(operator: number): boolean {
    this.set ??= new Set(this.members);
    return this.set.has(operator);
  }
}

/** Below so many pairs each is an edge of its own. */
const FEW = 16;

/**
 * Who must come before whom, among operators 0 ... count - 1. "All of these before all of those" is kept as a gate that opens when the first are
 * done, and costs the sum of both, not their product: ten thousand connections into a Node and out of it are a hundred million pairs.
 */
export class Precedence {
  readonly count: number;
  /** What waits for an operator, or (from `count` on) for a gate: pairs of a node and the rank of the relation for it. */
  private readonly next: number[][];
  private rank = 0;

  constructor(count: number) {
    this.count = count;
    this.next = Array.from({ length: count }, () => []);
  }

  /** Operators and gates. */
  get nodes(): number {
    return this.next.length;
  }

  /** Pairs [node, rank, node, rank, ...] that wait for a node. */
  waitingFor(node: number): readonly number[] {
    return this.next[node];
  }

  /** Each of `first`, but for an operator itself, comes before each of `then`. With `selfIsLoop` one that is among both waits for itself, for ever. */
  add(first: readonly Together[], then: readonly number[], selfIsLoop = false): void {
    const start = this.rank;
    this.rank += then.length;
    const total = first.reduce((sum, { members }) => sum + members.length, 0);
    const few = total === 1 || then.length * total <= FEW;
    const all = !selfIsLoop && first.length > 8 ? new Set(first.flatMap(({ members }) => members)) : null;
    const own = (op: number): boolean => !selfIsLoop && (all === null ? first.some((group) => group.has(op)) : all.has(op));
    const gated: number[] = [];
    then.forEach((op, k) => {
      if (!few && !own(op)) gated.push(op, start + k);
      else for (const { members } of first) for (const from of members) if (from !== op || selfIsLoop) this.next[from].push(op, start + k);
    });
    if (gated.length === 0) return;
    const sources = first.flatMap((group) => (group.members.length < 4 ? group.members : [this.gateOf(group)]));
    if (sources.length === 1) this.next[sources[0]].push(...gated);
    else {
      const entry = this.next.push(gated) - 1;
      for (const from of sources) this.next[from].push(entry, 0);
    }
  }

  private gateOf(group: Together): number {
    if (group.gate === null) {
      group.gate = this.next.push([]) - 1;
      for (const from of group.members) this.next[from].push(group.gate, 0);
    }
    return group.gate;
  }

  /** For every operator, those that wait for it, in the order in which relations were added; each once. As long as there are pairs. */
  successors(): number[][] {
    return Array.from({ length: this.count }, (_, op) => {
      const ranks = new Map<number, number>();
      const seen = new Set<number>();
      const nodes = [op];
      for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
        const next = this.next[node];
        for (let k = 0; k < next.length; k += 2) {
          const [to, rank] = [next[k], next[k + 1]];
          if (to < this.count) ranks.set(to, Math.min(rank, ranks.get(to) ?? Infinity));
          else if (!seen.has(to)) {
            seen.add(to);
            nodes.push(to);
          }
        }
      }
      return [...ranks].sort(([, a], [, b]) => a - b).map(([to]) => to);
    });
  }
}

/** Walks through operators in an order that a {@link Precedence} allows: tells which get free. */
export class Readiness {
  private readonly precedence: Precedence;
  /** How many are before each node. */
  private readonly waiting: Int32Array;
  /** The least rank by which a node was reached in a turn, and that turn. */
  private readonly rank: Float64Array;
  private readonly turn: Int32Array;
  private turns = 0;

  constructor(precedence: Precedence) {
    this.precedence = precedence;
    this.waiting = new Int32Array(precedence.nodes);
    this.rank = new Float64Array(precedence.count);
    this.turn = new Int32Array(precedence.count);
    for (let node = 0; node < precedence.nodes; node++) {
      const next = precedence.waitingFor(node);
      for (let k = 0; k < next.length; k += 2) this.waiting[next[k]]++;
    }
  }

  isFree(operator: number): boolean {
    return this.waiting[operator] === 0;
  }

  /**
   * An operator is done: those that get free by it, in the order in which their relations to it were added. (A gate that opens now has the operator
   * behind it, so that the ranks seen in this turn are those of its own relations, and one that gets free has them all among them.)
   */
  done(operator: number): number[] {
    const { count } = this.precedence;
    const turn = ++this.turns;
    const free: number[] = [];
    const nodes = [operator];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const next = this.precedence.waitingFor(node);
      for (let k = 0; k < next.length; k += 2) {
        const to = next[k];
        const open = --this.waiting[to] === 0;
        if (to >= count) {
          if (open) nodes.push(to);
          continue;
        }
        this.rank[to] = this.turn[to] === turn ? Math.min(this.rank[to], next[k + 1]) : next[k + 1];
        this.turn[to] = turn;
        if (open) free.push(to);
      }
    }
    return free.sort((a, b) => this.rank[a] - this.rank[b]);
  }
}
