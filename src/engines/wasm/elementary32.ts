import { simd, vector, type Code } from "./code.ts";
import { lanes32 } from "./lanes.ts";
import type { FunctionBuilder } from "./module.ts";

/*
 * exp, expm1, log, log1p, tanh and sigmoid in float32, four numbers at a time, within a few units in the last place. Argument
 * reduction and polynomials after Cephes (S. L. Moshier, expf.c) and fdlibm (Sun Microsystems, e_logf.c, s_log1pf.c).
 */

const { add, sub, mul, div, lt, gt, eq, neg, abs, pmin, pmax, constant } = lanes32;
const { and, select } = vector;
const nearest = simd(106);
const toInt = simd(248);
const toFloat = simd(250);
const shiftLeft = simd(171);
const shiftRight = simd(172);
const addInt = simd(174);
const subInt = simd(177);
const BY = (bits: number): Code => [0x41, bits];
const int = (value: number): Code => {
  const bytes = [0, 8, 16, 24].map((shift) => (value >> shift) & 255);
  return vector.const([...bytes, ...bytes, ...bytes, ...bytes]);
};

type F = FunctionBuilder;
const ONE = constant(1);
const BIAS = int(127);
/** 2^k for 32-bit integers k, -126 to 127. */
const power = (k: Code): Code => shiftLeft(addInt(k, BIAS), BY(23));

/** (e^r - 1 - r) / r^2 for |r| <= ln2/2, highest power first. */
const EXPONENTIAL = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1].map(constant);
/** (2 atanh(s)/s - 2) / z for z = s^2, lowest power first. */
const LOGARITHM = [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841].map(constant);
const LN2_HIGH = constant(0.693359375);
const LN2_LOW = constant(-2.1219444e-4);

/** x = k ln2 + r; gives k as integers and e^r - 1. */
function reduce(f: F, x: Code): { k: Code; r1: Code } {
  const n = f.vector(nearest(mul(x, constant(Math.LOG2E))));
  const r = f.vector(sub(sub(x, mul(n, LN2_HIGH)), mul(n, LN2_LOW)));
  let p = EXPONENTIAL[0];
  for (const c of EXPONENTIAL.slice(1)) p = add(mul(p, r), c);
  return { k: f.vector(toInt(n)), r1: f.vector(add(mul(mul(r, r), p), r)) };
}

function exp(f: F, x: Code): Code {
  const { k, r1 } = reduce(f, f.vector(pmin(pmax(x, constant(-105)), constant(89))));
  const half = f.vector(shiftRight(k, BY(1)));
  return mul(mul(add(ONE, r1), power(half)), power(subInt(k, half)));
}

function expm1(f: F, x: Code): Code {
  const { k, r1 } = reduce(f, f.vector(pmin(pmax(x, constant(-30)), constant(89))));
  // Half of 2^k, which is representable for the largest k too.
  const s = f.vector(power(subInt(k, int(1))));
  const value = add(mul(s, r1), sub(s, constant(0.5)));
  const tiny = lt(abs(x), constant(2 ** -24));
  return select(x, add(value, f.vector(value)), tiny);
}

/** x = 2^k m with m in [sqrt(1/2), sqrt(2)), for normal x > 0. */
function split(f: F, x: Code): { k: Code; m: Code } {
  const k = f.vector(subInt(shiftRight(addInt(x, int(0x3f800000 - 0x3f3504f3)), BY(23)), BIAS));
  return { k, m: f.vector(subInt(x, shiftLeft(k, BY(23)))) };
}

/** k ln2 + log(1 + g) + c. */
function logSum(f: F, k: Code, g: Code, c: Code): Code {
  const s = f.vector(div(g, add(constant(2), g)));
  const z = f.vector(mul(s, s));
  const p = mul(z, add(LOGARITHM[0], mul(z, add(LOGARITHM[1], mul(z, add(LOGARITHM[2], mul(z, LOGARITHM[3])))))));
  const square = f.vector(mul(mul(constant(0.5), g), g));
  const low = add(mul(s, add(square, p)), add(mul(k, LN2_LOW), c));
  return f.vector(add(mul(k, LN2_HIGH), sub(g, sub(square, low))));
}

function log(f: F, x: Code): Code {
  const subnormal = f.vector(lt(x, constant(2 ** -126)));
  const scaled = f.vector(select(mul(x, constant(2 ** 24)), x, subnormal));
  const { k, m } = split(f, scaled);
  const number = f.vector(sub(toFloat(k), and(subnormal, constant(24))));
  const value = logSum(f, number, f.vector(sub(m, ONE)), constant(0));
  const outside = select(constant(-Infinity), select(x, constant(NaN), gt(x, constant(0))), eq(x, constant(0)));
  return select(value, outside, and(gt(x, constant(0)), lt(x, constant(Infinity))));
}

function log1p(f: F, x: Code): Code {
  const u = f.vector(add(ONE, x));
  const part = f.vector(sub(u, ONE));
  const lost = f.vector(add(sub(ONE, sub(u, part)), sub(x, part)));
  const { k, m } = split(f, u);
  // For large x the correction is far too small to matter, and 2^-k cannot be made from bits.
  const c = f.vector(select(constant(0), mul(lost, power(subInt(int(0), k))), gt(u, constant(2 ** 100))));
  const value = logSum(f, f.vector(toFloat(k)), f.vector(sub(m, ONE)), c);
  const outside = select(constant(-Infinity), select(x, constant(NaN), gt(x, constant(0))), eq(x, constant(-1)));
  const tiny = lt(abs(x), constant(2 ** -25));
  return select(select(x, value, tiny), outside, and(gt(x, constant(-1)), lt(x, constant(Infinity))));
}

function tanh(f: F, x: Code): Code {
  const n = f.vector(expm1(f, f.vector(pmin(mul(constant(2), abs(x)), constant(20)))));
  const y = f.vector(div(n, add(n, constant(2))));
  return select(neg(y), y, lt(x, constant(0)));
}

function sigmoid(f: F, x: Code): Code {
  const e = f.vector(exp(f, f.vector(neg(abs(x)))));
  return div(select(e, ONE, lt(x, constant(0))), add(ONE, e));
}

/** The functions, from a vector to a vector. */
export const elementary32 = { exp, expm1, log, log1p, tanh, sigmoid };
