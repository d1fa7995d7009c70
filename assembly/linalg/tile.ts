// Tiles of 4 x 4 dot products. Operands are panels: four rows side by side, number k of the four at k * 32 bytes. A tile holds number (r, s)
// at 8 * (4 * s + r). Every dot product is one accumulator over ascending k within a chunk of 64, and its chunks are added up in their order,
// as src/math/linalg.ts does it: SIMD goes over outputs, so the bits are the same.

/** Numbers that are added up one after the other. */
export const CHUNK: i32 = 64;
/** Bytes of a tile. */
export const TILE: usize = 128;
/** Bytes of four numbers, the step in a panel. */
export const FOUR: usize = 32;

/** Adds to a tile the dot products of `count` (at most a chunk) numbers of the rows of panel x (r) with those of panel y (s). */
export function addChunk(x: usize, y: usize, count: i32, tile: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (const end = x + <usize>count * FOUR; x < end; x += FOUR) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    let v = v128.load_splat<f64>(y);
    a0 = f64x2.add(a0, f64x2.mul(x0, v));
    a1 = f64x2.add(a1, f64x2.mul(x1, v));
    v = v128.load_splat<f64>(y, 8);
    b0 = f64x2.add(b0, f64x2.mul(x0, v));
    b1 = f64x2.add(b1, f64x2.mul(x1, v));
    v = v128.load_splat<f64>(y, 16);
    c0 = f64x2.add(c0, f64x2.mul(x0, v));
    c1 = f64x2.add(c1, f64x2.mul(x1, v));
    v = v128.load_splat<f64>(y, 24);
    d0 = f64x2.add(d0, f64x2.mul(x0, v));
    d1 = f64x2.add(d1, f64x2.mul(x1, v));
    y += FOUR;
  }
  addTo(tile, a0, a1, b0, b1, c0, c1, d0, d1);
}

/** Adds sums to a tile. */
function addTo(tile: usize, a0: v128, a1: v128, b0: v128, b1: v128, c0: v128, c1: v128, d0: v128, d1: v128): void {
  v128.store(tile, f64x2.add(v128.load(tile), a0));
  v128.store(tile, f64x2.add(v128.load(tile, 16), a1), 16);
  v128.store(tile, f64x2.add(v128.load(tile, 32), b0), 32);
  v128.store(tile, f64x2.add(v128.load(tile, 48), b1), 48);
  v128.store(tile, f64x2.add(v128.load(tile, 64), c0), 64);
  v128.store(tile, f64x2.add(v128.load(tile, 80), c1), 80);
  v128.store(tile, f64x2.add(v128.load(tile, 96), d0), 96);
  v128.store(tile, f64x2.add(v128.load(tile, 112), d1), 112);
}

/** As {@link addChunk}, for any count. */
export function addChunks(x: usize, y: usize, count: i32, tile: usize): void {
  for (let from = 0; from < count; from += CHUNK) {
    const at = <usize>from * FOUR;
    addChunk(x + at, y + at, min(count - from, CHUNK), tile);
  }
}

/** Where tile (i, j), j <= i, of a symmetric matrix lies. */
export function tileAt(tiles: usize, i: i32, j: i32): usize {
  return tiles + (((<usize>i * <usize>(i + 1)) >> 1) + <usize>j) * TILE;
}

/** Panels whose tiles are made while they are in the second cache. */
export const NEAR: i32 = 16;

/**
 * Adds to the tiles (i, j), first <= j <= i < count, of a symmetric matrix the dot products of `length` numbers of all panels, which lie
 * `stride` bytes apart.
 */
export function addGram(panels: usize, stride: usize, length: i32, first: i32, count: i32, tiles: usize): void {
  for (let near = first; near < count; near += NEAR) addNear(panels, stride, length, near, count, tiles);
}

/** As {@link addGram}, for j in near..near + 15. */
export function addNear(panels: usize, stride: usize, length: i32, near: i32, count: i32, tiles: usize): void {
  for (let i = near; i < count; i++) {
    const last = min(near + NEAR, i + 1);
    const x = panels + <usize>i * stride;
    for (let j = near; j < last; j++) addChunks(x, panels + <usize>j * stride, length, tileAt(tiles, i, j));
  }
}

/** As {@link addChunk}, of the numbers whose bits are set in `mask` only; of the others those of x or of y are 0, and add nothing. */
export function addMasked(x: usize, y: usize, mask: u64, tile: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  while (mask !== 0) {
    const at = <usize>ctz(mask) * FOUR;
    mask &= mask - 1;
    const x0 = v128.load(x + at);
    const x1 = v128.load(x + at, 16);
    let v = v128.load_splat<f64>(y + at);
    a0 = f64x2.add(a0, f64x2.mul(x0, v));
    a1 = f64x2.add(a1, f64x2.mul(x1, v));
    v = v128.load_splat<f64>(y + at, 8);
    b0 = f64x2.add(b0, f64x2.mul(x0, v));
    b1 = f64x2.add(b1, f64x2.mul(x1, v));
    v = v128.load_splat<f64>(y + at, 16);
    c0 = f64x2.add(c0, f64x2.mul(x0, v));
    c1 = f64x2.add(c1, f64x2.mul(x1, v));
    v = v128.load_splat<f64>(y + at, 24);
    d0 = f64x2.add(d0, f64x2.mul(x0, v));
    d1 = f64x2.add(d1, f64x2.mul(x1, v));
  }
  addTo(tile, a0, a1, b0, b1, c0, c1, d0, d1);
}
