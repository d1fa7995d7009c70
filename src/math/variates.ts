import { exp, log } from "./elementary.ts";
import type { RandomState } from "./random.ts";
import { logGamma } from "./special.ts";

/*
 * Rejection samplers that draw in the order of NumPy's legacy generator.
 * Gamma: J. H. Ahrens and U. Dieter (1974) below shape 1, G. Marsaglia and W. W. Tsang (2000) above. Beta: M. D. Jöhnk (1964).
 * Poisson: multiplication (D. Knuth) below mean 10, W. Hörmann's PTRS (1993) from there.
 */

/** A gamma variate of scale 1. */
export function gamma(rng: RandomState, shape: number): number {
  if (shape === 1) return rng.exponential();
  if (shape === 0) return 0;
  return shape < 1 ? gammaBelowOne(rng, shape) : gammaAboveOne(rng, shape);
}

function gammaBelowOne(rng: RandomState, shape: number): number {
  for (;;) {
    const u = rng.uniform();
    const v = rng.exponential();
    if (u <= 1 - shape) {
      const x = u ** (1 / shape);
      if (x <= v) return x;
    } else {
      const y = -log((1 - u) / shape);
      const x = (1 - shape + shape * y) ** (1 / shape);
      if (x <= v + y) return x;
    }
  }
}

function gammaAboveOne(rng: RandomState, shape: number): number {
  const b = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * b);
  for (;;) {
    let x: number;
    let v: number;
    do {
      x = rng.normal();
      v = 1 + c * x;
    } while (v <= 0);
    v = v * v * v;
    const u = rng.uniform();
    if (u < 1 - 0.0331 * (x * x) * (x * x) || log(u) < 0.5 * x * x + b * (1 - v + log(v))) return b * v;
  }
}

/** A beta variate. */
export function beta(rng: RandomState, a: number, b: number): number {
  if (a > 1 || b > 1) {
    const x = gamma(rng, a);
    const y = gamma(rng, b);
    return x / (x + y);
  }
  for (;;) {
    const u = rng.uniform();
    const v = rng.uniform();
    const x = u ** (1 / a);
    const y = v ** (1 / b);
    if (x + y > 1 || u + v === 0) continue;
    if (x + y > 0) return x / (x + y);
    // Both powers underflowed: the same quotient from logarithms.
    const logX = log(u) / a;
    const logY = log(v) / b;
    const top = Math.max(logX, logY);
    return exp(logX - top - log(exp(logX - top) + exp(logY - top)));
  }
}

/** A Poisson variate. */
export function poisson(rng: RandomState, lam: number): number {
  if (lam === 0) return 0;
  return lam < 10 ? poissonByProducts(rng, lam) : poissonByRejection(rng, lam);
}

function poissonByProducts(rng: RandomState, lam: number): number {
  const limit = exp(-lam);
  let count = 0;
  for (let product = rng.uniform(); product > limit; product *= rng.uniform()) count++;
  return count;
}

function poissonByRejection(rng: RandomState, lam: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(lam);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  const logLam = log(lam);
  for (;;) {
    const u = rng.uniform() - 0.5;
    const v = rng.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + lam + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log(v) + log(inverseAlpha) - log(a / (us * us) + b) <= -lam + k * logLam - logGamma(k + 1)) return k;
  }
}
