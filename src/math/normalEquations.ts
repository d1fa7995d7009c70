import { alikeColumns } from "./alikeColumns.ts";
import * as plain from "./linalg.ts";
import { hasKernels, places, run } from "./linalgKernels.ts";
import { checkRoom } from "./room.ts";

/*
 * Products of matrices and the costly parts of least squares, by WebAssembly where there is SIMD and else by src/math/linalg.ts, with the same bits: each sum is
 * taken in the same order. Matrices are row-major.
 */

/** Rows that the kernels take at once. */
const SLAB = 512;
/** Numbers that are added up one after the other; columns of a factor that the kernels keep side by side. */
const CHUNK = 64;
/** Columns from which on it pays to look for those that are 0 in the same rows. */
const MARKED = 128;
/** Words of the marks of a panel's rows. */
const MARKS = SLAB / CHUNK;
const TILE = 4;
/** Columns of tiles in one call: short calls, since an engine changes to optimised code only between calls. */
const NEAR = 16;

const up = (n: number): number => TILE * Math.ceil(n / TILE);
/** Numbers of the tiles of a symmetric matrix. */
const tilesOf = (n: number): number => ((up(n) / TILE) * (up(n) / TILE + 1) * TILE * TILE) / 2;

/** A^T A of a `[rows, n]` matrix: `[n, n]`. */
export function columnGram(a: Float64Array, rows: number, n: number): Float64Array {
  checkRoom(n * n, "Least squares");
  const order = n < MARKED ? null : alikeColumns(a, rows, n);
  return order === null ? denseGram(a, rows, n) : markedGram(a, rows, n, order);
}

function denseGram(a: Float64Array, rows: number, n: number): Float64Array {
  const {
    at: [source, panels, tiles, out],
    bytes,
  } = places(SLAB * n, SLAB * up(n), tilesOf(n), n * n);
  if (!hasKernels(bytes)) return plain.rowGram(plain.transpose(a, rows, n), n, rows);
  return run(bytes, (kernels, memory) => {
    memory.fill(0, tiles / 8, out / 8);
    for (let from = 0; from < rows; from += SLAB) {
      const count = Math.min(SLAB, rows - from);
      memory.set(a.subarray(from * n, (from + count) * n), source / 8);
      kernels.pack(source, count, n, panels);
      for (let near = 0; near < up(n) / TILE; near += NEAR) kernels.addRows(panels, count, near, n, tiles);
    }
    kernels.unpack(tiles, n, out);
    return memory.slice(out / 8, out / 8 + n * n);
  });
}

/** By panels of columns that are 0 in the same rows. */
function markedGram(a: Float64Array, rows: number, n: number, order: Int32Array): Float64Array {
  const count = order.length / TILE;
  const {
    at: [source, panels, tiles, out, marks, orders],
    bytes,
  } = places(SLAB * n, SLAB * up(n), tilesOf(n), n * n, MARKS * count, order.length);
  if (!hasKernels(bytes)) return denseGram(a, rows, n);
  return run(bytes, (kernels, memory) => {
    new Int32Array(memory.buffer, orders, order.length).set(order);
    memory.fill(0, tiles / 8, out / 8);
    for (let from = 0; from < rows; from += SLAB) {
      const rowCount = Math.min(SLAB, rows - from);
      memory.set(a.subarray(from * n, (from + rowCount) * n), source / 8);
      kernels.packMarked(source, rowCount, n, orders, count, panels, marks);
      for (let near = 0; near < count; near += NEAR) kernels.addMarkedRows(panels, marks, rowCount, near, count, tiles);
    }
    kernels.unpackMarked(tiles, n, orders, count, out);
    return memory.slice(out / 8, out / 8 + n * n);
  });
}

/** A^T B of an `[rows, n]` and a `[rows, m]` matrix: `[n, m]`. */
export function columnProducts(a: Float64Array, b: Float64Array, rows: number, n: number, m: number): Float64Array {
  checkRoom(n * m, "Least squares");
  if (m === 1) return columnProduct(a, b, rows, n);
  const wide = up(m);
  const {
    at: [sourceA, sourceB, panelsA, panelsB, tiles],
    bytes,
  } = places(SLAB * n, SLAB * m, SLAB * up(n), SLAB * wide, up(n) * wide);
  if (!hasKernels(bytes)) return plain.multiply(plain.transpose(a, rows, n), b, n, rows, m);
  return run(bytes, (kernels, memory) => {
    memory.fill(0, tiles / 8, bytes / 8);
    for (let from = 0; from < rows; from += SLAB) {
      const count = Math.min(SLAB, rows - from);
      memory.set(a.subarray(from * n, (from + count) * n), sourceA / 8);
      memory.set(b.subarray(from * m, (from + count) * m), sourceB / 8);
      kernels.pack(sourceA, count, n, panelsA);
      kernels.pack(sourceB, count, m, panelsB);
      kernels.addProducts(panelsA, panelsB, count, n, m, tiles);
    }
    const product = new Float64Array(n * m);
    for (let i = 0; i < n; i++) {
      // Within a tile, columns lie one after the other.
      const row = tiles / 8 + (i >> 2) * wide * TILE + (i & 3);
      for (let j = 0; j < m; j++) product[i * m + j] = memory[row + j * TILE];
    }
    return product;
  });
}

/** A B, `[m, k]` times `[k, n]`. */
export function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const small = k < 8 || m * k * n < 2 ** 15;
  return small ? plain.multiply(a, b, m, k, n) : columnProducts(plain.transpose(a, m, k), b, k, m, n);
}

/** A^T b. */
function columnProduct(a: Float64Array, b: Float64Array, rows: number, n: number): Float64Array {
  const {
    at: [matrix, vector, sums],
    bytes,
  } = places(SLAB * n + TILE, SLAB, up(n));
  if (!hasKernels(bytes)) return plain.multiply(plain.transpose(a, rows, n), b, n, rows, 1);
  return run(bytes, (kernels, memory) => {
    memory.fill(0, sums / 8, bytes / 8);
    for (let from = 0; from < rows; from += SLAB) {
      const count = Math.min(SLAB, rows - from);
      memory.set(a.subarray(from * n, (from + count) * n), matrix / 8);
      memory.set(b.subarray(from, from + count), vector / 8);
      for (let k = 0; k < count; k += CHUNK) kernels.addVector(matrix + 8 * k * n, vector + 8 * k, Math.min(CHUNK, count - k), n, sums);
    }
    return memory.slice(sums / 8, sums / 8 + n);
  });
}

/**
 * Lower triangular L with L L^T = A, for a symmetric positive definite `[n, n]` matrix; entries above the diagonal are 0.
 * @throws BuildError if A is not positive definite
 */
export function choleskyFactor(a: Float64Array, n: number): Float64Array {
  const {
    at: [matrix, tiles, panels, part],
    bytes,
  } = places(n * n, tilesOf(n), CHUNK * up(n), TILE * TILE);
  if (!hasKernels(bytes)) return plain.cholesky(a, n);
  return run(bytes, (kernels, memory) => {
    memory.set(a, matrix / 8);
    memory.fill(0, tiles / 8, panels / 8);
    const row = kernels.cholesky(matrix, n, tiles, panels, part);
    if (row >= 0) throw plain.notPositiveDefinite(memory[part / 8], row);
    return memory.slice(0, n * n);
  });
}
