import { range, type Operand, type Range, type Signal } from "../ir/signal.ts";
import type { Picked } from "../ir/operators.ts";
import { SignalView, type NengoOperator, type Touched } from "./nengoOperator.ts";
import { View, type IndexSet } from "../network/index.ts";
import { RangeIndices } from "../network/indexSet.ts";

const none: readonly Touched[] = [];
const roles = { sets: none, incs: none, reads: none, updates: none };

/** Sets a signal to a value at the start of a step. */
export function reset(target: Signal, value = 0): NengoOperator {
  const label = `Reset ${target.name}`;
  return { ...roles, label, sets: [target], lower: () => [{ kind: "set", origin: label, target: range(target), value }] };
}

/** Elements of a signal that a connection reads or writes. */
export interface Slot {
  readonly touched: Touched;
  readonly picked: Picked;
}

/** The whole signal. */
export const whole = (signal: Signal): Slot => ({ touched: signal, picked: { ...range(signal), index: null } });

/**
 * Elements as an index set picks them: a view where they are evenly spaced, else a list on the whole signal.
 * @param end - what the user gave: a view of everything is not the whole in Nengo's step order
 */
export function slot(signal: Signal, indices: IndexSet, end: unknown): Slot {
  if (indices.kind === "list") {
    return { touched: signal, picked: { signal, offset: 0, length: indices.list.length, index: Int32Array.from(indices.list) } };
  }
  const { start, step, length } = indices;
  if (!(end instanceof View) && indices.isFull(signal.size)) return whole(signal);
  const touched = new SignalView(signal, start, step, length);
  const index = step === 1 ? null : new RangeIndices(0, step, length).toArray();
  return { touched, picked: { signal, offset: start, length, index } };
}

/** Copies picked elements. */
export function copy(source: Slot, target: Slot, role: "set" | "inc"): NengoOperator {
  const label = `Copy ${source.picked.signal.name} -> ${target.picked.signal.name}`;
  return {
    ...roles,
    label,
    reads: [source.touched],
    [role === "set" ? "sets" : "incs"]: [target.touched],
    lower: () => [{ kind: "copy", origin: label, source: source.picked, target: target.picked, role }],
  };
}

/** Elements of a slot that are evenly spaced as an operand; null where they are listed. */
export function spaced({ touched, picked }: Slot): Operand | null {
  const step = touched instanceof SignalView ? touched.step : picked.index === null ? 1 : null;
  return step === null ? null : { signal: picked.signal, offset: picked.offset, strides: [step] };
}

/** The range behind a slot that is contiguous. */
export const rangeOf = ({ picked: { signal, offset, length } }: Slot): Range => ({ signal, offset, length });

export { roles as noRoles };
