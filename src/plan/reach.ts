import { accesses, type Operator } from "../ir/operators.ts";
import type { Signal } from "../ir/signal.ts";

/** Whether an operator belongs to plasticity, through which no gradients go by decision. */
export const isPlastic = (op: Operator): boolean => op.kind === "elementwise" && !op.differentiable;

/** Whether gradients stop at an operator: a user's function, a draw, or plasticity. */
export const stopsGradient = (op: Operator): boolean => op.kind === "host" || op.kind === "draw" || isPlastic(op);

/** Signals that depend on the given ones (`forward`), or on which they depend (`backward`), over any number of steps; with the given ones. */
export function reach(operators: readonly Operator[], start: Iterable<Signal>, direction: "forward" | "backward"): Set<Signal> {
  const next = new Map<Signal, Signal[]>();
  for (const op of operators) {
    const { reads, sets, incs, updates } = accesses(op);
    const read = reads.map((r) => r.signal);
    const written = [...sets, ...incs, ...updates].map((w) => w.signal);
    const [from, to] = direction === "forward" ? [read, written] : [written, read];
    for (const signal of from) {
      const list = next.get(signal);
      if (list === undefined) next.set(signal, [...to]);
      else list.push(...to);
    }
  }
  const out = new Set(start);
  // A set visits what is added to it while it is walked.
  for (const signal of out) for (const to of next.get(signal) ?? []) out.add(to);
  return out;
}
