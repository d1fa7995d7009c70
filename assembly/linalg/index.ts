// Float64 kernels of src/math/linalg.ts, with the same bits; JavaScript says where in memory things lie.
export { addMarkedRows, packMarked, unpackMarked } from "./sparse";
import { addChunk, addChunks, addGram, addNear, CHUNK, FOUR, TILE, tileAt } from "./tile";

/** Numbers a panel holds between two of `addRows`: the rows of A that are added at once. */
const SLAB: i32 = 512;

/** `rows` (at most a slab) rows of an `[rows, n]` matrix into panels of four columns each, filled up with 0. */
export function pack(source: usize, rows: i32, n: i32, panels: usize): void {
  const width = (<usize>n) << 3;
  for (let i = 0; i < n; i += 4) {
    let to = panels + <usize>(i >> 2) * <usize>SLAB * FOUR;
    let from = source + ((<usize>i) << 3);
    if (i + 4 <= n) {
      for (let k = 0; k < rows; k++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        to += FOUR;
        from += width;
      }
    } else {
      for (let k = 0; k < rows; k++) {
        for (let r = 0; r < 4; r++) store<f64>(to + ((<usize>r) << 3), i + r < n ? load<f64>(from + ((<usize>r) << 3)) : 0);
        to += FOUR;
        from += width;
      }
    }
  }
}

/** Adds to 16 columns of tiles of A^T A, from `near` on, what the rows in the panels give. */
export function addRows(panels: usize, rows: i32, near: i32, n: i32, tiles: usize): void {
  addNear(panels, <usize>SLAB * FOUR, rows, near, (n + 3) >> 2, tiles);
}

/** Adds to the tiles `[(n + 3) / 4, (m + 3) / 4]` of A^T B what the rows in panels of A (n columns) and of B (m columns) give. */
export function addProducts(a: usize, b: usize, rows: i32, n: i32, m: i32, tiles: usize): void {
  const stride = <usize>SLAB * FOUR;
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j < m; j += 4) {
      addChunks(a + <usize>(i >> 2) * stride, b + <usize>(j >> 2) * stride, rows, tiles);
      tiles += TILE;
    }
  }
}

/**
 * Adds A^T b of `rows` (at most a chunk) rows of an `[rows, n]` matrix to n numbers (with room for a multiple of four; the matrix lies where a
 * few numbers after it may be read).
 */
export function addVector(a: usize, b: usize, rows: i32, n: i32, sums: usize): void {
  const width = (<usize>n) << 3;
  for (let j = 0; j < n; j += 4) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let from = a + ((<usize>j) << 3);
    for (let at = b, end = b + ((<usize>rows) << 3); at < end; at += 8) {
      const v = v128.load_splat<f64>(at);
      s0 = f64x2.add(s0, f64x2.mul(v128.load(from), v));
      s1 = f64x2.add(s1, f64x2.mul(v128.load(from, 16), v));
      from += width;
    }
    const to = sums + ((<usize>j) << 3);
    v128.store(to, f64x2.add(v128.load(to), s0));
    v128.store(to, f64x2.add(v128.load(to, 16), s1), 16);
  }
}

/** The whole matrix of the tiles of a symmetric one, `[n, n]`. */
export function unpack(tiles: usize, n: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    const row = out + ((<usize>i * <usize>n) << 3);
    for (let j = 0; j <= i; j++) {
      const value = load<f64>(tileAt(tiles, i >> 2, j >> 2) + ((<usize>(((j & 3) << 2) | (i & 3))) << 3));
      store<f64>(row + ((<usize>j) << 3), value);
      store<f64>(out + ((<usize>j * <usize>n + <usize>i) << 3), value);
    }
  }
}

/**
 * Puts the Cholesky factor in the place of a symmetric `[n, n]` matrix, of which only the lower triangle is read. `tiles` (all 0 at first)
 * hold the products of finished columns, `panels` a chunk of columns of the factor, `part` one tile.
 * @returns -1, or the row whose pivot, left in `part`, is not positive
 */
export function cholesky(a: usize, n: i32, tiles: usize, panels: usize, part: usize): i32 {
  const count = (n + 3) >> 2;
  const stride = <usize>CHUNK * FOUR;
  for (let block = 0; block < count; block += CHUNK >> 2) {
    const last = min(block + (CHUNK >> 2), count);
    for (let j = block; j < last; j++) {
      const done = (j - block) << 2;
      const y = panels + <usize>j * stride;
      for (let i = j; i < count; i++) {
        const x = panels + <usize>i * stride;
        memory.copy(part, tileAt(tiles, i, j), TILE);
        if (done > 0) addChunk(x, y, done, part);
        const failed = finish(a, n, i << 2, j << 2, x + <usize>done * FOUR, y + <usize>done * FOUR, part);
        if (failed >= 0) return failed;
      }
    }
    addGram(panels, stride, CHUNK, last, count, tiles);
  }
  for (let i = 0; i < n - 1; i++) {
    memory.fill(a + ((<usize>i * <usize>n + <usize>(i + 1)) << 3), 0, (<usize>(n - 1 - i)) << 3);
  }
  return -1;
}

/** The factor's tile at row i and column j, of which `part` has the products with earlier columns; into `x` and the matrix. */
function finish(a: usize, n: i32, i: i32, j: i32, x: usize, y: usize, part: usize): i32 {
  for (let s = 0; s < 4; s++) {
    const column = x + <usize>s * FOUR;
    for (let r = 0; r < 4; r++) {
      const at = a + ((<usize>(i + r) * <usize>n + <usize>(j + s)) << 3);
      const lane = (<usize>r) << 3;
      if (i + r >= n || j + s >= n || i + r < j + s) {
        store<f64>(column + lane, 0);
        continue;
      }
      let value = load<f64>(at) - load<f64>(part + ((<usize>((s << 2) | r)) << 3));
      for (let k = 0; k < s; k++) value -= load<f64>(x + <usize>k * FOUR + lane) * load<f64>(y + <usize>k * FOUR + ((<usize>s) << 3));
      if (i + r === j + s) {
        if (!(value > 0)) {
          store<f64>(part, value);
          return i + r;
        }
        value = sqrt(value);
      } else value /= load<f64>(y + <usize>s * FOUR + ((<usize>s) << 3));
      store<f64>(column + lane, value);
      store<f64>(at, value);
    }
  }
  return -1;
}
