// C = A B, or C += A B, in float32: blocks of A and B are packed into panels that stay in the caches, and tiles of 4 rows and 8
// columns of C are summed in registers (the scheme of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
import { multiplyAdd } from "./multiplyAdd";
import { pack } from "./pack";
import { fewRows } from "./fewRows";

/** Values of k in a block: an 8-column panel of B is 8 KiB and stays in the first cache. */
const DEPTH: i32 = 256;
/** Rows of A in a block (64 KiB). */
const ROWS: i32 = 64;
/** Columns of B in a block (256 KiB). */
const COLUMNS: i32 = 256;

/** One 4x8 tile from a panel of A and one of B; `row` is the distance of rows of C in bytes. */
function tile(a: usize, b: usize, depth: i32, c: usize, row: usize, add: bool): void {
  const c1 = c + row;
  const c2 = c1 + row;
  const c3 = c2 + row;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (add) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  for (const end = a + ((<usize>depth) << 4); a < end; a += 16) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    b += 32;
    let v = v128.load_splat<f32>(a);
    s00 = multiplyAdd(v, b0, s00);
    s01 = multiplyAdd(v, b1, s01);
    v = v128.load_splat<f32>(a, 4);
    s10 = multiplyAdd(v, b0, s10);
    s11 = multiplyAdd(v, b1, s11);
    v = v128.load_splat<f32>(a, 8);
    s20 = multiplyAdd(v, b0, s20);
    s21 = multiplyAdd(v, b1, s21);
    v = v128.load_splat<f32>(a, 12);
    s30 = multiplyAdd(v, b0, s30);
    s31 = multiplyAdd(v, b1, s31);
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** A tile of fewer than 4 rows or 8 columns, by way of a whole one at `edge`. */
function edgeTile(a: usize, b: usize, depth: i32, c: usize, row: usize, rows: i32, columns: i32, add: bool, edge: usize): void {
  tile(a, b, depth, edge, 32, false);
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < (<usize>columns) << 2; j += 4) {
      const sum = load<f32>(edge + j);
      store<f32>(c + j, add ? load<f32>(c + j) + sum : sum);
    }
    c += row;
    edge += 32;
  }
}

/** Bytes that `product` needs at `scratch`. */
export function productScratch(): i32 {
  return ((ROWS + COLUMNS) * DEPTH + 32) << 2;
}

/**
 * C[m, n] (+)= A[m, k] B[k, n]. A and B have any strides (in elements) of which one is 1; rows of C are contiguous, `cRow` apart.
 * With depth 0 the sum is empty: zeros unless `add`.
 */
export function product(
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  c: usize,
  cRow: i32,
  rows: i32,
  columns: i32,
  depth: i32,
  add: bool,
  scratch: usize,
): void {
  if (columns == 1 && cRow == 1) {
    fewRows(b, bColumn, bRow, a, aColumn, aRow, c, rows, 1, rows, depth, add); // the transposed product, whose single row is contiguous
    return;
  }
  if (rows <= 3) {
    fewRows(a, aRow, aColumn, b, bRow, bColumn, c, cRow, rows, columns, depth, add);
    return;
  }
  const packedA = scratch + 128;
  const packedB = packedA + ((<usize>(ROWS * DEPTH)) << 2);
  const cBytes = (<usize>cRow) << 2;
  if (depth == 0 && !add) {
    for (let i = 0; i < rows; i++) memory.fill(c + <usize>i * cBytes, 0, (<usize>columns) << 2);
  }
  for (let j0 = 0; j0 < columns; j0 += COLUMNS) {
    const nj = min(COLUMNS, columns - j0);
    for (let k0 = 0; k0 < depth; k0 += DEPTH) {
      const nk = min(DEPTH, depth - k0);
      const adds = add || k0 > 0;
      pack(b + ((<usize>k0 * bRow + <usize>j0 * bColumn) << 2), bColumn, bRow, nj, nk, 8, packedB);
      for (let i0 = 0; i0 < rows; i0 += ROWS) {
        const ni = min(ROWS, rows - i0);
        pack(a + ((<usize>i0 * aRow + <usize>k0 * aColumn) << 2), aRow, aColumn, ni, nk, 4, packedA);
        for (let j = 0; j < nj; j += 8) {
          const panelB = packedB + ((<usize>j * nk) << 2);
          const block = c + <usize>i0 * cBytes + ((<usize>(j0 + j)) << 2);
          for (let i = 0; i < ni; i += 4) {
            const panelA = packedA + ((<usize>i * nk) << 2);
            const at = block + <usize>i * cBytes;
            if (ni - i >= 4 && nj - j >= 8) tile(panelA, panelB, nk, at, cBytes, adds);
            else edgeTile(panelA, panelB, nk, at, cBytes, min(4, ni - i), min(8, nj - j), adds, scratch);
          }
        }
      }
    }
  }
}
