import incompleteBeta from "@stdlib/math-base-special-betainc";
import inverseIncompleteBeta from "@stdlib/math-base-special-betaincinv";
import { exp, log } from "./elementary.ts";

/** Regularised incomplete beta function I_x(a, b), for x in 0..1 and `a, b >= 0`. */
export const betainc = (x: number, a: number, b: number): number => (a === 0.5 && b === 0.5 ? arcsine(x) : incompleteBeta(x, a, b));

/** The x for which I_x(a, b) = p, for p in 0..1 and `a, b > 0`. */
export const betaincinv = (p: number, a: number, b: number): number =>
  a === 0.5 && b === 0.5 ? inverseArcsine(p) : inverseIncompleteBeta(p, a, b);

// I_x(1/2, 1/2) has a closed form, the arcsine distribution. It is steep at both ends, where the general function loses half its
// digits; points on spheres would be off by more than their last digits.
const arcsine = (x: number): number =>
  x > 0.5 ? 1 - (2 / Math.PI) * Math.asin(Math.sqrt(1 - x)) : (2 / Math.PI) * Math.asin(Math.sqrt(x));
const inverseArcsine = (p: number): number => (p > 0.5 ? 1 - Math.sin((Math.PI / 2) * (1 - p)) ** 2 : Math.sin((Math.PI / 2) * p) ** 2);

/** Coefficients B_2k / (2k (2k - 1)) of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** log of the gamma function, x > 0; by Stirling's series above 10, by recurrence below. */
export function logGamma(x: number): number {
  let product = 1;
  for (; x < 10; x++) product *= x;
  const inverse = 1 / x;
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * inverse * inverse + STIRLING[k];
  return (x - 0.5) * log(x) - x + 0.5 * log(2 * Math.PI) + series * inverse - log(product);
}

/** The beta function B(a, b) = Γ(a) Γ(b) / Γ(a + b), `a, b > 0`. */
export const betaFunction = (a: number, b: number): number => exp(logGamma(a) + logGamma(b) - logGamma(a + b));
