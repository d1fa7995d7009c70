import type { MatmulOperator } from "../../ir/operators.ts";
import { i32, int, v128, vector, type Code } from "./code.ts";
import { ENTRY, type Lowering } from "./lowering.ts";
import type { Callable, FunctionBuilder, Local } from "./module.ts";
import { fillCode } from "./move.ts";
import { runsByKind } from "./runs.ts";

/*
 * Products follow the numerics contract: every output has one accumulator, to which columns are added in ascending order. Vectors
 * run across outputs (rows, or the items of a minibatch), never along a sum. Where x holds spikes, the columns that are not zero
 * are listed first, and only they are read.
 */

/** A row of a product's table: addresses, counts, and strides in bytes, as 32-bit integers. */
const FIELDS = ["w", "x", "y", "rows", "columns", "rowStride", "columnStride"] as const;
type Product = Readonly<Record<(typeof FIELDS)[number], number>>;
type Arguments = Readonly<Record<(typeof FIELDS)[number], Code>>;

/** Where the input stands in the entry of a column. */
const INPUT = ENTRY / 2;
/** Columns from which on a list pays. */
const LISTED = 5;
/** Vectors of rows that are summed at a time. */
const TILE = 4;
/** Rows from which on columns are read from end to end, some at a time, which the memory likes better. */
const LONG = 64;
/** Columns that are read at a time. */
const STREAMS = 4;

/** Code of merged `matmul` operators. */
export function matmulCode(lowering: Lowering, operators: readonly MatmulOperator[]): (f: FunctionBuilder) => void {
  const { bytes } = lowering.lanes;
  const { width } = lowering.places;
  const [first] = operators as readonly [MatmulOperator];
  const set = first.role !== "inc";
  const perItem = first.weights.signal.perItem && width > 1;
  const products = operators.map((op): { readonly row: Product; readonly how: How } => {
    const unit = lowering.stride(op.weights.signal) * bytes;
    const row: Product = {
      w: lowering.address(op.weights),
      x: lowering.address(op.x),
      y: lowering.address(op.y),
      rows: op.y.length,
      columns: op.x.length,
      rowStride: op.weights.strides[0] * unit,
      columnStride: op.weights.strides[1] * unit,
    };
    const how = {
      set,
      perItem,
      listed: first.spikes && row.columns >= LISTED && !perItem,
      contiguous: row.rowStride === bytes,
      oneRow: row.rows === 1,
    };
    return { row, how };
  });
  const runs = runsByKind(
    products,
    ({ how }) => `matmul ${JSON.stringify(how)}`,
    ({ row }) => [[row.y, row.y + row.rows * width * bytes]],
  );
  const calls = runs.map(({ kind, members }) => ({
    product: lowering.once(kind, () => productFunction(lowering, members[0].how)),
    table: lowering.integers(members.flatMap(({ row }) => FIELDS.map((name) => row[name]))),
    count: members.length,
  }));
  return (f) => {
    for (const { product, table, count } of calls) {
      const row = (k: Code): Code => int.add(int.const(table), int.mul(k, int.const(4 * FIELDS.length)));
      if (count === 1) f.emit(product.call(int.const(table)));
      else f.times(int.const(count), (k) => f.emit(product.call(row(k.get))));
    }
  };
}

interface How {
  readonly set: boolean;
  readonly perItem: boolean;
  readonly listed: boolean;
  readonly contiguous: boolean;
  readonly oneRow: boolean;
}

/** A function of the address of a product's table row. */
function productFunction(lowering: Lowering, how: How): Callable {
  return lowering.module.function([i32], [], (f, [table]) => {
    const args = Object.fromEntries(FIELDS.map((name, k) => [name, f.int(int.load(table.get, 4 * k)).get])) as Arguments;
    if (lowering.places.width > 1) {
      if (how.listed) listedBatch(f, lowering, how, args);
      else denseBatch(f, lowering, how, args);
    } else if (how.oneRow) oneRow(f, lowering, how, args);
    else manyRows(f, lowering, how, args);
  });
}

