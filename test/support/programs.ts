import "@tensorflow/tfjs-backend-cpu";
import type { Dtype, Engine, Executable, Recorded, RunOptions, State } from "../../src/engines/engine.ts";
import { table } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { tfjsEngine } from "../../src/engines/tfjs/tfjsEngine.ts";
import { WasmEngine } from "../../src/engines/wasm/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import type { Operator, RecordOperator } from "../../src/ir/operators.ts";
import type { Program, Stream } from "../../src/ir/program.ts";
import { range, Signal } from "../../src/ir/signal.ts";
import { layOut } from "../../src/plan/layout.ts";
import { planProgram, type Plan } from "../../src/plan/plan.ts";

/** A signal of which every item has its own; `content` is its size (zeros), or its initial values. */
export function perItem(name: string, content: number | readonly number[]): Signal {
  return typeof content === "number"
    ? new Signal(name, { shape: [content], perItem: true })
    : new Signal(name, { shape: [content.length], perItem: true, initial: Float64Array.from(content) });
}

/** A signal that all items share. */
export const shared = (name: string, initial: readonly number[], shape: readonly number[] = [initial.length]): Signal =>
  new Signal(name, { shape, perItem: false, initial: Float64Array.from(initial) });

/** A trainable shared signal. */
export const weights = (name: string, initial: readonly number[]): Signal =>
  new Signal(name, {
    shape: [initial.length],
    perItem: false,
    initial: Float64Array.from(initial),
    parameter: { role: "weights", owner: {}, trainable: true },
  });

export const recordOf = (signal: Signal, slot = signal.name, period = 1): RecordOperator => ({
  kind: "record",
  origin: `record ${slot}`,
  source: range(signal),
  slot,
  period,
});
export const feedOf = (signal: Signal, slot: string | null = signal.name, stream: number | null = null): Operator => ({
  kind: "feed",
  origin: `feed ${signal.name}`,
  target: range(signal),
  slot,
  stream,
});
export const whole = (
  signal: Signal,
  index: readonly number[] | null = null,
  offset = 0,
): { signal: Signal; offset: number; length: number; index: Int32Array | null } => ({
  signal,
  offset,
  length: index?.length ?? signal.size - offset,
  index: index === null ? null : Int32Array.from(index),
});

export const programOf = (
  operators: readonly Operator[],
  { streams = [], results = [], dt = 0.001 }: { streams?: readonly Stream[]; results?: readonly Signal[]; dt?: number } = {},
): Program => ({
  dt,
  operators: [{ kind: "time", origin: "time" }, ...operators],
  streams,
  results,
});

/** The program as it stands: in its own order (records last), nothing simplified or merged, signals laid out one after another. */
export function plainPlan(program: Program, operators: readonly Operator[] = program.operators): Plan {
  const order = [
    ...operators.filter((op) => op.kind === "time"),
    ...operators.filter((op) => op.kind !== "record" && op.kind !== "time"),
    ...operators.filter((op) => op.kind === "record"),
  ];
  const { groups, layout } = layOut(order.map((op) => ({ kind: op.kind, operators: [op] })));
  return { program, groups, layout, describe: () => "plain" };
}

export interface Running {
  readonly dtype?: Dtype;
  readonly batch?: number;
  /** A slot's values `[item][step][element]`. */
  readonly feeds?: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
  readonly seed?: number;
  readonly items?: readonly number[];
  /** @defaultValue the reference engine */
  readonly engine?: Engine;
}

/** All engines, each with memory of its own. */
export const engines = (): readonly Engine[] => [referenceEngine, new WasmEngine()];

/** Data as an engine's feeds. */
export const feedsOf = (feeds: Running["feeds"] = {}): NonNullable<RunOptions["feeds"]> =>
  new Map(
    Object.entries(feeds).map(([slot, items]) => [
      slot,
      table(Float64Array.from(items.flat(2)), items[0].length, items[0][0]?.length ?? 0),
    ]),
  );

/** A record as `[item][row][element]`. */
export function rowsOf({ data, rows, size }: Recorded): number[][][] {
  const batch = rows * size === 0 ? 0 : data.length / (rows * size);
  return Array.from({ length: batch }, (_, b) =>
    Array.from({ length: rows }, (_, r) => [...data.subarray((b * rows + r) * size, (b * rows + r + 1) * size)]),
  );
}

/** Runs a plan from its initial state and gives records as nested arrays by slot, and what ran. */
export function runPlan(
  plan: Plan,
  nSteps: number,
  {
    dtype = "float64",
    batch = 1,
    feeds = {},
    seed = 0,
    items = Array.from({ length: batch }, (_, b) => b),
    engine = referenceEngine,
  }: Running = {},
): {
  readonly records: Readonly<Record<string, number[][][]>>;
  readonly executable: Executable;
  readonly state: State;
} {
  const executable = engine.prepare(plan, { dtype, batch });
  const state = executable.initialState();
  const records = executable.run({ nSteps, state, feeds: feedsOf(feeds), streams: makeStreams(plan.program, seed, items) });
  return { records: Object.fromEntries([...records].map(([slot, record]) => [slot, rowsOf(record)])), executable, state };
}

/** Plans and runs a program. */
export const run = (program: Program, nSteps: number, options: Running = {}): ReturnType<typeof runPlan> =>
  runPlan(planProgram(program), nSteps, options);

/** The last rows of a slot, one an item. */
export const last = (program: Program, nSteps: number, slot: string, options: Running = {}): number[][] =>
  run(program, nSteps, options).records[slot].map((rows) => rows.at(-1)!);

/** Every engine and dtype with a batch of one and of three. */
export const variants: readonly { readonly engine: Engine; readonly dtype: Dtype; readonly batch: number; readonly name: string }[] = [
  ...engines().flatMap((engine) => (["float64", "float32"] as const).map((dtype) => ({ engine, dtype }))),
  { engine: tfjsEngine, dtype: "float32" as const },
].flatMap(({ engine, dtype }) => [1, 3].map((batch) => ({ engine, dtype, batch, name: `${engine.name}, ${dtype}, batch of ${batch}` })));

/** Something for every item of a batch. */
export const items = <T>(batch: number, make: (b: number) => T): T[] => Array.from({ length: batch }, (_, b) => make(b));
