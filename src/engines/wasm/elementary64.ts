import { ELEMENTARY } from "../../math/elementary.ts";
import { bytes64, simd, v128, vector, type Code } from "./code.ts";
import { lanes64 } from "./lanes.ts";
import type { FunctionBuilder } from "./module.ts";

/*
 * The algorithms of `math/elementary`, two numbers at a time: the same operations in the same order, so the same bits. What those
 * decide by a comparison is computed for both lanes and chosen by a mask. Powers of two are made from their bits.
 */

const { add, sub, mul, div, lt, le, gt, ge, eq, ne, neg, constant } = lanes64;
const { and, or, select } = vector;
const shiftLeft = simd(203);
const shiftRight = simd(204);
const addLong = simd(206);
const subLong = simd(209);
const BY = (bits: number): Code => [0x41, bits];

const C = Object.fromEntries(
  Object.entries(ELEMENTARY).flatMap(([name, value]) => (typeof value === "number" ? [[name, constant(value)]] : [])),
) as Record<"toInteger" | "log2e" | "ln2High" | "ln2Low" | "splitter", Code>;
const E = ELEMENTARY.exponential.map(constant);
const L = ELEMENTARY.logarithm.map(constant);
const ONE = constant(1);
const TINY = 2 ** -54;

const long = (value: bigint): Code => {
  const bytes = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
  return vector.const([...bytes, ...bytes]);
};
const BIAS = long(1023n);

type F = FunctionBuilder;

/** 2^k for k as 64-bit integers, -1022 to 1023. */
const power = (k: Code): Code => shiftLeft(addLong(k, BIAS), BY(52));

interface Reduced {
  /** As 64-bit integers. */
  readonly k: Code;
  readonly r: Code;
  readonly q: Code;
}

/** e^x = 2^k (1 + r + q). */
function reduce(f: F, x: Code): Reduced {
  const t = f.vector(add(mul(x, C.log2e), C.toInteger));
  const k = f.vector(sub(t, C.toInteger));
  const high = f.vector(sub(x, mul(k, C.ln2High)));
  const low = f.vector(mul(k, C.ln2Low));
  const r = f.vector(sub(high, low));
  const lost = f.vector(sub(sub(high, r), low));
  const r2 = f.vector(mul(r, r));
  const r4 = f.vector(mul(r2, r2));
  const upper = add(add(add(E[4], mul(r, E[5])), mul(r2, add(E[6], mul(r, E[7])))), mul(r4, add(E[8], mul(r, E[9]))));
  const p = add(add(add(E[0], mul(r, E[1])), mul(r2, add(E[2], mul(r, E[3])))), mul(r4, upper));
  const q = f.vector(add(mul(r2, constant(0.5)), add(mul(mul(r2, r), p), add(lost, mul(lost, r)))));
  return { k: f.vector(subLong(t, vector.const([...bytes64(ELEMENTARY.toInteger), ...bytes64(ELEMENTARY.toInteger)]))), r, q };
}

/** A sum of two numbers, the second far below the first. */
interface Sum {
  readonly high: Code;
  readonly low: Code;
}

function expSum(f: F, x: Code): Sum {
  const { k, r, q } = reduce(f, x);
  const s = f.vector(power(k));
  const sum = f.vector(add(ONE, r));
  const low = f.vector(add(sub(r, sub(sum, ONE)), q));
  const high = f.vector(add(sum, low));
  return { high: f.vector(mul(s, high)), low: f.vector(mul(s, sub(low, sub(high, sum)))) };
}

function expm1Sum(f: F, x: Code): Sum {
  const { k, r, q } = reduce(f, x);
  const s = f.vector(power(k));
  const a = f.vector(sub(s, ONE));
  const aPart = f.vector(sub(a, s));
  const aLost = f.vector(sub(sub(s, sub(a, aPart)), add(ONE, aPart)));
  const b = f.vector(mul(s, r));
  const sum = f.vector(add(a, b));
  const bPart = f.vector(sub(sum, a));
  const low = f.vector(add(add(sub(a, sub(sum, bPart)), sub(b, bPart)), add(aLost, mul(s, q))));
  const high = f.vector(add(sum, low));
  return { high, low: f.vector(sub(low, sub(high, sum))) };
}

/** (n.high + n.low) / (d.high + d.low), rounded about once. */
function quotient(f: F, n: Sum, d: Sum): Code {
  const q = f.vector(div(n.high, d.high));
  const qs = f.vector(mul(q, C.splitter));
  const ds = f.vector(mul(d.high, C.splitter));
  const q1 = f.vector(sub(qs, sub(qs, q)));
  const d1 = f.vector(sub(ds, sub(ds, d.high)));
  const q2 = f.vector(sub(q, q1));
  const d2 = f.vector(sub(d.high, d1));
  const product = f.vector(mul(q, d.high));
  const lost = f.vector(add(add(add(sub(mul(q1, d1), product), mul(q1, d2)), mul(q2, d1)), mul(q2, d2)));
  return f.vector(add(q, div(sub(add(sub(sub(n.high, product), lost), n.low), mul(q, d.low)), d.high)));
}

/** What a function gives where x is beyond its range: `above` for large x, `below` for small x, NaN for NaN. */
const beyond = (x: Code, above: Code, below: Code): Code => select(above, select(below, x, lt(x, constant(0))), gt(x, constant(0)));

function exp(f: F, x: Code): Code {
  const { k, r, q } = reduce(f, x);
  const high = f.vector(add(ONE, r));
  const y = f.vector(add(high, add(sub(r, sub(high, ONE)), q)));
  const half = f.vector(shiftRight(k, BY(1)));
  const value = mul(mul(y, power(half)), power(subLong(k, half)));
  return select(value, beyond(x, constant(Infinity), constant(0)), and(lt(x, constant(710)), gt(x, constant(-746))));
}

