import * as tf from "@tensorflow/tfjs-core";
import { accesses, type Operator } from "../../../ir/operators.ts";
import type { Program } from "../../../ir/program.ts";
import { elementsWritten } from "../../../plan/elementsWritten.ts";
import { range, type Signal } from "../../../ir/signal.ts";
import { fuse } from "../../../plan/fuse.ts";
import { simplify } from "../../../plan/simplify.ts";
import { timelineOf, type AtOnce } from "../../../plan/timeline.ts";
import { StepFrame, type RunContext, type Step } from "./frame.ts";
import { Loop, type Results } from "./loop.ts";
import { shifted, stepOf } from "./series.ts";
import { stepsOf } from "./steps.ts";
import { Values } from "./values.ts";

export interface OpsPlanOptions {
  /** Slots that runs give data for. */
  readonly fed: ReadonlySet<string>;
  /** Signals whose values at the ends of all steps are wanted. */
  readonly series: ReadonlySet<Signal>;
}

/** What came out of a run. */
export interface OpsValues {
  /** A signal's values at the ends of all steps, `[nSteps * batch or 1, size]`; of those that were wanted. */
  series(signal: Signal): tf.Tensor2D;
  /** A signal's value at the end of the run, `[batch or 1, size]`. */
  last(signal: Signal): tf.Tensor2D;
}

type Action =
  { readonly kind: "run"; readonly step: Step; readonly written: readonly Signal[] } | { readonly kind: "shift"; readonly signal: Signal };

/** A program as tf operations: loops over steps, and between them what runs over all steps at once. */
export class OpsPlan {
  private readonly stretches: readonly { readonly loop: Loop | null; readonly actions: readonly Action[] }[];
  private readonly updated: ReadonlySet<Signal>;
  /** Shared signals that the program writes. */
  private readonly changing: ReadonlySet<Signal>;
  /** Operators that run step by step, and that run once. */
  readonly counts: { readonly looped: number; readonly atOnce: number };

  constructor(program: Program, { fed, series }: OpsPlanOptions) {
    const operators = fuse(simplify(program)).filter((op) => {
      if (op.kind === "time" || op.kind === "record") return false;
      return op.kind !== "feed" || op.stream !== null || (op.slot !== null && fed.has(op.slot));
    });
    const { stretches, updated } = timelineOf(operators, series);
    this.updated = updated;
    const shifts = new Set(stretches.flatMap((s) => s.atOnce.flatMap((a) => (a.kind === "shift" ? [a.signal] : []))));
    const wanted = new Set([...series, ...shifts]);
    const later = new Set<Signal>();
    const made = [...stretches].reverse().map(({ loop, carried, atOnce }) => {
      for (const a of atOnce) if (a.kind === "operator") touch(a.operator, later);
      const reads = new Set([...later, ...[...wanted].filter((s) => !updated.has(s))]);
      const ends = new Set([...wanted].filter((s) => updated.has(s)));
      const own = loop.length === 0 ? null : new Loop(loop, carried, { reads, ends, updated });
      for (const op of loop) touch(op, later);
      return { loop: own, actions: atOnce.flatMap(actionsOf) };
    });
    this.stretches = made.reverse();
    this.changing = new Set(operators.flatMap((op) => elementsWritten(op).flatMap(({ signal }) => (signal.perItem ? [] : [signal]))));
    const looped = stretches.reduce((sum, s) => sum + s.loop.length, 0);
    this.counts = { looped, atOnce: operators.length - looped };
  }

  /**
   * Runs all steps, at least one; within a `tidy`.
   * @param start - values of signals before the first step, `[batch or 1, size]`
   */
  run(extent: Omit<RunContext, "changing">, start: (signal: Signal) => tf.Tensor2D): OpsValues {
    const run = { ...extent, changing: this.changing };
    const { batch, nSteps } = run;
    const rows = batch * nSteps;
    const known = new Map<Signal, tf.Tensor2D>();
    const first = (signal: Signal): tf.Tensor2D => {
      let value = known.get(signal);
      if (value === undefined) known.set(signal, (value = run.constants.once(signal, "start", () => start(signal))));
      return value;
    };
    const everyStep = (signal: Signal): tf.Tensor2D => {
      const value = first(signal);
      if (value.shape[0] === 1 || nSteps === 1) return value;
      return run.constants.once(signal, "every step", () => tf.tile(value, [nSteps, 1]));
    };
    const reads = new Values(rows, everyStep);
    const ends = new Values(rows, everyStep);
    const results: Results = { reads, ends, last: new Map(), start: first };
    const endsOf = (signal: Signal): Values => (this.updated.has(signal) ? ends : reads);
    for (const { loop, actions } of this.stretches) {
      loop?.run(run, results);
      for (const action of actions) {
        if (action.kind === "run") {
          action.step(new StepFrame(run, { values: reads, ends, from: 0, steps: nSteps }));
          for (const signal of action.written) results.last.delete(signal);
        } else {
          const { signal } = action;
          const tensor = shifted(endsOf(signal).read([range(signal)]), first(signal), batch, rows);
          reads.put(signal, [{ tensor, from: 0, length: signal.size }]);
        }
      }
    }
    return {
      series: (signal) => endsOf(signal).read([range(signal)]),
      last: (signal) => {
        const pieces = results.last.get(signal);
        if (pieces !== undefined) {
          const values = new Values(batch, first);
          values.put(signal, pieces);
          return values.read([range(signal)]);
        }
        if (!endsOf(signal).has(signal)) return first(signal);
        const all = endsOf(signal).read([range(signal)]);
        return signal.perItem ? stepOf(all, nSteps - 1, batch) : all;
      },
    };
  }
}

/** Notes all signals of an operator. */
function touch(op: Operator, signals: Set<Signal>): void {
  const { sets, incs, reads, updates } = accesses(op);
  for (const list of [sets, incs, reads, updates]) for (const { signal } of list) signals.add(signal);
}

/** An operator over all steps stands alone. */
function actionsOf(a: AtOnce): Action[] {
  if (a.kind === "shift") return [a];
  const written = elementsWritten(a.operator).map((w) => w.signal);
  return stepsOf({ kind: a.operator.kind, operators: [a.operator] }).map((step) => ({ kind: "run", step, written }));
}
