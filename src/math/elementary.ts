/**
 * exp, expm1, log, log1p, tanh and sigmoid in float64, within 1 ulp of the true value, the same bits on every machine.
 *
 * Only `+ - * /`, comparisons, the high word of a number and exact powers of two are used, in a fixed order, so that a
 * WebAssembly engine can repeat every step. Method: argument reduction after fdlibm (Sun Microsystems, 1993; e_exp.c,
 * e_log.c, s_log1p.c); rounding errors are carried along by Knuth's and Dekker's exact sums and products (T. J. Dekker,
 * "A floating-point technique for extending the available precision", 1971). The polynomials are our own Chebyshev
 * fits, made by `test/fixtures/elementary/generate.py`, which also made the table of the test.
 */

/** Numbers of the algorithms, for engines that repeat them. */
export const ELEMENTARY = {
  /** 1.5 * 2^52: adding and subtracting it rounds to the nearest integer, ties to even. */
  toInteger: 6755399441055744,
  log2e: 1.4426950408889634,
  /** ln 2 as a sum; the high part has 21 trailing zero bits, so that integers up to 2^21 times it are exact. */
  ln2High: 0.6931471803691238,
  ln2Low: 1.9082149292705877e-10,
  /** (e^r - 1 - r - r^2/2) / r^3 on |r| <= ln2/2, lowest power first. */
  exponential: [
    0.16666666666666669, 0.041666666666666664, 0.008333333333330039, 0.0013888888888886537, 0.00019841269863171557, 2.4801587317228724e-5,
    2.7557268276905696e-6, 2.7557282838800484e-7, 2.5100472505694996e-8, 2.09112987659402e-9,
  ],
  /** (2 atanh(s)/s - 2) / z for z = s^2, |s| <= (sqrt2 - 1)/(sqrt2 + 1), lowest power first. */
  logarithm: [
    0.6666666666666666, 0.40000000000000885, 0.28571428570799784, 0.22222222392581045, 0.18181795547521137, 0.15386244737621665,
    0.13268638369266825, 0.13088034850927555,
  ],
  /** 2^27 + 1: splits a number into two halves of 26 bits. */
  splitter: 134217729,
} as const;

const { toInteger, log2e, ln2High, ln2Low, splitter } = ELEMENTARY;
const [E3, E4, E5, E6, E7, E8, E9, E10, E11, E12] = ELEMENTARY.exponential;
const [L1, L2, L3, L4, L5, L6, L7, L8] = ELEMENTARY.logarithm;

/** `POWERS[k + BIAS]` is 2^k, for k from -1074 to 1023. */
const BIAS = 1074;
const POWERS = Float64Array.from({ length: BIAS + 1024 }, (_, i) => 2 ** (i - BIAS));

/** Second results of the functions below: the language returns one number without allocating. */
const second = new Float64Array(1);
const word = new Float64Array(1);
const halves = new Int32Array(word.buffer);
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** e^x = 2^k (1 + r + q): returns k, r is in `reduced[0]` and q in `reduced[1]`; for |x| < 746. */
function reduce(x: number): number {
  const k = x * log2e + toInteger - toInteger;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const lost = high - r - low;
  const r2 = r * r;
  const r4 = r2 * r2;
  const p = E3 + r * E4 + r2 * (E5 + r * E6) + r4 * (E7 + r * E8 + r2 * (E9 + r * E10) + r4 * (E11 + r * E12));
  reduced[0] = r;
  reduced[1] = r2 * 0.5 + (r2 * r * p + (lost + lost * r));
  return k | 0;
}
const reduced = new Float64Array(2);

/** e^x as a sum of two, the lower in `second`; for |x| < 700. */
function expSum(x: number): number {
  const k = reduce(x);
  const r = reduced[0];
  const s = POWERS[k + BIAS];
  const sum = 1 + r;
  const low = r - (sum - 1) + reduced[1];
  const high = sum + low;
  second[0] = s * (low - (high - sum));
  return s * high;
}

/** e^x - 1 as a sum of two, the lower in `second`; for -40 < x < 700. */
function expm1Sum(x: number): number {
  const k = reduce(x);
  const s = POWERS[k + BIAS];
  const a = s - 1;
  const aPart = a - s;
  const aLost = s - (a - aPart) - (1 + aPart);
  const b = s * reduced[0];
  const sum = a + b;
  const bPart = sum - a;
  const low = a - (sum - bPart) + (b - bPart) + (aLost + s * reduced[1]);
  const high = sum + low;
  second[0] = low - (high - sum);
  return high;
}

