import { BuildError } from "../../errors.ts";
import type {
  ConvolveOperator,
  CopyOperator,
  DrawOperator,
  ElementwiseOperator,
  FeedOperator,
  FirOperator,
  HostOperator,
  MatmulOperator,
  RecordOperator,
  SetOperator,
  SparseMatmulOperator,
} from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Group } from "../../plan/schedule.ts";
import {
  floats,
  lookForNotFinite,
  recordedRows,
  table,
  type Dtype,
  type Engine,
  type Executable,
  type Floats,
  type Recorded,
  type RunOptions,
  type State,
} from "../engine.ts";
import { initialMemory, readSignal, writeSignal } from "../stateMemory.ts";
import type { Context, Kernel } from "./context.ts";
import { convolveKernel } from "./convolve.ts";
import { elementwiseKernel } from "./elementwise.ts";
import { feedKernel, recordKernel } from "./exchange.ts";
import { firKernel } from "./fir.ts";
import { drawKernel, hostKernel } from "./host.ts";
import { copyKernel, setKernel } from "./move.ts";
import { isOuter, outerKernel } from "./outer.ts";
import { matmulKernel, sparseMatmulKernel } from "./product.ts";

/** Runs plans on typed arrays, operator by operator: the referee of values and, through adjoint programs, of gradients. */
export const referenceEngine: Engine = {
  name: "reference",
  prepare: (plan, options) => new ReferenceExecutable(plan, options.dtype, options.batch),
  allocate: (dtype, length) => {
    const values = floats(dtype, length);
    return { length, values, free: () => undefined };
  },
};

function kernelsOf(context: Context, { kind, operators }: Group): Kernel[] {
  switch (kind) {
    case "set":
      return [setKernel(context, operators as readonly SetOperator[])];
    case "copy":
      return [copyKernel(context, operators as readonly CopyOperator[])];
    case "elementwise": {
      const ops = operators as readonly ElementwiseOperator[];
      return ops.every(isOuter) ? ops.map((op) => outerKernel(context, op)) : [elementwiseKernel(context, ops)];
    }
    case "matmul":
      return [matmulKernel(context, operators as readonly MatmulOperator[])];
    case "sparseMatmul":
      return operators.map((op) => sparseMatmulKernel(context, op as SparseMatmulOperator));
    case "convolve":
      return operators.map((op) => convolveKernel(context, op as ConvolveOperator));
    case "fir":
      return operators.map((op) => firKernel(context, op as FirOperator));
    case "feed":
      return [feedKernel(context, operators as readonly FeedOperator[])];
    case "draw":
      return operators.map((op) => drawKernel(context, op as DrawOperator));
    case "host":
      return operators.map((op) => hostKernel(context, op as HostOperator));
    case "record":
      return [recordKernel(context, operators as readonly RecordOperator[])];
    case "time":
      return [];
    case "tensor":
      throw new BuildError(`${operators[0].origin}: expected a program without tensor nodes, got one. Split it first (plan/stages).`);
  }
}

export class ReferenceExecutable implements Executable {
  readonly plan: Plan;
  readonly dtype: Dtype;
  readonly batch: number;
  readonly width: number;
  private readonly context: Context;
  /** Called after every kernel with what it ran and the step; false ends the run. */
  watched: ((group: Group, step: number) => boolean) | null = null;
  private readonly kernels: readonly Kernel[];
  private readonly groups: readonly Group[];
  private readonly initial: Floats;
  private readonly records: readonly RecordOperator[];
  /** The state whose memory is the kernels' own; others are copied in and out around a run. */
  private resident: State | null = null;
  private stale = false;

  constructor(plan: Plan, dtype: Dtype, batch: number) {
    this.plan = plan;
    this.dtype = dtype;
    this.batch = batch;
    this.width = batch;
    const { layout, program } = plan;
    const { item, shared } = initialMemory(plan, dtype, batch);
    this.initial = item;
    this.context = {
      dtype,
      batch,
      width: batch,
      layout,
      shared,
      dt: program.dt,
      item: this.initial.slice(),
      step: 0,
      time: 0,
      row: 0,
      feeds: new Map(),
      records: new Map(),
      streams: null,
      journal: null,
    };
    const made = plan.groups.flatMap((group) => kernelsOf(this.context, group).map((kernel) => ({ kernel, group })));
    this.kernels = made.map(({ kernel }) => kernel);
    this.groups = made.map(({ group }) => group);
    this.records = plan.groups.flatMap((group) => (group.kind === "record" ? (group.operators as readonly RecordOperator[]) : []));
  }

  initialState(): State {
    if (this.resident !== null) return { memory: this.initial.slice(), step: 0 };
    // The first state asked for lives in the kernels' memory, so that single steps copy nothing.
    this.resident = { memory: this.context.item, step: 0 };
    return this.resident;
  }

  copyState({ memory, step }: State): State {
    return { memory: memory.slice(), step };
  }

  resetState(state: State): void {
    state.memory.set(this.initial);
    state.step = 0;
  }

  run({ nSteps, state, feeds, into, streams, journal }: RunOptions): ReadonlyMap<string, Recorded> {
    const { context, kernels, watched } = this;
    const out = new Map<string, Recorded>();
    const records = new Map<string, { table: ReturnType<typeof table>; rows: number }>();
    for (const { slot, period, source } of this.records) {
      const given = into?.get(slot);
      if (given !== undefined) {
        records.set(slot, { table: given, rows: 0 });
        continue;
      }
      const rows = recordedRows(state.step, nSteps, period);
      const data = floats(this.dtype, rows * source.length * this.batch);
      records.set(slot, { table: table(data, rows, source.length), rows: 0 });
      out.set(slot, { data, rows, size: source.length });
    }
    if (this.stale) {
      for (const kernel of kernels) kernel.refresh?.();
      this.stale = false;
    }
    const before = this.hasUserCode ? state.memory.slice() : null;
    const home = state.memory === context.item ? null : context.item.slice();
    if (home !== null) context.item.set(state.memory);
    context.feeds = feeds ?? noFeeds;
    context.records = records;
    context.streams = streams ?? null;
    context.journal = journal ?? null;
    try {
      for (let k = 0; k < nSteps; k++) {
        context.row = k;
        context.step = state.step + k + 1;
        context.time = context.step * context.dt;
        for (let i = 0; i < kernels.length; i++) {
          kernels[i].run();
          if (watched?.(this.groups[i], context.step) === false) return out;
        }
      }
      if (home !== null) state.memory.set(context.item);
      state.step += nSteps;
    } catch (error) {
      if (before !== null) state.memory.set(before);
      throw error;
    } finally {
      if (home !== null) context.item.set(home);
      context.feeds = noFeeds;
      context.records = new Map();
      context.streams = null;
      context.journal = null;
    }
    return out;
  }

  setShared(signal: Signal, values: ArrayLike<number>): void {
    if (!this.plan.layout.has(signal)) return;
    this.context.shared.set(values, this.plan.layout.offsetOf(signal));
    this.stale = true;
  }

  getShared(signal: Signal): Floats {
    if (!this.plan.layout.has(signal)) return floats(this.dtype, signal.size);
    const at = this.plan.layout.offsetOf(signal);
    return this.context.shared.slice(at, at + signal.size);
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
    // All memory is garbage-collected.
  }

  private get hasUserCode(): boolean {
    return this.plan.groups.some(({ kind }) => kind === "host" || kind === "feed" || kind === "draw");
  }
}

const noFeeds: RunOptions["feeds"] & object = new Map();
