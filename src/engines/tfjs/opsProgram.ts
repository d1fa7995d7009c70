import * as tf from "@tensorflow/tfjs-core";
import type { Operator, RecordOperator } from "../../ir/operators.ts";
import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import type { Adjoint } from "../../plan/adjoint.ts";
import type { StageBlock } from "../blocks.ts";
import { isTaping, type StageExtent, type StageInputs, type StageOutputs } from "../kernels/programKernel.ts";
import { usesStream } from "../stageRunner.ts";
import { makeStreams, type Streams } from "../streams.ts";
import { Constants } from "./ops/constants.ts";
import type { RunContext } from "./ops/frame.ts";
import { OpsPlan, type OpsValues } from "./ops/opsPlan.ts";
import { everyStep, recordOf } from "./ops/records.ts";
import { backwards, fromSeries, shifted, toSeries } from "./ops/series.ts";
import { adjointWithFinalStates, finalSlot } from "./ops/tapedProgram.ts";
import { withRows } from "./ops/values.ts";

export interface OpsProgramOptions {
  /** Slots that runs feed, in order. */
  readonly fed: readonly string[];
  /** Slots that runs return, in order. */
  readonly recorded: readonly string[];
  readonly blocks: readonly StageBlock[];
  /** Per-item signals that runs are given at their start and return at their end, in order. @defaultValue none */
  readonly states?: readonly Signal[];
  /** Seed of the random streams. */
  readonly seed: number;
}

/** Forward and backward programs with the tape between them. */
interface Taped {
  readonly adjoint: Adjoint;
  readonly forward: OpsPlan;
  readonly backward: OpsPlan;
  /** Places of the gradients of fed slots. */
  readonly feeds: ReadonlyMap<string, RecordOperator>;
}

/** What tfjs calls a custom operation: like `tf.customGrad`, but with several outputs. An internal of tfjs 4.22. */
interface CustomOperation {
  readonly forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
  readonly backwardsFunc: (dys: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  readonly inputs: Record<string, tf.Tensor>;
}
const runCustom = (operation: CustomOperation): tf.Tensor[] =>
  (tf.engine() as unknown as { runKernelFunc(o: CustomOperation): tf.Tensor[] }).runKernelFunc(operation);

/**
 * A program as tf operations, on any backend. What depends on its own past runs step by step, all else once over all steps. For tfjs
 * a run is one operation, whose gradient is the program's adjoint, as it is for kernels.
 */
export class OpsProgram {
  private readonly program: Program;
  private readonly options: OpsProgramOptions & { readonly states: readonly Signal[] };
  private readonly records: readonly RecordOperator[];
  private readonly plain: OpsPlan;
  private madeTaped: Taped | null = null;
  /** How the program runs, for reports. */
  readonly path: string;

  /** @throws BuildError for a program with tensor nodes, which must be split first (plan/stages) */
  constructor(program: Program, options: OpsProgramOptions) {
    const states = options.states ?? [];
    this.options = { ...options, states };
    this.program = { ...program, results: [...program.results, ...states] };
    const bySlot = new Map(program.operators.flatMap((op) => (op.kind === "record" ? [[op.slot, op] as const] : [])));
    this.records = options.recorded.map((slot) => bySlot.get(slot)!);
    this.plain = new OpsPlan(this.program, {
      fed: new Set(options.fed),
      series: new Set(this.records.map((r) => r.source.signal)),
    });
    const { looped, atOnce } = this.plain.counts;
    const which = looped === 0 ? "all steps at once" : `${looped} operators step by step (slow), ${atOnce} over all steps at once`;
    this.path = `tf operations: ${which}`;
  }

  /** Runs all steps; what comes out belongs to the caller (or to the surrounding `tf.tidy`). */
  run({ feeds, blocks, states = [] }: StageInputs, { batch, nSteps, step = 0, streams = null }: StageExtent): StageOutputs {
    const extent = { batch, nSteps, step, streams: streams ?? this.streams(batch) };
    const inputs = [...feeds, ...blocks, ...states];
    const given = { feeds: feeds.length, blocks: blocks.length, states: states.length };
    const taped = isTaping();
    const outputs =
      nSteps === 0
        ? tf.tidy(() => this.nothing(inputs, given, batch))
        : runCustom({
            inputs: Object.fromEntries(inputs.map((t, k) => [`${k}`, t])),
            forwardFunc: (_, save) => this.forward(inputs, given, extent, taped ? save : null),
            backwardsFunc: (dys, saved) => this.backward([dys].flat(), saved, given, extent),
          });
    const nRecords = this.records.length;
    return { records: outputs.slice(0, nRecords) as tf.Tensor3D[], states: outputs.slice(nRecords) as tf.Tensor2D[] };
  }

