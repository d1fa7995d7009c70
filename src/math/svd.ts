import { multiply, transpose } from "./linalg.ts";

const MAX_SWEEPS = 60;

/** A = U S V^T of an `[m, n]` matrix with m >= n. */
export interface Svd {
  /** Columns of U, row by row: `[n, m]`. */
  readonly u: Float64Array;
  /** Not sorted. */
  readonly s: Float64Array;
  /** Columns of V, row by row: `[n, n]`. */
  readonly v: Float64Array;
}

/**
 * Singular values and vectors by one-sided Jacobi rotations, which keep small singular values accurate. Where a value is 0, so is
 * its column of U.
 * Source: J. Demmel and K. Veselić, SIAM J. Matrix Analysis 13 (1992), "Jacobi's method is more accurate than QR".
 */
export function svd(a: Float64Array, m: number, n: number): Svd {
  // Row c of `w` is column c of A V = U S; row c of `v` is column c of V.
  const w = transpose(a, m, n);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const dot = (p: number, q: number): number => {
    let sum = 0;
    for (let k = 0; k < m; k++) sum += w[p * m + k] * w[q * m + k];
    return sum;
  };
  const rotate = (data: Float64Array, length: number, p: number, q: number, c: number, s: number): void => {
    for (let k = 0; k < length; k++) {
      const x = data[p * length + k];
      const y = data[q * length + k];
      data[p * length + k] = c * x - s * y;
      data[q * length + k] = s * x + c * y;
    }
  };
  // What is left of a right angle by rounding alone.
  const tolerance = Math.sqrt(m) * Number.EPSILON;
  const squares = new Float64Array(n);
  for (let sweep = 0, rotated = true; rotated && sweep < MAX_SWEEPS; sweep++) {
    rotated = false;
    // Kept up to date by the rotations; taken anew in every sweep against rounding.
    for (let c = 0; c < n; c++) squares[c] = dot(c, c);
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = dot(p, q);
        if (Math.abs(off) <= tolerance * Math.sqrt(squares[p] * squares[q])) continue;
        rotated = true;
        const zeta = (squares[q] - squares[p]) / (2 * off);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(w, m, p, q, c, c * t);
        rotate(v, n, p, q, c, c * t);
        squares[p] -= t * off;
        squares[q] += t * off;
      }
    }
  }
  const s = new Float64Array(n);
  for (let c = 0; c < n; c++) {
    s[c] = Math.sqrt(dot(c, c));
    if (s[c] > 0) for (let k = 0; k < m; k++) w[c * m + k] /= s[c];
  }
  return { u: w, s, v };
}

/** The orthogonal polar factor U V^T of a square matrix M = U S V^T, `[n, n]`: the orthogonal matrix nearest to M. */
export function polarFactor(m: Float64Array, n: number): Float64Array {
  const { u, v } = svd(m, n, n);
  return multiply(transpose(u, n, n), v, n, n, n);
}
