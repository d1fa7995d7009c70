import { int, v128, vector, type Code } from "./code.ts";
import { ENTRY, type Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import { beginAll, beginning, beginningOfOne, INPUT, listedColumns, TILE, type Arguments, type Columns, type How } from "./products.ts";

/* Products of one item. */

/** Rows from which on columns are read from end to end, some at a time, which the memory likes better. */
const LONG = 64;
/** Columns that are read at a time. */
const STREAMS = 4;

/**
 * Code for every column in turn: `one` is given the position of its weights and of its input, which is that many bytes further. With
 * `skip`, pairs of vectors that are all zero are passed over.
 */
function eachColumn(
  f: FunctionBuilder,
  lowering: Lowering,
  a: Arguments,
  skip: boolean,
  one: (w: Code, x: Code, further: number) => void,
): void {
  const { count, bytes } = lowering.lanes;
  const x = f.int(a.x);
  const w = f.int(int.const(0));
  const end = f.int(int.add(a.x, int.mul(a.columns, int.const(bytes))));
  const some = (columns: number): void => {
    for (let k = 0; k < columns; k++) {
      const weights = k === 0 ? w.get : int.add(w.get, int.mul(a.columnStride, int.const(k)));
      one(weights, x.get, k * bytes);
    }
  };
  const onwards = (columns: number): void => {
    f.increase(x, int.const(columns * bytes));
    f.increase(w, int.mul(a.columnStride, int.const(columns)));
  };
  const block = 2 * count;
  const last = f.int(int.sub(end.get, int.const(block * bytes)));
  f.while(
    () => int.leU(x.get, last.get),
    () => {
      if (skip) f.if(vector.anyTrue(vector.or(vector.load(x.get), vector.load(x.get, 16))), () => some(block));
      else some(block);
      onwards(block);
    },
  );
  f.while(
    () => int.ltU(x.get, end.get),
    () => {
      some(1);
      onwards(1);
    },
  );
}

/** One output: a sum in one register. */
export function oneRow(f: FunctionBuilder, lowering: Lowering, { set, listed }: How, a: Arguments): void {
  const { scalar, scalarType } = lowering.lanes;
  const sum = f.local(scalarType, beginningOfOne(lowering, set, scalar.load(a.y)));
  eachColumn(f, lowering, a, listed, (w, x, further) => {
    f.set(sum, scalar.add(sum.get, scalar.mul(scalar.load(int.add(a.w, w)), scalar.load(x, further))));
  });
  f.emit(scalar.store(a.y, sum.get));
}

/**
 * One output of each of some products with as many columns, which lie side by side: their sums wait for themselves, not for each other. Vectors
 * of products are made at a time, and added one by one.
 */
export function rowsAbreast(f: FunctionBuilder, lowering: Lowering, { set }: How, rows: readonly Arguments[]): void {
  const { lanes } = lowering;
  const { scalar, scalarType, count, bytes } = lanes;
  const sums = rows.map(({ y }) => f.local(scalarType, beginningOfOne(lowering, set, scalar.load(y))));
  const at = f.int(int.const(0));
  const size = f.int(int.mul(rows[0].columns, int.const(bytes)));
  const whole = f.int(int.and(size.get, int.const(-16)));
  f.while(
    () => int.lt(at.get, whole.get),
    () => {
      const terms = rows.map(({ w, x }) => f.vector(lanes.mul(vector.load(int.add(w, at.get)), vector.load(int.add(x, at.get)))));
      for (let lane = 0; lane < count; lane++) sums.forEach((sum, k) => f.set(sum, scalar.add(sum.get, lanes.extract(terms[k], lane))));
      f.increase(at, int.const(16));
    },
  );
  f.while(
    () => int.lt(at.get, size.get),
    () => {
      rows.forEach(({ w, x }, k) => {
        const term = scalar.mul(scalar.load(int.add(w, at.get)), scalar.load(int.add(x, at.get)));
        f.set(sums[k], scalar.add(sums[k].get, term));
      });
      f.increase(at, int.const(bytes));
    },
  );
  rows.forEach(({ y }, k) => f.emit(scalar.store(y, sums[k].get)));
}

/** Lists the columns whose input is not zero; gives the end of the list. */
function listColumns(f: FunctionBuilder, lowering: Lowering, a: Arguments): Local {
  const { scalar, scalarType } = lowering.lanes;
  const at = f.int(int.const(lowering.columnList));
  eachColumn(f, lowering, a, true, (w, x, further) => {
    // Written always, kept where it is not zero: no jump that cannot be foreseen.
    f.emit(int.store(at.get, w));
    const value = f.local(scalarType, scalar.load(x, further));
    f.emit(scalar.store(at.get, value.get, INPUT));
    f.increase(at, int.mul(scalar.ne(value.get, scalar.const(0)), int.const(ENTRY)));
  });
  return at;
}

/** All columns; `stride` is the distance between their inputs. */
function allColumns(f: FunctionBuilder, a: Arguments, w: Code, x: Code, stride: Code, load: (x: Code) => Code): Columns {
  return (body) => {
    const [weights, input] = [f.int(w), f.int(x)];
    f.times(a.columns, () => {
      body(weights.get, f.vector(load(input.get)));
      f.increase(weights, a.columnStride);
      f.increase(input, stride);
    });
  };
}

/** Several outputs: vectors run across rows. */
export function manyRows(f: FunctionBuilder, lowering: Lowering, { set, listed, contiguous }: How, a: Arguments): void {
  const { lanes } = lowering;
  const { count, bytes } = lanes;
  const end = listed ? listColumns(f, lowering, a) : null;
  const columns = (w: Code): Columns =>
    end === null
      ? allColumns(f, a, w, a.x, int.const(bytes), lanes.loadSplat)
      : listedColumns(f, lowering, end, w, (entry) => lanes.loadSplat(entry, INPUT));
  if (end !== null) {
    f.if(int.eq(end.get, int.const(lowering.columnList)), () => {
      beginAll(f, lowering, set, a.y, int.mul(a.rows, int.const(bytes)));
      f.emit(0x0f);
    });
  }
  if (contiguous) {
    f.if(int.ge(a.rows, int.const(LONG)), () => {
      longColumns(f, lowering, set, a, end);
      f.emit(0x0f);
    });
  }
  const row = f.int(int.const(0));
  const y = f.int(a.y);
  const sums = (n: number): Local[] =>
    Array.from({ length: n }, (_, k) => f.local(v128, beginning(lowering, set, vector.load(y.get, 16 * k))));
  const accumulate = (sum: Local, weights: Code, x: Code): void => f.set(sum, lanes.add(sum.get, lanes.mul(weights, x)));
  if (contiguous) {
    const tile = TILE * count;
    f.while(
      () => int.le(int.add(row.get, int.const(tile)), a.rows),
      () => {
        const tiles = sums(TILE);
        columns(int.add(a.w, int.mul(row.get, int.const(bytes))))((w, x) =>
          tiles.forEach((sum, k) => accumulate(sum, vector.load(w, 16 * k), x)),
        );
        tiles.forEach((sum, k) => f.emit(vector.store(y.get, sum.get, 16 * k)));
        f.increase(row, int.const(tile));
        f.increase(y, int.const(16 * TILE));
      },
    );
  }
  f.while(
    () => int.lt(row.get, a.rows),
    () => {
      const [sum] = sums(1);
      const left = f.int(int.sub(a.rows, row.get));
      if (contiguous) columns(int.add(a.w, int.mul(row.get, int.const(bytes))))((w, x) => accumulate(sum, vector.load(w), x));
      else {
        // Rows beyond the last are read as the last, and not stored.
        const rows = Array.from({ length: count }, (_, k) => {
          const at = int.select(int.const(k), int.sub(left.get, int.const(1)), int.gt(left.get, int.const(k)));
          return f.int(int.mul(int.add(row.get, at), a.rowStride));
        });
        columns(a.w)((w, x) => {
          const weights = rows.reduce<Code>(
            (value, r, k) => (k === 0 ? lanes.loadSplat(int.add(w, r.get)) : lanes.loadLane(int.add(w, r.get), value, k)),
            [],
          );
          accumulate(sum, weights, x);
        });
      }
      f.if(
        int.ge(left.get, int.const(count)),
        () => f.emit(vector.store(y.get, sum.get)),
        () => {
          for (let k = 0; k < count - 1; k++)
            f.if(int.gt(left.get, int.const(k)), () => f.emit(lanes.storeLane(y.get, sum.get, k, k * bytes)));
        },
      );
      f.increase(row, int.const(count));
      f.increase(y, int.const(16));
    },
  );
}

/** Long columns: `STREAMS` of them at a time are added to all rows, in order. */
function longColumns(f: FunctionBuilder, lowering: Lowering, set: boolean, a: Arguments, end: Local | null): void {
  const { lanes } = lowering;
  const { bytes } = lanes;
  beginAll(f, lowering, set, a.y, int.mul(a.rows, int.const(bytes)));
  const whole = f.int(int.and(int.mul(a.rows, int.const(bytes)), int.const(-16)));
  const [at, step] = end === null ? [f.int(a.x), bytes] : [f.int(int.const(lowering.columnList)), ENTRY];
  const last = end ?? f.int(int.add(a.x, int.mul(a.columns, int.const(bytes))));
  const w = f.int(a.w);
  for (const count of [STREAMS, 1]) {
    f.while(
      () => int.leU(int.add(at.get, int.const(count * step)), last.get),
      () => {
        const columns = Array.from({ length: count }, (_, k) => {
          const offset = end === null ? int.mul(a.columnStride, int.const(k)) : int.load(at.get, k * step);
          const input = end === null ? k * step : k * step + INPUT;
          return { w: f.int(int.add(w.get, offset)), x: f.vector(lanes.loadSplat(at.get, input)) };
        });
        const y = f.int(a.y);
        const row = f.int(int.const(0));
        f.while(
          () => int.lt(row.get, whole.get),
          () => {
            const sum = columns.reduce<Code>(
              (value, c) => lanes.add(value, lanes.mul(vector.load(int.add(c.w.get, row.get)), c.x)),
              vector.load(y.get),
            );
            f.emit(vector.store(y.get, sum));
            f.increase(row, int.const(16));
            f.increase(y, int.const(16));
          },
        );
        const { scalar } = lanes;
        f.while(
          () => int.lt(row.get, int.mul(a.rows, int.const(bytes))),
          () => {
            const sum = columns.reduce<Code>(
              (value, c) => scalar.add(value, scalar.mul(scalar.load(int.add(c.w.get, row.get)), lanes.extract(c.x, 0))),
              scalar.load(y.get),
            );
            f.emit(scalar.store(y.get, sum));
            f.increase(row, int.const(bytes));
            f.increase(y, int.const(bytes));
          },
        );
        f.increase(at, int.const(count * step));
        if (end === null) f.increase(w, int.mul(a.columnStride, int.const(count)));
      },
    );
  }
}
