import { accesses, type Operator } from "../ir/operators.ts";
import type { Program } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";

/** A parameter that reaches a record only through a user's function, where gradients stop. */
export interface Blocked {
  readonly parameter: Signal;
  /** Origins of the functions in the way. */
  readonly through: readonly string[];
}

/** Trainable parameters whose every way to the given records leads through operators without a gradient. */
export function blockedParameters({ operators }: Program, records: readonly string[]): Blocked[] {
  const stops = (op: Operator): boolean => op.kind === "host" || op.kind === "draw" || (op.kind === "elementwise" && !op.differentiable);
  const start = operators.flatMap((op) => (op.kind === "record" && records.includes(op.slot) ? [op.source.signal] : []));
  const smooth = reached(operators.filter((op) => !stops(op)), start);
  const any = reached(operators, start);
  const parameters = new Set(operators.flatMap((op) => accesses(op).reads.map((r) => r.signal)).filter((s) => s.trainable));
  return [...parameters]
    .filter((p) => any.has(p) && !smooth.has(p))
    .map((parameter) => {
      const after = forward(operators, parameter);
      const through = operators.filter((op) => stops(op) && accesses(op).reads.some((r) => after.has(r.signal)) && [...accesses(op).sets, ...accesses(op).incs].some((w) => smooth.has(w.signal) || any.has(w.signal)));
      return { parameter, through: [...new Set(through.map((op) => op.origin))] };
    });
}

/** Signals on which the given ones depend, over any number of steps. */
function reached(operators: readonly Operator[], start: Iterable<Signal>): Set<Signal> {
  return spread(operators, start, (op) => {
    const { reads, sets, incs, updates } = accesses(op);
    return { from: [...sets, ...incs, ...updates].map((w) => w.signal), to: reads.map((r) => r.signal) };
  });
}

/** Signals that depend on the given one. */
function forward(operators: readonly Operator[], start: Signal): Set<Signal> {
  return spread(operators, [start], (op) => {
    const { reads, sets, incs, updates } = accesses(op);
    return { from: reads.map((r) => r.signal), to: [...sets, ...incs, ...updates].map((w) => w.signal) };
  });
}

function spread(operators: readonly Operator[], start: Iterable<Signal>, flow: (op: Operator) => { from: Signal[]; to: Signal[] }): Set<Signal> {
  const out = new Set(start);
  const flows = operators.map(flow);
  for (let size = -1; size !== out.size; ) {
    size = out.size;
    for (const { from, to } of flows) if (from.some((s) => out.has(s))) for (const s of to) out.add(s);
  }
  return out;
}
