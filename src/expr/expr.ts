import { ValidationError, describe } from "../errors.ts";
import { BINARY, UNARY } from "./float64.ts";

/**
 * Scalar expressions: the one language in which neurons, synapses and learning rules are written. They are immutable and
 * shared: structurally equal expressions are the same object, so `===` is equality. An expression's `id` is greater than
 * those of its operands.
 */
export type UnaryOp = "neg" | "abs" | "sign" | "sqrt" | "exp" | "expm1" | "log" | "log1p" | "tanh" | "sigmoid" | "floor" | "trunc" | "not";
/** Operations of two arguments. */
export type BinaryOp = "add" | "sub" | "mul" | "div" | "min" | "max" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "and" | "or";

interface Node {
  readonly id: number;
}
export interface Constant extends Node {
  readonly op: "const";
  readonly value: number;
}
export interface Input extends Node {
  readonly op: "input";
  readonly name: string;
}
export interface Unary extends Node {
  readonly op: UnaryOp;
  readonly a: Expr;
}
export interface Binary extends Node {
  readonly op: BinaryOp;
  readonly a: Expr;
  readonly b: Expr;
}
/** `a` where `c` is not 0, else `b`; the branch that is not taken need not be evaluated. */
export interface Select extends Node {
  readonly op: "select";
  readonly c: Expr;
  readonly a: Expr;
  readonly b: Expr;
}
export interface Detach extends Node {
  readonly op: "detach";
  readonly a: Expr;
}
export interface WithDerivative extends Node {
  readonly op: "withDerivative";
  readonly value: Expr;
  readonly of: Expr;
  readonly slope: Expr;
}
/** A scalar expression; equal ones are the same object. */
export type Expr = Constant | Input | Unary | Binary | Select | Detach | WithDerivative;
/** What builders take: a number stands for a constant. */
export type ExprOrNumber = Expr | number;
type WithoutId<E> = E extends Expr ? Omit<E, "id"> : never;

const known = new Map<string, Expr>();

function intern(key: string, node: WithoutId<Expr>): Expr {
  let expr = known.get(key);
  if (expr === undefined) {
    expr = Object.freeze({ ...node, id: known.size });
    known.set(key, expr);
  }
  return expr;
}

/** A number. */
export function constant(value: number): Expr {
  return intern(Object.is(value, -0) ? "-0" : String(value), { op: "const", value });
}

/** A named input: a signal, a state or a constant of the operator that holds the expression. */
export function input(name: string): Expr {
  return intern(`input ${name}`, { op: "input", name });
}

function lift(x: ExprOrNumber): Expr {
  if (typeof x === "number") return constant(x);
  if (typeof x !== "object" || x === null || typeof x.op !== "string") {
    throw new ValidationError({ owner: "expr", expected: "an expression or a number", got: describe(x) });
  }
  return x;
}

function unary(op: UnaryOp): (a: ExprOrNumber) => Expr {
  return (x) => {
    const a = lift(x);
    if (a.op === "const") return constant(UNARY[op](a.value));
    if (op === "neg" && a.op === "neg") return a.a;
    return intern(`${op} ${a.id}`, { op, a });
  };
}

const is = (e: Expr, value: number): boolean => e.op === "const" && Object.is(e.value, value);

/** Only what keeps every bit, NaN and the sign of zero: `x + 0` and `x * 0` stay. */
const neutral: Partial<Record<BinaryOp, (a: Expr, b: Expr) => Expr | undefined>> = {
  add: (a, b) => (is(b, -0) ? a : is(a, -0) ? b : undefined),
  sub: (a, b) => (is(b, 0) ? a : undefined),
  mul: (a, b) => (is(b, 1) ? a : is(a, 1) ? b : undefined),
  div: (a, b) => (is(b, 1) ? a : undefined),
};

function binary(op: BinaryOp): (a: ExprOrNumber, b: ExprOrNumber) => Expr {
  return (x, y) => {
    const [a, b] = [lift(x), lift(y)];
    if (a.op === "const" && b.op === "const") return constant(BINARY[op](a.value, b.value));
    return neutral[op]?.(a, b) ?? intern(`${op} ${a.id} ${b.id}`, { op, a, b });
  };
}

/** -x */
export const neg = unary("neg");
/** |x| */
export const abs = unary("abs");
/** -1, 1, or the argument itself where it is 0 or NaN. */
export const sign = unary("sign");
/** Square root. */
export const sqrt = unary("sqrt");
/** e^x */
export const exp = unary("exp");
/** e^x - 1, exact near 0. */
export const expm1 = unary("expm1");
/** Natural logarithm. */
export const log = unary("log");
/** log(1 + x), exact near 0. */
export const log1p = unary("log1p");
/** Hyperbolic tangent. */
export const tanh = unary("tanh");
/** 1 / (1 + e^-x) */
export const sigmoid = unary("sigmoid");
/** The greatest integer not above x; no gradient. */
export const floor = unary("floor");
/** x without its fraction; no gradient. */
export const trunc = unary("trunc");
/** 1 where x is 0, else 0. */
export const not = unary("not");

