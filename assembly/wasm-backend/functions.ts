// Elementary functions of four float32 lanes, each within a few units in the last place over the whole range. Polynomials and
// reductions are those of Moshier's Cephes library (single precision), whose coefficients are public.

/** exp(r) - 1 for |r| <= ln(2) / 2. */
function expm1Reduced(r: v128): v128 {
  let p = f32x4.add(f32x4.mul(f32x4.splat(1.98756915e-4), r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  return f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
}

/** The nearest whole n to x / ln(2). */
function halvings(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
}

/** x - n ln(2), ln(2) in two parts. */
function reduce(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
}

/** 2^n for whole lanes from -126 to 127. */
function power2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

export function exp(x: v128): v128 {
  x = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-104)); // infinite above, zero below; NaN stays
  const n = halvings(x);
  const y = expm1Reduced(reduce(x, n));
  const k = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(k, 1); // two factors, since 2^128 and 2^-149 are no normal numbers
  return f32x4.mul(f32x4.mul(f32x4.add(y, f32x4.splat(1)), power2(half)), power2(i32x4.sub(k, half)));
}

/** exp(x) - 1 for x <= 60; above that the result is at least exp(60) - 1. */
function expm1Below(x: v128): v128 {
  x = f32x4.max(f32x4.min(x, f32x4.splat(60)), f32x4.splat(-60));
  const n = halvings(x);
  const y = expm1Reduced(reduce(x, n));
  const scale = power2(i32x4.trunc_sat_f32x4_s(n));
  return f32x4.add(f32x4.mul(y, scale), f32x4.sub(scale, f32x4.splat(1)));
}

export function expm1(x: v128): v128 {
  return v128.bitselect(exp(x), expm1Below(x), f32x4.gt(x, f32x4.splat(30)));
}

export function tanh(x: v128): v128 {
  const t = expm1Below(f32x4.min(f32x4.abs(f32x4.add(x, x)), f32x4.splat(40)));
  const sign = i32x4.splat(0x80000000);
  return v128.or(f32x4.div(t, f32x4.add(t, f32x4.splat(2))), v128.and(x, sign));
}

export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
}

/** Natural logarithm: -Infinity at 0, NaN below. */
export function log(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38)); // not normal: scaled by 2^23
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, small);
  // x = 2^e m with m from sqrt(1/2) to sqrt(2)
  const shifted = i32x4.sub(normal, i32x4.splat(0x3f3504f3));
  const e = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23)), v128.and(f32x4.splat(23), small));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(m, f32x4.splat(1));
  const z = f32x4.mul(r, r);
  let p = f32x4.add(f32x4.mul(f32x4.splat(7.0376836292e-2), r), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, r), z);
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.add(r, y), f32x4.mul(e, f32x4.splat(0.693359375)));
  const infinity = f32x4.splat(Infinity);
  y = v128.bitselect(f32x4.neg(infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(y, x, f32x4.lt(x, infinity)); // Infinity and NaN are their own logarithms
  return v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
}

/** log(1 + x), with what 1 + x lost by rounding put back. */
export function log1p(x: v128): v128 {
  const one = f32x4.splat(1);
  const w = f32x4.add(one, x);
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(w, one)), w);
  const plain = v128.or(f32x4.eq(w, f32x4.splat(0)), f32x4.eq(w, f32x4.splat(Infinity)));
  return f32x4.add(log(w), v128.andnot(lost, plain));
}

export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

export function elu(x: v128): v128 {
  return v128.bitselect(expm1Below(x), x, f32x4.lt(x, f32x4.splat(0)));
}

export function selu(x: v128): v128 {
  const below = f32x4.mul(f32x4.splat(1.7580993408473768), expm1Below(x));
  return v128.bitselect(below, f32x4.mul(f32x4.splat(1.0507009873554805), x), f32x4.lt(x, f32x4.splat(0)));
}
