import { buildNetwork, type BuiltNetwork } from "../../src/build/build.ts";
import { table, type Dtype, type Engine, type Executable, type Recorded, type State } from "../../src/engines/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import type { Operator } from "../../src/ir/operators.ts";
import type { Program } from "../../src/ir/program.ts";
import { range, Signal } from "../../src/ir/signal.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import type { Network, Probe } from "../../src/network/index.ts";
import type { NeuronType, Phase } from "../../src/neurons/neuronType.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { expectSame } from "./numbers.ts";
import { engines } from "./programs.ts";

export interface SimulateOptions {
  readonly nSteps: number;
  /** Of the simulator. @defaultValue the network's seed + 1 */
  readonly seed?: number;
  readonly dt?: number;
  readonly phase?: Phase;
  readonly engine?: Engine;
  readonly dtype?: Dtype;
}

/** A network that was built and ran. */
export interface Simulation {
  readonly built: BuiltNetwork;
  readonly program: Program;
  readonly executable: Executable;
  readonly state: State;
  /** What a probe recorded: `[rows, ...shape]`. */
  readonly data: (probe: Probe) => NdArray;
  /** From the start again, with another seed of the simulator; `data` then gives the new records. */
  readonly rerun: (seed: number) => void;
}

/** Builds, plans and runs a network by hand, without a Simulator: one item, on all engines unless told otherwise, which must give the same bits. */
export function simulate(network: Network, options: SimulateOptions): Simulation {
  const { nSteps, dt, phase = "inference", engine, dtype = "float64" } = options;
  const built = buildNetwork(network, dt === undefined ? {} : { dt });
  const program = built.program(phase);
  const plan = planProgram(program);
  const prepared = (engine === undefined ? engines() : [engine]).map((e) => {
    const executable = e.prepare(plan, { dtype, batch: 1 });
    return { executable, state: executable.initialState() };
  });
  const { executable, state } = prepared.at(-1)!;
  const run = (seed: number): ReturnType<Executable["run"]> => {
    const all = prepared.map((p) => {
      p.executable.resetState(p.state);
      return p.executable.run({ nSteps, state: p.state, streams: makeStreams(program, seed, [0]) });
    });
    if (dtype === "float64") all.forEach((records) => expectSameRecords(records, all[0]));
    return all.at(-1)!;
  };
  let records = run(options.seed ?? built.seeds.get(network)! + 1);
  return {
    built,
    program,
    executable,
    state,
    data: (probe) => {
      const { slot, shape } = built.probes.get(probe)!;
      const { rows, data } = records.get(slot)!;
      return { shape: [rows, ...shape], data: Float64Array.from(data) };
    },
    rerun: (seed) => {
      records = run(seed);
    },
  };
}

function expectSameRecords(got: ReadonlyMap<string, Recorded>, wanted: ReadonlyMap<string, Recorded>): void {
  for (const [slot, { data }] of wanted) expectSame(got.get(slot)!.data, data, `${slot} of another engine`);
}

export interface Fed {
  /** Seconds. */
  readonly dt: number;
  readonly engine?: Engine;
  /** Changes at every step, row by row: `[steps, size]`. */
  readonly input: NdArray;
}

/** Runs operators that read one signal, and tells what others held after every step, `[steps, size]` each. */
export function runOperators(
  operators: (input: Signal) => readonly Operator[],
  recorded: readonly Signal[],
  { dt, engine, input }: Fed,
): NdArray[] {
  const [nSteps, size] = input.shape as readonly [number, number];
  const fed = new Signal("input", { shape: [size], perItem: true });
  const program: Program = {
    dt,
    streams: [],
    results: [],
    operators: [
      { kind: "time", origin: "time" },
      { kind: "feed", origin: "input", target: range(fed), slot: "input", stream: null },
      ...operators(fed),
      ...recorded.map((signal, k): Operator => ({
        kind: "record",
        origin: signal.name,
        source: range(signal),
        slot: `record:${k}`,
        period: 1,
      })),
    ],
  };
  const plan = planProgram(program);
  const all = (engine === undefined ? engines() : [engine]).map((e) => {
    const executable = e.prepare(plan, { dtype: "float64", batch: 1 });
    const feeds = new Map([["input", table(input.data, nSteps, size)]]);
    return executable.run({ nSteps, state: executable.initialState(), feeds });
  });
  all.forEach((got) => expectSameRecords(got, all[0]));
  const [records] = all;
  return recorded.map((signal, k) => ({ shape: [nSteps, signal.size], data: Float64Array.from(records.get(`record:${k}`)!.data) }));
}

/** Output and states of neurons at every step, `[steps, neurons]` each. */
export interface NeuronRun {
  readonly output: NdArray;
  readonly state: Readonly<Record<string, NdArray>>;
}

/** Runs neurons alone on currents `[steps, neurons]`, from the initial values of their states that are given. */
export function runNeurons(
  type: NeuronType,
  initial: Readonly<Record<string, readonly number[]>>,
  options: Fed & { readonly phase?: Phase },
): NeuronRun {
  const n = options.input.shape[1];
  const signal = (name: string, values?: readonly number[]): Signal =>
    new Signal(name, { shape: [n], perItem: true, ...(values === undefined ? {} : { initial: Float64Array.from(values) }) });
  const names = Object.keys(type.state);
  const output = signal("output");
  const state = Object.fromEntries(names.map((name) => [name, signal(name, initial[name])]));
  const { dt, phase = "inference" } = options;
  const [first, ...rest] = runOperators(
    (J) => type.lower({ phase, dt, J, output, state, stream: null, origin: type.type }),
    [output, ...Object.values(state)],
    options,
  );
  return { output: first, state: Object.fromEntries(names.map((name, k) => [name, rest[k]])) };
}
