import type { MatmulOperator } from "../../ir/operators.ts";
import { denseBatch, listedBatch } from "./batchProducts.ts";
import { i32, int } from "./code.ts";
import type { Lowering } from "./lowering.ts";
import type { Callable, FunctionBuilder, Local } from "./module.ts";
import { FIELDS, type Arguments, type How, type Product } from "./products.ts";
import { runsByKind } from "./runs.ts";
import { manyRows, oneRow, rowsAbreast } from "./singleProducts.ts";

/*
 * Products follow the numerics contract: every output has one accumulator, to which columns are added in ascending order. Vectors
 * run across outputs (rows, or the items of a minibatch), never along a sum. Where x holds spikes, the columns that are not zero
 * are listed first, and only they are read.
 */

/**
 * From how many columns on a list pays, and from how many vectors of rows (of one item) or rows (of a minibatch): for fewer, multiplying
 * by zero is cheaper than finding out, at the 5 % to 10 % of neurons that fire in a step (measured by bench/spikeLists.ts).
 */
const LISTED = { columns: 5, vectors: 8, rows: 16 };

/** Products of one row that are done side by side: each is a chain of additions that wait for each other. */
export const ABREAST = 4;

interface Planned {
  readonly row: Product;
  readonly how: How;
}

/** Code of merged `matmul` operators. */
export function matmulCode(lowering: Lowering, operators: readonly MatmulOperator[]): (f: FunctionBuilder) => void {
  const { bytes, count: lanes } = lowering.lanes;
  const { width } = lowering.places;
  const [first] = operators as readonly [MatmulOperator];
  const set = first.role !== "inc";
  const perItem = first.weights.signal.perItem && width > 1;
  const products = operators.map((op): Planned => {
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
    const tall = width > 1 ? row.rows >= LISTED.rows : row.rows > (LISTED.vectors - 1) * lanes;
    const how = {
      set,
      perItem,
      listed: first.spikes && row.columns >= LISTED.columns && tall && !perItem,
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
  const calls = runs.flatMap(({ kind, members }) =>
    (width > 1 || !members[0].how.oneRow ? [{ abreast: false, rows: members.map(({ row }) => row) }] : abreast(members, bytes)).map(
      (part) => ({
        product: part.abreast
          ? lowering.once(`${kind} abreast`, () => abreastFunction(lowering, members[0].how))
          : lowering.once(kind, () => productFunction(lowering, members[0].how)),
        table: lowering.integers(part.rows.flatMap((row) => FIELDS.map((name) => row[name]))),
        step: 4 * FIELDS.length * (part.abreast ? ABREAST : 1),
        count: part.rows.length / (part.abreast ? ABREAST : 1),
      }),
    ),
  );
  return (f) => {
    for (const { product, table, step, count } of calls) {
      if (count === 1) f.emit(product.call(int.const(table)));
      else f.times(int.const(count), (k) => f.emit(product.call(int.add(int.const(table), int.mul(k.get, int.const(step))))));
    }
  };
}

/** Products of one row in order, in parts that are done side by side (as long as they are alike and write to different places) or in turn. */
function abreast(members: readonly Planned[], bytes: number): { readonly abreast: boolean; readonly rows: Product[] }[] {
  const parts: { readonly abreast: boolean; readonly rows: Product[] }[] = [];
  for (let k = 0; k < members.length;) {
    const next = members.slice(k, k + ABREAST).map(({ row }) => row);
    const alike = next.every(({ columns, columnStride }) => columns === next[0].columns && columnStride === bytes);
    const together = next.length === ABREAST && alike && new Set(next.map(({ y }) => y)).size === ABREAST;
    const rows = together ? next : next.slice(0, 1);
    const last = parts.at(-1);
    if (last?.abreast === together) last.rows.push(...rows);
    else parts.push({ abreast: together, rows });
    k += rows.length;
  }
  return parts;
}

/** A function of the address of the first of some rows. */
function abreastFunction(lowering: Lowering, how: How): Callable {
  return lowering.module.function([i32], [], (f, [table]) => {
    const rows = Array.from({ length: ABREAST }, (_, k) => argumentsAt(f, table, k));
    rowsAbreast(f, lowering, how, rows);
  });
}

function argumentsAt(f: FunctionBuilder, table: Local, row: number): Arguments {
  const at = (k: number): number => 4 * (row * FIELDS.length + k);
  return Object.fromEntries(FIELDS.map((name, k) => [name, f.int(int.load(table.get, at(k))).get])) as Arguments;
}

/** A function of the address of a product's table row. */
function productFunction(lowering: Lowering, how: How): Callable {
  return lowering.module.function([i32], [], (f, [table]) => {
    const args = argumentsAt(f, table, 0);
    if (lowering.places.width > 1) {
      if (how.listed) listedBatch(f, lowering, how, args);
      else denseBatch(f, lowering, how, args);
    } else if (how.oneRow) oneRow(f, lowering, how, args);
    else manyRows(f, lowering, how, args);
  });
}
