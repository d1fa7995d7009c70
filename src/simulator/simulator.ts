// Longer than most files: the one class that a user drives, with a contract on every method; what it does is in the files beside it.
import type { History } from "@tensorflow/tfjs-layers";
import { createProgress } from "#terminal";
import { buildNetwork, type BuiltNetwork } from "../build/build.ts";
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkSeed } from "../declared.ts";
import { advanced, floats, recordedRows, table, type Dtype, type Table } from "../engines/engine.ts";
import { chooseEngine, engineChoices, type ChosenEngine, type EngineChoice } from "../engines/choose.ts";
import { ShapeError, SimulationError, SimulatorClosed, ValidationError, describe } from "../errors.ts";
import { drawSeed } from "../layers/entropy.ts";
import { NengoLayer } from "../layers/nengoLayer.ts";
import type { NengoModel } from "../model/index.ts";
import { Network, objectName, type Node, type Probe } from "../network/index.ts";
import type { Plan } from "../plan/plan.ts";
import { protect } from "../readonly.ts";
import { arrayOf, entriesOf, type DataValue, type Keyed } from "./keyedData.ts";
import { Parameters } from "./parameters.ts";
import { ProbeStore, type ProbeData } from "./probeData.ts";
import { makeReport, type SimulatorReport } from "./report.ts";
import { Runner } from "./runner.ts";
import { SimulationData } from "./simulationData.ts";
import { Trainer, type CompileOptions, type EvaluateOptions, type FitOptions } from "./training.ts";

/** Options of a {@link Simulator}. */
export interface SimulatorOptions {
  /** Seconds. @defaultValue 0.001 */
  readonly dt?: number;
  /** Seed of processes; of the network's build too where the network has none. @defaultValue the network's seed + 1 */
  readonly seed?: number;
  /** Items that run side by side; null: one, without a batch axis in the data. @defaultValue null */
  readonly minibatchSize?: number | null;
  /** Of `run`; layers and training are float32. @defaultValue "float64"; "float32" with the engine "tfjs", which has no other */
  readonly dtype?: Dtype;
  /**
   * `auto`: `wasm` where WebAssembly has SIMD. `reference` and `wasm` give the same bits in float64. `tfjs`: tf operations on the
   * present backend, for `run` and for the model, where `auto` takes them on backends without kernels only. @defaultValue "auto"
   */
  readonly engine?: EngineChoice;
  /** Run as this item of a minibatch would. @defaultValue 0 */
  readonly item?: number;
  /** @defaultValue true (only where the terminal shows it) */
  readonly progressBar?: boolean;
}

/** Options of `run` and `runSteps`. */
export interface RunOptions {
  /** Data for input Nodes, `[batch, steps, size]`, instead of their own output. */
  readonly data?: Keyed<Node, DataValue>;
  /** Gets the probes' rows as they come, `[batch, rows, size]`; then `sim.data` keeps none of this run. */
  readonly onChunk?: (chunk: ReadonlyMap<Probe, ProbeData>) => void;
  readonly progressBar?: boolean;
}

const OPTIONS = ["dt", "seed", "minibatchSize", "dtype", "engine", "item", "progressBar"];
/** Milliseconds between two looks at the event loop. */
const SLICE = 50;

/** Simulates a network, as Nengo's Simulator does, and trains it, as NengoDL's does. The network is read when the simulator is made. */
export class Simulator {
  readonly network: Network;
  readonly dt: number;
  readonly minibatchSize: number | null;
  readonly dtype: Dtype;
  /** Recorded data and built parameters. */
  readonly data: SimulationData;
  private readonly engineChoice: EngineChoice;
  private readonly chosen: ChosenEngine;
  private readonly built: BuiltNetwork;
  private readonly runner: Runner;
  private readonly stores: ReadonlyMap<Probe, ProbeStore>;
  /** What constant input Nodes give where no data do; said at every run, since data of an earlier one would stay. */
  private readonly constants: ReadonlyMap<string, Table>;
  /** How probes are recorded. */
  private readonly slots: ReadonlyMap<Probe, { readonly slot: string; readonly period: number }>;
  private readonly records = new Map<string, Table>();
  private readonly progressBar: boolean;
  private trainer: Trainer | null = null;
  private parameters: Parameters | null = null;
  private layer: NengoLayer | null = null;
  private currentSeed: number;
  private state: "open" | "running" | "closed" = "open";

