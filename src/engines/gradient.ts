import type { Signal } from "../ir/signal.ts";
import type { AdjointOptions } from "../plan/adjoint.ts";
import type { DifferentiablePlan } from "./differentiablePlan.ts";
import {
  advanced,
  floats,
  nowhere,
  recordedRows,
  reversed,
  table,
  valuesOf,
  type Dtype,
  type Engine,
  type EngineArray,
  type Executable,
  type Floats,
  type Recorded,
  type RunOptions,
  type State,
  type Table,
} from "./engine.ts";

/** What the backward pass needs of a forward run: all of it, or states at checkpoints. */
export interface Tape {
  readonly kept: EngineArray | null;
  readonly checkpoints: Floats;
  readonly nSteps: number;
}

/** Gradients of a scalar with respect to what went into a run. */
export interface Gradients {
  /** Of fed data, `[batch, steps, size]`. */
  readonly feeds: ReadonlyMap<string, Floats>;
  /** Of parameters, in stored order, summed over the batch. */
  readonly parameters: ReadonlyMap<Signal, Floats>;
  /** Of initial states, `[batch, size]`. */
  readonly states: ReadonlyMap<Signal, Floats>;
}

export interface GradientOptions extends AdjointOptions {
  readonly dtype: Dtype;
  readonly batch: number;
  /** Largest tape in bytes; longer runs keep checkpoints and are run again, part by part. @defaultValue 256 MiB */
  readonly tapeLimit?: number;
}

const DEFAULT_LIMIT = 256 * 2 ** 20;

/** Runs a program forward with a tape, and backward for gradients, for one batch size. */
export class GradientRunner {
  private readonly plan: DifferentiablePlan;
  private readonly options: GradientOptions;
  readonly forward: Executable;
  private readonly backward: Executable;
  private readonly engine: Engine;
  private backwardState: State | null = null;
  private replayExecutable: Executable | null = null;

  constructor(engine: Engine, plan: DifferentiablePlan, options: GradientOptions) {
    this.engine = engine;
    this.plan = plan;
    this.options = options;
    const { dtype, batch } = options;
    this.forward = engine.prepare(plan.forward, { dtype, batch });
    this.backward = engine.prepare(plan.backward, { dtype, batch });
  }

  /** Parameters take effect in forward and backward runs. */
  setParameter(signal: Signal, values: ArrayLike<number>): void {
    this.forward.setShared(signal, values);
    this.backward.setShared(signal, values);
    this.replayExecutable?.setShared(signal, values);
  }

  /** Whether a run of so many steps keeps the whole tape (else checkpoints). */
  private whole(nSteps: number): boolean {
    const bytes = this.options.dtype === "float64" ? 8 : 4;
    return this.rowSize * (nSteps + 1) * this.forward.width * bytes <= (this.options.tapeLimit ?? DEFAULT_LIMIT);
  }

  private get rowSize(): number {
    return this.plan.adjoint.tape.reduce((sum, t) => sum + t.signal.size, 0);
  }

  /** Steps between checkpoints. */
  private chunk(nSteps: number): number {
    return this.whole(nSteps) ? nSteps : Math.ceil(Math.sqrt(nSteps));
  }

  /** Runs forward from a state and keeps what the backward pass needs. */
  run({ nSteps, state, feeds, streams, into }: RunOptions): { readonly records: ReadonlyMap<string, Recorded>; readonly tape: Tape } {
    const { dtype, batch } = this.options;
    const tapeSlots = this.plan.adjoint.tape;
    if (this.whole(nSteps)) {
      const kept = this.allocate(nSteps);
      const targets = new Map(into);
      for (const { slot } of this.plan.replayed) targets.set(slot, nowhere);
      for (const [slot, t] of this.tapeInto(state, kept, nSteps)) targets.set(slot, t);
      try {
        const records = this.forward.run({ nSteps, state, into: targets, ...optional({ feeds, streams }) });
        const tape = { kept, checkpoints: none, nSteps };
        forgotten.register(tape, kept, tape);
        return { records, tape };
      } catch (error) {
        kept.free();
        throw error;
      }
    }
    const chunk = this.chunk(nSteps);
    const chunks = Math.ceil(nSteps / chunk);
    const stateSize = state.memory.length;
    const replaySize = this.plan.replayed.reduce((sum, r) => sum + r.size, 0) * nSteps * batch;
    const data = floats(dtype, chunks * stateSize + replaySize);
    const targets = new Map(into);
    for (const { slot } of tapeSlots) targets.set(slot, nowhere);
    const replays = this.replayTables(data, chunks * stateSize, nSteps);
    // Records of a part start where those of the part before ended.
    const results = this.recordTargets(state.step, nSteps, targets);
    const start = state.step;
    for (let c = 0; c < chunks; c++) {
      data.set(state.memory, c * stateSize);
      const steps = Math.min(chunk, nSteps - c * chunk);
      const part = new Map(targets);
      for (const [slot, t] of replays) part.set(slot, advanced(t, c * chunk));
      for (const [slot, { period, table: t }] of results.tables) part.set(slot, advanced(t, recordedRows(start, c * chunk, period)));
      const fed = feeds === undefined ? undefined : new Map([...feeds].map(([slot, t]) => [slot, advanced(t, c * chunk)]));
      this.forward.run({ nSteps: steps, state, into: part, ...optional({ feeds: fed, streams }) });
    }
    return { records: results.records, tape: { kept: null, checkpoints: data, nSteps } };
  }