function expm1(f: F, x: Code): Code {
  const inside = f.vector(and(lt(x, constant(39)), gt(x, constant(-38))));
  const large = f.local(v128, x);
  // Above 39 it is e^x, which is seldom asked for.
  f.if(vector.anyTrue(ge(x, constant(39))), () => f.set(large, exp(f, x)));
  const value = expm1Sum(f, x).high;
  const tiny = and(lt(x, constant(TINY)), gt(x, constant(-TINY)));
  return select(select(x, value, tiny), beyond(x, large.get, constant(-1)), inside);
}

interface Split {
  /** 64-bit integers. */
  readonly k: Code;
  /** The same as numbers. */
  readonly kNumber: Code;
  /** x / 2^k, in [sqrt(1/2), sqrt(2)). */
  readonly m: Code;
}

/** x = 2^k m, for finite normal x > 0. */
function split(f: F, x: Code): Split {
  const offset = BigInt(0x3ff00000 - 0x3fe6a09e) << 32n;
  const k = f.vector(subLong(shiftRight(addLong(x, long(offset)), BY(52)), BIAS));
  return { k, kNumber: f.vector(sub(addLong(k, C.toInteger), C.toInteger)), m: f.vector(subLong(x, shiftLeft(k, BY(52)))) };
}

/** k ln2 + log(1 + g) + c. */
function logSum(f: F, k: Code, g: Code, c: Code): Code {
  const s = f.vector(div(g, add(constant(2), g)));
  const z = f.vector(mul(s, s));
  const z2 = f.vector(mul(z, z));
  const upper = add(add(L[4], mul(z, L[5])), mul(z2, add(L[6], mul(z, L[7]))));
  const p = f.vector(mul(z, add(add(add(L[0], mul(z, L[1])), mul(z2, add(L[2], mul(z, L[3])))), mul(mul(z2, z2), upper))));
  const square = f.vector(mul(mul(constant(0.5), g), g));
  const a = f.vector(mul(k, C.ln2High));
  const sum = f.vector(add(a, g));
  const lost = f.vector(sub(g, sub(sum, a)));
  return f.vector(add(sum, add(lost, sub(add(mul(k, C.ln2Low), c), sub(square, mul(s, add(square, p)))))));
}

function log(f: F, x: Code): Code {
  // Subnormal numbers are scaled up first.
  const subnormal = f.vector(and(lt(x, constant(2 ** -1022)), gt(x, constant(0))));
  const scaled = f.vector(select(mul(x, constant(2 ** 54)), x, subnormal));
  const { kNumber, m } = split(f, scaled);
  const k = f.vector(sub(kNumber, and(subnormal, constant(54))));
  const value = logSum(f, k, f.vector(sub(m, ONE)), constant(0));
  const outside = select(constant(-Infinity), select(x, constant(NaN), gt(x, constant(0))), eq(x, constant(0)));
  return select(value, outside, and(gt(x, constant(0)), lt(x, constant(Infinity))));
}

function log1p(f: F, x: Code): Code {
  const u = f.vector(add(ONE, x));
  const part = f.vector(sub(u, ONE));
  const lost = f.vector(add(sub(ONE, sub(u, part)), sub(x, part)));
  const { k, kNumber, m } = split(f, u);
  const g = f.vector(sub(m, ONE));
  // For large x the correction is far too small to matter, and 2^-k cannot be made from bits.
  const c = f.vector(select(constant(0), mul(lost, power(subLong(long(0n), k))), gt(u, constant(2 ** 1000))));
  const value = logSum(f, kNumber, g, f.vector(sub(c, mul(mul(c, g), sub(ONE, g)))));
  const tiny = and(lt(x, constant(TINY)), gt(x, constant(-TINY)));
  const outside = select(constant(-Infinity), select(x, constant(NaN), gt(x, constant(0))), eq(x, constant(-1)));
  return select(select(x, value, tiny), outside, and(gt(x, constant(-1)), lt(x, constant(Infinity))));
}

function tanh(f: F, x: Code): Code {
  const negative = f.vector(lt(x, constant(0)));
  const a = f.vector(select(neg(x), x, negative));
  const n = expm1Sum(f, f.vector(mul(constant(2), a)));
  const d = f.vector(add(constant(2), n.high));
  const part = f.vector(sub(d, constant(2)));
  const dLow = f.vector(add(add(sub(constant(2), sub(d, part)), sub(n.high, part)), n.low));
  const y = quotient(f, n, { high: d, low: dLow });
  const inside = select(x, select(neg(y), y, negative), lt(a, constant(2 ** -28)));
  return select(inside, beyond(x, ONE, constant(-1)), lt(a, constant(22)));
}

function sigmoid(f: F, x: Code): Code {
  const negative = f.vector(lt(x, constant(0)));
  const e = expSum(f, f.vector(select(x, neg(x), negative)));
  const d = f.vector(add(ONE, e.high));
  const dSum = { high: d, low: f.vector(add(sub(e.high, sub(d, ONE)), e.low)) };
  const n = { high: f.vector(select(e.high, ONE, negative)), low: f.vector(and(e.low, negative)) };
  const value = quotient(f, n, dSum);
  const below = f.local(v128, x);
  // Below -40 it is e^x.
  f.if(vector.anyTrue(le(x, constant(-40))), () => f.set(below, exp(f, x)));
  const inside = and(lt(x, constant(40)), gt(x, constant(-40)));
  return select(value, select(select(below.get, x, lt(x, constant(0))), ONE, or(ne(x, x), lt(x, constant(0)))), inside);
}

/** Every function of the table in `math/elementary`, from a vector to a vector. */
export const elementary64 = { exp, expm1, log, log1p, tanh, sigmoid };