/** a + b */
export const add = binary("add");
/** a - b */
export const sub = binary("sub");
/** a * b */
export const mul = binary("mul");
/** a / b */
export const div = binary("div");
/** The smaller; the first where both are equal or either is NaN. */
export const min = binary("min");
/** The greater; the first where both are equal or either is NaN. */
export const max = binary("max");
/** 1 where a = b, else 0. */
export const eq = binary("eq");
/** 1 where a and b differ, else 0. */
export const ne = binary("ne");
/** 1 where a < b, else 0. */
export const lt = binary("lt");
/** 1 where a <= b, else 0. */
export const le = binary("le");
/** 1 where a > b, else 0. */
export const gt = binary("gt");
/** 1 where a >= b, else 0. */
export const ge = binary("ge");
/** 1 where neither is 0, else 0. */
export const and = binary("and");
/** 1 where either is not 0, else 0. */
export const or = binary("or");

/** `a` where `c` is not 0, else `b`. */
export function select(c: ExprOrNumber, a: ExprOrNumber, b: ExprOrNumber): Expr {
  const [condition, x, y] = [lift(c), lift(a), lift(b)];
  if (condition.op === "const") return condition.value !== 0 ? x : y;
  if (x === y) return x;
  return intern(`select ${condition.id} ${x.id} ${y.id}`, { op: "select", c: condition, a: x, b: y });
}

/** The value of `x`, through which no gradient flows. */
export function detach(x: ExprOrNumber): Expr {
  const a = lift(x);
  return a.op === "const" || a.op === "detach" ? a : intern(`detach ${a.id}`, { op: "detach", a });
}

/** `value`, differentiated as if its only derivative were `slope` with respect to `of` (surrogate gradients). */
export function withDerivative(value: ExprOrNumber, of: ExprOrNumber, slope: ExprOrNumber): Expr {
  const [v, o, s] = [lift(value), lift(of), lift(slope)];
  return intern(`withDerivative ${v.id} ${o.id} ${s.id}`, { op: "withDerivative", value: v, of: o, slope: s });
}

/** Direct operands, those of derivatives included. */
export function operandsOf(e: Expr): readonly Expr[] {
  if (e.op === "const" || e.op === "input") return [];
  if (e.op === "select") return [e.c, e.a, e.b];
  if (e.op === "withDerivative") return [e.value, e.of, e.slope];
  return "b" in e ? [e.a, e.b] : [e.a];
}

/** Every expression within `exprs`, operands before what uses them. */
export function nodesOf(exprs: readonly Expr[], operands: (e: Expr) => readonly Expr[] = operandsOf): Expr[] {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    operands(e).forEach(visit);
  };
  exprs.forEach(visit);
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Names of all inputs, those that only derivatives read included, in order of first mention in code. */
export function inputsOf(exprs: readonly Expr[]): string[] {
  return nodesOf(exprs).flatMap((e) => (e.op === "input" ? [e.name] : []));
}

function rebuild(root: Expr, replace: (e: Expr, again: (e: Expr) => Expr) => Expr | undefined): Expr {
  const done = new Map<Expr, Expr>();
  const go = (e: Expr): Expr => {
    let out = done.get(e);
    if (out === undefined) {
      out = replace(e, go) ?? remake(e, go);
      done.set(e, out);
    }
    return out;
  };
  return go(root);
}

function remake(e: Expr, go: (e: Expr) => Expr): Expr {
  if (e.op === "const" || e.op === "input") return e;
  if (e.op === "select") return select(go(e.c), go(e.a), go(e.b));
  if (e.op === "detach") return detach(go(e.a));
  if (e.op === "withDerivative") return withDerivative(go(e.value), go(e.of), go(e.slope));
  return "b" in e ? BINARIES[e.op](go(e.a), go(e.b)) : UNARIES[e.op](go(e.a));
}

const UNARIES = { neg, abs, sign, sqrt, exp, expm1, log, log1p, tanh, sigmoid, floor, trunc, not };
const BINARIES = { add, sub, mul, div, min, max, eq, ne, lt, le, gt, ge, and, or };

/** The expression with inputs replaced by name; others stay. */
export function substitute(expr: Expr, env: Readonly<Record<string, Expr>>): Expr {
  return rebuild(expr, (e) => (e.op === "input" && Object.hasOwn(env, e.name) ? env[e.name] : undefined));
}

/** The expression with every occurrence of a part replaced. */
export function replace(expr: Expr, part: Expr, by: Expr): Expr {
  return rebuild(expr, (e) => (e === part ? by : undefined));
}

/** The expression as a forward pass needs it: without `detach` and `withDerivative`. */
export function valueOf(expr: Expr): Expr {
  return rebuild(expr, (e, again) => (e.op === "detach" ? again(e.a) : e.op === "withDerivative" ? again(e.value) : undefined));
}

/** A listing: one line for every part that is used more than once (`t0 = ...`), then the expression itself. */
export function toString(expr: Expr): string {
  const nodes = nodesOf([expr]);
  const uses = new Map<Expr, number>();
  for (const e of nodes) for (const o of operandsOf(e)) uses.set(o, (uses.get(o) ?? 0) + 1);
  const lines: string[] = [];
  const text = new Map<Expr, string>();
  for (const e of nodes) {
    const whole =
      e.op === "const"
        ? Object.is(e.value, -0)
          ? "-0"
          : String(e.value)
        : e.op === "input"
          ? e.name
          : `${e.op}(${operandsOf(e)
              .map((o) => text.get(o))
              .join(", ")})`;
    const named = e !== expr && operandsOf(e).length > 0 && (uses.get(e) ?? 0) > 1;
    text.set(e, named ? `t${lines.length}` : whole);
    if (named) lines.push(`t${lines.length} = ${whole}`);
  }
  return [...lines, text.get(expr)].join("\n");
}
