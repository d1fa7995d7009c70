import { NengoError } from "../../errors.ts";
import type { DrawOperator, FeedOperator, HostOperator } from "../../ir/operators.ts";
import type { Signal } from "../../ir/signal.ts";
import type { Plan } from "../../plan/plan.ts";
import {
  floats,
  lookForNotFinite,
  type Dtype,
  type Engine,
  type EngineArray,
  type Executable,
  type Floats,
  type Recorded,
  type RunOptions,
  type State,
} from "../engine.ts";
import type { Context } from "../reference/context.ts";
import { processFeed } from "../reference/exchange.ts";
import { drawKernel, hostKernel } from "../reference/host.ts";
import { initialMemory, readSignal, writeSignal } from "../stateMemory.ts";
import { compile, type Compiled } from "./compile.ts";
import { lanesOf } from "./lanes.ts";
import { CLOCK } from "./lowering.ts";
import { ArenaArray, OwnArena, type Arena } from "./memory.ts";
import { OwnedMemory } from "./ownedMemory.ts";
import { Ports } from "./ports.ts";

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

class WasmExecutable implements Executable {
  readonly plan: Plan;
  readonly dtype: Dtype;
  readonly batch: number;
  readonly width: number;
  private readonly memory: OwnedMemory;
  private readonly itemAddress: number;
  private readonly sharedAddress: number;
  private readonly initial: Floats;
  private readonly compiled: Compiled;
  private readonly ports: Ports;
  private readonly kernels: (() => void)[];
  private readonly runSteps: (steps: number) => void;
  private readonly allFinite: () => number;
  private readonly context: Context;
  /** State before a run in which a user's function may throw. */
  private backup: Floats | null = null;
  private resident: State | null = null;

  constructor(plan: Plan, dtype: Dtype, batch: number, arena: Arena) {
    this.plan = plan;
    this.dtype = dtype;
    this.batch = batch;
    const { count, bytes } = lanesOf(dtype);
    const width = batch === 1 ? 1 : Math.ceil(batch / count) * count;
    this.width = width;
    const { layout, program } = plan;
    const { item, shared } = initialMemory(plan, dtype, width);
    this.initial = item;
    const memory = new OwnedMemory(arena, dtype);
    this.memory = memory;
    this.itemAddress = memory.allocate(item.length * bytes);
    this.sharedAddress = memory.allocate(shared.length * bytes);
    this.compiled = compile(plan, arena, { layout, dtype, batch, width, item: this.itemAddress, shared: this.sharedAddress });
    memory.adopt(this.compiled.blocks);
    this.ports = new Ports(memory, this.compiled, { batch, width });
    this.itemView().set(item);
    memory.view(this.sharedAddress, shared.length).set(shared);
    this.context = this.makeContext(program.dt);
    this.kernels = this.compiled.hosts.map((op) => this.kernelOf(op));
    const { run, allFinite } = this.instantiate();
    this.runSteps = run as (steps: number) => void;
    this.allFinite = allFinite as () => number;
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
      context.step = this.memory.words[(compiled.clock + CLOCK.step) / 4];
      context.time = context.step * context.dt;
      this.kernels[k]();
    };
    const remainder = (a: number, b: number): number => a % b;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), {
      env: { memory: this.memory.arena.memory, host, remainder },
    });
    return instance.exports;
  }

  private itemView(): Floats {
    return this.memory.view(this.itemAddress, this.initial.length);
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

  run(options: RunOptions): ReadonlyMap<string, Recorded> {
    const { context, ports } = this;
    const { nSteps, state, streams, journal } = options;
    const before = this.mayFail ? (this.backup ??= floats(this.dtype, this.initial.length)) : null;
    before?.set(state.memory);
    const home = state === this.resident ? null : context.item.slice();
    context.streams = streams ?? null;
    context.journal = journal ?? null;
    try {
      const records = ports.open(state.step, options);
      if (home !== null) context.item.set(state.memory);
      ports.inParts(nSteps, state.step, (start, steps) => {
        this.memory.words[(this.compiled.clock + CLOCK.step) / 4] = start;
        this.runSteps(steps);
      });
      if (home !== null) state.memory.set(context.item);
      state.step += nSteps;
      return records;
    } catch (error) {
      if (before !== null) state.memory.set(before);
      throw this.located(error);
    } finally {
      if (home !== null) context.item.set(home);
      context.streams = null;
      context.journal = null;
    }
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

  setShared(signal: Signal, values: ArrayLike<number>): void {
    const { layout } = this.plan;
    if (!layout.has(signal)) return;
    this.sharedView(signal).set(values);
  }

  getShared(signal: Signal): Floats {
    return this.plan.layout.has(signal) ? this.sharedView(signal).slice() : floats(this.dtype, signal.size);
  }

  private sharedView(signal: Signal): Floats {
    return this.memory.view(this.sharedAddress + this.plan.layout.offsetOf(signal) * this.memory.bytes, signal.size);
  }

  read(state: State, signal: Signal): Floats {
    return readSignal(this, state, signal);
  }

  write(state: State, signal: Signal, values: ArrayLike<number>): void {
    writeSignal(this, state, signal, values);
  }

  firstNotFinite(state: State): Signal | null {
    return state === this.resident && this.allFinite() !== 0 ? null : lookForNotFinite(this, state);
  }

  dispose(): void {
    this.memory.dispose();
  }

  /** Whether JavaScript runs in between, which may throw. */
  private get mayFail(): boolean {
    return this.compiled.hosts.length > 0;
  }
}
