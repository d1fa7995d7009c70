// Gram matrices of columns that are often 0, as the rates of neurons are: four columns that are 0 in nearly the same rows make a panel, which marks the
// other rows, and products of two panels are taken in rows that both mark. What is left out would add 0: the bits are those of all rows.
import { addChunk, addMasked, CHUNK, FOUR, NEAR, tileAt } from "./tile";

/** Rows of a slab, as panels hold them. */
const SLAB: i32 = 512;
/** Bytes of a panel, and of its marks: one bit a row, a word a chunk. */
const PANEL: usize = <usize>SLAB * FOUR;
const MARKS: usize = (<usize>(SLAB / CHUNK)) << 3;
/** From so many rows of a chunk on, all are as quick. */
const MANY: u64 = 54;

/** `rows` (at most a slab) rows of an `[rows, n]` matrix into `count` panels of the columns that `order` (i32, four a panel, -1: none) names. */
export function packMarked(source: usize, rows: i32, n: i32, order: usize, count: i32, panels: usize, marks: usize): void {
  const width = (<usize>n) << 3;
  for (let t = 0; t < count; t++) {
    for (let r = 0; r < 4; r++) {
      const column = load<i32>(order + ((<usize>(4 * t + r)) << 2));
      let to = panels + ((<usize>r) << 3);
      let from = source + ((<usize>column) << 3);
      for (let k = 0; k < rows; k++) {
        store<f64>(to, column < 0 ? 0 : load<f64>(from));
        to += FOUR;
        from += width;
      }
    }
    for (let chunk = 0; chunk < rows; chunk += CHUNK) {
      let mask: u64 = 0;
      for (let k = 0; k < min(rows - chunk, CHUNK); k++) {
        const at = panels + <usize>(chunk + k) * FOUR;
        const fires = v128.or(f64x2.ne(v128.load(at), f64x2.splat(0)), f64x2.ne(v128.load(at, 16), f64x2.splat(0)));
        mask |= (<u64>v128.any_true(fires)) << (<u64>k);
      }
      store<u64>(marks + ((<usize>(chunk / CHUNK)) << 3), mask);
    }
    panels += PANEL;
    marks += MARKS;
  }
}

/** Adds to 16 columns of tiles of A^T A, from `near` on, what the rows in the panels give. */
export function addMarkedRows(panels: usize, marks: usize, rows: i32, near: i32, count: i32, tiles: usize): void {
  for (let i = near; i < count; i++) {
    const last = min(near + NEAR, i + 1);
    for (let j = near; j < last; j++) {
      const x = panels + <usize>i * PANEL;
      const y = panels + <usize>j * PANEL;
      const tile = tileAt(tiles, i, j);
      let ofX = marks + <usize>i * MARKS;
      let ofY = marks + <usize>j * MARKS;
      for (let chunk = 0; chunk < rows; chunk += CHUNK) {
        const mask = load<u64>(ofX) & load<u64>(ofY);
        const at = <usize>chunk * FOUR;
        if (popcnt(mask) >= MANY) addChunk(x + at, y + at, min(rows - chunk, CHUNK), tile);
        else if (mask !== 0) addMasked(x + at, y + at, mask, tile);
        ofX += 8;
        ofY += 8;
      }
    }
  }
}

/** The whole `[n, n]` matrix of the tiles of a symmetric one whose columns are in another order. */
export function unpackMarked(tiles: usize, n: i32, order: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const tile = tileAt(tiles, i, j);
      for (let r = 0; r < 4; r++) {
        const row = load<i32>(order + ((<usize>(4 * i + r)) << 2));
        if (row < 0) continue;
        for (let s = 0; s < 4; s++) {
          const column = load<i32>(order + ((<usize>(4 * j + s)) << 2));
          if (column < 0) continue;
          const value = load<f64>(tile + ((<usize>((s << 2) | r)) << 3));
          store<f64>(out + ((<usize>row * <usize>n + <usize>column) << 3), value);
          store<f64>(out + ((<usize>column * <usize>n + <usize>row) << 3), value);
        }
      }
    }
  }
}
