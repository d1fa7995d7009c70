import type { CopyOperator, Picked, SetOperator } from "../../ir/operators.ts";
import { copyMemory, i32, int, vector, type Code } from "./code.ts";
import type { Lowering } from "./lowering.ts";
import type { Callable, FunctionBuilder, Local } from "./module.ts";

/** Bytes from which on the engine's own copy is faster than a loop. */
const LONG = 256;

/** Loops over `bytes` (a multiple of a number's size) by vectors, then by numbers. */
function byVectors(f: FunctionBuilder, lowering: Lowering, bytes: Code, many: (at: Local) => void, one: (at: Local) => void): void {
  const at = f.int(int.const(0));
  const whole = f.int(int.and(bytes, int.const(-16)));
  f.while(
    () => int.lt(at.get, whole.get),
    () => {
      many(at);
      f.increase(at, int.const(16));
    },
  );
  f.while(
    () => int.lt(at.get, bytes),
    () => {
      one(at);
      f.increase(at, int.const(lowering.lanes.bytes));
    },
  );
}

/** `copy(to, from, bytes)`. */
export const copyFunction = (lowering: Lowering): Callable =>
  lowering.once("copy", () =>
    lowering.module.function([i32, i32, i32], [], (f, [to, from, bytes]) => {
      const { scalar } = lowering.lanes;
      const place = (p: Local, at: Local): Code => int.add(p.get, at.get);
      f.if(
        int.ge(bytes.get, int.const(LONG)),
        () => f.emit(copyMemory(to.get, from.get, bytes.get)),
        () =>
          byVectors(
            f,
            lowering,
            bytes.get,
            (at) => f.emit(vector.store(place(to, at), vector.load(place(from, at)))),
            (at) => f.emit(scalar.store(place(to, at), scalar.load(place(from, at)))),
          ),
      );
    }),
  );

/** `add(to, from, bytes)`: numbers are added one by one to those at `to`. */
const addFunction = (lowering: Lowering): Callable =>
  lowering.once("add", () =>
    lowering.module.function([i32, i32, i32], [], (f, [to, from, bytes]) => {
      const { scalar, add } = lowering.lanes;
      byVectors(
        f,
        lowering,
        bytes.get,
        (at) => {
          const p = f.int(int.add(to.get, at.get));
          f.emit(vector.store(p.get, add(vector.load(p.get), vector.load(int.add(from.get, at.get)))));
        },
        (at) => {
          const p = f.int(int.add(to.get, at.get));
          f.emit(scalar.store(p.get, scalar.add(scalar.load(p.get), scalar.load(int.add(from.get, at.get)))));
        },
      );
    }),
  );

/** `fill(to, bytes)` with a number. */
export function fillCode(f: FunctionBuilder, lowering: Lowering, to: Code, bytes: Code, value: number): void {
  const filler = lowering.once("fill", () =>
    lowering.module.function([i32, i32, lowering.lanes.scalarType], [], (g, [start, length, x]) => {
      const splat = g.vector(lowering.lanes.splat(x.get));
      byVectors(
        g,
        lowering,
        length.get,
        (at) => g.emit(vector.store(int.add(start.get, at.get), splat)),
        (at) => g.emit(lowering.lanes.scalar.store(int.add(start.get, at.get), x.get)),
      );
    }),
  );
  f.emit(filler.call(to, bytes, lowering.lanes.scalar.const(value)));
}

interface Move {
  from: number;
  to: number;
  bytes: number;
}

/** Neighbouring elements that move together, in bytes. */
function movesOf(lowering: Lowering, operators: readonly CopyOperator[]): Move[] {
  const out: Move[] = [];
  const { bytes } = lowering.lanes;
  for (const { source, target } of operators) {
    const [unitFrom, unitTo] = [source, target].map(({ signal }) => lowering.stride(signal) * bytes) as [number, number];
    const [s, t] = [lowering.address(source), lowering.address(target)];
    const count = lengthOf(source, target);
    for (let k = 0; k < count; k++) {
      const from = s + (source.index?.[k] ?? k) * unitFrom;
      const to = t + (target.index?.[k] ?? k) * unitTo;
      const last = out.at(-1);
      const same = unitFrom === unitTo;
      if (same && last !== undefined && last.from + last.bytes === from && last.to + last.bytes === to) last.bytes += unitFrom;
      else out.push({ from, to, bytes: unitFrom });
    }
  }
  return out;
}

const lengthOf = (source: Picked, target: Picked): number => (target.index ?? source.index)?.length ?? target.length;

