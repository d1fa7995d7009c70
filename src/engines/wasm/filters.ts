import type { ConvolveOperator, FirOperator, SparseMatmulOperator } from "../../ir/operators.ts";
import type { Range } from "../../ir/signal.ts";
import { convolutionPairs } from "../../plan/convolutionPairs.ts";
import { copyMemory, int, v128, vector, type Code } from "./code.ts";
import type { Lowering } from "./lowering.ts";
import type { FunctionBuilder, Local } from "./module.ts";
import { fillCode } from "./move.ts";
import { beginAll } from "./products.ts";

const sizeOf = (lowering: Lowering, { length, signal }: Range): number => length * lowering.stride(signal) * lowering.lanes.bytes;

/** y += w x for one element of each: a number, or all items. */
function multiplyAdd(f: FunctionBuilder, lowering: Lowering, y: Local, w: Local, x: Local, weightPerItem: boolean): void {
  const { lanes, places } = lowering;
  if (places.width === 1) {
    const { scalar } = lanes;
    f.emit(scalar.store(y.get, scalar.add(scalar.load(y.get), scalar.mul(scalar.load(w.get), scalar.load(x.get)))));
    return;
  }
  const weight = weightPerItem ? null : f.vector(lanes.loadSplat(w.get));
  const offset = f.int(int.const(0));
  const at = (p: Local): Code => int.add(p.get, offset.get);
  f.while(
    () => int.lt(offset.get, int.const(places.width * lanes.bytes)),
    () => {
      const term = lanes.mul(weight ?? vector.load(at(w)), vector.load(at(x)));
      f.emit(vector.store(at(y), lanes.add(vector.load(at(y)), term)));
      f.increase(offset, int.const(16));
    },
  );
}

/** Code of `sparseMatmul`: entries in their order. */
export function sparseCode(lowering: Lowering, op: SparseMatmulOperator): (f: FunctionBuilder) => void {
  const { bytes } = lowering.lanes;
  const perItem = op.weights.signal.perItem;
  const [x0, y0, w0] = [op.x, op.y, op.weights].map((r) => lowering.address(r)) as [number, number, number];
  const unit = lowering.places.width * bytes;
  const rows: number[] = [];
  for (let k = 0; k < op.rows.length; k++) rows.push(y0 + op.rows[k] * unit, x0 + op.columns[k] * unit);
  const table = lowering.integers(rows);
  return (f) => {
    if (op.role !== "inc") fillCode(f, lowering, int.const(y0), int.const(sizeOf(lowering, op.y)), 0);
    const row = f.int(int.const(table));
    const w = f.int(int.const(w0));
    f.times(int.const(op.rows.length), () => {
      multiplyAdd(f, lowering, f.int(int.load(row.get)), w, f.int(int.load(row.get, 4)), perItem);
      f.increase(row, int.const(8));
      f.increase(w, int.const(perItem ? unit : bytes));
    });
  };
}

/** Code of `fir`: the buffer moves on by a row, then the weighted sum of its rows. */
export function firCode(lowering: Lowering, op: FirOperator): (f: FunctionBuilder) => void {
  const { lanes, places } = lowering;
  const size = op.input.length * places.width * lanes.bytes;
  const [input, output, buffer] = [op.input, op.output, op.buffer].map((r) => lowering.address(r)) as [number, number, number];
  const taps = lowering.numbers(op.taps);
  const inc = op.role === "inc";
  return (f) => {
    f.emit(copyMemory(int.const(buffer + size), int.const(buffer), int.const((op.taps.length - 1) * size)));
    f.emit(copyMemory(int.const(buffer), int.const(input), int.const(size)));
    // Vectors may reach beyond the end of what is summed, and of their sums only what belongs to it is stored.
    const at = f.int(int.const(0));
    f.while(
      () => int.lt(at.get, int.const(size)),
      () => {
        const to = f.int(int.add(int.const(output), at.get));
        const sum = f.local(v128, inc ? vector.load(to.get) : lanes.constant(0));
        const from = f.int(int.add(int.const(buffer), at.get));
        const tap = f.int(int.const(taps));
        f.times(int.const(op.taps.length), () => {
          f.set(sum, lanes.add(sum.get, lanes.mul(lanes.loadSplat(tap.get), vector.load(from.get))));
          f.increase(tap, int.const(lanes.bytes));
          f.increase(from, int.const(size));
        });
        f.if(
          int.le(at.get, int.const(size - 16)),
          () => f.emit(vector.store(to.get, sum.get)),
          () => {
            for (let k = 0; k < (size % 16) / lanes.bytes; k++) f.emit(lanes.storeLane(to.get, sum.get, k, k * lanes.bytes));
          },
        );
        f.increase(at, int.const(16));
      },
    );
  };
}

