import { NengoError } from "../../errors.ts";
import type { DrawOperator, FeedOperator, HostOperator } from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import { checkRoom } from "../../math/room.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ProcessTable } from "../../ir/source.ts";
import {
  floats,
  lookForNotFinite,
  recordedRows,
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
} from "../engine.ts";
import type { Context } from "../reference/context.ts";
import { processFeed } from "../reference/exchange.ts";
import { drawKernel, hostKernel } from "../reference/host.ts";
import type { Streams } from "../streams.ts";
import { compile, type Compiled } from "./compile.ts";
import { FEED, FEED_FIELDS, RECORD_FIELDS, TABLE, TABLE_BYTES, type FeedPort, type RecordPort } from "./exchange.ts";
import { lanesOf } from "./lanes.ts";
import { CLOCK } from "./lowering.ts";
import { ArenaArray, OwnArena, viewOf, type Arena } from "./memory.ts";

/** Bytes of rows that go in and out between two looks of JavaScript. */
const STAGING = 1 << 22;

/** An engine that compiles plans to SIMD WebAssembly. Its executables and arrays share one memory. */
export class WasmEngine implements Engine {
  readonly name = "wasm";
  readonly arena: Arena;

  constructor(arena: Arena = new OwnArena()) {
    this.arena = arena;
  }

  prepare(plan: Plan, { dtype, batch }: { readonly dtype: Dtype; readonly batch: number }): Executable {
    return new WasmExecutable(plan, dtype, batch, this.arena);
  }

  allocate(dtype: Dtype, length: number): EngineArray {
    return new ArenaArray(this.arena, dtype, length);
  }
}

/** Data for a feed. */
interface FeedSource {
  readonly port: FeedPort;
  readonly table: Table;
  readonly native: boolean;
}

/** What a run does with a record: rows go to a table, by way of the staging area where that is not in the engine's memory. */
interface RecordTarget {
  readonly port: RecordPort;
  table: Table;
  native: boolean;
  rows: number;
  /** Where the present part's rows are, before they are fetched. */
  staged: number;
}

/** Frees memory that an executable had in an arena which outlives it. */
const abandoned = new FinalizationRegistry<{ readonly arena: Arena; readonly owned: ReadonlySet<number> }>(({ arena, owned }) => {
  for (const address of owned) arena.free(address);
});

const nowhere: Table = { data: new Float64Array(0), offset: 0, itemStride: 0, stepStride: 0 };

class WasmExecutable implements Executable {
  readonly plan: Plan;
  readonly dtype: Dtype;
  readonly batch: number;
  readonly width: number;
  private readonly arena: Arena;
  private readonly itemAddress: number;
  private readonly sharedAddress: number;
  private readonly initial: Floats;
  private readonly compiled: Compiled;
  private readonly kernels: (() => void)[];
  private readonly run_: (steps: number) => void;
  private readonly allFinite_: () => number;
  private readonly context: Context;
  private readonly bytes: number;
  private wordView = new Int32Array(0);
  private numberView: Floats = new Float64Array(0);
  /** State before a run in which a user's function may throw. */
  private backup: Floats | null = null;
  private resident: State | null = null;
  /** Record targets of the present run, and their objects, which are used again. */
  private readonly targets: RecordTarget[] = [];
  private readonly spare: RecordTarget[] = [];
  private readonly fed: FeedSource[] = [];
  private installed: Streams | null = null;
  private prepared = false;
  /** Process tables in memory. */
  private readonly tables = new Map<ProcessTable, number>();
  private staging = { address: 0, bytes: 0 };
  /** All that is to be freed. */
  private readonly owned = new Set<number>();

