import type { Operator } from "../ir/operators.ts";
import type { Stream } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";
import type { Phase } from "../neurons/neuronType.ts";

/** A slice of a signal as Nengo makes one: a view that shares the signal's memory. Identity is the object's. */
export class SignalView {
  readonly base: Signal;
  readonly start: number;
  readonly step: number;
  readonly length: number;

  constructor(base: Signal, start: number, step: number, length: number) {
    this.base = base;
    this.start = start;
    this.step = step;
    this.length = length;
    Object.freeze(this);
  }
}

/** What an operator touches: a whole signal or a view. */
export type Touched = Signal | SignalView;

/**
 * An operator of Nengo's own granularity. Its roles decide the step order, and with it which draw of the simulator's
 * generator each process gets; only then is it lowered into operators of the program.
 */
export interface NengoOperator {
  readonly label: string;
  readonly sets: readonly Touched[];
  readonly incs: readonly Touched[];
  readonly reads: readonly Touched[];
  readonly updates: readonly Touched[];
  /** What a SimProcess draws. */
  readonly stream?: Stream;
  /** The program's operators that do the same; `stream` is the index of the operator's stream. */
  readonly lower: (phase: Phase, stream: number | null) => readonly Operator[];
}