  private recordTargets(
    step: number,
    nSteps: number,
    given: ReadonlyMap<string, Table>,
  ): { records: Map<string, Recorded>; tables: Map<string, { period: number; table: Table }> } {
    const records = new Map<string, Recorded>();
    const tables = new Map<string, { period: number; table: Table }>();
    for (const op of this.plan.forward.groups.flatMap((g) => g.operators)) {
      if (op.kind !== "record" || op.slot.startsWith("replay:")) continue;
      const own = given.get(op.slot);
      if (own === nowhere) continue;
      const rows = recordedRows(step, nSteps, op.period);
      const size = op.source.length;
      const data = own === undefined ? floats(this.options.dtype, rows * size * this.options.batch) : null;
      if (data !== null) records.set(op.slot, { data, rows, size });
      tables.set(op.slot, { period: op.period, table: own ?? table(data!, rows, size) });
    }
    return { records, tables };
  }

  /** Room for a tape, as the engine's memory is laid out: rows are copied as they stand. */
  private allocate(nSteps: number): EngineArray {
    return this.engine.allocate(this.options.dtype, this.rowSize * (nSteps + 1) * this.forward.width);
  }

  /** Tables of the tape's slots in an array; row 0 is the state before the run. */
  private tapeInto(state: State, data: EngineArray, nSteps: number): Map<string, Table> {
    const { width, plan } = this.forward;
    const { values } = data;
    const out = new Map<string, Table>();
    let base = 0;
    for (const { signal, slot, old } of this.plan.adjoint.tape) {
      const stepStride = signal.size * width;
      out.set(slot, { data, offset: base + stepStride, itemStride: 1, stepStride, elementStride: width });
      if (old !== null) {
        if (plan.layout.has(signal)) {
          const at = plan.layout.offsetOf(signal) * width;
          values.set(state.memory.subarray(at, at + stepStride), base);
        } else values.fill(0, base, base + stepStride);
      }
      base += (nSteps + 1) * stepStride;
    }
    return out;
  }

  private replayTables(data: Floats, start: number, nSteps: number): Map<string, Table> {
    const { batch } = this.options;
    const out = new Map<string, Table>();
    let base = start;
    for (const { slot, size } of this.plan.replayed) {
      out.set(slot, { data, offset: base, itemStride: nSteps * size, stepStride: size });
      base += nSteps * size * batch;
    }
    return out;
  }

