import * as tf from "@tensorflow/tfjs-core";
import { BINARY, UNARY } from "../../../expr/float64.ts";
import { nodesOf, type BinaryOp, type Expr, type UnaryOp } from "../../../expr/expr.ts";

/*
 * An expression as tf operations, one a node. Only values: gradients are expressions too (plan/adjoint), so `detach` and
 * `withDerivative` are gone here. Parts that depend on numbers only are computed in JavaScript. Both branches of a `select` are
 * computed; the one that is not taken may be NaN, since nothing is multiplied by it.
 */

/** A number stands for itself everywhere. */
export type Operand = tf.Tensor | number;

/** Constants of a run, made once. */
export interface Scalars {
  scalar(value: number): tf.Scalar;
  /** Of a shape all of whose elements are one number. */
  filled(shape: readonly number[], value: number): tf.Tensor;
}

/** Backends whose expm1 and log1p are `exp(x) - 1` and `log(1 + x)`. */
const ROUGH = new Set(["webgl", "webgpu"]);

/** e^x - 1 by Kahan's correction: the rounding of u = e^x cancels in (u - 1) / log(u). */
function expm1(x: tf.Tensor, constants: Scalars): tf.Tensor {
  if (!ROUGH.has(tf.getBackend())) return tf.expm1(x);
  const u = tf.exp(x);
  const one = constants.scalar(1);
  const below = tf.sub(u, one);
  const logarithm = tf.log(u);
  // Where u is 1 (or 0), or infinite, the quotient is no number.
  const plain = tf.logicalOr(tf.equal(below, constants.scalar(0)), tf.greater(tf.abs(x), constants.scalar(1)));
  const limit = tf.where(tf.equal(below, constants.scalar(0)), x, below);
  return tf.where(plain, limit, tf.div(tf.mul(below, x), logarithm));
}

/** log(1 + x) by the same correction. */
function log1p(x: tf.Tensor, constants: Scalars): tf.Tensor {
  if (!ROUGH.has(tf.getBackend())) return tf.log1p(x);
  const u = tf.add(x, constants.scalar(1));
  const above = tf.sub(u, constants.scalar(1));
  const plain = tf.logicalOr(tf.equal(above, constants.scalar(0)), tf.greater(tf.abs(x), constants.scalar(1)));
  const limit = tf.where(tf.equal(above, constants.scalar(0)), x, tf.log(u));
  return tf.where(plain, limit, tf.div(tf.mul(tf.log(u), x), above));
}

const unary: Readonly<Record<Exclude<UnaryOp, "not">, (x: tf.Tensor, constants: Scalars) => tf.Tensor>> = {
  neg: (x) => tf.neg(x),
  abs: (x) => tf.abs(x),
  // Where it is 0 or NaN, the argument itself.
  sign: (x, c) => tf.where(tf.greater(tf.abs(x), c.scalar(0)), tf.sign(x), x),
  sqrt: (x) => tf.sqrt(x),
  exp: (x) => tf.exp(x),
  expm1,
  log: (x) => tf.log(x),
  log1p,
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  floor: (x) => tf.floor(x),
  trunc: (x, c) => tf.where(tf.less(x, c.scalar(0)), tf.ceil(x), tf.floor(x)),
};

type Arithmetic = "add" | "sub" | "mul" | "div" | "min" | "max";
type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** tf's minimum and maximum give NaN where either argument is; the other engines, where the first is. */
const arithmetic: Readonly<Record<Arithmetic, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, b) => tf.div(a, b),
  min: (a, b) => tf.minimum(a, b),
  max: (a, b) => tf.maximum(a, b),
};

const comparisons: Readonly<Record<Comparison, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  eq: (a, b) => tf.equal(a, b),
  ne: (a, b) => tf.notEqual(a, b),
  lt: (a, b) => tf.less(a, b),
  le: (a, b) => tf.lessEqual(a, b),
  gt: (a, b) => tf.greater(a, b),
  ge: (a, b) => tf.greaterEqual(a, b),
};

/** Evaluates expressions, each part once. `exprs` are values (`valueOf`). */
export function evaluateOps(exprs: readonly Expr[], inputs: ReadonlyMap<string, Operand>, constants: Scalars): Operand[] {
  const done = new Map<Expr, Operand>();
  const casts = new Map<tf.Tensor, tf.Tensor>();
  /** As float32. */
  const number = (x: Operand): Operand => {
    if (typeof x === "number" || x.dtype !== "bool") return x;
    let cast = casts.get(x);
    if (cast === undefined) casts.set(x, (cast = tf.cast(x, "float32")));
    return cast;
  };
  const tensor = (x: Operand): tf.Tensor => (typeof x === "number" ? constants.scalar(x) : (number(x) as tf.Tensor));
  /** As bool. */
  const truth = (x: Operand): tf.Tensor => {
    if (typeof x === "number") return tf.notEqual(constants.scalar(x), constants.scalar(0));
    return x.dtype === "bool" ? x : tf.notEqual(x, constants.scalar(0));
  };
  /** As one of two branches: tf would lay a scalar out anew at every call. */
  const branch = (x: Operand, shape: readonly number[]): tf.Tensor => (typeof x === "number" ? constants.filled(shape, x) : tensor(x));
  const value = (e: Expr): Operand => done.get(e)!;
  const compute = (e: Expr): Operand => {
    switch (e.op) {
      case "const":
        return e.value;
      case "input":
        return inputs.get(e.name)!;
      case "select": {
        const [c, a, b] = [value(e.c), value(e.a), value(e.b)];
        if (typeof c === "number") return c !== 0 ? a : b;
        const shape = tf.backend_util.assertAndGetBroadcastShape(c.shape, shapeOf(a, b));
        return tf.where(truth(c), branch(a, shape), branch(b, shape));
      }
      case "detach":
        return value(e.a);
      case "withDerivative":
        return value(e.value);
      default: {
        const a = value(e.a);
        if (!("b" in e)) {
          if (typeof a === "number") return UNARY[e.op](a);
          return e.op === "not" ? tf.logicalNot(truth(a)) : unary[e.op](tensor(a), constants);
        }
        const b = value(e.b);
        if (typeof a === "number" && typeof b === "number") return BINARY[e.op](a, b);
        return binary(e.op, a, b, tensor, truth);
      }
    }
  };
  for (const e of nodesOf(exprs)) done.set(e, compute(e));
  return exprs.map((e) => number(value(e)));
}

function binary(op: BinaryOp, a: Operand, b: Operand, tensor: (x: Operand) => tf.Tensor, truth: (x: Operand) => tf.Tensor): tf.Tensor {
  if (op === "and") return tf.logicalAnd(truth(a), truth(b));
  if (op === "or") return tf.logicalOr(truth(a), truth(b));
  return op in comparisons ? comparisons[op as Comparison](tensor(a), tensor(b)) : arithmetic[op as Arithmetic](tensor(a), tensor(b));
}

function shapeOf(...operands: readonly Operand[]): number[] {
  return operands.reduce<number[]>(
    (shape, x) => (typeof x === "number" ? shape : tf.backend_util.assertAndGetBroadcastShape(shape, x.shape)),
    [],
  );
}