  dispose(): void {
    // Nothing is kept between runs.
  }

  /** Made when a gradient is first asked for. */
  private get taped(): Taped {
    if (this.madeTaped !== null) return this.madeTaped;
    const { fed, recorded, blocks, states } = this.options;
    const parameters = blocks.flatMap((b) => (b.trainable ? b.entries.map((e) => e.parameter.signal) : []));
    const adjoint = adjointWithFinalStates(this.program, { parameters, feeds: fed, records: recorded }, states);
    const forward = new OpsPlan(adjoint.forward, {
      fed: new Set(fed),
      series: new Set([...this.records.map((r) => r.source.signal), ...adjoint.tape.map((t) => t.signal)]),
    });
    const isFeed = (op: Operator): op is RecordOperator => op.kind === "record";
    const gradients = adjoint.backward.operators.filter(isFeed);
    const backward = new OpsPlan(adjoint.backward, {
      fed: new Set(adjoint.backward.operators.flatMap((op) => (op.kind === "feed" && op.slot !== null ? [op.slot] : []))),
      series: new Set(gradients.map((r) => r.source.signal)),
    });
    this.madeTaped = { adjoint, forward, backward, feeds: new Map(gradients.map((r) => [r.slot.slice(2), r])) };
    return this.madeTaped;
  }

  private streams(batch: number): Streams | null {
    if (!this.program.operators.some((op) => usesStream(op, this.options.fed))) return null;
    return makeStreams(
      this.program,
      this.options.seed,
      Array.from({ length: batch }, (_, b) => b),
    );
  }

  /** Values of a signal before the first step, from what a run is given. */
  private start(inputs: readonly tf.Tensor[], { feeds, blocks, states }: Given): (signal: Signal) => tf.Tensor2D {
    const own = inputs.slice(feeds, feeds + blocks);
    const parameters = new Map(
      this.options.blocks.flatMap((block, k) =>
        block.entries.map((e) => [e.parameter.signal, { tensor: own[k], offset: e.offset }] as const),
      ),
    );
    const carried = new Map(this.options.states.slice(0, states).map((signal, k) => [signal, inputs[feeds + blocks + k]] as const));
    return (signal) => {
      const state = carried.get(signal);
      if (state !== undefined) return state as tf.Tensor2D;
      const parameter = parameters.get(signal);
      if (parameter === undefined) return initialOf(signal);
      const { tensor, offset } = parameter;
      const values = tensor.size === signal.size ? tensor : tf.slice(tensor, [offset], [signal.size]);
      return tf.reshape(values, [1, signal.size]);
    };
  }

  private context(
    { batch, nSteps, step, streams }: Extent,
    feeds: ReadonlyMap<string, tf.Tensor2D>,
    constants: Constants,
  ): Omit<RunContext, "changing"> {
    return { batch, nSteps, step, streams, dt: this.program.dt, feeds, constants };
  }

  /** A run of no steps. */
  private nothing(inputs: readonly tf.Tensor[], given: Given, batch: number): tf.Tensor[] {
    const start = this.start(inputs, given);
    const records = this.records.map((r) => tf.zeros([batch, 0, r.source.length]));
    return [...records, ...this.options.states.map((s) => ownRows(start(s), batch))];
  }

  private forward(inputs: readonly tf.Tensor[], given: Given, extent: Extent, save: ((tensors: tf.Tensor[]) => void) | null): tf.Tensor[] {
    const { batch, nSteps, step } = extent;
    const start = this.start(inputs, given);
    const { states, fed } = this.options;
    const constants = new Constants();
    try {
      const feeds = new Map(fed.map((slot, k) => [slot, toSeries(inputs[k])]));
      const plan = save === null ? this.plain : this.taped.forward;
      const values = plan.run(this.context(extent, feeds, constants), start);
      if (save !== null) {
        // The tape, then parameters and states, which the optimizer may change before the gradient is asked for.
        save([...this.taped.adjoint.tape.map((t) => values.series(t.signal)), ...inputs.slice(given.feeds)]);
      }
      const records = this.records.map((r) => recordOf(values.series(r.source.signal), r, { batch, nSteps, step }));
      return [...records, ...states.map((s) => ownRows(values.last(s), batch))];
    } finally {
      constants.dispose();
    }
  }

