// Gram matrices of columns that are often 0, as the rates of neurons are: four columns that are 0 in the same rows make a panel whose other rows are
// listed, and products with it are taken in those rows only. What is left out would add 0: the bits are those of all rows.
import { addChunk, addListed, CHUNK, FOUR, NEAR, tileAt } from "./tile";

/** Rows of a slab, as panels hold them. */
const SLAB: i32 = 512;
/** Bytes of a panel, of the list of its rows (for each chunk the number of rows in its list, and the rows' offsets), and of a chunk's list. */
const PANEL: usize = <usize>SLAB * FOUR;
const CHUNK_LIST: usize = ((<usize>CHUNK) << 2) + 4;
const LIST: usize = <usize>(SLAB / CHUNK) * CHUNK_LIST;
/** From so many rows of a chunk on, all are as quick. */
const MANY: i32 = 54;

/** `rows` (at most a slab) rows of an `[rows, n]` matrix into `count` panels of the columns that `order` (i32, four a panel, -1: none) names. */
export function packListed(source: usize, rows: i32, n: i32, order: usize, count: i32, panels: usize, lists: usize): void {
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
    let list = lists;
    for (let chunk = 0; chunk < rows; chunk += CHUNK) {
      let found: usize = 0;
      for (let k = chunk; k < min(chunk + CHUNK, rows); k++) {
        const at = <usize>k * FOUR;
        store<u32>(list + 4 + (found << 2), <u32>at);
        found += <usize>(
          (v128.any_true(f64x2.ne(v128.load(panels + at), f64x2.splat(0))) ||
            v128.any_true(f64x2.ne(v128.load(panels + at, 16), f64x2.splat(0))))
        );
      }
      store<u32>(list, <u32>found);
      list += CHUNK_LIST;
    }
    panels += PANEL;
    lists += LIST;
  }
}

/**
 * Adds to 16 columns of tiles of A^T A, from `near` on, what the rows in the panels give; panels with fewer rows in their lists should come
 * later.
 */
export function addListedRows(panels: usize, lists: usize, rows: i32, near: i32, count: i32, tiles: usize): void {
  for (let i = near; i < count; i++) {
    const last = min(near + NEAR, i + 1);
    for (let j = near; j < last; j++) {
      const x = panels + <usize>i * PANEL;
      const y = panels + <usize>j * PANEL;
      const tile = tileAt(tiles, i, j);
      let list = lists + <usize>i * LIST;
      for (let chunk = 0; chunk < rows; chunk += CHUNK) {
        const found = load<i32>(list);
        const at = <usize>chunk * FOUR;
        if (found >= MANY) addChunk(x + at, y + at, min(rows - chunk, CHUNK), tile);
        else if (found > 0) addListed(x, y, list + 4, found, tile);
        list += CHUNK_LIST;
      }
    }
  }
}

/** The whole `[n, n]` matrix of the tiles of a symmetric one whose columns are in another order. */
export function unpackListed(tiles: usize, n: i32, order: usize, count: i32, out: usize): void {
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
