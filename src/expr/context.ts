import type { Expr } from "./expr.ts";
import { nodesOf } from "./expr.ts";

/** A condition and the way it must come out. */
export interface Guard {
  readonly condition: Expr;
  readonly taken: boolean;
}

/** From an expression to one that it uses; with a guard where only one branch of a condition uses it. */
export interface Edge {
  readonly to: Expr;
  readonly guard?: Guard;
}

/** A chain of guards under which something is needed; the outermost has neither parent nor guard. */
export class Context {
  readonly parent: Context | null;
  readonly guard: Guard | null;
  readonly depth: number;
  readonly children: Context[] = [];

  constructor(parent: Context | null = null, guard: Guard | null = null) {
    this.parent = parent;
    this.guard = guard;
    this.depth = parent === null ? 0 : parent.depth + 1;
  }

  /** The context within this one where the guard holds as well. */
  enter(guard: Guard): Context {
    const same = (c: Context): boolean => c.guard?.condition === guard.condition && c.guard.taken === guard.taken;
    for (let c: Context | null = this; c !== null; c = c.parent) if (same(c)) return this;
    const old = this.children.find(same);
    if (old !== undefined) return old;
    const context = new Context(this, guard);
    this.children.push(context);
    return context;
  }
}

/** The innermost context that holds both. */
export function common(a: Context, b: Context): Context {
  while (a !== b) {
    if (a.depth < b.depth) [a, b] = [b, a];
    a = a.parent as Context;
  }
  return a;
}

/**
 * The context of every expression that the roots use: an expression belongs to a branch if every path to it from the
 * roots goes through that branch (two selects on the same condition open the same branch).
 */
export function contextsOf(roots: readonly Expr[], edges: (e: Expr) => readonly Edge[]): Map<Expr, Context> {
  const outermost = new Context();
  const contexts = new Map<Expr, Context>(roots.map((e) => [e, outermost]));
  const nodes = nodesOf(roots, (e) => edges(e).map(({ to }) => to));
  for (const e of nodes.reverse()) {
    const own = contexts.get(e) as Context;
    for (const { to, guard } of edges(e)) {
      const context = guard === undefined ? own : own.enter(guard);
      const old = contexts.get(to);
      contexts.set(to, old === undefined ? context : common(old, context));
    }
  }
  return contexts;
}
