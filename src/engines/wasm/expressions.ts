import { around, contextsOf, edgesOf, type Context } from "../../expr/context.ts";
import { nodesOf, operandsOf, valueOf, type Expr, type Select, type UnaryOp } from "../../expr/expr.ts";
import { Uniforms } from "../../expr/uniforms.ts";
import { v128, vector, type Code } from "./code.ts";
import type { Lanes } from "./lanes.ts";
import type { FunctionBuilder, Local } from "./module.ts";

/** Functions that are called, not written out. */
export type Elementary = "exp" | "expm1" | "log" | "log1p" | "tanh" | "sigmoid";
export type CallElementary = (name: Elementary, x: Code) => Code;

/** Rough costs in additions; a branch that costs this much is left out where no lane takes it. */
const COSTS: Readonly<Record<string, number>> = {
  exp: 16,
  expm1: 20,
  log: 20,
  log1p: 24,
  tanh: 30,
  sigmoid: 30,
  div: 3,
  sqrt: 3,
  input: 0,
};
const LAZY = 12;

/** A value in a local variable: numbers, or a mask (all ones where a condition holds). */
interface Value {
  readonly kind: "numbers" | "mask";
  readonly code: Code;
}

/**
 * Code for expressions over the lanes of a vector. What is one number for all lanes is computed when the code is made. A costly
 * branch of a select stands in an `if` that skips it where no lane of the vector takes it.
 */
export class ExpressionCode {
  private readonly f: FunctionBuilder;
  private readonly lanes: Lanes;
  private readonly call: CallElementary;
  private readonly roots: readonly Expr[];
  private readonly varying = new Set<Expr>();
  private readonly uniforms: Uniforms;
  private readonly uniformLocals = new Map<Expr, Code>();
  private readonly contexts: ReadonlyMap<Expr, Context>;
  private readonly lazy = new Map<Context, Context>();
  private values = new Map<Expr, Value>();
  /** Masks of the branches that are left out; null where none is. */
  private skipped: Map<Context, Code> | null = null;
  private readonly locals = new Map<Expr, Local>();

  /**
   * Begins with what is computed once, before all loops.
   * @param uniforms - values of the inputs that are one number
   */
  constructor(f: FunctionBuilder, lanes: Lanes, call: CallElementary, exprs: readonly Expr[], uniforms: Readonly<Record<string, number>>) {
    this.f = f;
    this.lanes = lanes;
    this.call = call;
    this.roots = exprs.map(valueOf);
    const nodes = nodesOf(this.roots);
    for (const e of nodes) {
      if (e.op === "input" ? !Object.hasOwn(uniforms, e.name) : operandsOf(e).some((o) => this.varying.has(o))) this.varying.add(e);
    }
    const fixed = nodes.filter((e) => !this.varying.has(e));
    this.uniforms = new Uniforms(fixed, Object.keys(uniforms), lanes.dtype === "float32");
    this.uniforms.set(Object.values(uniforms));
    const used = new Set(nodes.filter((e) => this.varying.has(e)).flatMap((e) => operandsOf(e)));
    for (const e of fixed) {
      if (used.has(e) || this.roots.includes(e))
        this.uniformLocals.set(e, f.vector(lanes.constant(this.uniforms.values[this.uniforms.position(e)])));
    }
    this.contexts = contextsOf(
      this.roots.filter((e) => this.varying.has(e)),
      (e) => edgesOf(e).filter(({ to }) => this.varying.has(to)),
      around,
    );
    this.findLazy();
  }

  /** Names of the inputs that are read. */
  get inputs(): string[] {
    return nodesOf(this.roots).flatMap((e) => (e.op === "input" && this.varying.has(e) ? [e.name] : []));
  }

  /** Whether there are branches that are worth a jump. */
  get hasBranches(): boolean {
    return [...this.lazy.values()].some((c) => c.parent !== null);
  }

  /** The values of all expressions for one vector of lanes; `load` gives that of an input. */
  evaluate(load: (name: string) => Code): Code[] {
    this.skipped = null;
    return this.compute_(load);
  }

  /**
   * As {@link evaluate}, but with costly branches left out: lanes that take one get wrong values.
   * @returns for every branch left out the mask of the lanes that take it (and took no earlier one)
   */
  evaluateCheaply(load: (name: string) => Code): { readonly values: Code[]; readonly taken: Code[] } {
    const skipped = new Map<Context, Code>();
    this.skipped = skipped;
    const values = this.compute_(load);
    return { values, taken: [...skipped.values()] };
  }

  private compute_(load: (name: string) => Code): Code[] {
    this.values = new Map();
    for (const e of nodesOf(this.roots)) if (e.op === "input" && this.varying.has(e)) this.keep(e, { kind: "numbers", code: load(e.name) });
    const [outermost] = [...this.contexts.values()].map((c) => c.outermost);
    return this.roots.map((e) => {
      if (this.varying.has(e)) this.emit(e, outermost);
      return this.numbers(e);
    });
  }

  /** Contexts whose own cost is worth a jump; the others belong to the nearest such one around them. */
  private findLazy(): void {
    const costs = new Map<Context, number>();
    const depths = new Map<Context, number>();
    const visit = (c: Context): number => {
      let depth = depths.get(c);
      if (depth === undefined) {
        depth = c.parent === null ? 0 : visit(c.parent) + 1;
        depths.set(c, depth);
        costs.set(c, 0);
      }
      return depth;
    };
    for (const [e, own] of this.contexts) {
      visit(own);
      costs.set(own, costs.get(own)! + (COSTS[e.op] ?? 1));
    }
    // From the inside outwards: what is not worth a jump of its own adds to what is around it.
    const inwards = [...depths.keys()].sort((a, b) => depths.get(a)! - depths.get(b)!);
    for (const c of [...inwards].reverse()) {
      if (c.parent !== null && costs.get(c)! < LAZY) costs.set(c.parent, costs.get(c.parent)! + costs.get(c)!);
    }
    for (const c of inwards) this.lazy.set(c, c.parent === null || costs.get(c)! >= LAZY ? c : this.lazy.get(c.parent)!);
  }