  constructor(plan: Plan, dtype: Dtype, batch: number, arena: Arena) {
    this.plan = plan;
    this.dtype = dtype;
    this.batch = batch;
    this.arena = arena;
    const { count, bytes } = lanesOf(dtype);
    const width = batch === 1 ? 1 : Math.ceil(batch / count) * count;
    this.width = width;
    this.bytes = bytes;
    const { layout, program } = plan;
    checkRoom(layout.itemSize * width, "Signals of the network");
    this.initial = floats(dtype, layout.itemSize * width);
    const shared = floats(dtype, layout.sharedSize);
    for (const signal of layout.signals) {
      if (signal.initial === null) continue;
      const at = layout.offsetOf(signal);
      if (!signal.perItem) shared.set(signal.initial, at);
      else signal.initial.forEach((value, i) => this.initial.fill(value, (at + i) * width, (at + i + 1) * width));
    }
    this.itemAddress = this.allocate(this.initial.length * bytes);
    this.sharedAddress = this.allocate(shared.length * bytes);
    this.compiled = compile(plan, arena, { layout, dtype, batch, width, item: this.itemAddress, shared: this.sharedAddress });
    for (const address of this.compiled.blocks) this.owned.add(address);
    if (!(arena instanceof OwnArena)) abandoned.register(this, { arena, owned: this.owned }, this);
    this.itemView().set(this.initial);
    viewOf(arena, dtype, this.sharedAddress, shared.length).set(shared);
    this.context = this.makeContext(program.dt);
    this.kernels = this.compiled.hosts.map((op) => this.kernelOf(op));
    const { run, allFinite } = this.instantiate();
    this.run_ = run as (steps: number) => void;
    this.allFinite_ = allFinite as () => number;
  }

  private allocate(bytes: number): number {
    const address = this.arena.allocate(bytes);
    this.owned.add(address);
    return address;
  }

  private free(address: number): void {
    this.owned.delete(address);
    this.arena.free(address);
  }

  private makeContext(dt: number): Context {
    let item = this.itemView();
    const renewed = (): Floats => (item.length === this.initial.length ? item : (item = this.itemView()));
    const { dtype, batch, width, plan } = this;
    return {
      dtype,
      batch,
      width,
      layout: plan.layout,
      dt,
      // The buffer of a memory that has grown is gone.
      get item() {
        return renewed();
      },
      shared: floats(dtype, 0),
      step: 0,
      time: 0,
      row: 0,
      feeds: new Map(),
      records: new Map(),
      streams: null,
      journal: null,
    };
  }

  private kernelOf(op: HostOperator | DrawOperator | FeedOperator): () => void {
    if (op.kind === "draw") return drawKernel(this.context, op).run;
    if (op.kind === "host") return hostKernel(this.context, op).run;
    return op.stream === null ? () => undefined : processFeed(this.context, op);
  }

