export type { Expr, ExprOrNumber, BinaryOp, UnaryOp } from "./expr.ts";
export {
  abs, add, and, constant, detach, div, eq, exp, expm1, floor, ge, gt, input, inputsOf, le, log, log1p, lt, max, min, mul,
  ne, neg, nodesOf, not, operandsOf, or, select, sigmoid, sign, sqrt, sub, substitute, tanh, toString, trunc, valueOf,
  withDerivative,
} from "./expr.ts";
export type { Arithmetic } from "./evaluate.ts";
export { evaluate, float64 } from "./evaluate.ts";
export { vjp } from "./derivative.ts";
export type { Lanes, VectorOutput, VectorTuning } from "./vectorise.ts";
export { VectorProgram } from "./vectorise.ts";
