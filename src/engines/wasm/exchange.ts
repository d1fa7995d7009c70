import type { FeedOperator, HostOperator, RecordOperator } from "../../ir/operators.ts";
import type { Range } from "../../ir/signal.ts";
import { double, i32, int, type Code } from "./code.ts";
import { CLOCK, type Lowering } from "./lowering.ts";
import type { Callable, FunctionBuilder, Local } from "./module.ts";
import { copyFunction } from "./move.ts";

/*
 * What comes in and goes out while a program runs. Each feed and record has a descriptor in memory, which says for the present call
 * where rows come from or go to; JavaScript writes it before.
 */

/** How a feed gets its rows. */
export const FEED = { none: 0, rows: 1, process: 2, host: 3 } as const;

/** Byte offsets in a descriptor that tell where rows are; strides are in bytes. `packed`: laid out as a signal is. */
export const PLACE_FIELDS = { address: 4, itemStride: 8, stepStride: 12, packed: 16 } as const;

/** Byte offsets of a feed's descriptor. `items`: an entry of {@link TABLE} for every item. */
export const FEED_FIELDS = { ...PLACE_FIELDS, mode: 0, host: 20, items: 24 } as const;
const FEED_BYTES = 32;

/** A process's table for one item. */
export const TABLE = { address: 0, rows: 4, offset: 8, cyclic: 12 } as const;
export const TABLE_BYTES = 16;

/** Byte offsets of a record's descriptor: whether it is kept, where its rows go, and how many there are so far. */
export const RECORD_FIELDS = { ...PLACE_FIELDS, kept: 0, rows: 20 } as const;
const RECORD_BYTES = 32;

export interface FeedPort {
  readonly op: FeedOperator | HostOperator;
  readonly target: Range;
  readonly descriptor: number;
  /** Where the tables of the items stand. */
  readonly tables: number;
  /** How it gets its rows where no data are given. */
  mode: number;
}

export interface RecordPort {
  readonly op: RecordOperator;
  readonly descriptor: number;
}

/** `spread(to, from, count, toStep, fromStep)`: numbers from one distance to another. */
const spreadFunction = (lowering: Lowering): Callable =>
  lowering.once("spread", () =>
    lowering.module.function([i32, i32, i32, i32, i32], [], (f, [to, from, count, toStep, fromStep]) => {
      const { scalar } = lowering.lanes;
      f.times(count.get, () => {
        f.emit(scalar.store(to.get, scalar.load(from.get)));
        f.increase(to, toStep.get);
        f.increase(from, fromStep.get);
      });
    }),
  );

/** Copies the rows of all items, or calls a function for each item's row. */
function eachItem(f: FunctionBuilder, lowering: Lowering, itemStride: Code, body: (item: Local, offset: Local) => void): void {
  const offset = f.int(int.const(0));
  f.times(int.const(lowering.places.batch), (item) => {
    body(item, offset);
    f.increase(offset, itemStride);
  });
}

/** `feed(descriptor, target, size)`. */
const feedFunction = (lowering: Lowering): Callable =>
  lowering.once("feed", () => {
    const [copy, spread] = [copyFunction(lowering), spreadFunction(lowering)];
    const { bytes } = lowering.lanes;
    const { width } = lowering.places;
    return lowering.module.function([i32, i32, i32], [], (f, [descriptor, target, size]) => {
      const field = (name: keyof typeof FEED_FIELDS): Code => int.load(descriptor.get, FEED_FIELDS[name]);
      const mode = f.int(field("mode"));
      const clock = (name: keyof typeof CLOCK): Code => int.load(int.const(lowering.clock), CLOCK[name]);
      const put = (item: Local, from: Code): void =>
        f.emit(
          width === 1
            ? copy.call(target.get, from, int.mul(size.get, int.const(bytes)))
            : spread.call(
                int.add(target.get, int.mul(item.get, int.const(bytes))),
                from,
                size.get,
                int.const(width * bytes),
                int.const(bytes),
              ),
        );
      f.if(int.eq(mode.get, int.const(FEED.rows)), () => {
        const row = f.int(int.add(field("address"), int.mul(clock("row"), field("stepStride"))));
        f.if(
          field("packed"),
          () => f.emit(copy.call(target.get, row.get, int.mul(size.get, int.const(width * bytes)))),
          () => eachItem(f, lowering, field("itemStride"), (item, offset) => put(item, int.add(row.get, offset.get))),
        );
      });
      f.if(int.eq(mode.get, int.const(FEED.process)), () => {
        eachItem(f, lowering, int.const(TABLE_BYTES), (item, offset) => {
          const table = f.int(int.add(field("items"), offset.get));
          const entry = (name: keyof typeof TABLE): Code => int.load(table.get, TABLE[name]);
          const at = f.int(int.add(clock("step"), entry("offset")));
          const last = f.int(int.sub(entry("rows"), int.const(1)));
          const row = f.int(
            int.select(int.rem(at.get, entry("rows")), int.select(at.get, last.get, int.lt(at.get, last.get)), entry("cyclic")),
          );
          put(item, int.add(entry("address"), int.mul(int.mul(row.get, size.get), int.const(bytes))));
        });
      });
      f.if(int.eq(mode.get, int.const(FEED.host)), () => f.emit(lowering.host.call(field("host"))));
    });
  });

