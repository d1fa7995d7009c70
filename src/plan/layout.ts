import type { Operator } from "../ir/operators.ts";
import { checkRoom } from "../math/room.ts";
import type { Range, Signal } from "../ir/signal.ts";
import type { Group } from "./schedule.ts";

/** Where signals lie: per-item signals in one space (each element followed by the other items'), shared ones in another. */
export interface Layout {
  /** Whether the planned program uses a signal at all. */
  readonly has: (signal: Signal) => boolean;
  /** Element offset of a signal within its space. */
  readonly offsetOf: (signal: Signal) => number;
  /** Elements an item. */
  readonly itemSize: number;
  readonly sharedSize: number;
  readonly signals: readonly Signal[];
}

/** The signals an operator touches, in a fixed order, so that like operators correspond position by position. */
export function operandsOf(op: Operator): readonly Signal[] {
  const of = (r: Range | null): Signal[] => (r === null ? [] : [r.signal]);
  switch (op.kind) {
    case "set":
    case "feed":
      return of(op.target);
    case "copy":
      return [op.source.signal, op.target.signal];
    case "elementwise":
      return [...Object.values(op.inputs).map((o) => o.signal), ...op.outputs.map((o) => o.operand.signal)];
    case "matmul":
      return [op.weights.signal, op.x.signal, op.y.signal];
    case "sparseMatmul":
      return [op.weights.signal, op.x.signal, op.y.signal];
    case "convolve":
      return [op.input.signal, op.filter.signal, op.output.signal];
    case "fir":
      return [op.input.signal, op.output.signal, op.buffer.signal];
    case "draw":
      return [...of(op.parameter), op.target.signal];
    case "host":
      return [...op.inputs.map((r) => r.signal), ...op.outputs.map((o) => o.range.signal)];
    case "tensor":
      return [...of(op.x), op.y.signal];
    case "record":
      return of(op.source);
    case "time":
      return [];
  }
}

/**
 * Places signals so that merged operators find theirs side by side: the largest groups first; within a group, operators
 * follow the order in which their already placed signals lie.
 */
export function layOut(groups: readonly Group[]): { readonly layout: Layout; readonly groups: readonly Group[] } {
  const offsets = new Map<Signal, number>();
  const size = { item: 0, shared: 0 };
  const place = (signal: Signal): void => {
    if (offsets.has(signal)) return;
    const space = signal.perItem ? "item" : "shared";
    offsets.set(signal, size[space]);
    size[space] += signal.size;
  };
  const elements = (group: Group): number => group.operators.reduce((sum, op) => sum + operandsOf(op).reduce((n, s) => n + s.size, 0), 0);
  const byWeight = groups
    .map((group, index) => ({ group, index, weight: group.operators.length > 1 ? elements(group) : 0 }))
    .sort((a, b) => b.weight - a.weight);
  const ordered: Group[] = [...groups];
  for (const { group, index } of byWeight) {
    const operators = sortByPlacement(group.operators, offsets);
    ordered[index] = { kind: group.kind, operators };
    const operands = operators.map(operandsOf);
    const width = operands.reduce((most, list) => Math.max(most, list.length), 0);
    for (let position = 0; position < width; position++) {
      for (const list of operands) if (position < list.length) place(list[position]);
    }
  }
  const layout: Layout = {
    has: (signal) => offsets.has(signal),
    offsetOf: (signal) => offsets.get(signal)!,
    itemSize: size.item,
    sharedSize: size.shared,
    signals: [...offsets.keys()],
  };
  checkRoom(size.item, "Signals of the network");
  checkRoom(size.shared, "Parameters of the network");
  return { layout, groups: ordered };
}

/** By the address of the first operand that is placed for every operator; records and feeds keep their order. */
function sortByPlacement(operators: readonly Operator[], offsets: ReadonlyMap<Signal, number>): readonly Operator[] {
  if (operators.length < 2) return operators;
  const lists = operators.map(operandsOf);
  for (let position = 0; position < lists[0].length; position++) {
    const at = lists.map((list) => offsets.get(list[position]));
    if (new Set(at).size < operators.length || at.includes(undefined)) continue;
    return operators
      .map((op, i) => ({ op, at: at[i]! }))
      .sort((a, b) => a.at - b.at)
      .map(({ op }) => op);
  }
  return operators;
}
