import * as tf from "@tensorflow/tfjs-core";
import type { BuiltNetwork } from "../build/build.ts";
import {
  advanced,
  floats,
  table,
  valuesOf,
  type Dtype,
  type Engine,
  type Executable,
  type Floats,
  type Recorded,
  type State,
  type Table,
} from "../engines/engine.ts";
import { SimulationError } from "../errors.ts";
import { newJournal, type Journal } from "../engines/reference/journal.ts";
import { firstNotFinite } from "../engines/reference/notFinite.ts";
import { makeStreams, type Streams } from "../engines/streams.ts";
import { callTensorNode, type TensorCall } from "../engines/tfjs/tensorNodeCall.ts";
import type { Program } from "../ir/program.ts";
import type { Signal } from "../ir/signal.ts";
import { planProgram, type Plan } from "../plan/plan.ts";
import { splitStages, type Crossing, type ProgramStage, type TensorStage } from "../plan/stages.ts";

interface ProgramPart {
  readonly stage: ProgramStage;
  readonly plan: Plan;
  readonly executable: Executable;
  readonly state: State;
}
type Part = ProgramPart | TensorStage;

export interface RunnerOptions {
  readonly engine: Engine;
  readonly dtype: Dtype;
  readonly batch: number;
  /** Which items of a minibatch these are. */
  readonly items: readonly number[];
}

/** A network that runs on with its own state: what `Simulator.run` steps. */
export class Runner {
  readonly plans: readonly Plan[];
  /** Tensor nodes that force the network to run step by step. */
  readonly through: readonly string[];
  private readonly program: Program;
  private readonly options: RunnerOptions;
  private readonly parts: readonly Part[];
  /** Values that segments hand to each other, where a tensor node is in a loop: `[batch, 1, size]`. */
  private readonly values = new Map<string, Floats>();
  private readonly crossings: ReadonlyMap<string, Signal>;
  private streams: Streams;
  private step = 0;
  private kept: { readonly step: number; readonly memories: readonly (Floats | null)[] } | null = null;

  constructor(built: BuiltNetwork, seed: number, options: RunnerOptions) {
    this.options = options;
    this.program = built.program("inference");
    const stages = splitStages(this.program);
    this.through = stages.kind === "cyclic" ? stages.through : [];
    this.parts = (stages.kind === "cyclic" ? stages.segments : stages.stages).map((stage) => {
      if (stage.kind === "tensor") return stage;
      const plan = planProgram(stage.program);
      const executable = options.engine.prepare(plan, { dtype: options.dtype, batch: options.batch });
      return { stage, plan, executable, state: executable.initialState() };
    });
    this.plans = this.parts.flatMap((p) => ("plan" in p ? [p.plan] : []));
    const fed: readonly Crossing[] = this.parts.flatMap((p) => ("plan" in p ? p.stage.fed : []));
    this.crossings = new Map(fed.map((c) => [c.slot, c.signal]));
    this.streams = makeStreams(this.program, seed, options.items);
    this.initialValues();
  }

  get nSteps(): number {
    return this.step;
  }

  /** Whether tensor nodes are part of the network. */
  get hasTensors(): boolean {
    return this.parts.some((p) => !("plan" in p));
  }

  /** Whether tensor nodes cut the network, so that a step that fails may have been done in part. */
  get inParts(): boolean {
    return this.parts.length > 1;
  }

  /** Back to the start; streams are made anew from the seed. */
  reset(seed: number): void {
    for (const part of this.parts) if ("plan" in part) part.executable.resetState(part.state);
    this.streams = makeStreams(this.program, seed, this.options.items, this.streams);
    this.step = 0;
    this.initialValues();
  }

  setParameter(signal: Signal, values: ArrayLike<number>): void {
    for (const part of this.parts) if ("plan" in part) part.executable.setShared(signal, values);
  }

  /** Everything that a run changes, to be put back by {@link restore} if it fails. */
  save(): () => void {
    const states = this.parts.map((p) => ("plan" in p ? p.executable.copyState(p.state) : null));
    const values = new Map(this.values);
    const { step } = this;
    return () => {
      this.parts.forEach((part, k) => {
        if (!("plan" in part)) return;
        part.state.memory.set(states[k]!.memory);
        part.state.step = states[k]!.step;
      });
      for (const [slot, v] of values) this.values.set(slot, v);
      this.step = step;
    };
  }

  /** Keeps the states, for {@link putBack} and to find what went wrong. */
  private keep(): void {
    this.kept = { step: this.step, memories: this.kept?.memories ?? this.parts.map((p) => ("plan" in p ? p.state.memory.slice() : null)) };
    this.parts.forEach((p, k) => "plan" in p && this.kept!.memories[k]!.set(p.state.memory));
  }

  /** Undoes the last run of a network in one part. */
  putBack(): void {
    const { step, memories } = this.kept!;
    this.parts.forEach((p, k) => {
      if (!("plan" in p)) return;
      p.state.memory.set(memories[k]!);
      p.state.step = step;
    });
    this.step = step;
  }

  /** Runs on for a number of steps; row k of the feeds is for the k-th of them. Probes' rows go `into` tables. */
  run(nSteps: number, feeds: ReadonlyMap<string, Table>, into: ReadonlyMap<string, Table>): void {
    const [only] = this.parts;
    const journal = newJournal();
    this.keep();
    if (this.parts.length === 1 && "plan" in only) {
      only.executable.run({ nSteps, state: only.state, feeds, into, streams: this.streams, journal });
      if (only.executable.firstNotFinite(only.state) !== null) throw this.notFinite(only, nSteps, feeds, journal);
    } else {
      const records = this.through.length > 0 ? this.runSegments(nSteps, feeds) : this.runStages(nSteps, feeds);
      for (const [slot, t] of into) fill(t, records.get(slot)!, this.options.batch);
      this.checkParts(nSteps);
    }
    this.step += nSteps;
  }

