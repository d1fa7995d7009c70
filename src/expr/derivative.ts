import { ValidationError } from "../errors.ts";
import type { Context, Edge, Guard } from "./context.ts";
import { contextsOf, shared } from "./context.ts";
import type { Expr } from "./expr.ts";
import { add, constant, div, exp, input, lt, mul, neg, nodesOf, select, sign, sub } from "./expr.ts";

/** A use of `to` through which a derivative flows. */
interface Flow extends Edge {
  /** What a cotangent of the user contributes to that of `to`. */
  readonly pull: (cotangent: Expr) => Expr;
}

/** Steps (floor, trunc, sign, comparisons, logic) and conditions of selects pass nothing on. */
function flows(e: Expr): readonly Flow[] {
  const through = (to: Expr, pull: (g: Expr) => Expr, guard?: Guard): Flow => (guard === undefined ? { to, pull } : { to, pull, guard });
  const same = (g: Expr): Expr => g;
  switch (e.op) {
    case "neg":
      return [through(e.a, neg)];
    case "abs":
      return [through(e.a, (g) => mul(g, sign(e.a)))];
    case "sqrt":
      return [through(e.a, (g) => div(mul(g, 0.5), e))];
    case "exp":
      return [through(e.a, (g) => mul(g, e))];
    case "expm1":
      return [through(e.a, (g) => mul(g, exp(e.a)))];
    case "log":
      return [through(e.a, (g) => div(g, e.a))];
    case "log1p":
      return [through(e.a, (g) => div(g, add(1, e.a)))];
    case "tanh":
      return [through(e.a, (g) => mul(g, mul(sub(1, e), add(1, e))))];
    case "sigmoid":
      return [through(e.a, (g) => mul(g, mul(e, sub(1, e))))];
    case "add":
      return [through(e.a, same), through(e.b, same)];
    case "sub":
      return [through(e.a, same), through(e.b, neg)];
    case "mul":
      return [through(e.a, (g) => mul(g, e.b)), through(e.b, (g) => mul(g, e.a))];
    case "div":
      return [through(e.a, (g) => div(g, e.b)), through(e.b, (g) => neg(mul(div(g, e.b), e)))];
    case "min":
    case "max": {
      const condition = e.op === "min" ? lt(e.b, e.a) : lt(e.a, e.b);
      return [through(e.a, same, { condition, taken: false }), through(e.b, same, { condition, taken: true })];
    }
    case "select":
      return [through(e.a, same, { condition: e.c, taken: true }), through(e.b, same, { condition: e.c, taken: false })];
    case "withDerivative":
      return [through(e.of, (g) => mul(g, e.slope))];
    default:
      return [];
  }
}

const isZero = (e: Expr): boolean => e.op === "const" && e.value === 0;

/** A product with zero vanishes in a derivative, also where the other factor may be infinite. */
const vanishes = (e: Expr): boolean => isZero(e) || (e.op === "mul" && (isZero(e.a) || isZero(e.b)));

/** Something that is valid (and needed) only where all guards hold. */
interface Contribution {
  readonly guards: readonly Guard[];
  readonly value: Expr;
}

/** The sum of contributions; those with guards go into selects with 0. */
function total(contributions: readonly Contribution[]): Expr | null {
  let sum: Expr | null = null;
  const plus = (value: Expr): void => void (sum = sum === null ? value : add(sum, value));
  const branches = new Map<Expr, { yes: Contribution[]; no: Contribution[] }>();
  for (const { guards, value } of contributions) {
    if (guards.length === 0) {
      plus(value);
      continue;
    }
    const [{ condition, taken }, ...inner] = guards;
    let sides = branches.get(condition);
    if (sides === undefined) branches.set(condition, (sides = { yes: [], no: [] }));
    (taken ? sides.yes : sides.no).push({ guards: inner, value });
  }
  for (const [condition, { yes, no }] of branches) plus(select(condition, total(yes) ?? 0, total(no) ?? 0));
  return sum;
}

/**
 * Vector-Jacobian product: for every name in `wrt` the sum over outputs of cotangent * d output / d input, as an
 * expression. Reverse mode, so all inputs cost about as much as the outputs. What flows into a branch of a select (or to
 * an argument of min or max) is computed in that branch and guarded where it leaves it, so that infinite slopes in a
 * branch that is not taken never meet a zero. Ties of min and max go to the first argument.
 */
export function vjp(outputs: readonly Expr[], cotangents: readonly Expr[], wrt: readonly string[]): Expr[] {
  if (outputs.length !== cotangents.length) {
    throw new ValidationError({
      owner: "vjp",
      parameter: "cotangents",
      expected: `${outputs.length} expressions, one an output`,
      got: `${cotangents.length}`,
    });
  }
  const targets = wrt.map(input);
  const all = nodesOf(outputs, (e) => flows(e).map(({ to }) => to));
  const active = new Map<Expr, readonly Flow[]>();
  for (const e of all) {
    const useful = flows(e).filter(({ to }) => active.has(to));
    if (useful.length > 0 || targets.includes(e)) active.set(e, useful);
  }
  const roots = outputs.filter((e) => active.has(e));
  const contexts = contextsOf(roots, (e) => active.get(e) ?? [], shared);
  const received = new Map<Expr, Contribution[]>();
  const give = (to: Expr, guards: readonly Guard[], value: Expr): void => {
    if (vanishes(value)) return;
    const list = received.get(to);
    if (list === undefined) received.set(to, [{ guards, value }]);
    else list.push({ guards, value });
  };
  /** What has come to an expression, as seen where all guards of `context` hold. */
  const cotangentOf = (e: Expr, context: Context | null): Expr | null =>
    total((received.get(e) ?? []).map(({ guards, value }) => ({ guards: guards.filter((g) => !context?.has(g)), value })));
  outputs.forEach((e, k) => give(e, [], cotangents[k]));
  for (const [e, uses] of [...active].reverse()) {
    const context = contexts.get(e) as Context;
    const cotangent = cotangentOf(e, context);
    if (cotangent === null) continue;
    for (const { to, guard, pull } of uses) give(to, (guard === undefined ? context : context.enter(guard)).guards, pull(cotangent));
  }
  return targets.map((e) => cotangentOf(e, null) ?? constant(0));
}
