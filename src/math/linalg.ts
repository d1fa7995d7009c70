import { BuildError } from "../errors.ts";
import { checkRoom } from "./room.ts";

/*
 * Dense float64 matrices, row-major in a Float64Array. Long sums are sums of sums of 64 numbers each, whose rounding errors stay
 * small: decoders of a thousand neurons magnify them ten thousand times. The two costly routines, `rowGram` and `cholesky`, work on
 * tiles of 4 x 4 dot products of rows, which a JavaScript engine keeps in registers.
 */

/** Numbers that are added up one after the other. */
const CHUNK = 64;

/** `[rows, columns]` to `[columns, rows]`. */
export function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j]!;
  return out;
}

/** A B, `[m, k]` times `[k, n]`. */
export function multiply(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  const part = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    for (let from = 0; from < k; from += CHUNK) {
      part.fill(0);
      for (let l = from; l < Math.min(from + CHUNK, k); l++) {
        const v = a[i * k + l];
        for (let j = 0; j < n; j++) part[j] += v * b[l * n + j];
      }
      for (let j = 0; j < n; j++) out[i * n + j] += part[j];
    }
  }
  return out;
}

const TILE = 4;
const tile = new Float64Array(TILE * TILE);

/**
 * Fills `tile[4 r + s]` with the dot product of the first `length` numbers of rows `i + r` and `j + s`, r and s in 0..3. Rows past
 * the last one are taken for the last one; the caller ignores what they give.
 */
function dotTile(a: Float64Array, stride: number, i: number, j: number, length: number, rows: number): void {
  tile.fill(0);
  for (let from = 0; from < length; from += CHUNK) addTile(a, stride, i, j, from, Math.min(from + CHUNK, length), rows);
}

/** Adds to the tile the part of the dot products from one column to before another. */
function addTile(a: Float64Array, stride: number, i: number, j: number, from: number, to: number, rows: number): void {
  const row = (at: number): number => Math.min(at, rows - 1) * stride;
  const [i0, i1, i2, i3] = [row(i), row(i + 1), row(i + 2), row(i + 3)];
  const [j0, j1, j2, j3] = [row(j), row(j + 1), row(j + 2), row(j + 3)];
  // prettier-ignore
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0,
    s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  // Written out, since destructuring would cost an iterator a round.
  // prettier-ignore
  for (let k = from; k < to; k++) {
    const x0 = a[i0 + k], x1 = a[i1 + k], x2 = a[i2 + k], x3 = a[i3 + k];
    const y0 = a[j0 + k], y1 = a[j1 + k], y2 = a[j2 + k], y3 = a[j3 + k];
    s00 += x0 * y0; s01 += x0 * y1; s02 += x0 * y2; s03 += x0 * y3;
    s10 += x1 * y0; s11 += x1 * y1; s12 += x1 * y2; s13 += x1 * y3;
    s20 += x2 * y0; s21 += x2 * y1; s22 += x2 * y2; s23 += x2 * y3;
    s30 += x3 * y0; s31 += x3 * y1; s32 += x3 * y2; s33 += x3 * y3;
  }
  // prettier-ignore
  {
    tile[0] += s00; tile[1] += s01; tile[2] += s02; tile[3] += s03; tile[4] += s10; tile[5] += s11; tile[6] += s12; tile[7] += s13;
    tile[8] += s20; tile[9] += s21; tile[10] += s22; tile[11] += s23; tile[12] += s30; tile[13] += s31; tile[14] += s32; tile[15] += s33;
  }
}

/** A A^T of a `[rows, columns]` matrix: `[rows, rows]`. (A^T A is the row Gram matrix of the transpose.) */
export function rowGram(a: Float64Array, rows: number, columns: number): Float64Array {
  checkRoom(rows * rows, "Least squares");
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i += TILE) {
    for (let j = 0; j <= i; j += TILE) {
      dotTile(a, columns, i, j, columns, rows);
      for (let r = 0; r < TILE && i + r < rows; r++) {
        for (let s = 0; s < TILE && j + s < rows; s++) {
          const value = tile[r * TILE + s];
          out[(i + r) * rows + j + s] = value;
          out[(j + s) * rows + i + r] = value;
        }
      }
    }
  }
  return out;
}

