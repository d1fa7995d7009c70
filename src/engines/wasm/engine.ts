import { NengoError } from "../../errors.ts";
import type { DrawOperator, FeedOperator, HostOperator } from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import { checkRoom } from "../../math/room.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ProcessTable } from "../../ir/source.ts";
import {
  floats,
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

/** What a run does with a record: rows go to a table, by way of the staging area where that is not in the engine's memory. */
interface RecordTarget {
  readonly port: RecordPort;
  readonly table: Table;
  readonly native: boolean;
  rows: number;
}

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
  private readonly context: Context;
  private resident: State | null = null;
  private installed: Streams | null = null;
  /** Process tables in memory. */
  private readonly tables = new Map<ProcessTable, number>();
  private staging = { address: 0, bytes: 0 };
  private disposed = false;

  constructor(plan: Plan, dtype: Dtype, batch: number, arena: Arena) {
    this.plan = plan;
    this.dtype = dtype;
    this.batch = batch;
    this.arena = arena;
    const { count, bytes } = lanesOf(dtype);
    const width = batch === 1 ? 1 : Math.ceil(batch / count) * count;
    this.width = width;
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
    this.itemAddress = arena.allocate(this.initial.length * bytes);
    this.sharedAddress = arena.allocate(shared.length * bytes);
    this.compiled = compile(plan, arena, { layout, dtype, batch, width, item: this.itemAddress, shared: this.sharedAddress });
    this.itemView().set(this.initial);
    viewOf(arena, dtype, this.sharedAddress, shared.length).set(shared);
    this.context = this.makeContext(program.dt);
    this.kernels = this.compiled.hosts.map((op) => this.kernelOf(op));
    this.run_ = this.instantiate();
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
    };
  }

  private kernelOf(op: HostOperator | DrawOperator | FeedOperator): () => void {
    if (op.kind === "draw") return drawKernel(this.context, op).run;
    if (op.kind === "host") return hostKernel(this.context, op).run;
    return op.stream === null ? () => undefined : processFeed(this.context, op);
  }

  private instantiate(): (steps: number) => void {
    const { context, compiled } = this;
    const host = (k: number): void => {
      context.step = new Int32Array(this.arena.memory.buffer, compiled.clock, 2)[0];
      context.time = context.step * context.dt;
      this.kernels[k]();
    };
    const remainder = (a: number, b: number): number => a % b;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), {
      env: { memory: this.arena.memory, host, remainder },
    });
    return instance.exports["run"] as (steps: number) => void;
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

  run({ nSteps, state, feeds, into, streams }: RunOptions): ReadonlyMap<string, Recorded> {
    const { context } = this;
    const out = new Map<string, Recorded>();
    const targets = this.recordTargets(nSteps, state, into, out);
    const before = this.mayFail ? state.memory.slice() : null;
    const home = state === this.resident ? null : context.item.slice();
    if (home !== null) context.item.set(state.memory);
    context.streams = streams ?? null;
    try {
      this.install(streams ?? null);
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

  private recordTargets(nSteps: number, state: State, into: RunOptions["into"], out: Map<string, Recorded>): RecordTarget[] {
    return this.compiled.records.flatMap((port): RecordTarget[] => {
      const { slot, period, source } = port.op;
      const given = into?.get(slot);
      if (given !== undefined) return given.data.length === 0 ? [] : [{ port, table: given, native: this.isNative(given), rows: 0 }];
      const rows = recordedRows(state.step, nSteps, period);
      const data = floats(this.dtype, rows * source.length * this.batch);
      out.set(slot, { data, rows, size: source.length });
      return [{ port, table: table(data, rows, source.length), native: false, rows: 0 }];
    });
  }

  private isNative({ data }: Table): boolean {
    return data instanceof ArenaArray && data.arena === this.arena && data.dtype === this.dtype;
  }

  private feedTables(feeds: RunOptions["feeds"]): { port: FeedPort; table: Table; native: boolean }[] {
    return this.compiled.feeds.flatMap((port) => {
      const given = port.op.slot === null ? undefined : feeds?.get(port.op.slot);
      return given === undefined ? [] : [{ port, table: given, native: this.isNative(given) }];
    });
  }

  private runChunks(
    nSteps: number,
    start: number,
    feeds: readonly { port: FeedPort; table: Table; native: boolean }[],
    records: readonly RecordTarget[],
  ): void {
    const { batch } = this;
    const { bytes } = lanesOf(this.dtype);
    const feedRow = feeds.reduce((sum, { port, native }) => sum + (native ? 0 : port.target.length * batch * bytes), 0);
    const recordRow = records.reduce((sum, { port, native }) => sum + (native ? 0 : port.op.source.length * batch * bytes), 0);
    const perStep = feedRow + recordRow;
    const most = Math.max(1, Math.min(nSteps, perStep === 0 ? nSteps : Math.floor(STAGING / perStep)));
    this.reserve(perStep * most);
    // All memory is there now: views stay good until the end, unless a user's function makes it grow.
    for (let done = 0; done < nSteps;) {
      const steps = Math.min(most, nSteps - done);
      let at = this.staging.address;
      for (const feed of feeds) at = this.stageFeed(feed, done, steps, at);
      const places = records.map((record) => {
        const here = at;
        at = this.stageRecord(record, start + done, steps, at);
        return here;
      });
      const clock = new Int32Array(this.arena.memory.buffer, this.compiled.clock, 2);
      clock[CLOCK.step / 4] = start + done;
      this.run_(steps);
      records.forEach((record, k) => this.fetchRecord(record, start + done, steps, places[k]));
      done += steps;
    }
  }

  private reserve(bytes: number): void {
    if (bytes <= this.staging.bytes) return;
    if (this.staging.bytes > 0) this.arena.free(this.staging.address);
    this.staging = { address: this.arena.allocate(bytes), bytes };
  }

  private descriptor(address: number, fields: number): Int32Array {
    return new Int32Array(this.arena.memory.buffer, address, fields);
  }

  private stageFeed(
    { port, table: t, native }: { port: FeedPort; table: Table; native: boolean },
    done: number,
    steps: number,
    at: number,
  ): number {
    const { batch, dtype, width } = this;
    const { bytes } = lanesOf(dtype);
    const d = this.descriptor(port.descriptor, 8);
    const size = port.target.length;
    d[FEED_FIELDS.mode / 4] = FEED.rows;
    if (native) {
      const packed = t.elementStride === width && t.itemStride === 1 && width > 1;
      d[FEED_FIELDS.address / 4] = (t.data as ArenaArray).address + (t.offset + done * t.stepStride) * bytes;
      d[FEED_FIELDS.itemStride / 4] = t.itemStride * bytes;
      d[FEED_FIELDS.stepStride / 4] = t.stepStride * bytes;
      d[FEED_FIELDS.packed / 4] = Number(packed);
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
    d[FEED_FIELDS.address / 4] = at;
    d[FEED_FIELDS.itemStride / 4] = rows * size * bytes;
    d[FEED_FIELDS.stepStride / 4] = t.stepStride === 0 ? 0 : size * bytes;
    d[FEED_FIELDS.packed / 4] = 0;
    return at + rows * size * batch * bytes;
  }

  private stageRecord({ port, table: t, native, rows }: RecordTarget, step: number, steps: number, at: number): number {
    const { bytes } = lanesOf(this.dtype);
    const d = this.descriptor(port.descriptor, 8);
    d[RECORD_FIELDS.kept / 4] = 1;
    d[RECORD_FIELDS.rows / 4] = 0;
    if (native) {
      d[RECORD_FIELDS.address / 4] = (t.data as ArenaArray).address + (t.offset + rows * t.stepStride) * bytes;
      d[RECORD_FIELDS.itemStride / 4] = t.itemStride * bytes;
      d[RECORD_FIELDS.stepStride / 4] = t.stepStride * bytes;
      d[RECORD_FIELDS.packed / 4] = Number(t.elementStride === this.width && t.itemStride === 1 && this.width > 1);
      return at;
    }
    const size = port.op.source.length;
    const count = recordedRows(step, steps, port.op.period);
    d[RECORD_FIELDS.address / 4] = at;
    d[RECORD_FIELDS.itemStride / 4] = count * size * bytes;
    d[RECORD_FIELDS.stepStride / 4] = size * bytes;
    d[RECORD_FIELDS.packed / 4] = 0;
    return at + count * size * this.batch * bytes;
  }

  private fetchRecord(record: RecordTarget, step: number, steps: number, at: number): void {
    const { port, table: t, native } = record;
    const count = recordedRows(step, steps, port.op.period);
    // Not kept in runs to come unless they say so.
    this.descriptor(port.descriptor, 1)[0] = 0;
    if (!native) {
      const size = port.op.source.length;
      const values = valuesOf(t.data);
      const { bytes } = lanesOf(this.dtype);
      for (let b = 0; b < this.batch; b++) {
        const rows = viewOf(this.arena, this.dtype, at + b * count * size * bytes, count * size);
        const to = t.offset + b * t.itemStride + record.rows * t.stepStride;
        if (t.stepStride === size) values.set(rows, to);
        else for (let k = 0; k < count; k++) values.set(rows.subarray(k * size, (k + 1) * size), to + k * t.stepStride);
      }
    }
    record.rows += count;
  }

  /** Tells every feed what it gets where no data are given; tables of processes go into memory. */
  private install(streams: Streams | null): void {
    const { feeds, hosts } = this.compiled;
    if (streams !== this.installed) {
      for (const address of this.tables.values()) this.arena.free(address);
      this.tables.clear();
      this.installed = streams;
    }
    feeds.forEach((port, k) => {
      const { op } = port;
      const hostNumber = hosts.length - feeds.length + k;
      const sources = op.kind === "feed" && op.stream !== null ? (streams?.sources[op.stream] ?? null) : null;
      const inTables = sources !== null && sources.every((s) => s !== null && "table" in s);
      if (inTables) {
        sources.forEach((source, b) => {
          const { table: t } = source as { table: ProcessTable };
          const entry = this.descriptor(port.tables + b * TABLE_BYTES, 4);
          const address = this.tableAddress(t);
          const fresh = entry.buffer === this.arena.memory.buffer ? entry : this.descriptor(port.tables + b * TABLE_BYTES, 4);
          fresh[TABLE.address / 4] = address;
          fresh[TABLE.rows / 4] = t.rows;
          fresh[TABLE.offset / 4] = t.offset;
          fresh[TABLE.cyclic / 4] = Number(t.mode === "cyclic");
        });
      }
      const d = this.descriptor(port.descriptor, 8);
      const asks = op.kind === "host" || op.stream !== null;
      d[FEED_FIELDS.mode / 4] = inTables ? FEED.process : asks ? FEED.host : FEED.none;
      d[FEED_FIELDS.host / 4] = hostNumber;
      d[FEED_FIELDS.items / 4] = port.tables;
    });
  }

  private tableAddress(t: ProcessTable): number {
    let address = this.tables.get(t);
    if (address === undefined) {
      address = this.arena.allocate(t.data.length * lanesOf(this.dtype).bytes);
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

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const address of [this.itemAddress, this.sharedAddress, ...this.compiled.blocks, ...this.tables.values()])
      this.arena.free(address);
    if (this.staging.bytes > 0) this.arena.free(this.staging.address);
  }

  /** Whether JavaScript runs in between, which may throw. */
  private get mayFail(): boolean {
    return this.compiled.hosts.length > 0;
  }
}
