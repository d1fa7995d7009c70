import { int, v128, vector, type Code } from "./code.ts";
import { ENTRY, type Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import { beginning, INPUT, listedColumns, TILE, type Arguments, type How } from "./products.ts";

/* Products of a minibatch: vectors run across items. */

/** Repeats `body`, which is given a position, for `size / tile` tiles of `tile`, from where an earlier loop left off. */
function tiles(f: FunctionBuilder, at: Local, size: Code, tile: number, body: () => void): void {
  f.while(
    () => int.le(int.add(at.get, int.const(tile)), size),
    () => {
      body();
      f.increase(at, int.const(tile));
    },
  );
}

/**
 * Several items; weights are shared, or an item has its own. Some rows and some vectors of items at a time, so that each column's
 * inputs are whole lines of the cache, and weights are loaded once for all of them.
 */
export function denseBatch(f: FunctionBuilder, lowering: Lowering, { set, perItem }: How, a: Arguments): void {
  const { lanes, places } = lowering;
  const rowBytes = places.width * lanes.bytes;
  const row = f.int(int.const(0));
  for (const rows of [2, 1]) {
    tiles(f, row, a.rows, rows, () => {
      const [y, w] = [f.int(int.add(a.y, int.mul(row.get, int.const(rowBytes)))), f.int(int.add(a.w, int.mul(row.get, a.rowStride)))];
      const offset = f.int(int.const(0));
      for (const vectors of [4, 1]) {
        tiles(f, offset, int.const(rowBytes), 16 * vectors, () => {
          const at = f.int(int.add(y.get, offset.get));
          const places_ = Array.from({ length: rows * vectors }, (_, k) => ({ r: Math.floor(k / vectors), v: k % vectors }));
          const sums = places_.map(({ r, v }) => f.local(v128, beginning(lowering, set, vector.load(at.get, r * rowBytes + 16 * v))));
          const [weights, x] = [f.int(w.get), f.int(int.add(a.x, offset.get))];
          f.times(a.columns, () => {
            const inputs = Array.from({ length: vectors }, (_, v) => f.vector(vector.load(x.get, 16 * v)));
            const starts = Array.from({ length: rows }, (_, r) => (r === 0 ? weights : f.int(int.add(weights.get, a.rowStride))));
            const shared = perItem ? null : starts.map((p) => f.vector(lanes.loadSplat(p.get)));
            const own = perItem ? starts.map((p) => f.int(int.add(p.get, offset.get))) : null;
            sums.forEach((sum, k) => {
              const { r, v } = places_[k];
              const weight = shared?.[r] ?? vector.load(own![r].get, 16 * v);
              f.set(sum, lanes.add(sum.get, lanes.mul(weight, inputs[v])));
            });
            f.increase(weights, a.columnStride);
            f.increase(x, int.const(rowBytes));
          });
          sums.forEach((sum, k) => f.emit(vector.store(at.get, sum.get, places_[k].r * rowBytes + 16 * places_[k].v)));
        });
      }
    });
  }
}

/**
 * Several items, shared weights, spikes: for every vector of items, the columns in which one of them is not zero are listed, and
 * added to `TILE` rows at a time, then to one.
 */
export function listedBatch(f: FunctionBuilder, lowering: Lowering, { set }: How, a: Arguments): void {
  const { lanes, places } = lowering;
  const rowBytes = places.width * lanes.bytes;
  const offset = f.int(int.const(0));
  tiles(f, offset, int.const(rowBytes), 16, () => {
    const end = f.int(int.const(lowering.columnList));
    const x = f.int(int.add(a.x, offset.get));
    const listed = f.int(int.const(0));
    f.times(a.columns, () => {
      const value = f.vector(vector.load(x.get));
      f.emit(int.store(end.get, listed.get));
      f.emit(vector.store(end.get, value, INPUT));
      f.increase(end, int.mul(vector.anyTrue(value), int.const(ENTRY)));
      f.increase(x, int.const(rowBytes));
      f.increase(listed, a.columnStride);
    });
    const row = f.int(int.const(0));
    const y = f.int(int.add(a.y, offset.get));
    const w = f.int(a.w);
    for (const tile of [TILE, 1]) {
      tiles(f, row, a.rows, tile, () => {
        const sums = Array.from({ length: tile }, (_, k) => f.local(v128, beginning(lowering, set, vector.load(y.get, k * rowBytes))));
        const rowAt = sums.map((_, k) => f.int(int.mul(a.rowStride, int.const(k))));
        const columns = listedColumns(f, lowering, end, w.get, (entry) => vector.load(entry, INPUT));
        columns((weights, input) =>
          sums.forEach((sum, k) => {
            const weight = lanes.loadSplat(k === 0 ? weights : int.add(weights, rowAt[k].get));
            f.set(sum, lanes.add(sum.get, lanes.mul(weight, input)));
          }),
        );
        sums.forEach((sum, k) => f.emit(vector.store(y.get, sum.get, k * rowBytes)));
        f.increase(y, int.const(tile * rowBytes));
        f.increase(w, int.mul(a.rowStride, int.const(tile)));
      });
    }
  });
}