/**
 * Lower triangular L with L L^T = A, for a symmetric positive definite `[n, n]` matrix; entries above the diagonal are 0.
 * @throws BuildError if A is not positive definite
 */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i += TILE) {
    for (let j = 0; j <= i; j += TILE) {
      // Columns before j of both tiles' rows are done: subtract their part, then finish the tile.
      dotTile(l, n, i, j, j, n);
      for (let r = i; r < Math.min(i + TILE, n); r++) {
        for (let s = j; s < Math.min(j + TILE, r + 1); s++) {
          let value = a[r * n + s] - tile[(r - i) * TILE + s - j];
          for (let k = j; k < s; k++) value -= l[r * n + k] * l[s * n + k];
          if (r !== s) l[r * n + s] = value / l[s * n + s];
          else if (value > 0) l[r * n + r] = Math.sqrt(value);
          else throw notPositiveDefinite(value, r);
        }
      }
    }
  }
  return l;
}

export const notPositiveDefinite = (pivot: number, row: number): BuildError =>
  new BuildError(
    `cholesky: expected a positive definite matrix, got a pivot of ${pivot} in row ${row}. Raise the solver's regularisation.`,
  );

/** Solves L L^T X = B for the factor of {@link cholesky}; B and X are `[n, columns]`. */
export function choleskySolve(l: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  const x = Float64Array.from(b);
  if (columns === 1) return solveOne(l, x, n);
  const subtract = (target: number, source: number, factor: number): void => {
    for (let c = 0; c < columns; c++) x[target * columns + c] -= factor * x[source * columns + c];
  };
  const divide = (i: number): void => {
    for (let c = 0; c < columns; c++) x[i * columns + c] /= l[i * n + i];
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(i, k, l[i * n + k]);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    divide(i);
    for (let k = 0; k < i; k++) subtract(k, i, l[i * n + k]);
  }
  return x;
}

/** {@link choleskySolve} in place, for one column. */
function solveOne(l: Float64Array, x: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    let value = x[i];
    for (let k = 0; k < i; k++) value -= l[i * n + k] * x[k];
    x[i] = value / l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = (x[i] /= l[i * n + i]);
    for (let k = 0; k < i; k++) x[k] -= l[i * n + k] * value;
  }
  return x;
}

/**
 * Solves A X = B by elimination with partial pivoting; A is `[n, n]`, B and X are `[n, columns]`.
 * @throws BuildError if A is singular
 */
export function solve(a: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  const u = Float64Array.from(a);
  const x = Float64Array.from(b);
  const swap = (data: Float64Array, width: number, i: number, j: number): void => {
    const row = data.slice(i * width, (i + 1) * width);
    data.copyWithin(i * width, j * width, (j + 1) * width);
    data.set(row, j * width);
  };
  const subtract = (data: Float64Array, width: number, target: number, source: number, factor: number): void => {
    for (let c = 0; c < width; c++) data[target * width + c] -= factor * data[source * width + c];
  };
  for (let p = 0; p < n; p++) {
    let pivot = p;
    for (let i = p + 1; i < n; i++) if (Math.abs(u[i * n + p]) > Math.abs(u[pivot * n + p])) pivot = i;
    if (u[pivot * n + p] === 0) throw new BuildError(`solve: expected a matrix that can be inverted, got a pivot of 0 in column ${p}.`);
    if (pivot !== p) {
      swap(u, n, p, pivot);
      swap(x, columns, p, pivot);
    }
    for (let i = p + 1; i < n; i++) {
      const factor = u[i * n + p] / u[p * n + p];
      if (factor === 0) continue;
      subtract(u, n, i, p, factor);
      subtract(x, columns, i, p, factor);
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) x[i * columns + c] /= u[i * n + i];
    for (let k = 0; k < i; k++) subtract(x, columns, k, i, u[k * n + i]);
  }
  return x;
}