  /** @throws ValidationError for bad options; BuildError where the network cannot be built */
  constructor(network: Network, options: SimulatorOptions = {}) {
    if (!(network instanceof Network))
      throw new ValidationError({ owner: "Simulator", parameter: "network", expected: "a Network", got: describe(network) });
    for (const key of Object.keys(options)) {
      if (!OPTIONS.includes(key))
        throw new ValidationError({
          owner: "Simulator",
          parameter: key,
          expected: `one of ${OPTIONS.join(", ")}`,
          got: JSON.stringify(key),
        });
    }
    const { minibatchSize = null, engine = "auto", item = 0, progressBar = true } = options;
    const { dtype = engine === "tfjs" ? "float32" : "float64" } = options;
    this.network = network;
    this.dt = checkNumber("Simulator", "dt", options.dt ?? 0.001, { above: 0 });
    this.minibatchSize = minibatchSize === null ? null : checkInteger("Simulator", "minibatchSize", minibatchSize, { min: 1 });
    this.dtype = checkChoice("Simulator", "dtype", dtype, ["float64", "float32"]);
    this.engineChoice = checkChoice("Simulator", "engine", engine, engineChoices);
    this.chosen = chooseEngine(this.engineChoice, "Simulator");
    this.progressBar = checkBoolean("Simulator", "progressBar", progressBar);
    const first = checkInteger("Simulator", "item", item, { min: 0 });
    const given = checkSeed("Simulator", options.seed);
    const drawn = given === null && network.seed === null ? drawSeed() : null;
    this.currentSeed = given ?? (network.seed === null ? drawn! : (network.seed + 1) % 2 ** 32);

    const total = network.allEnsembles.length + network.allNodes.length + network.allConnections.length + network.allProbes.length;
    const bar = createProgress("build", total, this.progressBar);
    this.built = buildNetwork(network, { dt: this.dt, seed: drawn ?? this.currentSeed, onProgress: (done) => bar.update(done) });
    bar.finish();
    const items = Array.from({ length: this.minibatchSize ?? 1 }, (_, b) => first + b);
    this.runner = new Runner(this.built, this.currentSeed, { engine: this.chosen.engine, dtype: this.dtype, batch: items.length, items });
    const store = { batch: items.length, batched: this.minibatchSize !== null, empty: floats(this.dtype, 0) };
    this.stores = new Map(
      network.allProbes.map((probe) => [probe, new ProbeStore({ ...store, shape: this.built.probes.get(probe)!.shape })]),
    );
    const period = ({ sampleEvery }: Probe): number => (sampleEvery === null ? 1 : sampleEvery / this.dt);
    this.slots = new Map(network.allProbes.map((probe) => [probe, { slot: this.built.probes.get(probe)!.slot, period: period(probe) }]));
    const constant = [...this.built.inputs].filter(([node]) => node.kind === "constant");
    this.constants = new Map(
      constant.map(([node, { slot }]) => [slot, { data: node.output as Float64Array, offset: 0, itemStride: 0, stepStride: 0 }]),
    );
    this.data = new SimulationData(this.built, this.stores, { trained: (signal) => this.parameters?.trained(signal) ?? null });
    protect(this, "Simulator", ["network", "dt", "minibatchSize", "dtype", "data"], "Make another Simulator");
  }

  /** As the constructor; leaves room for engines that are made asynchronously. */
  static async create(network: Network, options: SimulatorOptions = {}): Promise<Simulator> {
    const sim = new Simulator(network, options);
    await sim.ready();
    return sim;
  }

  /** Resolves when {@link step} may be called. */
  async ready(): Promise<void> {
    this.checkOpen();
    await Promise.resolve();
  }

  /** Seed of the processes; item b of a minibatch has this seed + b. */
  get seed(): number {
    return this.currentSeed;
  }

  /** Steps simulated so far. */
  get nSteps(): number {
    return this.runner.nSteps;
  }

  /** Seconds simulated so far. */
  get time(): number {
    return this.runner.nSteps * this.dt;
  }

  get closed(): boolean {
    return this.state === "closed";
  }

  /** Plans of the simulation: which operators run, in which groups and memory, and where they came from. */
  get plan(): Pick<Plan, "describe"> {
    return { describe: () => this.runner.plans.map((p) => p.describe()).join("\n\n") };
  }

  /** Which path runs, and what is slow or without a gradient. */
  get report(): SimulatorReport {
    return makeReport({ built: this.built, chosen: this.chosen, runner: this.runner, dtype: this.dtype, layer: this.layer });
  }

  /** Runs for `seconds`. @throws ValidationError where negative; SimulationError with a Node's name and step where its function throws */
  async run(seconds: number, options: RunOptions = {}): Promise<void> {
    this.checkOpen();
    await this.runSteps(Math.round(checkNumber("Simulator", "run", seconds, { min: 0 }) / this.dt), options);
  }

