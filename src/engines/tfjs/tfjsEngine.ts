import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "../../errors.ts";
import type { DrawOperator, FeedOperator, HostOperator, RecordOperator } from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import type { Plan } from "../../plan/plan.ts";
import {
  floats,
  lookForNotFinite,
  recordedRows,
  table,
  valuesOf,
  type Dtype,
  type Engine,
  type Executable,
  type Floats,
  type Recorded,
  type RunOptions,
  type State,
  type Table,
} from "../engine.ts";
import type { Journal } from "../reference/journal.ts";
import { initialMemory, readSignal, writeSignal } from "../stateMemory.ts";
import { Constants } from "./ops/constants.ts";
import { OpsPlan } from "./ops/opsPlan.ts";
import { recordOf } from "./ops/records.ts";

type Called = HostOperator | DrawOperator | FeedOperator;

/** Runs plans by tf operations on the present backend, with states and records in arrays. For what must run as layers do. */
export const tfjsEngine: Engine = {
  name: "tfjs",
  prepare: (plan, { dtype, batch }) => {
    if (dtype !== "float32")
      throw new ValidationError({
        owner: "Simulator",
        parameter: "dtype",
        expected: '"float32" with the engine "tfjs"',
        got: JSON.stringify(dtype),
        fix: "Leave dtype out, or take another engine",
      });
    return new TfjsExecutable(plan, batch);
  },
  allocate: (dtype, length) => {
    const values = floats(dtype, length);
    return { length, values, free: () => undefined };
  },
};

class TfjsExecutable implements Executable {
  readonly plan: Plan;
  readonly dtype: Dtype = "float32";
  readonly batch: number;
  readonly width: number;
  private readonly initial: Floats;
  private readonly shared: Floats;
  private readonly records: readonly RecordOperator[];
  /** Operations by which slots are fed. */
  private readonly made = new Map<string, OpsPlan>();

  constructor(plan: Plan, batch: number) {
    this.plan = plan;
    this.batch = batch;
    this.width = batch;
    const { item, shared } = initialMemory(plan, "float32", batch);
    this.initial = item;
    this.shared = shared;
    this.records = plan.groups.flatMap((group) => (group.kind === "record" ? (group.operators as readonly RecordOperator[]) : []));
  }

  initialState(): State {
    return { memory: this.initial.slice(), step: 0 };
  }

  copyState({ memory, step }: State): State {
    return { memory: memory.slice(), step };
  }

  resetState(state: State): void {
    state.memory.set(this.initial);
    state.step = 0;
  }

  run({ nSteps, state, feeds = new Map(), into, streams, journal }: RunOptions): ReadonlyMap<string, Recorded> {
    const { batch, plan } = this;
    const { layout } = plan;
    const out = new Map<string, Recorded>();
    const given = new Map<string, Float32Array>();
    const called = new Map<Called, Float32Array[][]>();
    const constants = new Constants();
    if (nSteps > 0) {
      tf.tidy(() => {
        try {
          const run = {
            batch,
            nSteps,
            step: state.step,
            dt: plan.program.dt,
            streams: streams ?? null,
            constants,
            feeds: this.feedTensors(feeds, nSteps),
            ...(journal === undefined ? {} : { told: (op: Called, rows: Float32Array[]) => note(called, op, rows) }),
          };
          const values = this.opsFor(feeds).run(run, (signal) =>
            signal.perItem
              ? tf.tensor2d(this.read(state, signal) as Float32Array, [batch, signal.size])
              : tf.tensor2d(this.getShared(signal) as Float32Array, [1, signal.size]),
          );
          for (const r of this.records)
            given.set(r.slot, recordOf(values.series(r.source.signal), r, { batch, nSteps, step: state.step }).dataSync<"float32">());
          for (const signal of layout.signals) {
            if (!signal.perItem) continue;
            const last = values.last(signal);
            const rows = last.dataSync<"float32">();
            this.write(state, signal, last.shape[0] === batch ? rows : Array.from({ length: batch }, () => [...rows]).flat());
          }
        } finally {
          constants.dispose();
        }
      });
      if (journal !== undefined) this.enter(journal, called, nSteps);
    }
    for (const { slot, period, source } of this.records) {
      const rows = recordedRows(state.step, nSteps, period);
      const data = given.get(slot) ?? new Float32Array(0);
      const target = into?.get(slot);
      if (target === undefined) out.set(slot, { data, rows, size: source.length });
      else copyRows(table(data, rows, source.length), target, { batch, rows, size: source.length });
    }
    state.step += nSteps;
    return out;
  }

