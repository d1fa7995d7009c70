// Products with at most three rows: every value of B is used that often only, so packing it would cost as much as the product.
import { multiplyAdd } from "./multiplyAdd";

/** One row: the row of A times B, by columns of B in registers; B's rows are contiguous. */
function rowByColumns(a: usize, aColumn: usize, b: usize, bRow: usize, c: usize, columns: i32, depth: i32, add: bool): void {
  let j = 0;
  for (; j + 16 <= columns; j += 16) {
    let s0 = add ? v128.load(c) : f32x4.splat(0);
    let s1 = add ? v128.load(c, 16) : f32x4.splat(0);
    let s2 = add ? v128.load(c, 32) : f32x4.splat(0);
    let s3 = add ? v128.load(c, 48) : f32x4.splat(0);
    let p = a;
    let q = b;
    for (let k = 0; k < depth; k++) {
      const v = v128.load_splat<f32>(p);
      s0 = multiplyAdd(v, v128.load(q), s0);
      s1 = multiplyAdd(v, v128.load(q, 16), s1);
      s2 = multiplyAdd(v, v128.load(q, 32), s2);
      s3 = multiplyAdd(v, v128.load(q, 48), s3);
      p += aColumn;
      q += bRow;
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
    b += 64;
    c += 64;
  }
  for (; j + 4 <= columns; j += 4) {
    let s = add ? v128.load(c) : f32x4.splat(0);
    let p = a;
    let q = b;
    for (let k = 0; k < depth; k++) {
      s = multiplyAdd(v128.load_splat<f32>(p), v128.load(q), s);
      p += aColumn;
      q += bRow;
    }
    v128.store(c, s);
    b += 16;
    c += 16;
  }
  for (; j < columns; j++) {
    let s: f32 = add ? load<f32>(c) : 0;
    let p = a;
    let q = b;
    for (let k = 0; k < depth; k++) {
      s += load<f32>(p) * load<f32>(q);
      p += aColumn;
      q += bRow;
    }
    store<f32>(c, s);
    b += 4;
    c += 4;
  }
}

/** One row: dot products of contiguous vectors with the columns of B, which are contiguous. */
function rowByDots(a: usize, b: usize, bColumn: usize, c: usize, columns: i32, depth: i32, add: bool): void {
  for (let j = 0; j < columns; j++) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let p = a;
    let q = b;
    let k = 0;
    for (; k + 8 <= depth; k += 8) {
      s0 = multiplyAdd(v128.load(p), v128.load(q), s0);
      s1 = multiplyAdd(v128.load(p, 16), v128.load(q, 16), s1);
      p += 32;
      q += 32;
    }
    s0 = f32x4.add(s0, s1);
    let s = f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 1) + (f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3));
    for (; k < depth; k++) {
      s += load<f32>(p) * load<f32>(q);
      p += 4;
      q += 4;
    }
    store<f32>(c, add ? load<f32>(c) + s : s);
    b += bColumn;
    c += 4;
  }
}

/** As `product`, row by row. */
export function fewRows(
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
): void {
  for (let i = 0; i < rows; i++) {
    if (bColumn == 1) rowByColumns(a, (<usize>aColumn) << 2, b, (<usize>bRow) << 2, c, columns, depth, add);
    else if (bRow == 1 && aColumn == 1) rowByDots(a, b, (<usize>bColumn) << 2, c, columns, depth, add);
    else
      for (let j = 0; j < columns; j++) {
        const at = c + ((<usize>j) << 2);
        let s: f32 = add ? load<f32>(at) : 0;
        for (let k = 0; k < depth; k++) {
          s += load<f32>(a + ((<usize>k * aColumn) << 2)) * load<f32>(b + ((<usize>k * bRow + <usize>j * bColumn) << 2));
        }
        store<f32>(at, s);
      }
    a += (<usize>aRow) << 2;
    c += (<usize>cRow) << 2;
  }
}