  private home(e: Expr): Context {
    return this.lazy.get(this.contexts.get(e)!)!;
  }

  private keep(e: Expr, { kind, code }: Value): void {
    let local = this.locals.get(e);
    if (local === undefined) this.locals.set(e, (local = this.f.local(v128)));
    this.f.set(local, code);
    this.values.set(e, { kind, code: local.get });
  }

  private emit(e: Expr, here: Context): void {
    if (!this.varying.has(e) || this.values.has(e)) return;
    if (e.op === "select") this.emitSelect(e, here);
    else {
      for (const o of operandsOf(e)) this.emit(o, here);
      this.keep(e, this.compute(e));
    }
  }

  private emitSelect(e: Select, here: Context): void {
    this.emit(e.c, here);
    const [a, b] = [this.emitBranch(e.a, here), this.emitBranch(e.b, here)];
    // Of a branch that was left out any value will do.
    const values = a && b ? vector.select(this.numbers(e.a), this.numbers(e.b), this.mask(e.c)) : this.numbers(a ? e.a : e.b);
    this.keep(e, { kind: "numbers", code: a || b ? values : this.lanes.constant(0) });
  }

  /** Code for a branch of a select; false where it was left out. */
  private emitBranch(branch: Expr, here: Context): boolean {
    if (!this.varying.has(branch) || this.values.has(branch)) return true;
    const home = this.home(branch);
    if (home === here || !within(home, here)) {
      this.emit(branch, here);
      return true;
    }
    // What the branch uses of outside must be there whether or not the branch is taken.
    if (this.skipped === null) this.emitOutside(branch, home, here, new Set());
    const guards = home.guards.filter((g) => !here.has(g));
    for (const { condition } of guards) this.emit(condition, here);
    const mask = guards
      .map((g) => (g.taken ? this.mask(g.condition) : vector.not(this.mask(g.condition))))
      .reduce((x, y) => vector.and(x, y));
    if (this.skipped === null) {
      this.f.if(vector.anyTrue(mask), () => this.emit(branch, home));
      return true;
    }
    if (!this.skipped.has(home)) {
      const earlier = [...this.skipped.values()];
      this.skipped.set(home, this.f.vector(earlier.reduce((m, taken) => vector.andNot(m, taken), mask)));
    }
    return false;
  }

  private emitOutside(e: Expr, inside: Context, here: Context, seen: Set<Expr>): void {
    if (!this.varying.has(e) || this.values.has(e) || seen.has(e)) return;
    seen.add(e);
    if (within(this.home(e), inside)) for (const o of operandsOf(e)) this.emitOutside(o, inside, here, seen);
    else this.emit(e, here);
  }

  /** As numbers; a condition as 0 or 1. */
  private numbers(e: Expr): Code {
    const uniform = this.uniformLocals.get(e);
    if (uniform !== undefined) return uniform;
    const { kind, code } = this.values.get(e)!;
    return kind === "numbers" ? code : vector.and(code, this.lanes.constant(1));
  }

  private mask(e: Expr): Code {
    const value = this.values.get(e);
    if (value?.kind === "mask") return value.code;
    return this.lanes.ne(this.numbers(e), this.lanes.constant(0));
  }

  private compute(e: Exclude<Expr, Select>): Value {
    const { lanes } = this;
    const mask = (code: Code): Value => ({ kind: "mask", code });
    const numbers = (code: Code): Value => ({ kind: "numbers", code });
    switch (e.op) {
      case "eq":
      case "ne":
      case "lt":
      case "le":
      case "gt":
      case "ge":
        return mask(lanes[e.op](this.numbers(e.a), this.numbers(e.b)));
      case "and":
      case "or":
        return mask(vector[e.op](this.mask(e.a), this.mask(e.b)));
      case "add":
      case "sub":
      case "mul":
      case "div":
        return numbers(lanes[e.op](this.numbers(e.a), this.numbers(e.b)));
      case "min":
        return numbers(lanes.pmin(this.numbers(e.a), this.numbers(e.b)));
      case "max":
        return numbers(lanes.pmax(this.numbers(e.a), this.numbers(e.b)));
      case "not":
        return mask(vector.not(this.mask(e.a)));
      case "const":
      case "input":
      case "detach":
      case "withDerivative":
        throw new TypeError(`${e.op} has no code of its own`);
      default:
        return numbers(this.unary(e.op, this.numbers(e.a)));
    }
  }

  private unary(op: Exclude<UnaryOp, "not">, a: Code): Code {
    const { lanes } = this;
    switch (op) {
      case "neg":
      case "abs":
      case "sqrt":
      case "floor":
      case "trunc":
        return lanes[op](a);
      case "sign": {
        const zero = lanes.constant(0);
        return vector.select(lanes.constant(1), vector.select(lanes.constant(-1), a, lanes.lt(a, zero)), lanes.gt(a, zero));
      }
      default:
        return this.call(op, a);
    }
  }
}

function within(c: Context | null, outer: Context): boolean {
  for (let at = c; at !== null; at = at.parent) if (at === outer) return true;
  return false;
}