/** Code of `copy` operators of one kind: a shared source goes to every item, a shared target is a sum over items. */
export function copyCode(lowering: Lowering, operators: readonly CopyOperator[]): (f: FunctionBuilder) => void {
  const [first] = operators as readonly [CopyOperator];
  const { lanes, places } = lowering;
  const moves = movesOf(lowering, operators);
  const inc = first.role === "inc";
  const [fromItems, toItems] = [first.source.signal.perItem, first.target.signal.perItem];
  const kind = fromItems === toItems || places.width === 1 ? "alike" : toItems ? "spread" : "sum";
  const mover =
    kind === "alike"
      ? inc
        ? addFunction(lowering)
        : copyFunction(lowering)
      : lowering.once(`${kind} ${inc}`, () =>
          lowering.module.function([i32, i32, i32], [], (f, [to, from]) => {
            if (kind === "spread") {
              const value = f.vector(lanes.loadSplat(from.get));
              for (let at = 0; at < places.width * lanes.bytes; at += 16)
                f.emit(vector.store(to.get, inc ? lanes.add(vector.load(to.get, at), value) : value, at));
              return;
            }
            const sum = f.local(lanes.scalarType, inc ? lanes.scalar.load(to.get) : lanes.scalar.const(0));
            const at = f.int(from.get);
            let items = places.batch;
            // In float64 one by one, in order; in float32 by vectors as far as they go.
            if (lanes.dtype === "float32" && items >= 2 * lanes.count) {
              let all = vector.load(at.get);
              const whole = Math.floor(items / lanes.count);
              for (let k = 1; k < whole; k++) all = lanes.add(all, vector.load(at.get, 16 * k));
              const byLane = f.vector(all);
              for (let i = 0; i < lanes.count; i++) f.set(sum, lanes.scalar.add(sum.get, lanes.extract(byLane, i)));
              f.increase(at, int.const(16 * whole));
              items -= whole * lanes.count;
            }
            f.times(int.const(items), () => {
              f.set(sum, lanes.scalar.add(sum.get, lanes.scalar.load(at.get)));
              f.increase(at, int.const(lanes.bytes));
            });
            f.emit(lanes.scalar.store(to.get, sum.get));
          }),
        );
  return (f) => {
    if (moves.length <= 2) {
      for (const m of moves) f.emit(mover.call(int.const(m.to), int.const(m.from), int.const(m.bytes)));
      return;
    }
    const table = lowering.integers(moves.flatMap((m) => [m.to, m.from, m.bytes]));
    const row = f.int(int.const(table));
    f.times(int.const(moves.length), () => {
      f.emit(mover.call(int.load(row.get), int.load(row.get, 4), int.load(row.get, 8)));
      f.increase(row, int.const(12));
    });
  };
}

/** Code of `set` operators: constants into ranges. */
export function setCode(lowering: Lowering, operators: readonly SetOperator[]): (f: FunctionBuilder) => void {
  const { bytes } = lowering.lanes;
  const fills: { at: number; bytes: number; value: number }[] = [];
  const copies: { at: number; from: number; bytes: number }[] = [];
  for (const { target, value } of operators) {
    const width = lowering.stride(target.signal);
    const at = lowering.address(target);
    const size = target.length * width * bytes;
    if (typeof value !== "number") {
      const spread = Float64Array.from({ length: target.length * width }, (_, k) => value[Math.floor(k / width)]);
      copies.push({ at, from: lowering.numbers(spread), bytes: size });
      continue;
    }
    const last = fills.at(-1);
    if (last !== undefined && last.at + last.bytes === at && Object.is(last.value, value)) last.bytes += size;
    else fills.push({ at, bytes: size, value });
  }
  const copier = copyFunction(lowering);
  return (f) => {
    for (const same of grouped(fills)) {
      const { value } = same[0];
      const table = lowering.integers(same.flatMap((x) => [x.at, x.bytes]));
      const row = f.int(int.const(table));
      f.times(int.const(same.length), () => {
        fillCode(f, lowering, int.load(row.get), int.load(row.get, 4), value);
        f.increase(row, int.const(8));
      });
    }
    for (const c of copies) f.emit(copier.call(int.const(c.at), int.const(c.from), int.const(c.bytes)));
  };
}

/** Fills by their value; 0 and -0 are two. */
function grouped<T extends { readonly value: number }>(fills: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const fill of fills) {
    const group = groups.find(([first]) => Object.is(first.value, fill.value));
    if (group === undefined) groups.push([fill]);
    else group.push(fill);
  }
  return groups;
}