  /**
   * Gradients of a run.
   * @param outputs - gradient with respect to every record that has one, a row a step: `[batch, nSteps, size]`
   * @param feeds - the data that the run was fed, needed where parts are run again
   * @param options - `finalState`: gradients with respect to states after the run, `[batch, size]`; `into`: where gradients with
   * respect to feeds go (all zeros where nothing flows), which are then not among the result
   */
  gradients(
    tape: Tape,
    outputs: ReadonlyMap<string, Table>,
    feeds: ReadonlyMap<string, Table>,
    {
      finalState,
      into: given,
    }: { readonly finalState?: ReadonlyMap<Signal, ArrayLike<number>>; readonly into?: ReadonlyMap<string, Table> } = {},
  ): Gradients {
    const { adjoint } = this.plan;
    const { dtype, batch } = this.options;
    const { width } = this.forward;
    const { nSteps } = tape;
    const state = (this.backwardState ??= this.backward.initialState());
    this.backward.resetState(state);
    for (const [signal, values] of finalState ?? []) {
      const d = adjoint.states.get(signal);
      if (d !== undefined) this.backward.write(state, d, values);
    }
    for (const d of adjoint.parameters.values()) this.backward.setShared(d, new Float64Array(d.size));
    const own = new Map<string, Floats>();
    const fed = new Map<string, Table>();
    for (const op of adjoint.backward.operators) {
      if (op.kind !== "record") continue;
      const slot = op.slot.slice(2);
      const target = given?.get(slot);
      const size = op.source.length;
      if (target === undefined) own.set(slot, floats(dtype, batch * nSteps * size));
      fed.set(slot, target ?? table(own.get(slot)!, nSteps, size));
    }
    for (const [slot, target] of given ?? []) if (!fed.has(slot)) valuesOf(target.data).fill(0);
    const chunk = this.chunk(nSteps);
    for (let from = Math.floor((nSteps - 1) / chunk) * chunk; from >= 0; from -= chunk) {
      const steps = Math.min(chunk, nSteps - from);
      const data = tape.kept ?? this.again(tape, from, steps, chunk, feeds);
      const tables = new Map<string, Table>();
      let base = 0;
      for (const { signal, now, old } of adjoint.tape) {
        const row = signal.size * width;
        const place = { data, itemStride: 1, stepStride: -row, elementStride: width };
        if (now !== null) tables.set(now, { ...place, offset: base + steps * row });
        if (old !== null) tables.set(old, { ...place, offset: base + (steps - 1) * row });
        base += (steps + 1) * row;
      }
      for (const [slot, t] of outputs) tables.set(`d:${slot}`, reversed(t, from, steps));
      const into = new Map<string, Table>();
      for (const [slot, target] of fed) into.set(`d:${slot}`, reversed(target, from, steps));
      this.backward.run({ nSteps: steps, state, feeds: tables, into });
      if (tape.kept === null) data.free();
    }
    return {
      feeds: own,
      parameters: new Map([...adjoint.parameters].map(([p, d]) => [p, this.backward.getShared(d)])),
      states: new Map([...adjoint.states].map(([s, d]) => [s, this.backward.read(state, d)])),
    };
  }

  /** Frees what is kept for the gradient of a run; it cannot be asked for again. */
  release(tape: Tape): void {
    tape.kept?.free();
    forgotten.unregister(tape);
  }

  dispose(): void {
    this.forward.dispose();
    this.backward.dispose();
    this.replayExecutable?.dispose();
  }

  /** Runs a part again from its checkpoint, with recorded values in place of user functions and draws. */
  private again(
    { checkpoints: data, nSteps }: Tape,
    from: number,
    steps: number,
    chunk: number,
    feeds: ReadonlyMap<string, Table>,
  ): EngineArray {
    const { dtype, batch } = this.options;
    const { layout: own } = this.plan.forward;
    if (this.replayExecutable === null) {
      this.replayExecutable = this.engine.prepare(this.plan.replay, { dtype, batch });
      for (const signal of own.signals) if (!signal.perItem) this.replayExecutable.setShared(signal, this.forward.getShared(signal));
    }
    const replay = this.replayExecutable;
    const stateSize = own.itemSize * this.forward.width;
    const saved: State = { memory: data.slice((from / chunk) * stateSize, (from / chunk + 1) * stateSize), step: from };
    const state = replay.initialState();
    state.step = from;
    for (const signal of own.signals) if (signal.perItem) replay.write(state, signal, this.forward.read(saved, signal));
    const out = this.allocate(steps);
    const into = this.tapeInto(saved, out, steps);
    const fed = new Map([...feeds].map(([slot, t]) => [slot, advanced(t, from)]));
    for (const [slot, t] of this.replayTables(data, Math.ceil(nSteps / chunk) * stateSize, nSteps)) fed.set(slot, advanced(t, from));
    for (const op of this.plan.replay.groups.flatMap((g) => g.operators))
      if (op.kind === "record" && !into.has(op.slot)) into.set(op.slot, nowhere);
    replay.run({ nSteps: steps, state, feeds: fed, into });
    return out;
  }
}

/** Frees tapes of runs whose gradient nobody asked for. */
const forgotten = new FinalizationRegistry<EngineArray>((kept) => kept.free());
const none = new Float64Array(0);

const optional = ({
  feeds,
  streams,
}: {
  feeds: RunOptions["feeds"] | undefined;
  streams: RunOptions["streams"] | undefined;
}): Pick<RunOptions, "feeds" | "streams"> => ({
  ...(feeds === undefined ? {} : { feeds }),
  ...(streams === undefined ? {} : { streams }),
});