/** (nHigh + nLow) / (dHigh + dLow), rounded about once. */
function quotient(nHigh: number, nLow: number, dHigh: number, dLow: number): number {
  const q = nHigh / dHigh;
  const qs = q * splitter;
  const ds = dHigh * splitter;
  const q1 = qs - (qs - q);
  const d1 = ds - (ds - dHigh);
  const q2 = q - q1;
  const d2 = dHigh - d1;
  const product = q * dHigh;
  const lost = q1 * d1 - product + q1 * d2 + q2 * d1 + q2 * d2;
  return q + (nHigh - product - lost + nLow - q * dLow) / dHigh;
}

/** e^x. */
export function exp(x: number): number {
  if (!(x < 710 && x > -746)) return x > 0 ? Infinity : x < 0 ? 0 : x;
  const k = reduce(x);
  const r = reduced[0];
  const high = 1 + r;
  const y = high + (r - (high - 1) + reduced[1]);
  // Two factors, so that results near overflow and subnormal ones are scaled exactly and rounded once.
  const half = k >> 1;
  return y * POWERS[half + BIAS] * POWERS[k - half + BIAS];
}

/** e^x - 1, accurate near 0. */
export function expm1(x: number): number {
  if (!(x < 39 && x > -38)) return x > 0 ? exp(x) : x < 0 ? -1 : x;
  if (x < TINY && x > -TINY) return x;
  return expm1Sum(x);
}
const TINY = 2 ** -54;

/** k of x = 2^k m with m in [sqrt(1/2), sqrt(2)); for finite normal x > 0. */
function exponent(x: number): number {
  word[0] = x;
  return ((halves[HIGH] + (0x3ff00000 - 0x3fe6a09e)) >> 20) - 1023;
}

/** k ln2 + log(1 + f) + c, for c far below f or both tiny. */
function logSum(k: number, f: number, c: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const z2 = z * z;
  const p = z * (L1 + z * L2 + z2 * (L3 + z * L4) + z2 * z2 * (L5 + z * L6 + z2 * (L7 + z * L8)));
  const square = 0.5 * f * f;
  const a = k * ln2High;
  const sum = a + f;
  const lost = f - (sum - a);
  return sum + (lost + (k * ln2Low + c - (square - s * (square + p))));
}

/** Natural logarithm. */
export function log(x: number): number {
  if (!(x >= SMALLEST_NORMAL && x < Infinity)) {
    if (x > 0 && x < Infinity) return logSubnormal(x);
    return x === 0 ? -Infinity : x > 0 ? x : NaN;
  }
  const k = exponent(x);
  return logSum(k, x * POWERS[BIAS - k] - 1, 0);
}
const SMALLEST_NORMAL = 2 ** -1022;

function logSubnormal(x: number): number {
  const scaled = x * 2 ** 54;
  const k = exponent(scaled);
  return logSum(k - 54, scaled * POWERS[BIAS - k] - 1, 0);
}

/** log(1 + x), accurate near 0. */
export function log1p(x: number): number {
  if (!(x > -1 && x < Infinity)) return x === -1 ? -Infinity : x > 0 ? x : NaN;
  if (x < TINY && x > -TINY) return x;
  const u = 1 + x;
  const part = u - 1;
  const lost = 1 - (u - part) + (x - part);
  const k = exponent(u);
  const scale = POWERS[BIAS - k];
  const f = u * scale - 1;
  const c = lost * scale;
  return logSum(k, f, c - c * f * (1 - f));
}

/** Hyperbolic tangent, as E / (E + 2) with E = e^(2|x|) - 1. */
export function tanh(x: number): number {
  const a = x < 0 ? -x : x;
  if (!(a < 22)) return x > 0 ? 1 : x < 0 ? -1 : x;
  if (a < 2 ** -28) return x;
  const n = expm1Sum(2 * a);
  const nLow = second[0];
  const d = 2 + n;
  const part = d - 2;
  const y = quotient(n, nLow, d, 2 - (d - part) + (n - part) + nLow);
  return x < 0 ? -y : y;
}

/** Logistic function 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  if (!(x < 40 && x > -40)) return x > 0 ? 1 : x < 0 ? exp(x) : x;
  const e = expSum(x < 0 ? x : -x);
  const eLow = second[0];
  const d = 1 + e;
  const dLow = e - (d - 1) + eLow;
  return x < 0 ? quotient(e, eLow, d, dLow) : quotient(1, 0, d, dLow);
}
