import type { MatmulOperator } from "../../ir/operators.ts";
import { denseBatch, listedBatch } from "./batchProducts.ts";
import { i32, int, type Code } from "./code.ts";
import type { Lowering } from "./lowering.ts";
import type { Callable, FunctionBuilder } from "./module.ts";
import { FIELDS, type Arguments, type How, type Product } from "./products.ts";
import { runsByKind } from "./runs.ts";
import { manyRows, oneRow } from "./singleProducts.ts";

/*
 * Products follow the numerics contract: every output has one accumulator, to which columns are added in ascending order. Vectors
 * run across outputs (rows, or the items of a minibatch), never along a sum. Where x holds spikes, the columns that are not zero
 * are listed first, and only they are read.
 */

/** Columns from which on a list pays. */
const LISTED = 5;
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
