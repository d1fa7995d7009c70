import type { Expr } from "./expr.ts";
import { nodesOf, operandsOf } from "./expr.ts";

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

/** What an expression uses: of a select, each branch only where the condition comes out so. */
export function edgesOf(e: Expr): readonly Edge[] {
  if (e.op !== "select") return operandsOf(e).map((to) => ({ to }));
  return [{ to: e.c }, { to: e.a, guard: { condition: e.c, taken: true } }, { to: e.b, guard: { condition: e.c, taken: false } }];
}

/** Guards under which something is needed, from the outside inwards. Equal chains are the same object. */
export class Context {
  readonly parent: Context | null;
  readonly guards: readonly Guard[];
  readonly #children: Context[] = [];

  constructor(parent: Context | null = null, guards: readonly Guard[] = []) {
    this.parent = parent;
    this.guards = guards;
  }

  has({ condition, taken }: Guard): boolean {
    return this.guards.some((g) => g.condition === condition && g.taken === taken);
  }

  /** The context within this one where the guard holds as well. */
  enter(guard: Guard): Context {
    if (this.has(guard)) return this;
    const old = this.#children.find((c) => c.has(guard));
    if (old !== undefined) return old;
    const context = new Context(this, [...this.guards, guard]);
    this.#children.push(context);
    return context;
  }

  get outermost(): Context {
    return this.parent === null ? this : this.parent.outermost;
  }
}

/** The innermost context around both. */
export function around(a: Context, b: Context): Context {
  while (a !== b) {
    if (a.guards.length < b.guards.length) [a, b] = [b, a];
    a = a.parent as Context;
  }
  return a;
}

/** All guards that hold in both, whatever their order. */
export function shared(a: Context, b: Context): Context {
  return a === b ? a : a.guards.filter((g) => b.has(g)).reduce((context, g) => context.enter(g), a.outermost);
}

/**
 * The context of every expression that the roots use: what all paths to it from the roots have in common, by
 * {@link around} or {@link shared}. Selects on the same condition open the same branch.
 */
export function contextsOf(
  roots: readonly Expr[],
  edges: (e: Expr) => readonly Edge[],
  common: (a: Context, b: Context) => Context,
): Map<Expr, Context> {
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
