import * as tf from "@tensorflow/tfjs-core";
import { input, type History, type ModelFitArgs, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { createProgress } from "#terminal";
import type { BuiltNetwork } from "../build/build.ts";
import { checkInteger } from "../declared.ts";
import { BuildError, ShapeError, ValidationError, describe } from "../errors.ts";
import type { NengoLayer } from "../layers/nengoLayer.ts";
import { model, type CompileArgs as ModelCompileArgs, type LossOrMetric, type NengoModel } from "../model/index.ts";
import { objectName, type Node, type Probe } from "../network/index.ts";
import type { Phase } from "../neurons/neuronType.ts";
import { blockedParameters } from "../plan/gradientPaths.ts";
import { fitProgress } from "./fitProgress.ts";
import { entriesOf, tensorOf, type DataValue, type Keyed } from "./keyedData.ts";
import { ioNames } from "./names.ts";
import { ownOutputs } from "./ownOutput.ts";
import { ProbeData } from "./probeData.ts";

/** Options of `compile`. */
export interface CompileOptions {
  /** May be left out: then `evaluate` works and `fit` does not. */
  readonly optimizer?: ModelCompileArgs["optimizer"];
  /** One for all probes, or by probe; probes without one need no targets. */
  readonly loss?: LossOrMetric | Keyed<Probe, LossOrMetric>;
  readonly metrics?: LossOrMetric | readonly LossOrMetric[] | Keyed<Probe, LossOrMetric | readonly LossOrMetric[]>;
  readonly lossWeights?: Keyed<Probe, number>;
}

/** Options of `fit`: those of tfjs, with data keyed by object. */
export interface FitOptions extends Omit<ModelFitArgs, "validationData"> {
  /** `[inputs, targets]`, keyed like the training data. */
  readonly validationData?: readonly [Keyed<Node, DataValue>, Keyed<Probe, DataValue>];
  /** Steps, where no input data say it. */
  readonly nSteps?: number;
  readonly progressBar?: boolean;
  /** Seed of the order of samples. @defaultValue the simulator's */
  readonly seed?: number;
}

/** Options of `evaluate` and `predict`. */
export interface EvaluateOptions {
  readonly batchSize?: number;
  readonly nSteps?: number;
  readonly progressBar?: boolean;
  /** Forces training (rates) or inference (spikes). @defaultValue inference */
  readonly phase?: Phase;
}

export interface TrainerOptions {
  readonly built: BuiltNetwork;
  readonly layer: NengoLayer;
  readonly seed: () => number;
  readonly minibatchSize: number | null;
  readonly progressBar: boolean;
}

/** Losses that are one of tfjs's names or functions, not keyed by probe. */
const isSingle = (value: unknown): value is LossOrMetric => typeof value === "string" || typeof value === "function";

/** The model of a simulator, and training and evaluation by objects instead of names. */
export class Trainer {
  readonly model: NengoModel;
  private readonly options: TrainerOptions;
  private readonly inputs: readonly Node[];
  private readonly probes: readonly Probe[];
  private readonly outputNames: readonly string[];
  private readonly outputName: ReadonlyMap<Probe, string>;
  private trained: readonly Probe[] = [];
  /** Probes with a loss or a metric: those that need targets. */
  private compiled: readonly Probe[] = [];

  constructor(options: TrainerOptions) {
    const { built, layer } = options;
    this.options = options;
    this.inputs = layer.definition.inputs;
    this.probes = layer.definition.outputs;
    const nodes = new Set<object>(this.inputs);
    const names = ioNames([...this.inputs, ...this.probes], (o) => (nodes.has(o) ? "node" : "probe"));
    this.outputNames = names.slice(this.inputs.length);
    this.outputName = new Map(this.probes.map((probe, k) => [probe, this.outputNames[k]]));
    // A network without input Nodes is run for as many steps as this input has; its values do not count.
    const symbols =
      this.inputs.length === 0
        ? [input({ shape: [null, 1], name: "steps" })]
        : this.inputs.map((node, k) => input({ shape: [null, built.inputs.get(node)!.signal.size], name: names[k] }));
    const outputs = layer.apply(symbols.length === 1 ? symbols[0] : symbols) as SymbolicTensor | SymbolicTensor[];
    this.model = model({ inputs: symbols, outputs, outputNames: this.outputNames });
  }

  compile({ optimizer, loss, metrics, lossWeights }: CompileOptions): void {
    const keyed = <V>(value: Keyed<Probe, V>, parameter: string): [Probe, V][] =>
      entriesOf(value, this.probes, { owner: "Simulator", parameter: `compile.${parameter}`, what: "Probe" });
    const losses =
      loss === undefined ? [] : isSingle(loss) ? this.probes.map((p) => [p, loss] as [Probe, LossOrMetric]) : keyed(loss, "loss");
    const single = isSingle(metrics)
      ? [metrics]
      : Array.isArray(metrics) && metrics.every(isSingle)
        ? (metrics as readonly LossOrMetric[])
        : null;
    const lossProbes = losses.map(([p]) => p);
    const measured: [Probe, LossOrMetric | readonly LossOrMetric[]][] =
      metrics === undefined
        ? []
        : single !== null
          ? (lossProbes.length > 0 ? lossProbes : this.probes).map((p) => [p, single])
          : keyed(metrics as Keyed<Probe, LossOrMetric | readonly LossOrMetric[]>, "metrics");
    if (losses.length === 0 && measured.length === 0) {
      throw new ValidationError({
        owner: "Simulator",
        parameter: "compile.loss",
        expected: "a loss, or pairs [[Probe, loss], ...]",
        got: describe(loss),
      });
    }
    if (optimizer !== undefined) this.checkPaths(lossProbes);
    const named = <V>(pairs: readonly (readonly [Probe, V])[]): Record<string, V> =>
      Object.fromEntries(pairs.map(([p, v]) => [this.nameOf(p), v]));
    this.model.compile({
      ...(optimizer === undefined ? {} : { optimizer }),
      loss: named(losses),
      ...(measured.length === 0 ? {} : { metrics: named(measured.map(([p, m]) => [p, isSingle(m) ? [m] : [...m]] as const)) }),
      ...(lossWeights === undefined ? {} : { lossWeights: named(keyed(lossWeights, "lossWeights")) }),
    });
    this.trained = lossProbes;
    const used = new Set([...lossProbes, ...measured.map(([p]) => p)]);
    this.compiled = this.probes.filter((p) => used.has(p));
  }

  async fit(inputs: Keyed<Node, DataValue>, targets: Keyed<Probe, DataValue>, options: FitOptions = {}): Promise<History> {
    const { validationData, nSteps, progressBar, seed, batchSize, callbacks, ...rest } = options;
    this.checkPaths(this.trained);
    const size = this.batchSize(batchSize);
    const data = this.data(inputs, targets, nSteps);
    const validation = validationData === undefined ? null : this.data(validationData[0], validationData[1], nSteps);
    try {
      const samples = Math.floor(data.items * (1 - (rest.validationSplit ?? 0)));
      const reporter = fitProgress(Math.ceil(samples / size), data.steps, rest.epochs ?? 1, progressBar ?? this.options.progressBar);
      return await this.model.fit(data.x, data.y, {
        ...rest,
        batchSize: size,
        seed: seed ?? this.options.seed(),
        callbacks: [reporter, ...[callbacks ?? []].flat()] as NonNullable<ModelFitArgs["callbacks"]>,
        ...(validation === null
          ? {}
          : { validationData: [validation.x, validation.y] as unknown as NonNullable<ModelFitArgs["validationData"]> }),
      });
    } finally {
      data.dispose();
      validation?.dispose();
    }
  }

  async evaluate(
    inputs: Keyed<Node, DataValue>,
    targets: Keyed<Probe, DataValue>,
    { batchSize, nSteps, progressBar, phase = "inference" }: EvaluateOptions = {},
  ): Promise<Record<string, number>> {
    const size = this.batchSize(batchSize);
    const data = this.data(inputs, targets, nSteps);
    try {
      const watch = this.watched("evaluate", Math.ceil(data.items / size), data.steps, progressBar);
      const scores = await this.options.layer.during(phase, watch.call, () =>
        this.model.evaluateNamed(data.x, data.y, { batchSize: size }),
      );
      watch.finish();
      return this.probes.length > 1 ? scores : this.prefixed(scores);
    } finally {
      data.dispose();
    }
  }

  async predict(
    inputs: Keyed<Node, DataValue>,
    { batchSize, nSteps, progressBar, phase = "inference" }: EvaluateOptions = {},
  ): Promise<Map<Probe, ProbeData>> {
    const size = this.batchSize(batchSize);
    const data = this.data(inputs, [], nSteps, true);
    let outputs: tf.Tensor[] = [];
    try {
      const watch = this.watched("predict", Math.ceil(data.items / size), data.steps, progressBar);
      outputs = await this.options.layer.during(phase, watch.call, () =>
        Promise.resolve([this.model.predict(data.x, { batchSize: size })].flat()),
      );
      watch.finish();
      const values = await Promise.all(outputs.map((t) => t.data<"float32">()));
      return new Map(
        this.probes.map((probe, k) => {
          const { shape } = this.options.built.probes.get(probe)!;
          return [probe, new ProbeData([...outputs[k].shape.slice(0, 2), ...shape], values[k], true)];
        }),
      );
    } finally {
      data.dispose();
      outputs.forEach((t) => t.dispose());
    }
  }

  private nameOf(probe: Probe): string {
    return this.outputName.get(probe)!;
  }

  /** A model of one output names its scores plainly; here they get the probe's name like those of any other. */
  private prefixed(scores: Record<string, number>): Record<string, number> {
    const [name] = this.outputNames;
    const { loss, ...metrics } = scores;
    return {
      ...(loss === undefined ? {} : { loss, [`${name}_loss`]: loss }),
      ...Object.fromEntries(Object.entries(metrics).map(([key, v]) => [`${name}_${key}`, v])),
    };
  }

  private batchSize(given: number | undefined): number {
    return checkInteger("Simulator", "batchSize", given ?? this.options.minibatchSize ?? 32, { min: 1 });
  }

  /** @throws BuildError where a trainable parameter reaches the losses only through a user's function */
  private checkPaths(probes: readonly Probe[]): void {
    const { built } = this.options;
    const blocked = blockedParameters(
      built.program("training"),
      probes.map((p) => built.probes.get(p)!.slot),
    );
    if (blocked.length === 0) return;
    const [first] = blocked as [(typeof blocked)[number]];
    throw new BuildError(
      `Simulator.compile: expected a way with gradients from "${first.parameter.name}" to the loss, got only ways through ${first.through.join(" and ")}. ` +
        "A JavaScript function is not differentiable: use a tensor node, or configure(object, {trainable: false}) for what comes before it.",
    );
  }

  /** Tensors in the order of the model's inputs and of the compiled outputs. */
  private data(
    inputs: Keyed<Node, DataValue>,
    targets: Keyed<Probe, DataValue>,
    nSteps: number | undefined,
    noTargets = false,
  ): { x: tf.Tensor | tf.Tensor[]; y: tf.Tensor | tf.Tensor[]; items: number; steps: number; dispose: () => void } {
    const made: tf.Tensor[] = [];
    const keep = <T extends tf.Tensor>(t: T): T => {
      made.push(t);
      return t;
    };
    try {
      const given = new Map(
        entriesOf(inputs, this.inputs, { owner: "Simulator", parameter: "inputs", what: "Node" }).map(([node, value]) => [
          node,
          keep(tensorOf(value, node.sizeOut, `Simulator.inputs of ${objectName(node)}`)),
        ]),
      );
      const wanted = new Map(
        entriesOf(targets, this.probes, { owner: "Simulator", parameter: "targets", what: "Probe" }).map(([probe, value]) => [
          probe,
          keep(tensorOf(value, null, `Simulator.targets of ${objectName(probe)}`)),
        ]),
      );
      const [first] = [...given.values(), ...wanted.values()];
      const items = first?.shape[0] ?? 1;
      const steps = [...given.values()][0]?.shape[1] ?? nSteps ?? this.options.layer.definition.nSteps ?? undefined;
      if (steps === undefined)
        throw new ValidationError({
          owner: "Simulator",
          parameter: "nSteps",
          expected: "a number of steps where no input data are given",
          got: "none",
          fix: "Give {nSteps}",
        });
      for (const [node, t] of given) this.checkExtent(t, objectName(node), items, steps);
      for (const [probe, t] of wanted)
        if (t.shape[0] !== items)
          throw new ShapeError({ owner: `Simulator.targets of ${objectName(probe)}`, expected: `${items} items`, got: `${t.shape[0]}` });
      const missing = this.inputs.filter((node) => !given.has(node));
      const own = ownOutputs(this.options.built, missing, items, steps, this.options.layer.definition.seed);
      for (const [node, values] of own) given.set(node, keep(tf.tensor3d(values, [items, steps, node.sizeOut])));
      const x = this.inputs.length === 0 ? [keep(tf.zeros([items, steps, 1]))] : this.inputs.map((node) => given.get(node)!);
      const y = noTargets
        ? []
        : this.compiled.map((probe) => {
            const t = wanted.get(probe);
            if (t === undefined)
              throw new ValidationError({
                owner: "Simulator",
                parameter: "targets",
                expected: `targets for ${objectName(probe)}, which has a loss or metric`,
                got: "none",
              });
            return t;
          });
      const one = <T>(list: T[]): T | T[] => (list.length === 1 ? list[0] : list);
      return { x: one(x), y: one(y), items, steps, dispose: () => made.forEach((t) => t.dispose()) };
    } catch (error) {
      made.forEach((t) => t.dispose());
      throw error;
    }
  }

  private checkExtent(t: tf.Tensor, name: string, items: number, steps: number): void {
    if (t.shape[0] === items && t.shape[1] === steps) return;
    throw new ShapeError({
      owner: `Simulator.inputs of ${name}`,
      expected: `${items} items of ${steps} steps, like the other data`,
      got: `[${t.shape.join(", ")}]`,
    });
  }

  private watched(title: string, batches: number, steps: number, enabled: boolean | undefined): { call: () => void; finish: () => void } {
    const bar = createProgress(title, batches, enabled ?? this.options.progressBar);
    const start = performance.now();
    let done = 0;
    const note = (): string => `${((performance.now() - start) / Math.max(1, done) / steps).toFixed(3)} ms a step`;
    return { call: () => bar.update(++done, note()), finish: () => bar.finish(note()) };
  }
}