  setShared(signal: Signal, values: ArrayLike<number>): void {
    if (this.plan.layout.has(signal)) this.shared.set(values, this.plan.layout.offsetOf(signal));
  }

  getShared(signal: Signal): Floats {
    if (!this.plan.layout.has(signal)) return new Float32Array(signal.size);
    const at = this.plan.layout.offsetOf(signal);
    return this.shared.slice(at, at + signal.size);
  }

  read(state: State, signal: Signal): Floats {
    return readSignal(this, state, signal);
  }

  write(state: State, signal: Signal, values: ArrayLike<number>): void {
    writeSignal(this, state, signal, values);
  }

  firstNotFinite(state: State): Signal | null {
    return lookForNotFinite(this, state);
  }

  dispose(): void {
    // Nothing is kept on the backend between runs.
  }

  private opsFor(feeds: NonNullable<RunOptions["feeds"]>): OpsPlan {
    const fed = [...feeds.keys()].sort();
    const key = fed.join("\n");
    let ops = this.made.get(key);
    if (ops === undefined) {
      const series = new Set(this.records.map((r) => r.source.signal));
      this.made.set(key, (ops = new OpsPlan(this.plan.program, { fed: new Set(fed), series })));
    }
    return ops;
  }

  private feedTensors(feeds: NonNullable<RunOptions["feeds"]>, nSteps: number): Map<string, tf.Tensor2D> {
    const { batch } = this;
    const out = new Map<string, tf.Tensor2D>();
    for (const op of this.plan.groups.flatMap((g) => g.operators)) {
      const size = op.kind === "feed" ? op.target.length : op.kind === "host" ? (op.outputs[0]?.range.length ?? 0) : 0;
      const slot = op.kind === "feed" || op.kind === "host" ? op.slot : null;
      const from = slot === null ? undefined : feeds.get(slot);
      if (from === undefined) continue;
      const data = new Float32Array(nSteps * batch * size);
      const bySteps = { data, offset: 0, itemStride: size, stepStride: batch * size };
      copyRows(from, bySteps, { batch, rows: nSteps, size });
      out.set(slot!, tf.tensor2d(data, [nSteps * batch, size]));
    }
    return out;
  }

  /** Writes what was called into a journal, in the order in which the reference engine reads it. */
  private enter(journal: Journal, called: ReadonlyMap<Called, readonly Float32Array[][]>, nSteps: number): void {
    const { batch } = this;
    const operators = this.plan.groups
      .flatMap((g) => g.operators)
      .flatMap((op) => (called.has(op as Called) ? [called.get(op as Called)!] : []));
    for (let k = 0; k < nSteps; k++) {
      for (const frames of operators) {
        // Of all steps at once, or a frame a step.
        const [outputs, row] = frames.length === 1 ? [frames[0], k * batch] : [frames[k], 0];
        const total = frames.length === 1 ? nSteps * batch : batch;
        const entry: number[] = [];
        for (const values of outputs) {
          const size = values.length / total;
          for (let i = 0; i < size; i++) for (let b = 0; b < batch; b++) entry.push(values[(row + b) * size + i]);
        }
        journal.entries.push(Float64Array.from(entry));
      }
    }
  }
}

function note(called: Map<Called, Float32Array[][]>, op: Called, rows: Float32Array[]): void {
  const list = called.get(op);
  if (list === undefined) called.set(op, [rows]);
  else list.push(rows);
}

function copyRows(from: Table, to: Table, { batch, rows, size }: { batch: number; rows: number; size: number }): void {
  const [source, target] = [valuesOf(from.data), valuesOf(to.data)];
  const [fromElement, toElement] = [from.elementStride ?? 1, to.elementStride ?? 1];
  for (let b = 0; b < batch; b++)
    for (let k = 0; k < rows; k++)
      for (let i = 0; i < size; i++)
        target[to.offset + b * to.itemStride + k * to.stepStride + i * toElement] =
          source[from.offset + b * from.itemStride + k * from.stepStride + i * fromElement];
}