/** One output, one item: a sum in one register. Of spikes, pairs of vectors that are all zero are passed over. */
function oneRow(f: FunctionBuilder, lowering: Lowering, { set, listed }: How, a: Arguments): void {
  const { scalar, scalarType, count, bytes } = lowering.lanes;
  const sum = f.local(scalarType, set ? scalar.const(0) : scalar.load(a.y));
  const [w, x] = [f.int(a.w), f.int(a.x)];
  const end = f.int(int.add(a.x, int.mul(a.columns, int.const(bytes))));
  const one = (k: number): void => {
    // The weights of neighbouring columns are `columnStride` apart.
    const weight = k === 0 ? w.get : int.add(w.get, int.mul(a.columnStride, int.const(k)));
    f.set(sum, scalar.add(sum.get, scalar.mul(scalar.load(weight), scalar.load(x.get, k * bytes))));
  };
  const some = (columns: number): void => {
    for (let k = 0; k < columns; k++) one(k);
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
      if (listed) f.if(vector.anyTrue(vector.or(vector.load(x.get), vector.load(x.get, 16))), () => some(block));
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
  f.emit(scalar.store(a.y, sum.get));
}

/** Lists the columns whose input is not zero; gives the end of the list. */
function listColumns(f: FunctionBuilder, lowering: Lowering, a: Arguments): Local {
  const { scalar, count, bytes } = lowering.lanes;
  const at = f.int(int.const(lowering.columnList));
  const x = f.int(a.x);
  const w = f.int(int.const(0));
  const end = f.int(int.add(a.x, int.mul(a.columns, int.const(bytes))));
  const one = (k: number): void => {
    // Written always, kept where it is not zero: no jump that cannot be foreseen.
    f.emit(int.store(at.get, k === 0 ? w.get : int.add(w.get, int.mul(a.columnStride, int.const(k)))));
    const value = f.local(lowering.lanes.scalarType, scalar.load(x.get, k * bytes));
    f.emit(scalar.store(at.get, value.get, INPUT));
    f.increase(at, int.mul(scalar.ne(value.get, scalar.const(0)), int.const(ENTRY)));
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
      f.if(vector.anyTrue(vector.or(vector.load(x.get), vector.load(x.get, 16))), () => {
        for (let k = 0; k < block; k++) one(k);
      });
      onwards(block);
    },
  );
  f.while(
    () => int.ltU(x.get, end.get),
    () => {
      one(0);
      onwards(1);
    },
  );
  return at;
}

/** Calls `body` for every column, with the address of its weights and its input as a vector. */
type Columns = (body: (weights: Code, x: Code) => void) => void;

function listedColumns(f: FunctionBuilder, lowering: Lowering, end: Local, w: Code, load: (entry: Code) => Code): Columns {
  return (body) => {
    const entry = f.int(int.const(lowering.columnList));
    f.while(
      () => int.ltU(entry.get, end.get),
      () => {
        body(f.int(int.add(w, int.load(entry.get))).get, f.vector(load(entry.get)));
        f.increase(entry, int.const(ENTRY));
      },
    );
  };
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

/** Several outputs, one item: vectors run across rows. */
function manyRows(f: FunctionBuilder, lowering: Lowering, { set, listed, contiguous }: How, a: Arguments): void {
  const { lanes } = lowering;
  const { count, bytes } = lanes;
  const end = listed ? listColumns(f, lowering, a) : null;
  const columns = (w: Code): Columns =>
    end === null
      ? allColumns(f, a, w, a.x, int.const(bytes), lanes.loadSplat)
      : listedColumns(f, lowering, end, w, (entry) => lanes.loadSplat(entry, INPUT));
  if (end !== null) {
    f.if(int.eq(end.get, int.const(lowering.columnList)), () => {
      if (set) fillCode(f, lowering, a.y, int.mul(a.rows, int.const(bytes)), 0);
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
  const zero = lanes.constant(0);
  const sums = (n: number): Local[] => Array.from({ length: n }, (_, k) => f.local(v128, set ? zero : vector.load(y.get, 16 * k)));
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
  if (set) fillCode(f, lowering, a.y, int.mul(a.rows, int.const(bytes)), 0);
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
function denseBatch(f: FunctionBuilder, lowering: Lowering, { set, perItem }: How, a: Arguments): void {
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
          const sums = places_.map(({ r, v }) => f.local(v128, set ? lanes.constant(0) : vector.load(at.get, r * rowBytes + 16 * v)));
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
function listedBatch(f: FunctionBuilder, lowering: Lowering, { set }: How, a: Arguments): void {
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
        const sums = Array.from({ length: tile }, (_, k) => f.local(v128, set ? lanes.constant(0) : vector.load(y.get, k * rowBytes)));
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