/** Code of a feed, or of a user's function, in whose place data may be given. */
export function feedCode(lowering: Lowering, op: FeedOperator | HostOperator): { code: (f: FunctionBuilder) => void; port: FeedPort } {
  const target = op.kind === "feed" ? op.target : op.outputs[0].range;
  const port = {
    op,
    target,
    descriptor: lowering.allocate(FEED_BYTES),
    tables: lowering.allocate(TABLE_BYTES * lowering.places.batch),
    mode: FEED.none as number,
  };
  const feed = feedFunction(lowering);
  return {
    port,
    code: (f) => f.emit(feed.call(int.const(port.descriptor), int.const(lowering.address(target)), int.const(target.length))),
  };
}

/** `record(descriptor, source, size)`, and with an index `record(descriptor, source, size, index)`. */
const recordFunction = (lowering: Lowering, perItem: boolean, indexed: boolean): Callable =>
  lowering.once(`record ${perItem} ${indexed}`, () => {
    const [copy, spread] = [copyFunction(lowering), spreadFunction(lowering)];
    const { bytes, scalar } = lowering.lanes;
    const width = perItem ? lowering.places.width : 1;
    return lowering.module.function([i32, i32, i32, i32], [], (f, [descriptor, source, size, index]) => {
      const field = (name: keyof typeof RECORD_FIELDS): Code => int.load(descriptor.get, RECORD_FIELDS[name]);
      f.if(int.eqz(field("kept")), () => f.emit(0x0f));
      const row = f.int(int.add(field("address"), int.mul(field("rows"), field("stepStride"))));
      f.emit(int.store(descriptor.get, int.add(field("rows"), int.const(1)), RECORD_FIELDS.rows));
      const whole = (): void => {
        eachItem(f, lowering, field("itemStride"), (item, offset) => {
          const to = f.int(int.add(row.get, offset.get));
          const from = f.int(perItem ? int.add(source.get, int.mul(item.get, int.const(bytes))) : source.get);
          if (indexed) {
            const at = f.int(index.get);
            f.times(size.get, () => {
              const element = int.add(from.get, int.mul(int.load(at.get), int.const(width * bytes)));
              f.emit(scalar.store(to.get, scalar.load(element)));
              f.increase(to, int.const(bytes));
              f.increase(at, int.const(4));
            });
          } else if (width === 1) f.emit(copy.call(to.get, from.get, int.mul(size.get, int.const(bytes))));
          else f.emit(spread.call(to.get, from.get, size.get, int.const(bytes), int.const(width * bytes)));
        });
      };
      if (indexed || !perItem) whole();
      else f.if(field("packed"), () => f.emit(copy.call(row.get, source.get, int.mul(size.get, int.const(width * bytes)))), whole);
    });
  });

/** Code of a record: when a step is one of its period, a row. */
export function recordCode(lowering: Lowering, op: RecordOperator): { code: (f: FunctionBuilder) => void; port: RecordPort } {
  const port = { op, descriptor: lowering.allocate(RECORD_BYTES) };
  const index = op.index === undefined ? 0 : lowering.integers(op.index);
  const record = recordFunction(lowering, op.source.signal.perItem, op.index !== undefined);
  const call = record.call(
    int.const(port.descriptor),
    int.const(lowering.address(op.source)),
    int.const(op.source.length),
    int.const(index),
  );
  const step = int.load(int.const(lowering.clock), CLOCK.step);
  return {
    port,
    code: (f) => {
      if (op.period === 1) f.emit(call);
      else {
        const due = Number.isInteger(op.period)
          ? int.eqz(int.rem(step, int.const(op.period)))
          : double.lt(lowering.remainder.call(double.fromInt(step), double.const(op.period)), double.const(1));
        f.if(due, () => f.emit(call));
      }
    },
  };
}
