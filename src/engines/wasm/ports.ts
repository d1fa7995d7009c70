import type { ProcessTable } from "../../ir/source.ts";
import { floats, nowhere, recordedRows, table, valuesOf, type Recorded, type RunOptions, type Table } from "../engine.ts";
import type { Streams } from "../streams.ts";
import type { Compiled } from "./compile.ts";
import { FEED, FEED_FIELDS, PLACE_FIELDS, RECORD_FIELDS, TABLE, TABLE_BYTES, type FeedPort, type RecordPort } from "./exchange.ts";
import { ArenaArray } from "./memory.ts";
import type { OwnedMemory } from "./ownedMemory.ts";

/** Bytes of rows that go in and out between two looks of JavaScript. */
const STAGING = 1 << 22;

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

/**
 * Feeds and records of an executable. Tables in the engine's memory are used where they are; others go through a staging area, some
 * steps at a time. Objects are used again from run to run, since a single step should cost microseconds.
 */
export class Ports {
  private readonly memory: OwnedMemory;
  private readonly compiled: Compiled;
  private readonly batch: number;
  private readonly width: number;
  /** What the present run feeds and records. */
  private readonly fed: FeedSource[] = [];
  private readonly recorded: RecordTarget[] = [];
  private readonly spare: RecordTarget[] = [];
  private installed: Streams | null | undefined = undefined;
  /** Process tables in memory. */
  private readonly tables = new Map<ProcessTable, number>();
  private staging = { address: 0, bytes: 0 };

  constructor(memory: OwnedMemory, compiled: Compiled, { batch, width }: { readonly batch: number; readonly width: number }) {
    this.memory = memory;
    this.compiled = compiled;
    this.batch = batch;
    this.width = width;
  }

  /** Takes a run's tables; records without one get an array, which is returned. */
  open(step: number, { nSteps, feeds, into, streams }: RunOptions): Map<string, Recorded> {
    const out = new Map<string, Recorded>();
    this.recorded.length = 0;
    this.fed.length = 0;
    this.compiled.records.forEach((port, k) => {
      const { slot, period, source } = port.op;
      const given = into?.get(slot);
      if (given?.data.length === 0) return;
      const target = (this.spare[k] ??= { port, table: nowhere, native: false, rows: 0, staged: 0 });
      target.rows = 0;
      target.native = given !== undefined && this.isNative(given);
      if (given === undefined) {
        const rows = recordedRows(step, nSteps, period);
        const data = floats(this.memory.dtype, rows * source.length * this.batch);
        out.set(slot, { data, rows, size: source.length });
        target.table = table(data, rows, source.length);
      } else target.table = given;
      this.recorded.push(target);
    });
    if (feeds !== undefined && feeds.size > 0) {
      for (const port of this.compiled.feeds) {
        const given = port.op.slot === null ? undefined : feeds.get(port.op.slot);
        if (given !== undefined) this.fed.push({ port, table: given, native: this.isNative(given) });
      }
    }
    if ((streams ?? null) !== this.installed) this.install(streams ?? null);
    return out;
  }

  /** Runs `nSteps` steps after `start` in parts; `run` is called for each with its first step and length. */
  inParts(nSteps: number, start: number, run: (start: number, steps: number) => void): void {
    const { fed, recorded } = this;
    let perStep = 0;
    for (const { port, native } of fed) if (!native) perStep += port.target.length;
    for (const { port, native } of recorded) if (!native) perStep += port.op.source.length;
    perStep *= this.batch * this.memory.bytes;
    const most = Math.max(1, Math.min(nSteps, perStep === 0 ? nSteps : Math.floor(STAGING / perStep)));
    this.reserve(perStep * most);
    // All memory is there now: views stay good until the end, unless a user's function makes it grow.
    try {
      for (let done = 0; done < nSteps;) {
        const steps = Math.min(most, nSteps - done);
        let at = this.staging.address;
        for (const feed of fed) at = this.stageFeed(feed, done, steps, at);
        for (const record of recorded) at = this.stageRecord(record, start + done, steps, at);
        run(start + done, steps);
        for (const record of recorded) this.fetchRecord(record, start + done, steps);
        done += steps;
      }
    } finally {
      // What is not said again is as before: no record is kept, feeds come from their processes.
      const { words } = this.memory;
      for (const { port } of fed) words[(port.descriptor + FEED_FIELDS.mode) / 4] = port.mode;
      for (const { port } of recorded) words[(port.descriptor + RECORD_FIELDS.kept) / 4] = 0;
    }
  }

  private isNative({ data }: Table): boolean {
    return data instanceof ArenaArray && data.arena === this.memory.arena && data.dtype === this.memory.dtype;
  }

