import type { Operator } from "../ir/operators.ts";
import type { Program } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";
import { planProgram, type Plan } from "../plan/plan.ts";
import type { StageBlock } from "./blocks.ts";
import {
  floats,
  recordedRows,
  table,
  valuesOf,
  type Dtype,
  type Engine,
  type Executable,
  type Floats,
  type State,
  type Table,
} from "./engine.ts";
import { DifferentiablePlan } from "./differentiablePlan.ts";
import { GradientRunner, type Tape } from "./gradient.ts";
import { makeStreams, type Streams } from "./streams.ts";

export interface StageRunnerOptions {
  readonly engine: Engine;
  readonly dtype: Dtype;
  /** Slots that runs feed, in order. */
  readonly fed: readonly string[];
  /** Slots that runs return, in order. */
  readonly recorded: readonly string[];
  /** Slots among them that nothing flows back from. @defaultValue none */
  readonly detached?: readonly string[];
  readonly blocks: readonly StageBlock[];
  /** Per-item signals whose values a run is given at its start and gives at its end, in order. @defaultValue none */
  readonly states?: readonly Signal[];
  /** Seed of the random streams. */
  readonly seed: number;
}

/** A run of a stage from its initial state, or from given states. */
export interface StageRun {
  readonly batch: number;
  readonly nSteps: number;
  /** `[batch, nSteps, size]` for every fed slot. */
  readonly feeds: readonly Table["data"][];
  /** Values of the parameter blocks. */
  readonly blocks: readonly Table["data"][];
  /** `[batch, size]` for every carried state; the program's initial values where left out. */
  readonly states?: readonly Table["data"][];
  /** Steps done before; 0 where left out. */
  readonly step?: number;
  /** Random streams that go on from run to run; made for the run where left out. */
  readonly streams?: Streams | null;
}

/** Where results go, `[batch, rows, size]` each. */
export type Targets = readonly Table["data"][];

/** Gradients of a run, beside those of what it was fed. */
export interface StageGradients {
  readonly blocks: readonly Floats[];
  /** With respect to the states at the start, `[batch, size]` each. */
  readonly states: readonly Floats[];
}

/** Batch sizes for which executables are kept: one of full batches, one of remainders, and one more. */
const KEPT = 3;

/** A map that forgets, and disposes of, what was used longest ago. */
class Recent<T> {
  private readonly items = new Map<number, T>();
  private readonly forget: (item: T) => void;
  constructor(forget: (item: T) => void) {
    this.forget = forget;
  }
  get(key: number, make: () => T): T {
    const item = this.items.get(key) ?? make();
    this.items.delete(key);
    this.items.set(key, item);
    if (this.items.size > KEPT) {
      const [[oldest, gone]] = this.items;
      this.items.delete(oldest);
      this.forget(gone);
    }
    return item;
  }
  clear(): void {
    this.items.forEach(this.forget);
    this.items.clear();
  }
}

/** Runs a program for any batch size, from its initial state, forward and backward; what a custom kernel calls. */
export class StageRunner {
  readonly plan: Plan;
  readonly recordSizes: readonly number[];
  readonly engine: Engine;
  private readonly options: StageRunnerOptions;
  private readonly program: Program;
  private readonly records: readonly { readonly slot: string; readonly size: number; readonly period: number }[];
  private readonly plain = new Recent<{ executable: Executable; state: State }>(({ executable }) => executable.dispose());
  private readonly taped = new Recent<{ runner: GradientRunner; state: State }>(({ runner }) => runner.dispose());
  private differentiable: DifferentiablePlan | null = null;
  private readonly stochastic: boolean;

  constructor(program: Program, options: StageRunnerOptions) {
    this.program = program;
    this.options = options;
    this.engine = options.engine;
    this.plan = planProgram(program);
    const bySlot = new Map(program.operators.flatMap((op) => (op.kind === "record" ? [[op.slot, op] as const] : [])));
    this.records = options.recorded.map((slot) => ({ slot, size: bySlot.get(slot)!.source.length, period: bySlot.get(slot)!.period }));
    this.recordSizes = this.records.map((r) => r.size);
    this.stochastic = this.plan.groups.some((g) => g.operators.some((op) => usesStream(op, options.fed)));
  }

  /** Signals of trainable parameters that the stage uses. */
  private get trained(): Signal[] {
    return this.options.blocks.flatMap((b) => (b.trainable ? b.entries.map((e) => e.parameter.signal) : []));
  }

  /** Rows that a run records, a slot each. */
  rows({ nSteps, step = 0 }: Pick<StageRun, "nSteps" | "step">): number[] {
    return this.records.map(({ period }) => recordedRows(step, nSteps, period));
  }

  private into(run: StageRun, targets: Targets): Map<string, Table> {
    const rows = this.rows(run);
    return new Map(this.records.map(({ slot, size }, k) => [slot, table(targets[k], rows[k], size)]));
  }

  /** Sizes of the carried states. */
  get stateSizes(): readonly number[] {
    return this.carried.map((s) => s.size);
  }

  private get carried(): readonly Signal[] {
    return this.options.states ?? [];
  }

  private start(executable: Executable, state: State, { step = 0, states = [] }: StageRun): void {
    executable.resetState(state);
    state.step = step;
    states.forEach((values, k) => executable.write(state, this.carried[k], valuesOf(values)));
  }

