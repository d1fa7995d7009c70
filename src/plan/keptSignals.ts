import { accesses, type Operator } from "../ir/operators.ts";
import type { Signal } from "../ir/signal.ts";

/** Signals that keep their value from step to step: what is updated, what an operator both reads and sets, and sums that are never reset. */
export function keptSignals(operators: readonly Operator[]): Set<Signal> {
  const all = operators.map(accesses);
  const set = new Set(all.flatMap(({ sets }) => sets.map((s) => s.signal)));
  const updated = all.flatMap(({ updates }) => updates.map((u) => u.signal));
  const inPlace = all.flatMap(({ sets, reads }) => sets.filter((s) => reads.some((r) => r.signal === s.signal)).map((s) => s.signal));
  const summed = all.flatMap(({ incs }) => incs.map((i) => i.signal)).filter((s) => !set.has(s));
  return new Set([...updated, ...inPlace, ...summed]);
}
