import { accesses } from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import type { Executable, Floats, State, Table } from "../engine.ts";
import type { Streams } from "../streams.ts";
import { ReferenceExecutable } from "./engine.ts";
import type { Journal } from "./journal.ts";

/** A run that ended with a value that is no number. */
export interface BadRun {
  readonly executable: Executable;
  /** Before the run. */
  readonly state: State;
  readonly nSteps: number;
  readonly feeds: ReadonlyMap<string, Table>;
  readonly streams: Streams;
  readonly journal: Journal;
}

/** Where a value stopped being finite. */
export interface Culprit {
  readonly origin: string;
  readonly signal: Signal;
  readonly item: number;
  /** The first step is 1. */
  readonly step: number;
  readonly value: number;
}

/**
 * Does a run again in the reference engine, operator by operator, and tells which of them made the first value that is not finite.
 * No user's function is called, and nothing is drawn: the journal has what they gave.
 */
export function firstNotFinite({ executable, state, nSteps, feeds, streams, journal }: BadRun): Culprit | null {
  const { plan, dtype, batch } = executable;
  const again = new ReferenceExecutable(plan, dtype, batch);
  const own = again.initialState();
  own.step = state.step;
  for (const signal of plan.layout.signals) {
    if (signal.perItem) again.write(own, signal, executable.read(state, signal));
    else again.setShared(signal, executable.getShared(signal));
  }
  // What was there before is not to be blamed on an operator.
  const known = new Set(plan.layout.signals.filter((s) => s.perItem && firstBad(again.read(own, s)) >= 0));
  let found: Culprit | null = null;
  again.watched = (group, step) => {
    for (const op of group.operators) {
      const { sets, incs, updates } = accesses(op);
      for (const { signal } of [...sets, ...incs, ...updates]) {
        if (!signal.perItem || known.has(signal)) continue;
        const values = again.read(own, signal);
        const bad = firstBad(values);
        if (bad < 0) continue;
        found = { origin: op.origin, signal, item: Math.floor(bad / signal.size), step, value: values[bad] };
        return false;
      }
    }
    return true;
  };
  journal.replay = true;
  journal.next = 0;
  again.run({ nSteps, state: own, feeds, streams, journal });
  return found;
}

const firstBad = (values: Floats): number => values.findIndex((v) => !Number.isFinite(v));