/** Code of `convolve` in its three modes; sums run over taps, then input channels, in ascending order. */
export function convolveCode(lowering: Lowering, op: ConvolveOperator): (f: FunctionBuilder) => void {
  const { lanes, places } = lowering;
  const { geometry: g, mode } = op;
  const spatial = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const pairs = convolutionPairs(g);
  const unit = (r: Range): number => lowering.stride(r.signal) * lanes.bytes;
  const [xUnit, wUnit, yUnit] = [unit(op.input), unit(op.filter), unit(op.output)];
  const image = (positions: number, channels: number): [number, number] => (g.channelsLast ? [channels, 1] : [1, positions]);
  const [xPosition, xChannel] = image(spatial(g.inputSpatial), g.inputChannels);
  const [yPosition, yChannel] = image(spatial(g.outputSpatial), g.outputChannels);
  const [groupIn, groupOut] = [g.inputChannels / g.groups, g.outputChannels / g.groups];
  const [wIn, wOut] = g.filterOutputFirst === true ? [1, groupIn] : [g.outputChannels, 1];
  // A row for each pair of positions that a tap joins: addresses of their first channels.
  const table = lowering.integers(
    Array.from({ length: pairs.length }, (_, k) => {
      const value = pairs[k];
      if (k % 3 === 0) return lowering.address(op.output) + value * yPosition * yUnit;
      if (k % 3 === 1) return lowering.address(op.filter) + value * groupIn * g.outputChannels * wUnit;
      return lowering.address(op.input) + value * xPosition * xUnit;
    }),
  );
  // And one for each input channel: offsets of itself, of its first weight, and of the first output channel of its group.
  const channels = lowering.integers(
    Array.from({ length: g.inputChannels }, (_, c) => {
      const first = Math.floor(c / groupIn) * groupOut;
      return [first * yChannel * yUnit, ((c % groupIn) * wIn + first * wOut) * wUnit, c * xChannel * xUnit];
    }).flat(),
  );
  const target = mode === "forward" ? op.output : mode === "inputAdjoint" ? op.input : op.filter;
  const several = places.width > 1;
  const contiguous = !several && yChannel === 1 && wOut === 1 && mode !== "inputAdjoint";
  return (f) => {
    beginAll(f, lowering, op.role !== "inc", int.const(lowering.address(target)), int.const(sizeOf(lowering, target)));
    const pair = f.int(int.const(table));
    f.times(int.const(pairs.length / 3), () => {
      const channel = f.int(int.const(channels));
      f.times(int.const(g.inputChannels), () => {
        const [y, w, x] = [0, 4, 8].map((o) => f.int(int.add(int.load(pair.get, o), int.load(channel.get, o)))) as [Local, Local, Local];
        if (contiguous) contiguousLine(f, lowering, mode === "forward" ? [y, w] : [w, y], x, groupOut);
        else {
          f.times(int.const(groupOut), () => {
            element(f, lowering, op, { x, w, y });
            f.increase(y, int.const(yChannel * yUnit));
            f.increase(w, int.const(wOut * wUnit));
          });
        }
        f.increase(channel, int.const(12));
      });
      f.increase(pair, int.const(12));
    });
  };
}

/** target[f] += x * factor[f] for neighbouring f, one item. */
function contiguousLine(f: FunctionBuilder, lowering: Lowering, [to, factor]: readonly [Local, Local], x: Local, count: number): void {
  const { lanes } = lowering;
  const { scalar } = lanes;
  const value = f.local(lanes.scalarType, scalar.load(x.get));
  f.if(scalar.ne(value.get, scalar.const(0)), () => {
    const splat = f.vector(lanes.splat(value.get));
    const whole = Math.floor(count / lanes.count);
    f.times(int.const(whole), () => {
      f.emit(vector.store(to.get, lanes.add(vector.load(to.get), lanes.mul(splat, vector.load(factor.get)))));
      f.increase(to, int.const(16));
      f.increase(factor, int.const(16));
    });
    for (let k = 0; k < count % lanes.count; k++) {
      const at = k * lanes.bytes;
      f.emit(scalar.store(to.get, scalar.add(scalar.load(to.get, at), scalar.mul(value.get, scalar.load(factor.get, at))), at));
    }
  });
}

/** One tap between one input and one output channel, all items. */
function element(
  f: FunctionBuilder,
  lowering: Lowering,
  { mode, filter, input, output }: ConvolveOperator,
  { x, w, y }: Readonly<Record<"x" | "w" | "y", Local>>,
): void {
  const [to, a, b] = mode === "forward" ? [y, w, x] : mode === "inputAdjoint" ? [x, w, y] : [w, y, x];
  const targetShared =
    lowering.places.width > 1 && !(mode === "forward" ? output : mode === "inputAdjoint" ? input : filter).signal.perItem;
  if (!targetShared) {
    multiplyAdd(f, lowering, to, a, b, mode === "filterAdjoint" || filter.signal.perItem);
    return;
  }
  // Into a shared filter: the sum over items, in order.
  const { scalar, scalarType, bytes } = lowering.lanes;
  const sum = f.local(scalarType, scalar.load(to.get));
  const offset = f.int(int.const(0));
  f.times(int.const(lowering.places.batch), () => {
    const at = (p: Local): Code => scalar.load(int.add(p.get, offset.get));
    f.set(sum, scalar.add(sum.get, scalar.mul(at(a), at(b))));
    f.increase(offset, int.const(bytes));
  });
  f.emit(scalar.store(to.get, sum.get));
}