  /** Which operator is to blame: found by doing the run again, step by step. */
  private notFinite({ executable }: ProgramPart, nSteps: number, feeds: ReadonlyMap<string, Table>, journal: Journal): SimulationError {
    const { step, memories } = this.kept!;
    const state = { memory: memories[0]!, step };
    const culprit = firstNotFinite({ executable, state, nSteps, feeds, streams: this.streams, journal });
    if (culprit === null) return noNumber("A value", "NaN or Infinity", step + nSteps);
    const where = this.options.batch > 1 ? `, item ${culprit.item}` : "";
    const what = `${culprit.value} in ${culprit.signal.name}`;
    return noNumber(culprit.origin, what, culprit.step, ` (t = ${culprit.step * this.program.dt} s)${where}`);
  }

  /** @throws SimulationError where a value is not a number: of a network that tensor nodes cut, only the signal is known */
  private checkParts(nSteps: number): void {
    for (const part of this.parts) {
      const signal = "plan" in part ? part.executable.firstNotFinite(part.state) : null;
      if (signal !== null) throw noNumber(signal.name, "NaN or Infinity", this.step + nSteps);
    }
  }

  private runStages(nSteps: number, feeds: ReadonlyMap<string, Table>): Map<string, Recorded> {
    const { streams } = this;
    const out = new Map<string, Recorded>();
    const tables = new Map(feeds);
    for (const part of this.parts) {
      if ("plan" in part) {
        for (const [slot, record] of part.executable.run({ nSteps, state: part.state, feeds: tables, streams })) {
          out.set(slot, record);
          tables.set(slot, table(record.data, record.rows, record.size));
        }
      } else {
        const source = part.x === null ? null : out.get(part.x.slot)!;
        const data = this.callTensor(part, source === null ? null : { data: source.data, size: source.size }, nSteps, this.step);
        tables.set(part.y.slot, table(data, nSteps, part.y.signal.size));
        out.set(part.y.slot, { data, rows: nSteps, size: part.y.signal.size });
      }
    }
    return out;
  }

  private runSegments(nSteps: number, feeds: ReadonlyMap<string, Table>): Map<string, Recorded> {
    const { batch, dtype } = this.options;
    const rows = new Map<string, { size: number; list: Floats[] }>();
    for (let k = 0; k < nSteps; k++) {
      for (const part of this.parts) {
        if ("plan" in part) {
          const tables = new Map([...feeds].map(([slot, t]) => [slot, advanced(t, k)]));
          for (const { slot, signal } of part.stage.fed) tables.set(slot, table(this.values.get(slot)!, 1, signal.size));
          // A segment has no state of its own; it starts where the values that it is fed with say.
          part.state.step = this.step + k;
          for (const [slot, record] of part.executable.run({ nSteps: 1, state: part.state, feeds: tables, streams: this.streams })) {
            if (this.crossings.has(slot) || part.stage.recorded.some((c) => c.slot === slot)) {
              this.values.set(slot, record.data);
              continue;
            }
            const probe = rows.get(slot) ?? { size: record.size, list: [] };
            rows.set(slot, probe);
            if (record.rows > 0) probe.list.push(record.data);
          }
        } else {
          const source = part.x === null ? null : { data: this.values.get(part.x.slot)!, size: part.x.signal.size };
          this.values.set(part.y.slot, this.callTensor(part, source, 1, this.step + k));
        }
      }
    }
    return new Map(
      [...rows].map(([slot, { size, list }]) => {
        const data = floats(dtype, batch * list.length * size);
        list.forEach((row, k) => {
          for (let b = 0; b < batch; b++) data.set(row.subarray(b * size, (b + 1) * size), (b * list.length + k) * size);
        });
        return [slot, { data, rows: list.length, size }];
      }),
    );
  }

  private callTensor({ operator, x, y }: TensorStage, source: { data: Floats; size: number } | null, nSteps: number, step: number): Floats {
    const { batch, dtype } = this.options;
    const values = tf.tidy(() => {
      let input: tf.Tensor | null = null;
      if (source !== null) {
        const whole = tf.tensor(Float32Array.from(source.data), [batch, nSteps, source.size]);
        input = x!.length === source.size ? whole : tf.slice(whole, [0, 0, x!.offset], [batch, nSteps, x!.length]);
      }
      return callTensorNode(operator.node as TensorCall, input, { batch, nSteps, dt: this.program.dt, step }).dataSync<"float32">();
    });
    const out = floats(dtype, batch * nSteps * y.signal.size);
    out.set(values);
    return out;
  }

  private initialValues(): void {
    const { batch, dtype } = this.options;
    for (const [slot, { size, initial }] of this.crossings) {
      const data = floats(dtype, batch * size);
      if (initial !== null) for (let b = 0; b < batch; b++) data.set(initial, b * size);
      this.values.set(slot, data);
    }
  }
}

/** A record's rows into a table. */
function fill(t: Table, { data, rows, size }: Recorded, batch: number): void {
  const values = valuesOf(t.data);
  for (let b = 0; b < batch; b++) values.set(data.subarray(b * rows * size, (b + 1) * rows * size), t.offset + b * t.itemStride);
}

const noNumber = (owner: string, got: string, step: number, where = ""): SimulationError =>
  new SimulationError(
    `${owner}: expected finite numbers, got ${got} by step ${step}${where}. Look for values that grow without bound, such as weights or a loop with a gain above 1.`,
  );