  private instantiate(): WebAssembly.Exports {
    const { context, compiled } = this;
    const host = (k: number): void => {
      context.step = this.words[(compiled.clock + CLOCK.step) / 4];
      context.time = context.step * context.dt;
      this.kernels[k]();
    };
    const remainder = (a: number, b: number): number => a % b;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), {
      env: { memory: this.arena.memory, host, remainder },
    });
    return instance.exports;
  }

  private itemView(): Floats {
    return viewOf(this.arena, this.dtype, this.itemAddress, this.initial.length);
  }

  initialState(): State {
    if (this.resident !== null) return { memory: this.initial.slice(), step: 0 };
    const { context } = this;
    this.resident = {
      get memory() {
        return context.item;
      },
      step: 0,
    };
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
    const { context } = this;
    const out = new Map<string, Recorded>();
    const targets = this.recordTargets(nSteps, state, into, out);
    const before = this.mayFail ? (this.backup ??= floats(this.dtype, this.initial.length)) : null;
    before?.set(state.memory);
    const home = state === this.resident ? null : context.item.slice();
    if (home !== null) context.item.set(state.memory);
    context.streams = streams ?? null;
    context.journal = journal ?? null;
    try {
      const fresh = streams ?? null;
      if (fresh !== this.installed || !this.prepared) this.install(fresh);
      const given = this.feedTables(feeds);
      this.runChunks(nSteps, state.step, given, targets);
      if (home !== null) state.memory.set(context.item);
      state.step += nSteps;
    } catch (error) {
      if (before !== null) state.memory.set(before);
      throw this.located(error);
    } finally {
      if (home !== null) context.item.set(home);
      context.streams = null;
      context.journal = null;
    }
    return out;
  }

  /** A trap in generated code is our fault, and says all that is needed to find it. */
  private located(error: unknown): unknown {
    if (!(error instanceof WebAssembly.RuntimeError)) return error;
    return new NengoError(
      `wasm engine: a trap in generated code (${error.message}), which is a bug. The plan was:\n${this.plan.describe()}`,
      {
        cause: error,
      },
    );
  }

  private recordTargets(nSteps: number, state: State, into: RunOptions["into"], out: Map<string, Recorded>): readonly RecordTarget[] {
    const { targets } = this;
    targets.length = 0;
    this.compiled.records.forEach((port, k) => {
      const { slot, period, source } = port.op;
      const target = (this.spare[k] ??= { port, table: nowhere, native: false, rows: 0, staged: 0 });
      const given = into?.get(slot);
      if (given?.data.length === 0) return;
      target.rows = 0;
      target.native = given !== undefined && this.isNative(given);
      if (given === undefined) {
        const rows = recordedRows(state.step, nSteps, period);
        const data = floats(this.dtype, rows * source.length * this.batch);
        out.set(slot, { data, rows, size: source.length });
        target.table = table(data, rows, source.length);
      } else target.table = given;
      targets.push(target);
    });
    return targets;
  }

  private isNative({ data }: Table): boolean {
    return data instanceof ArenaArray && data.arena === this.arena && data.dtype === this.dtype;
  }

  private feedTables(feeds: RunOptions["feeds"]): readonly FeedSource[] {
    const { fed } = this;
    fed.length = 0;
    if (feeds === undefined || feeds.size === 0) return fed;
    for (const port of this.compiled.feeds) {
      const given = port.op.slot === null ? undefined : feeds.get(port.op.slot);
      if (given !== undefined) fed.push({ port, table: given, native: this.isNative(given) });
    }
    return fed;
  }

  private runChunks(nSteps: number, start: number, feeds: readonly FeedSource[], records: readonly RecordTarget[]): void {
    const { batch, bytes } = this;
    let perStep = 0;
    for (const { port, native } of feeds) if (!native) perStep += port.target.length * batch * bytes;
    for (const { port, native } of records) if (!native) perStep += port.op.source.length * batch * bytes;
    const most = Math.max(1, Math.min(nSteps, perStep === 0 ? nSteps : Math.floor(STAGING / perStep)));
    this.reserve(perStep * most);
    // All memory is there now: views stay good until the end, unless a user's function makes it grow.
    try {
      for (let done = 0; done < nSteps;) {
        const steps = Math.min(most, nSteps - done);
        let at = this.staging.address;
        for (const feed of feeds) at = this.stageFeed(feed, done, steps, at);
        for (const record of records) {
          record.staged = at;
          at = this.stageRecord(record, start + done, steps, at);
        }
        this.words[(this.compiled.clock + CLOCK.step) / 4] = start + done;
        this.run_(steps);
        for (const record of records) this.fetchRecord(record, start + done, steps);
        done += steps;
      }
    } finally {
      // What is not said again is as before: no record is kept, feeds come from their processes.
      const { words } = this;
      for (const { port } of feeds) words[(port.descriptor + FEED_FIELDS.mode) / 4] = port.mode;
      for (const { port } of records) words[(port.descriptor + RECORD_FIELDS.kept) / 4] = 0;
    }
  }

  private reserve(bytes: number): void {
    if (bytes <= this.staging.bytes) return;
    if (this.staging.bytes > 0) this.free(this.staging.address);
    this.staging = { address: this.allocate(bytes), bytes };
  }

  /** All memory as integers, and as numbers of the dtype. */
  private get words(): Int32Array {
    if (this.wordView.buffer !== this.arena.memory.buffer) this.wordView = new Int32Array(this.arena.memory.buffer);
    return this.wordView;
  }
  private get numbers(): Floats {
    const { buffer } = this.arena.memory;
    if (this.numberView.buffer !== buffer) this.numberView = this.dtype === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
    return this.numberView;
  }

  private stageFeed({ port, table: t, native }: FeedSource, done: number, steps: number, at: number): number {
    const { batch, dtype, width, bytes, words } = this;
    const d = port.descriptor / 4;
    const size = port.target.length;
    words[d + FEED_FIELDS.mode / 4] = FEED.rows;
    if (native) {
      words[d + FEED_FIELDS.address / 4] = (t.data as ArenaArray).address + (t.offset + done * t.stepStride) * bytes;
      words[d + FEED_FIELDS.itemStride / 4] = t.itemStride * bytes;
      words[d + FEED_FIELDS.stepStride / 4] = t.stepStride * bytes;
      words[d + FEED_FIELDS.packed / 4] = Number(t.elementStride === width && t.itemStride === 1 && width > 1);
      return at;
    }
    const values = valuesOf(t.data);
    const rows = t.stepStride === 0 ? 1 : steps;
    const staged = viewOf(this.arena, dtype, at, rows * size * batch);
    for (let b = 0; b < batch; b++) {
      const from = t.offset + b * t.itemStride + done * t.stepStride;
      if (t.stepStride === size || rows === 1) staged.set(values.subarray(from, from + rows * size), b * rows * size);
      else {
        for (let k = 0; k < rows; k++) {
          const row = from + k * t.stepStride;
          staged.set(values.subarray(row, row + size), (b * rows + k) * size);
        }
      }
    }
    words[d + FEED_FIELDS.address / 4] = at;
    words[d + FEED_FIELDS.itemStride / 4] = rows * size * bytes;
    words[d + FEED_FIELDS.stepStride / 4] = t.stepStride === 0 ? 0 : size * bytes;
    words[d + FEED_FIELDS.packed / 4] = 0;
    return at + rows * size * batch * bytes;
  }

  private stageRecord({ port, table: t, native, rows }: RecordTarget, step: number, steps: number, at: number): number {
    const { bytes, words } = this;
    const d = port.descriptor / 4;
    words[d + RECORD_FIELDS.kept / 4] = 1;
    words[d + RECORD_FIELDS.rows / 4] = 0;
    if (native) {
      words[d + RECORD_FIELDS.address / 4] = (t.data as ArenaArray).address + (t.offset + rows * t.stepStride) * bytes;
      words[d + RECORD_FIELDS.itemStride / 4] = t.itemStride * bytes;
      words[d + RECORD_FIELDS.stepStride / 4] = t.stepStride * bytes;
      words[d + RECORD_FIELDS.packed / 4] = Number(t.elementStride === this.width && t.itemStride === 1 && this.width > 1);
      return at;
    }
    const size = port.op.source.length;
    const count = recordedRows(step, steps, port.op.period);
    words[d + RECORD_FIELDS.address / 4] = at;
    words[d + RECORD_FIELDS.itemStride / 4] = count * size * bytes;
    words[d + RECORD_FIELDS.stepStride / 4] = size * bytes;
    words[d + RECORD_FIELDS.packed / 4] = 0;
    return at + count * size * this.batch * bytes;
  }

  private fetchRecord(record: RecordTarget, step: number, steps: number): void {
    const { port, table: t, native } = record;
    const count = recordedRows(step, steps, port.op.period);
    if (!native) {
      const size = port.op.source.length;
      const values = valuesOf(t.data);
      const { numbers } = this;
      for (let b = 0; b < this.batch; b++) {
        const from = record.staged / this.bytes + b * count * size;
        const to = t.offset + b * t.itemStride + record.rows * t.stepStride;
        // A loop is faster than a view for a few numbers.
        if (count * size < 32 && t.stepStride === size) for (let k = 0; k < count * size; k++) values[to + k] = numbers[from + k];
        else if (t.stepStride === size) values.set(numbers.subarray(from, from + count * size), to);
        else for (let k = 0; k < count; k++) values.set(numbers.subarray(from + k * size, from + (k + 1) * size), to + k * t.stepStride);
      }
    }
    record.rows += count;
  }

  /** Tells every feed what it gets where no data are given; tables of processes go into memory. */
  private install(streams: Streams | null): void {
    const { feeds, hosts } = this.compiled;
    for (const address of this.tables.values()) this.free(address);
    this.tables.clear();
    feeds.forEach((port, k) => {
      const { op } = port;
      const sources = op.kind === "feed" && op.stream !== null ? (streams?.sources[op.stream] ?? null) : null;
      const inTables = sources !== null && sources.every((s) => s !== null && "table" in s);
      if (inTables)
        sources.forEach((source, b) => this.installTable((source as { table: ProcessTable }).table, port.tables + b * TABLE_BYTES));
      port.mode = inTables ? FEED.process : op.kind === "host" || op.stream !== null ? FEED.host : FEED.none;
      const { words } = this;
      words[(port.descriptor + FEED_FIELDS.mode) / 4] = port.mode;
      words[(port.descriptor + FEED_FIELDS.host) / 4] = hosts.length - feeds.length + k;
      words[(port.descriptor + FEED_FIELDS.items) / 4] = port.tables;
    });
    this.installed = streams;
    this.prepared = true;
  }

  private installTable(t: ProcessTable, entry: number): void {
    const address = this.tableAddress(t);
    const { words } = this;
    words[(entry + TABLE.address) / 4] = address;
    words[(entry + TABLE.rows) / 4] = t.rows;
    words[(entry + TABLE.offset) / 4] = t.offset;
    words[(entry + TABLE.cyclic) / 4] = Number(t.mode === "cyclic");
  }

  private tableAddress(t: ProcessTable): number {
    let address = this.tables.get(t);
    if (address === undefined) {
      address = this.allocate(t.data.length * this.bytes);
      viewOf(this.arena, this.dtype, address, t.data.length).set(t.data);
      this.tables.set(t, address);
    }
    return address;
  }

  setShared(signal: Signal, values: ArrayLike<number>): void {
    const { layout } = this.plan;
    if (!layout.has(signal)) return;
    this.sharedView(signal).set(values);
  }

  getShared(signal: Signal): Floats {
    return this.plan.layout.has(signal) ? this.sharedView(signal).slice() : floats(this.dtype, signal.size);
  }

  private sharedView(signal: Signal): Floats {
    const { bytes } = lanesOf(this.dtype);
    return viewOf(this.arena, this.dtype, this.sharedAddress + this.plan.layout.offsetOf(signal) * bytes, signal.size);
  }

  read({ memory }: State, signal: Signal): Floats {
    const { batch, width } = this;
    const out = floats(this.dtype, signal.size * batch);
    if (!this.plan.layout.has(signal)) return out;
    const at = this.plan.layout.offsetOf(signal) * width;
    for (let b = 0; b < batch; b++) for (let i = 0; i < signal.size; i++) out[b * signal.size + i] = memory[at + i * width + b]!;
    return out;
  }

  write({ memory }: State, signal: Signal, values: ArrayLike<number>): void {
    const { batch, width } = this;
    if (!this.plan.layout.has(signal)) return;
    const at = this.plan.layout.offsetOf(signal) * width;
    for (let b = 0; b < batch; b++) for (let i = 0; i < signal.size; i++) memory[at + i * width + b] = values[b * signal.size + i]!;
  }

  firstNotFinite(state: State): Signal | null {
    return state === this.resident && this.allFinite_() !== 0 ? null : lookForNotFinite(this, state);
  }

  dispose(): void {
    abandoned.unregister(this);
    for (const address of this.owned) this.arena.free(address);
    this.owned.clear();
  }

  /** Whether JavaScript runs in between, which may throw. */
  private get mayFail(): boolean {
    return this.compiled.hosts.length > 0;
  }
}