  /** Runs from the initial or given states, with records into `targets`; gives the carried states at the end. */
  run(run: StageRun, targets: Targets): Floats[] {
    const { executable, state } = this.plain.get(run.batch, () => {
      const made = this.options.engine.prepare(this.plan, { dtype: this.options.dtype, batch: run.batch });
      return { executable: made, state: made.initialState() };
    });
    this.start(executable, state, run);
    this.setBlocks(run.blocks, (signal, values) => executable.setShared(signal, values));
    const streams = run.streams ?? this.streams(run.batch);
    const into = this.into(run, targets);
    executable.run({ nSteps: run.nSteps, state, feeds: this.tables(run), into, ...(streams === null ? {} : { streams }) });
    return this.carried.map((signal) => executable.read(state, signal));
  }

  /** As {@link run}, and keeps what {@link backward} needs. */
  runWithTape(run: StageRun, targets: Targets): { readonly tape: Tape; readonly states: readonly Floats[] } {
    const { runner, state } = this.gradientRunner(run.batch);
    this.start(runner.forward, state, run);
    this.setBlocks(run.blocks, (signal, values) => runner.setParameter(signal, values));
    const streams = run.streams ?? this.streams(run.batch);
    const into = this.into(run, targets);
    const { tape } = runner.run({ nSteps: run.nSteps, state, feeds: this.tables(run), into, ...(streams === null ? {} : { streams }) });
    return { tape, states: this.carried.map((signal) => runner.forward.read(state, signal)) };
  }

  /**
   * Gradients, once for a tape, with respect to feeds and blocks.
   * @param outputs - gradients with respect to the records, `[batch, rows, size]`, then to the states at the end, `[batch, size]`
   * @param targets - where those with respect to feeds go, `[batch, nSteps, size]` each
   * @returns those with respect to the blocks and the states at the start
   */
  backward(tape: Tape, run: StageRun, outputs: readonly Table["data"][], targets: Targets): StageGradients {
    const { dtype, blocks, fed } = this.options;
    const { runner } = this.gradientRunner(run.batch);
    this.setBlocks(run.blocks, (signal, values) => runner.setParameter(signal, values));
    const given = new Map<string, Table>();
    this.records.forEach(({ slot, size, period }, k) => {
      if (!this.isDetached(slot)) given.set(slot, everyStep(outputs[k], run, size, period));
    });
    const into = new Map(
      fed.map((slot, k) => [slot, table(targets[k], run.nSteps, targets[k].length / Math.max(1, run.batch * run.nSteps))]),
    );
    const finalState = new Map(this.carried.map((signal, k) => [signal, valuesOf(outputs[this.records.length + k])]));
    const gradients = runner.gradients(tape, given, this.tables(run), { into, finalState });
    runner.release(tape);
    const ofBlocks = blocks.map((block) => {
      const out = floats(dtype, block.size);
      if (block.trainable) {
        for (const { parameter, offset } of block.entries) {
          const d = gradients.parameters.get(parameter.signal);
          if (d !== undefined) out.set(d, offset);
        }
      }
      return out;
    });
    const ofStates = this.carried.map((signal) => gradients.states.get(signal) ?? floats(dtype, signal.size * run.batch));
    return { blocks: ofBlocks, states: ofStates };
  }

  /** Frees the engine's memory; what is asked for afterwards is made anew. */
  dispose(): void {
    this.plain.clear();
    this.taped.clear();
  }

  private gradientRunner(batch: number): { runner: GradientRunner; state: State } {
    const { engine, dtype, fed, recorded } = this.options;
    const records = recorded.filter((slot) => !this.isDetached(slot));
    const wanted = { parameters: this.trained, feeds: fed, records, initialState: this.carried.length > 0 };
    this.differentiable ??= new DifferentiablePlan(this.program, wanted);
    const plan = this.differentiable;
    return this.taped.get(batch, () => {
      const runner = new GradientRunner(engine, plan, { ...wanted, dtype, batch });
      return { runner, state: runner.forward.initialState() };
    });
  }

  private isDetached(slot: string): boolean {
    return this.options.detached?.includes(slot) ?? false;
  }

  private setBlocks(given: StageRun["blocks"], set: (signal: Signal, values: Floats) => void): void {
    this.options.blocks.forEach((block, k) => {
      const values = valuesOf(given[k]);
      for (const { parameter, offset } of block.entries) set(parameter.signal, values.subarray(offset, offset + parameter.signal.size));
    });
  }

  private tables({ batch, nSteps, feeds }: StageRun): Map<string, Table> {
    return new Map(
      this.options.fed.map((slot, k) => [slot, table(feeds[k], nSteps, nSteps === 0 ? 0 : feeds[k].length / (batch * nSteps))]),
    );
  }

  private streams(batch: number): Streams | null {
    if (!this.stochastic) return null;
    return makeStreams(
      this.program,
      this.options.seed,
      Array.from({ length: batch }, (_, b) => b),
    );
  }
}

/** Whether an operator takes numbers from a stream when the given slots are fed. */
export function usesStream(op: Operator, fed: readonly string[]): boolean {
  if (op.kind === "feed") return op.stream !== null && !(op.slot !== null && fed.includes(op.slot));
  return op.kind === "draw" || (op.kind === "host" && op.call.kind === "stream");
}

/** A gradient of recorded rows as one row a step; steps that were not recorded have zeros. */
function everyStep(given: Table["data"], { batch, nSteps }: StageRun, size: number, period: number): Table {
  if (period === 1) return table(given, nSteps, size);
  const data = valuesOf(given);
  const out = new Float32Array(batch * nSteps * size);
  const rows = data.length / (batch * size);
  for (let b = 0; b < batch; b++) {
    for (let k = 0, row = 0; k < nSteps; k++) {
      if ((k + 1) % period >= 1) continue;
      out.set(data.subarray((b * rows + row) * size, (b * rows + row + 1) * size), (b * nSteps + k) * size);
      row++;
    }
  }
  return table(out, nSteps, size);
}