  private backward(dys: readonly tf.Tensor[], saved: readonly tf.Tensor[], given: Given, extent: Extent): Record<string, () => tf.Tensor> {
    const { adjoint, backward, feeds: places } = this.taped;
    const { fed, blocks, states } = this.options;
    const { batch, nSteps, step } = extent;
    const rows = batch * nSteps;
    const constants = new Constants();
    const nTape = adjoint.tape.length;
    const inputs = [...fed.map(() => none), ...saved.slice(nTape)];
    const start = this.start(inputs, { ...given, feeds: fed.length });
    const results = tf.tidy((): tf.Tensor[] => {
      try {
        const feeds = new Map<string, tf.Tensor2D>();
        adjoint.tape.forEach(({ signal, now, old }, k) => {
          const series = saved[k] as tf.Tensor2D;
          if (now !== null) feeds.set(now, backwards(series, batch));
          if (old !== null) feeds.set(old, backwards(shifted(series, start(signal), batch, rows), batch));
        });
        this.records.forEach((r, k) => feeds.set(`d:${r.slot}`, toSeries(everyStep(dys[k], r.period, { batch, nSteps, step }), true)));
        const seeds = new Map<Signal, tf.Tensor2D>();
        states.forEach((signal, k) => {
          const dy = dys[this.records.length + k] as tf.Tensor2D;
          const d = adjoint.states.get(signal);
          if (d !== undefined) seeds.set(d, dy);
          else feeds.set(`d:${finalSlot(k)}`, nSteps === 1 ? dy : tf.concat([dy, tf.zeros([rows - batch, signal.size])], 0));
        });
        const values = backward.run(this.context({ ...extent, step: 0 }, feeds, constants), (signal) => seeds.get(signal) ?? start(signal));
        return [
          ...fed.map((slot) => this.feedGradient(values, places.get(slot), slot, extent)),
          ...blocks.map((block) => blockGradient(values, adjoint, block)),
          ...states.slice(0, given.states).map((signal) => {
            const d = adjoint.states.get(signal);
            return d === undefined ? tf.zeros([batch, signal.size]) : ownRows(values.last(d), batch);
          }),
        ];
      } finally {
        constants.dispose();
      }
    });
    // Computed at once: tfjs calls each function in a tidy of its own, which would dispose of what others need.
    return Object.fromEntries(results.map((d, k) => [`${k}`, () => d]));
  }

  private feedGradient(values: OpsValues, place: RecordOperator | undefined, slot: string, { batch, nSteps }: Extent): tf.Tensor {
    if (place === undefined) return tf.zeros([batch, nSteps, this.sizeOf(slot)]);
    const { signal, offset, length } = place.source;
    const all = withRows(values.series(signal), batch * nSteps);
    const own = length === signal.size ? all : tf.slice(all, [0, offset], [batch * nSteps, length]);
    return tf.clone(fromSeries(own, batch, true));
  }

  /** Size of what is fed under a slot. */
  private sizeOf(slot: string): number {
    for (const op of this.program.operators) {
      if (op.kind === "feed" && op.slot === slot) return op.target.length;
      if (op.kind === "host" && op.slot === slot) return op.outputs[0].range.length;
    }
    return 0;
  }
}

/** How many inputs are what. */
interface Given {
  readonly feeds: number;
  readonly blocks: number;
  readonly states: number;
}

type Extent = Pick<RunContext, "batch" | "nSteps" | "step" | "streams">;

/** Stands for inputs that are not kept. */
const none = null as unknown as tf.Tensor;

const initialOf = ({ initial, size }: Signal): tf.Tensor2D =>
  initial === null ? tf.zeros([1, size]) : tf.tensor2d(Float32Array.from(initial), [1, size]);

/** A tensor `[batch, size]` that is nobody else's. */
const ownRows = (x: tf.Tensor2D, batch: number): tf.Tensor2D => tf.clone(withRows(x, batch));

function blockGradient(values: OpsValues, { parameters }: Adjoint, block: StageBlock): tf.Tensor {
  if (!block.trainable) return tf.zeros([block.size]);
  const parts = block.entries.map(({ parameter: { signal } }) => {
    const d = parameters.get(signal);
    return d === undefined ? tf.zeros([signal.size]) : tf.reshape(values.last(d), [signal.size]);
  });
  return parts.length === 1 ? tf.clone(parts[0]) : tf.concat(parts);
}
