import { ValidationError, describe } from "../errors.ts";
import * as builders from "./expr.ts";
import { input, operandsOf, type Expr } from "./expr.ts";

/** An expression as JSON: a number, the name of an input, or `[operation, ...operands]`. */
export type ExprList = number | string | readonly [string, ...ExprList[]];

/** For small expressions: parts that are used twice are written twice. */
export function toList(expr: Expr): ExprList {
  // JSON does not know -0.
  if (expr.op === "const") return Object.is(expr.value, -0) ? ["neg", 0] : expr.value;
  if (expr.op === "input") return expr.name;
  return [expr.op, ...operandsOf(expr).map(toList)];
}

const operations = new Map<string, number>([
  ...["neg", "abs", "sign", "sqrt", "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "floor", "trunc", "not", "detach"].map(
    (op) => [op, 1] as const,
  ),
  ...["add", "sub", "mul", "div", "min", "max", "eq", "ne", "lt", "le", "gt", "ge", "and", "or"].map((op) => [op, 2] as const),
  ["select", 3],
  ["withDerivative", 3],
]);

/** The expression that {@link toList} wrote. @throws ValidationError for anything else */
export function fromList(list: unknown, owner = "expr"): Expr {
  if (typeof list === "number") return builders.constant(list);
  if (typeof list === "string") return input(list);
  const [op, ...operands] = Array.isArray(list) ? (list as unknown[]) : [];
  const count = typeof op === "string" ? operations.get(op) : undefined;
  if (count === undefined || count !== operands.length)
    throw new ValidationError({ owner, expected: "a number, a name, or [operation, ...operands]", got: describe(list) });
  const build = builders[op as "add"] as unknown as (...all: Expr[]) => Expr;
  return build(...operands.map((item) => fromList(item, owner)));
}
