import * as tf from "@tensorflow/tfjs-core";
import { accesses, type Operator } from "../../../ir/operators.ts";
import type { Signal } from "../../../ir/signal.ts";
import { schedule } from "../../../plan/schedule.ts";
import { StepFrame, type RunContext, type Step } from "./frame.ts";
import { stepOf, Stacker } from "./series.ts";
import { stepsOf } from "./steps.ts";
import { Values, type Piece } from "./values.ts";

/** What others want of a loop's signals, for every step. */
export interface Wanted {
  /** As readers see them. */
  readonly reads: ReadonlySet<Signal>;
  /** At the ends of steps. */
  readonly ends: ReadonlySet<Signal>;
  /** Signals that are updated, by whatever operator. */
  readonly updated: ReadonlySet<Signal>;
}

/** Values of all steps of a run, and of the last one. */
export interface Results {
  readonly reads: Values;
  readonly ends: Values;
  /** Values at the end of the run of signals that a loop has written. */
  readonly last: Map<Signal, readonly Piece[]>;
  /** Values before the first step. */
  readonly start: (signal: Signal) => tf.Tensor2D;
}

/** Operators that run step by step. */
export class Loop {
  private readonly steps: readonly Step[];
  /** Signals whose value goes from step to step; sums over the run (shared signals) among them. */
  private readonly carried: readonly Signal[];
  /** Signals that every step takes from elsewhere, or begins with their initial value. */
  private readonly external: readonly Signal[];
  private readonly written: ReadonlySet<Signal>;
  /** Signals whose value at the end of a step is the loop's. */
  private readonly ended: ReadonlySet<Signal>;
  private readonly wanted: Wanted;

  constructor(operators: readonly Operator[], carried: ReadonlySet<Signal>, wanted: Wanted) {
    this.steps = schedule(operators).flatMap(stepsOf);
    const touched = new Set<Signal>();
    const written = new Set<Signal>();
    const updatedHere = new Set<Signal>();
    for (const op of operators) {
      const { sets, incs, reads, updates } = accesses(op);
      for (const { signal } of [...sets, ...incs, ...updates]) written.add(signal);
      for (const { signal } of [...sets, ...incs, ...updates, ...reads]) touched.add(signal);
      for (const { signal } of updates) updatedHere.add(signal);
    }
    const sums = [...written].filter((s) => !s.perItem);
    this.carried = [...carried, ...sums];
    this.external = [...touched].filter((s) => !carried.has(s) && !sums.includes(s));
    this.written = written;
    this.ended = new Set([...written].filter((s) => updatedHere.has(s) || !wanted.updated.has(s)));
    this.wanted = {
      ...wanted,
      reads: new Set([...wanted.reads].filter((s) => written.has(s))),
      ends: new Set([...wanted.ends].filter((s) => updatedHere.has(s))),
    };
  }

  run(run: RunContext, { reads, ends, last, start }: Results): void {
    const { batch, nSteps } = run;
    const values = new Values(batch, start);
    for (const signal of this.carried)
      values.put(signal, signal.perItem ? [{ tensor: start(signal), from: 0, length: signal.size }] : reads.pieces(signal));
    const seen = new Map([...this.wanted.reads].map((s) => [s, [] as (readonly Piece[])[]]));
    const ended = new Map([...this.wanted.ends].map((s) => [s, [] as (readonly Piece[])[]]));
    // Tensors of the loop's own have later numbers than all that was there before.
    const mark = tf.tidy(() => tf.scalar(0).id);
    const captured = new Set<tf.Tensor>();
    let alive = new Set<tf.Tensor>();
    for (let k = 0; k < nSteps; k++) {
      const now = tf.tidy(() => {
        const slices = new Map<tf.Tensor, tf.Tensor2D>();
        const sliced = (tensor: tf.Tensor2D): tf.Tensor2D => {
          let slice = slices.get(tensor);
          if (slice === undefined) slices.set(tensor, (slice = stepOf(tensor, k, batch)));
          return slice;
        };
        for (const signal of this.external)
          values.put(
            signal,
            reads.pieces(signal).map((piece) => ({ ...piece, tensor: sliced(piece.tensor) })),
          );
        const see = (signal: Signal): void => {
          const list = seen.get(signal);
          if (list?.length === k) list.push(values.pieces(signal));
        };
        const frame = new StepFrame(run, { values, from: k, steps: 1, beforeUpdate: see });
        for (const step of this.steps) step(frame);
        for (const signal of seen.keys()) see(signal);
        for (const [signal, list] of ended) list.push(values.pieces(signal));
        const kept = [...seen.values(), ...ended.values()].flatMap((list) => list[k].map((p) => p.tensor));
        kept.forEach((t) => captured.add(t));
        const carried = (k === nSteps - 1 ? [...this.ended, ...this.carried] : this.carried).flatMap((s) => values.pieces(s));
        return [...kept, ...carried.map((p) => p.tensor)] as tf.Tensor[];
      });
      const next = new Set(now.filter((t) => t.id >= mark && !t.kept));
      for (const tensor of alive) if (!next.has(tensor) && !captured.has(tensor)) tensor.dispose();
      alive = next;
    }
    const stacker = new Stacker(batch);
    for (const [signal, list] of seen) reads.put(signal, stacker.stack(list));
    for (const [signal, list] of ended) ends.put(signal, stacker.stack(list));
    for (const signal of this.ended) if (signal.perItem || seen.has(signal)) last.set(signal, values.pieces(signal));
    for (const signal of this.written) if (!signal.perItem && !seen.has(signal)) reads.put(signal, values.pieces(signal));
    for (const tensor of captured)
      if (nSteps > 1 && tensor.id >= mark && !tensor.kept && !alive.has(tensor)) this.free(tensor, reads, ends);
  }

  /** Frees a tensor of one step, unless it stands for all of them. */
  private free(tensor: tf.Tensor, reads: Values, ends: Values): void {
    const stands = (values: Values, signals: ReadonlySet<Signal>): boolean =>
      [...signals].some((s) => values.pieces(s).some((p) => p.tensor === tensor));
    if (!stands(reads, this.wanted.reads) && !stands(ends, this.wanted.ends)) tensor.dispose();
  }
}
