import incompleteBeta from "@stdlib/math-base-special-betainc";
import inverseIncompleteBeta from "@stdlib/math-base-special-betaincinv";
import { exp, log } from "./elementary.ts";

/** Regularised incomplete beta function I_x(a, b), for x in 0..1 and `a, b >= 0`. */
export const betainc = (x: number, a: number, b: number): number => incompleteBeta(x, a, b);

/** The x for which I_x(a, b) = p, for p in 0..1 and `a, b > 0`. */
export const betaincinv = (p: number, a: number, b: number): number => inverseIncompleteBeta(p, a, b);

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
