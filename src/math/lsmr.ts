/** What {@link lsmr} solves: the x that minimises `|A x - b|^2 + damping^2 |x|^2`. */
export interface LsmrProblem {
  /** A v */
  readonly forward: (v: Float64Array) => Float64Array;
  /** A^T u */
  readonly backward: (u: Float64Array) => Float64Array;
  readonly b: Float64Array;
  /** Length of x. */
  readonly n: number;
  readonly damping: number;
  /** Relative errors of A and of b. */
  readonly tolerance: number;
}

/** Largest condition of A that is gone on with. */
const WORST_CONDITION = 1e8;

/**
 * Least squares by Golub and Kahan's bidiagonalisation, with residuals `A^T r` that only shrink.
 * Source: D. Fong & M. Saunders, SIAM J. Scientific Computing 33 (2011), "LSMR: an iterative algorithm for sparse least-squares problems"
 * (section 2.8 for the recurrences, 3 for the estimates of norms); names are the paper's.
 */
export function lsmr({ forward, backward, b, n, damping, tolerance }: LsmrProblem): { x: Float64Array; rounds: number } {
  const x = new Float64Array(n);
  let u: Float64Array = b.slice();
  let beta = normalise(u);
  if (beta === 0) return { x, rounds: 0 };
  let v: Float64Array = backward(u);
  let alpha = normalise(v);
  if (alpha === 0) return { x, rounds: 0 };

  let [zetabar, alphabar, rho, rhobar, cbar, sbar] = [alpha * beta, alpha, 1, 1, 1, 0];
  const h = v.slice();
  const hbar = new Float64Array(n);
  // For the norm of r.
  let [betadd, betad, rhodold, tautildeold, thetatilde, zeta, d] = [beta, 0, 1, 0, 0, 0, 0];
  // For the norm and the condition of A.
  let [squareA, maxrbar, minrbar] = [alpha * alpha, 0, Infinity];
  const lengthB = beta;
  const most = Math.min(b.length, n);

  for (let round = 1; round <= most; round++) {
    u = combined(forward(v), -alpha, u);
    beta = normalise(u);
    if (beta > 0) {
      v = combined(backward(u), -beta, v);
      alpha = normalise(v);
    }
    const [chat, shat, alphahat] = rotation(alphabar, damping);
    const rhoold = rho;
    let c, s;
    [c, s, rho] = rotation(alphahat, beta);
    const thetanew = s * alpha;
    alphabar = c * alpha;
    const rhobarold = rhobar;
    const zetaold = zeta;
    const thetabar = sbar * rho;
    const rhotemp = cbar * rho;
    [cbar, sbar, rhobar] = rotation(rhotemp, thetanew);
    zeta = cbar * zetabar;
    zetabar = -sbar * zetabar;
    for (let i = 0; i < n; i++) {
      hbar[i] = h[i] - ((thetabar * rho) / (rhoold * rhobarold)) * hbar[i];
      x[i] += (zeta / (rho * rhobar)) * hbar[i];
      h[i] = v[i] - (thetanew / rho) * h[i];
    }

    const betaacute = chat * betadd;
    const betacheck = -shat * betadd;
    const betahat = c * betaacute;
    betadd = -s * betaacute;
    const thetatildeold = thetatilde;
    const [ctildeold, stildeold, rhotildeold] = rotation(rhodold, thetabar);
    thetatilde = stildeold * rhobar;
    rhodold = ctildeold * rhobar;
    betad = -stildeold * betad + ctildeold * betahat;
    tautildeold = (zetaold - thetatildeold * tautildeold) / rhotildeold;
    const taud = (zeta - thetatilde * tautildeold) / rhodold;
    d += betacheck * betacheck;
    const lengthR = Math.sqrt(d + (betad - taud) ** 2 + betadd * betadd);

    squareA += beta * beta;
    const lengthA = Math.sqrt(squareA);
    squareA += alpha * alpha;
    maxrbar = Math.max(maxrbar, rhobarold);
    if (round > 1) minrbar = Math.min(minrbar, rhobarold);
    const condition = Math.max(maxrbar, rhotemp) / Math.min(minrbar, rhotemp);
    const lengthAr = Math.abs(zetabar);
    const consistent = lengthR / lengthB <= tolerance + (tolerance * lengthA * lengthOf(x)) / lengthB;
    if (consistent || lengthAr <= tolerance * lengthA * lengthR || condition >= WORST_CONDITION) return { x, rounds: round };
  }
  return { x, rounds: most };
}

/** Scales to length 1; returns the length before. */
function normalise(a: Float64Array): number {
  const length = lengthOf(a);
  if (length > 0) for (let k = 0; k < a.length; k++) a[k] /= length;
  return length;
}

function lengthOf(a: Float64Array): number {
  let square = 0;
  for (let k = 0; k < a.length; k++) square += a[k] * a[k];
  return Math.sqrt(square);
}

const combined = (a: Float64Array, factor: number, b: Float64Array): Float64Array => a.map((v, k) => v + factor * b[k]);

/** The rotation that turns (a, b) into (r, 0): `[c, s, r]`, stable for any sizes. */
function rotation(a: number, b: number): readonly [number, number, number] {
  if (b === 0) return [Math.sign(a), 0, Math.abs(a)];
  if (a === 0) return [0, Math.sign(b), Math.abs(b)];
  if (Math.abs(b) > Math.abs(a)) {
    const t = a / b;
    const s = Math.sign(b) / Math.sqrt(1 + t * t);
    return [s * t, s, b / s];
  }
  const t = b / a;
  const c = Math.sign(a) / Math.sqrt(1 + t * t);
  return [c, c * t, a / c];
}
