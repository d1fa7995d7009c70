// Sums of rows: by segment, and over the leading axis.
import { addIntegerRow, addRow } from "./rows";

/**
 * out[ids[i]] += x[i] for `count` rows of `bytes` bytes; identifiers outside [0, segments) are left out. `integer` tells int32 from
 * float32. `out` must hold zeros.
 */
export function segmentSum(x: usize, ids: usize, out: usize, count: i32, bytes: usize, segments: i32, integer: bool): void {
  for (let i = 0; i < count; i++) {
    const id = load<i32>(ids);
    if (id >= 0 && id < segments) {
      const to = out + <usize>id * bytes;
      if (integer) addIntegerRow(x, to, bytes);
      else addRow(x, to, bytes);
    }
    ids += 4;
    x += bytes;
  }
}

/** sum += part, where `lost` holds what rounding took from earlier sums (Kahan's summation). */
function addExactly(part: usize, sum: usize, lost: usize, bytes: usize): void {
  let j: usize = 0;
  for (; j + 16 <= bytes; j += 16) {
    const before = v128.load(sum + j);
    const y = f32x4.sub(v128.load(part + j), v128.load(lost + j));
    const after = f32x4.add(before, y);
    v128.store(lost + j, f32x4.sub(f32x4.sub(after, before), y));
    v128.store(sum + j, after);
  }
  for (; j < bytes; j += 4) {
    const before = load<f32>(sum + j);
    const y = load<f32>(part + j) - load<f32>(lost + j);
    const after = before + y;
    store<f32>(lost + j, after - before - y);
    store<f32>(sum + j, after);
  }
}

/**
 * out[j] = factor * sum over i of x[i, j], float32: `rows` rows of `columns` columns. Sums of 64 rows are made at `scratch` (room for
 * 2 `columns` values) and added up without loss, so that rounding doesn't grow with the number of rows.
 */
export function sumRows(x: usize, out: usize, rows: i32, columns: i32, factor: f32, scratch: usize): void {
  const bytes = (<usize>columns) << 2;
  const lost = scratch + bytes;
  memory.fill(out, 0, bytes);
  memory.fill(lost, 0, bytes);
  for (let i = 0; i < rows; i += 64) {
    const end = min(rows, i + 64);
    memory.fill(scratch, 0, bytes);
    let r = i;
    for (; r + 4 <= end; r += 4) {
      const x1 = x + bytes;
      const x2 = x1 + bytes;
      const x3 = x2 + bytes;
      let j: usize = 0;
      for (; j + 16 <= bytes; j += 16) {
        const pair = f32x4.add(v128.load(x + j), v128.load(x1 + j));
        const other = f32x4.add(v128.load(x2 + j), v128.load(x3 + j));
        v128.store(scratch + j, f32x4.add(v128.load(scratch + j), f32x4.add(pair, other)));
      }
      for (; j < bytes; j += 4) {
        const four = load<f32>(x + j) + load<f32>(x1 + j) + (load<f32>(x2 + j) + load<f32>(x3 + j));
        store<f32>(scratch + j, load<f32>(scratch + j) + four);
      }
      x = x3 + bytes;
    }
    for (; r < end; r++) {
      addRow(x, scratch, bytes);
      x += bytes;
    }
    if (rows <= 64) addRow(scratch, out, bytes);
    else addExactly(scratch, out, lost, bytes);
  }
  if (factor != 1) {
    for (const end = out + bytes; out < end; out += 4) store<f32>(out, load<f32>(out) * factor);
  }
}

/** x[i, j] += row[j], float32: `rows` rows of `columns` columns. */
export function addToRows(row: usize, x: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let i = 0; i < rows; i++) {
    addRow(row, x, bytes);
    x += bytes;
  }
}