  /** Runs a number of steps. On an error the simulator is as it was before the call. */
  async runSteps(nSteps: number, { data, onChunk, progressBar }: RunOptions = {}): Promise<void> {
    this.checkOpen();
    checkInteger("Simulator", "nSteps", nSteps, { min: 0 });
    const feeds = this.feedsOf(data, nSteps);
    const bar = createProgress("run", nSteps, progressBar ?? this.progressBar);
    const undo = this.begin();
    try {
      if (onChunk === undefined) this.reserve(nSteps);
      let size = Math.min(nSteps, 100);
      for (let done = 0; done < nSteps;) {
        const start = performance.now();
        const steps = Math.min(size, nSteps - done);
        this.advance(steps, new Map([...feeds].map(([slot, t]) => [slot, advanced(t, done)])), onChunk);
        done += steps;
        const elapsed = performance.now() - start;
        size = Math.max(1, Math.round((steps * SLICE) / Math.max(elapsed, 0.1)));
        bar.update(done);
        // Other work of the page or process gets its turn.
        if (done < nSteps && elapsed >= SLICE / 2) await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.closed) throw new SimulatorClosed("Simulator.run: expected an open simulator, got one that was closed during the run.");
      }
      bar.finish();
    } catch (error) {
      undo();
      throw error;
    } finally {
      this.end();
    }
  }

  /** One step, at once: microseconds for small networks. */
  step(options: Pick<RunOptions, "data"> = {}): void {
    this.checkOpen();
    const feeds = this.feedsOf(options.data, 1);
    // A network in one part is put back from memory that is there already.
    const { inParts } = this.runner;
    const undo = this.begin(inParts);
    try {
      this.advance(1, feeds);
    } catch (error) {
      if (inParts) undo();
      else this.runner.putBack();
      throw error;
    } finally {
      this.end();
    }
  }

  /**
   * Back to the start: state, data, processes; parameters too unless `parameters` is false (which keeps training).
   * @param options - `seed`: another seed for the processes
   */
  reset({ seed, parameters = true }: { seed?: number; parameters?: boolean } = {}): void {
    this.checkOpen();
    if (this.state === "running") throw busy("reset");
    this.currentSeed = checkSeed("Simulator", seed) ?? this.currentSeed;
    this.runner.reset(this.currentSeed);
    this.stores.forEach((store) => store.clear());
    if (parameters) this.parameters?.restore(this.runner);
  }

  /** Forgets what probes recorded so far; state and time go on. */
  clearProbes(): void {
    this.checkOpen();
    if (this.state === "running") throw busy("clearProbes");
    this.stores.forEach((store) => store.clear());
  }

  /** Times (s) of the recorded rows: of all steps, or of every `sampleEvery` seconds. */
  trange({ sampleEvery }: { sampleEvery?: number } = {}): Float64Array {
    const period = sampleEvery === undefined ? 1 : checkNumber("Simulator", "sampleEvery", sampleEvery, { above: 0 }) / this.dt;
    const steps = Array.from({ length: this.nSteps }, (_, k) => k + 1).filter((k) => k % period < 1);
    return Float64Array.from(steps, (k) => k * this.dt);
  }

  /** A `tf.LayersModel` over all input Nodes and all Probes: `[batch, steps, size]` in and out. Its weights are the simulator's parameters. */
  get model(): NengoModel {
    return this.training().model;
  }

  /** Sets losses, metrics and (for fit) the optimizer; may be called again with others. */
  compile(options: CompileOptions): void {
    this.training().compile(options);
  }

  /** Trains by `model.fit` on keyed data `[items, steps, size]`. Inputs that are left out come from their Nodes. */
  async fit(inputs: Keyed<Node, DataValue>, targets: Keyed<Probe, DataValue>, options?: FitOptions): Promise<History> {
    return this.training().fit(inputs, targets, options);
  }

  /** Scores by name: `{loss, probe_loss, ...}`. Runs from the initial state, with spikes, and leaves `sim.data` and state alone. */
  async evaluate(
    inputs: Keyed<Node, DataValue>,
    targets: Keyed<Probe, DataValue>,
    options?: EvaluateOptions,
  ): Promise<Record<string, number>> {
    return this.training().evaluate(inputs, targets, options);
  }

  /** Data of every probe, `[items, rows, size]`. Runs from the initial state and leaves `sim.data` and state alone. */
  async predict(inputs: Keyed<Node, DataValue> = [], options?: EvaluateOptions): Promise<Map<Probe, ProbeData>> {
    return this.training().predict(inputs, options);
  }

  /** Frees the model; data stay readable. */
  close(): void {
    if (this.closed) return;
    this.state = "closed";
    this.parameters?.keep();
    this.trainer?.model.dispose();
  }

  private training(): Trainer {
    this.checkOpen();
    if (this.trainer !== null) return this.trainer;
    const { network, dt, built, minibatchSize, progressBar } = this;
    const outputs = network.allProbes;
    if (outputs.length === 0)
      throw new ValidationError({
        owner: "Simulator",
        parameter: "model",
        expected: "a network with a Probe",
        got: "none",
        fix: "Add a probe",
      });
    this.layer = new NengoLayer(
      {
        network,
        inputs: [...built.inputs.keys()],
        outputs,
        dt,
        seed: this.currentSeed,
        name: network.label === null ? "nengo" : network.label.replace(/[^\w.-]/g, "_"),
      },
      { built, engine: this.engineChoice },
    );
    this.trainer = new Trainer({ built, layer: this.layer, seed: () => this.currentSeed, minibatchSize, progressBar });
    this.parameters = new Parameters(this.layer);
    return this.trainer;
  }

  private feedsOf(data: RunOptions["data"], nSteps: number): ReadonlyMap<string, Table> {
    if (data === undefined) return this.constants;
    const nodes = [...this.built.inputs.keys()];
    const batch = this.minibatchSize ?? 1;
    return new Map([
      ...this.constants,
      ...entriesOf(data, nodes, { owner: "Simulator", parameter: "data", what: "Node" }).map(([node, value]): [string, Table] => {
        const owner = `Simulator.data of ${objectName(node)}`;
        const array = arrayOf(value, node.sizeOut, owner);
        if (array.shape[0] !== batch || array.shape[1] !== nSteps) {
          throw new ShapeError({
            owner,
            expected: `shape [${batch}, ${nSteps}, ${node.sizeOut}] (batch, steps, size)`,
            got: `[${array.shape.join(", ")}]`,
            fix:
              this.minibatchSize === null ? "One item is run unless minibatchSize is given" : "The batch is the simulator's minibatchSize",
          });
        }
        return [this.built.inputs.get(node)!.slot, table(array.data, nSteps, node.sizeOut)];
      }),
    ]);
  }

  /** Room for all that a run will record, so that it fails before the first step if there is none. */
  private reserve(nSteps: number): void {
    let bytes = 0;
    const rows = [...this.stores].map(([probe, store]) => {
      const count = recordedRows(this.nSteps, nSteps, this.slots.get(probe)!.period);
      bytes += store.bytes(count);
      return { store, count };
    });
    try {
      for (const { store, count } of rows) store.room(count);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SimulationError(
        `Simulator.run: expected room for ${bytes} bytes of probe data, got none. Record fewer steps (sampleEvery), or take them as they come (onChunk).`,
        { cause: error },
      );
    }
  }

  /** Marks a run; the result undoes everything since. */
  private begin(undoable = true): () => void {
    if (this.state === "running") throw busy("run");
    this.state = "running";
    this.parameters?.synchronize(this.runner);
    if (!undoable) return () => undefined;
    const undo = [this.runner.save(), ...[...this.stores.values()].map((store) => store.save())];
    return () => undo.forEach((restore) => restore());
  }

  private end(): void {
    if (!this.closed) this.state = "open";
  }

  private advance(nSteps: number, feeds: ReadonlyMap<string, Table>, onChunk?: RunOptions["onChunk"]): void {
    if (onChunk === undefined) {
      this.record(this.stores, nSteps, feeds);
      return;
    }
    const store = { batch: this.minibatchSize ?? 1, batched: true, empty: floats(this.dtype, 0) };
    const stores = new Map(
      [...this.stores.keys()].map((probe) => [probe, new ProbeStore({ ...store, shape: this.built.probes.get(probe)!.shape })]),
    );
    this.record(stores, nSteps, feeds);
    onChunk(new Map([...stores].map(([probe, s]) => [probe, s.get()])));
  }

  /** Runs on, with the probes' rows into stores. */
  private record(stores: ReadonlyMap<Probe, ProbeStore>, nSteps: number, feeds: ReadonlyMap<string, Table>): void {
    const { records } = this;
    for (const [probe, store] of stores) {
      const { slot, period } = this.slots.get(probe)!;
      store.room(recordedRows(this.nSteps, nSteps, period));
      records.set(slot, store.table);
    }
    const before = this.nSteps;
    this.runner.run(nSteps, feeds, records);
    for (const [probe, store] of stores) store.commit(recordedRows(before, nSteps, this.slots.get(probe)!.period));
  }

  private checkOpen(): void {
    if (this.closed)
      throw new SimulatorClosed(
        "Simulator: expected an open simulator, got one that was closed. Make a new one; data that were recorded can still be read.",
      );
  }
}

const busy = (method: string): SimulationError =>
  new SimulationError(`Simulator.${method}: expected no run in progress, got one that is. Await it first.`);
