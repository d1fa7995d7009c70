import { int, type Code } from "./code.ts";
import { ENTRY, type Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";

/** A row of a product's table: addresses, counts, and strides in bytes, as 32-bit integers. */
export const FIELDS = ["w", "x", "y", "rows", "columns", "rowStride", "columnStride"] as const;
export type Product = Readonly<Record<(typeof FIELDS)[number], number>>;
export type Arguments = Readonly<Record<(typeof FIELDS)[number], Code>>;

/** What tells one function for products from another. */
export interface How {
  readonly set: boolean;
  readonly perItem: boolean;
  readonly listed: boolean;
  readonly contiguous: boolean;
  readonly oneRow: boolean;
}

/** Where the input stands in the entry of a listed column: a number, or a vector of items. */
export const INPUT = ENTRY / 2;
/** Vectors (or rows of a minibatch) that are summed at a time. */
export const TILE = 4;

/** Calls `body` for every column, with the address of its weights and its input as a vector. */
export type Columns = (body: (weights: Code, x: Code) => void) => void;

export function listedColumns(f: FunctionBuilder, lowering: Lowering, end: Local, w: Code, load: (entry: Code) => Code): Columns {
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
