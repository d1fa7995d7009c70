import { ValidationError } from "../errors.ts";
import type { BinaryOp, Expr, UnaryOp } from "./expr.ts";
import { BINARY, UNARY } from "./float64.ts";

/** What an engine supplies to run expressions over its own values. */
export interface Arithmetic<V> {
  /** A number as a value. */
  constant(value: number): V;
  /** Operations of one argument. */
  readonly unary: Readonly<Record<UnaryOp, (a: V) => V>>;
  /** Operations of two arguments. */
  readonly binary: Readonly<Record<BinaryOp, (a: V, b: V) => V>>;
  /** Branches come as functions, so that one that is not taken need not be evaluated; each is evaluated once at most. */
  select(c: V, a: () => V, b: () => V): V;
  /** How gradients are kept out, where the engine differentiates by itself; the value as it is where left out. */
  detach?(a: V): V;
  /** `value` with its own derivative `slope` with respect to `of`; `value` where left out. */
  withDerivative?(value: V, of: () => V, slope: () => V): V;
}

/** Values of expressions, shared parts computed once. Throws a ValidationError for an input that `env` lacks. */
export function evaluate<V>(exprs: readonly Expr[], env: Readonly<Record<string, V>>, m: Arithmetic<V>): V[] {
  const done = new Map<Expr, V>();
  const go = (e: Expr): V => {
    if (done.has(e)) return done.get(e) as V;
    const value = compute(e);
    done.set(e, value);
    return value;
  };
  const compute = (e: Expr): V => {
    switch (e.op) {
      case "const":
        return m.constant(e.value);
      case "input":
        if (!Object.hasOwn(env, e.name)) throw unknownInput("evaluate", e.name, Object.keys(env));
        return env[e.name];
      case "select":
        return m.select(
          go(e.c),
          () => go(e.a),
          () => go(e.b),
        );
      case "detach":
        return m.detach === undefined ? go(e.a) : m.detach(go(e.a));
      case "withDerivative":
        return m.withDerivative === undefined
          ? go(e.value)
          : m.withDerivative(
              go(e.value),
              () => go(e.of),
              () => go(e.slope),
            );
      default:
        return "b" in e ? m.binary[e.op](go(e.a), go(e.b)) : m.unary[e.op](go(e.a));
    }
  };
  return exprs.map(go);
}

/** An expression reads an input that nobody gave. */
export function unknownInput(owner: string, name: string, given: readonly string[]): ValidationError {
  return new ValidationError({
    owner,
    parameter: name,
    expected: "a value for this input of the expression",
    got: given.length === 0 ? "no inputs" : `only ${given.join(", ")}`,
  });
}

/** Plain numbers. */
export const float64: Arithmetic<number> = {
  constant: (value) => value,
  unary: UNARY,
  binary: BINARY,
  select: (c, a, b) => (c !== 0 ? a() : b()),
};
