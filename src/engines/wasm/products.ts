import { int, vector, type Code } from "./code.ts";
import { ENTRY, type Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import { fillCode } from "./move.ts";

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

/** What a vector of sums begins with: zero, or what it is added to, where -0 becomes 0, so that columns of zero may be skipped. */
export const beginning = ({ lanes }: Lowering, set: boolean, before: Code): Code =>
  set ? lanes.constant(0) : lanes.add(before, lanes.constant(0));

/** The same for one sum. */
export const beginningOfOne = ({ lanes: { scalar } }: Lowering, set: boolean, before: Code): Code =>
  set ? scalar.const(0) : scalar.add(before, scalar.const(0));

/** The same for `size` bytes of sums in memory, which need not be whole vectors. */
export function beginAll(f: FunctionBuilder, lowering: Lowering, set: boolean, start: Code, size: Code): void {
  if (set) {
    fillCode(f, lowering, start, size, 0);
    return;
  }
  const { scalar, bytes } = lowering.lanes;
  const at = f.int(start);
  const end = f.int(int.add(start, size));
  const each = (step: number, one: () => void): void => {
    f.while(
      () => int.leU(int.add(at.get, int.const(step)), end.get),
      () => {
        one();
        f.increase(at, int.const(step));
      },
    );
  };
  each(16, () => f.emit(vector.store(at.get, beginning(lowering, false, vector.load(at.get)))));
  each(bytes, () => f.emit(scalar.store(at.get, beginningOfOne(lowering, false, scalar.load(at.get)))));
}

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
