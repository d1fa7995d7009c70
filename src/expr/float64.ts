import { exp, expm1, log, log1p, sigmoid, tanh } from "../math/elementary.ts";
import type { BinaryOp, UnaryOp } from "./expr.ts";

/**
 * What every operation means on numbers; all engines repeat these results bit for bit in float64. Truth is any number
 * but 0; comparisons and logic give 0 or 1; `min` is `b < a ? b : a` and `max` is `a < b ? b : a` (WebAssembly's pmin and
 * pmax: the first argument where both are equal or either is NaN).
 */
export const UNARY: Readonly<Record<UnaryOp, (a: number) => number>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: (a) => (a > 0 ? 1 : a < 0 ? -1 : a),
  sqrt: Math.sqrt,
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  floor: Math.floor,
  trunc: Math.trunc,
  not: (a) => (a === 0 ? 1 : 0),
};

export const BINARY: Readonly<Record<BinaryOp, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (a < b ? b : a),
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
  and: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
};