  private reserve(bytes: number): void {
    if (bytes <= this.staging.bytes) return;
    if (this.staging.bytes > 0) this.memory.free(this.staging.address);
    this.staging = { address: this.memory.allocate(bytes), bytes };
  }

  /** Says in a descriptor where rows are; strides in numbers. */
  private place(descriptor: number, address: number, itemStride: number, stepStride: number, packed: boolean): void {
    const { words, bytes } = this.memory;
    words[(descriptor + PLACE_FIELDS.address) / 4] = address;
    words[(descriptor + PLACE_FIELDS.itemStride) / 4] = itemStride * bytes;
    words[(descriptor + PLACE_FIELDS.stepStride) / 4] = stepStride * bytes;
    words[(descriptor + PLACE_FIELDS.packed) / 4] = Number(packed);
  }

  /** A table in the engine's memory, from a row on. Where it is laid out as signals are, rows are copied as they stand. */
  private placeNative(descriptor: number, { data, offset, itemStride, stepStride, elementStride }: Table, row: number): void {
    const address = (data as ArenaArray).address + (offset + row * stepStride) * this.memory.bytes;
    this.place(descriptor, address, itemStride, stepStride, this.width > 1 && elementStride === this.width && itemStride === 1);
  }

  private stageFeed({ port, table: t, native }: FeedSource, done: number, steps: number, at: number): number {
    const { batch, memory } = this;
    const size = port.target.length;
    memory.words[(port.descriptor + FEED_FIELDS.mode) / 4] = FEED.rows;
    if (native) {
      this.placeNative(port.descriptor, t, done);
      return at;
    }
    const values = valuesOf(t.data);
    const rows = t.stepStride === 0 ? 1 : steps;
    const staged = memory.view(at, rows * size * batch);
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
    this.place(port.descriptor, at, rows * size, t.stepStride === 0 ? 0 : size, false);
    return at + rows * size * batch * memory.bytes;
  }

  private stageRecord(record: RecordTarget, step: number, steps: number, at: number): number {
    const { port, table: t, native, rows } = record;
    const { words, bytes } = this.memory;
    record.staged = at;
    words[(port.descriptor + RECORD_FIELDS.kept) / 4] = 1;
    words[(port.descriptor + RECORD_FIELDS.rows) / 4] = 0;
    if (native) {
      this.placeNative(port.descriptor, t, rows);
      return at;
    }
    const size = port.op.source.length;
    const count = recordedRows(step, steps, port.op.period);
    this.place(port.descriptor, at, count * size, size, false);
    return at + count * size * this.batch * bytes;
  }

  private fetchRecord(record: RecordTarget, step: number, steps: number): void {
    const { port, table: t, native } = record;
    const count = recordedRows(step, steps, port.op.period);
    if (!native) {
      const size = port.op.source.length;
      const values = valuesOf(t.data);
      const { numbers, bytes } = this.memory;
      for (let b = 0; b < this.batch; b++) {
        const from = record.staged / bytes + b * count * size;
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
    for (const address of this.tables.values()) this.memory.free(address);
    this.tables.clear();
    feeds.forEach((port, k) => {
      const { op } = port;
      const sources = op.kind === "feed" && op.stream !== null ? (streams?.sources[op.stream] ?? null) : null;
      const inTables = sources !== null && sources.every((s) => s !== null && "table" in s);
      if (inTables)
        sources.forEach((source, b) => this.installTable((source as { table: ProcessTable }).table, port.tables + b * TABLE_BYTES));
      port.mode = inTables ? FEED.process : op.kind === "host" || op.stream !== null ? FEED.host : FEED.none;
      const { words } = this.memory;
      words[(port.descriptor + FEED_FIELDS.mode) / 4] = port.mode;
      words[(port.descriptor + FEED_FIELDS.host) / 4] = hosts.length - feeds.length + k;
      words[(port.descriptor + FEED_FIELDS.items) / 4] = port.tables;
    });
    this.installed = streams;
  }

  private installTable(t: ProcessTable, entry: number): void {
    let address = this.tables.get(t);
    if (address === undefined) {
      address = this.memory.allocate(t.data.length * this.memory.bytes);
      this.memory.view(address, t.data.length).set(t.data);
      this.tables.set(t, address);
    }
    const { words } = this.memory;
    words[(entry + TABLE.address) / 4] = address;
    words[(entry + TABLE.rows) / 4] = t.rows;
    words[(entry + TABLE.offset) / 4] = t.offset;
    words[(entry + TABLE.cyclic) / 4] = Number(t.mode === "cyclic");
  }
}
