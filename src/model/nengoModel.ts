// Longer than most: one subclass must hold all that it overrides of tfjs; what it computes is in graph.ts, step.ts and objective.ts.
import {
  Tensor,
  concat,
  serialization,
  slice,
  tidy,
  type ModelPredictConfig,
  type NamedTensorMap,
  type Scalar,
  type Variable,
} from "@tensorflow/tfjs-core";
import { LayersModel, type History, type ModelCompileArgs, type ModelFitArgs, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../errors.ts";
import { takesItemTargets } from "../losses/loss.ts";
import { EpochOrder } from "./epochOrder.ts";
import { Graph, type Kwargs } from "./graph.ts";
import { internals } from "./internals.ts";
import { checkOutputNames, distinct } from "./names.ts";
import { metricFunction, metricName, objectiveOf, savedName, type CompileArgs, type Objective } from "./objective.ts";
import { NoOptimizer } from "./noOptimizer.ts";
import { Step } from "./step.ts";
import { pickClassWeights, pickTargets } from "./targets.ts";

/** Tensors of a model's inputs or outputs: one, an array in order, or by name. */
export type TensorData = Tensor | Tensor[] | NamedTensorMap;

/** Arguments of {@link model}. */
export interface NengoModelArgs {
  readonly inputs: SymbolicTensor | SymbolicTensor[];
  readonly outputs: SymbolicTensor | SymbolicTensor[];
  readonly name?: string;
  /** Names of the outputs in losses, metrics, histories and dictionaries; by default those of their layers, made distinct. */
  readonly outputNames?: readonly string[];
}

/** Arguments of {@link NengoModel.fit}: tfjs's, and a seed for the order of the samples. */
export interface NengoFitArgs extends ModelFitArgs {
  /** The same seed gives the same batches; without one tfjs shuffles by `Math.random`. */
  seed?: number;
}

type EvaluateArgs = Parameters<LayersModel["evaluate"]>[2];
type Dataset = Parameters<LayersModel["evaluateDataset"]>[0];
type TrainingConfig = Parameters<LayersModel["loadTrainingConfig"]>[0];

/** What `compile` prepared; `used` are the outputs with a loss or a metric, in whose order targets come. */
interface Compiled extends Objective {
  readonly used: readonly number[];
  readonly step: Step;
}

/**
 * A `tf.LayersModel` in which several outputs work: `evaluate` and validation report the right value under the right name, a loss may be given for some outputs
 * only, `lossWeights` count, outputs have distinct names, a layer with several outputs runs once, and `fit` can shuffle by a seed. All else is tfjs's own.
 */
export class NengoModel extends LayersModel {
  static override className = "NengoModel";
  #compiled: Compiled | undefined;
  #graph: Graph | undefined;
  /** Costs beyond the losses of outputs and the layers' own. */
  readonly #penalties = new Set<() => Tensor[]>();

  constructor(args: NengoModelArgs) {
    super(args);
    this.outputNames =
      args.outputNames === undefined ? distinct(this.outputNames) : checkOutputNames(args.outputNames, this.outputs.length);
  }

  static {
    // TypeScript does not let a subclass override what tfjs declares private.
    Object.assign(this.prototype, {
      makeTestFunction(this: NengoModel) {
        const { step } = this.#compiled!;
        internals(this).testFunction = (data) => step.test(data);
      },
      predictLoop(this: NengoModel, data: Tensor | Tensor[], batchSize = 32) {
        return this.#predict([data].flat(), batchSize);
      },
    });
  }

  /**
   * Adds costs to the total loss, in training and evaluation: what the function gives after the graph has run on a batch, scalars.
   * What is returned takes them back.
   */
  addPenalties(penalties: () => Tensor[]): () => void {
    this.#penalties.add(penalties);
    return () => void this.#penalties.delete(penalties);
  }

  /** Runs the graph on values, for models in which this one is a layer. */
  override call(inputs: Tensor | Tensor[], kwargs: Kwargs): Tensor | Tensor[] {
    return tidy(() => this.#whole().run([inputs].flat(), kwargs));
  }

  /** Undefined where the model was compiled without one. */
  override get optimizer() {
    return (this.optimizer_?.constructor === NoOptimizer ? undefined : this.optimizer_) as typeof this.optimizer_;
  }

  override set optimizer(optimizer) {
    super.optimizer = optimizer;
  }

  /** Sets losses, metrics and optimizer; may be called again with others. Throws a ValidationError for unknown outputs or odd values. */
  override compile(args: CompileArgs): void {
    const objective = objectiveOf(args, this.outputNames);
    const previous = this.isOptimizerOwned ? this.optimizer_ : undefined;
    this.#compiled = undefined;
    try {
      // One entry per output: tfjs resolves the names of losses and metrics, and warns about missing entries only in objects.
      const metrics = Object.fromEntries(this.outputNames.map((name, i) => [name, objective.metrics[i].map(metricFunction)]));
      super.compile({ optimizer: args.optimizer ?? new NoOptimizer(), loss: objective.losses, metrics } as unknown as ModelCompileArgs);
    } catch (error) {
      throw new ValidationError({
        owner: "NengoModel",
        parameter: "compile",
        expected: "an optimizer, losses and metrics that tfjs knows",
        got: (error as Error).message,
      });
    } finally {
      if (previous !== this.optimizer_) previous?.dispose();
    }
    this.#select(objective);
  }

  /** Narrows what tfjs prepared for all outputs to those with a loss or a metric. */
  #select(objective: Objective): void {
    const several = this.outputs.length > 1;
    const used = this.outputs.map((_, i) => i).filter((i) => objective.losses[i] !== undefined || objective.metrics[i].length > 0);
    const losses = several ? used.filter((i) => objective.losses[i] !== undefined) : [];
    const metrics = used.flatMap((i) =>
      objective.metrics[i].map((metric) => `${several ? `${this.outputNames[i]}_` : ""}${metricName(metric)}`),
    );
    // tfjs lists the losses of all outputs first.
    const metricsTensors = this.metricsTensors.slice(several ? this.outputs.length : 0);
    this.metricsNames = distinct(["loss", ...losses.map((i) => `${this.outputNames[i]}_loss`), ...metrics]);
    this.metricsTensors = [...losses.map((i) => [this.lossFunctions[i], i] as (typeof metricsTensors)[number]), ...metricsTensors];

    const inner = internals(this);
    this.feedOutputNames = used.map((i) => this.outputNames[i]);
    inner.feedLossFns = used.map((i) => this.lossFunctions[i]);
    inner.feedOutputShapes = used.map((i) => targetShape(this.outputs[i].shape, objective.losses[i]));
    const graph = new Graph(
      this.inputs,
      used.map((i) => this.outputs[i]),
    );
    const counts = { inputCount: this.inputs.length, outputCount: this.outputs.length };
    this.#compiled = {
      ...objective,
      used,
      step: new Step({
        ...counts,
        used,
        graph,
        losses: this.lossFunctions,
        weights: objective.weights,
        metrics: metricsTensors,
        penalties: () => [...this.#penalties].flatMap((penalties) => penalties()),
      }),
    };
  }

  /**
   * Trains; x and y as in tfjs, y for the outputs with a loss or metric only. With `seed` the order of the samples is reproducible.
   * Throws a ValidationError if the model has no optimizer or nothing to train.
   */
  override async fit(x: TensorData, y: TensorData, args: NengoFitArgs = {}): Promise<History> {
    this.#checkTrains("fit");
    const { seed, ...rest } = args;
    if (seed === undefined || rest.shuffle === false) return super.fit(x, y, rest);
    // tfjs hands `shuffle` through to fitLoop untouched.
    return super.fit(x, y, { ...rest, shuffle: new EpochOrder(seed) as unknown as boolean });
  }

  override async fitLoop(...args: Parameters<LayersModel["fitLoop"]>): Promise<History> {
    const shuffle: unknown = args[9];
    if (!(shuffle instanceof EpochOrder)) return super.fitLoop(...args);
    const arranged = shuffle.arrange(args);
    try {
      return await super.fitLoop(...arranged);
    } finally {
      arranged[1].forEach((positions) => positions.dispose());
    }
  }

  override async fitDataset<T>(
    dataset: Parameters<typeof LayersModel.prototype.fitDataset<T>>[0],
    args: Parameters<typeof LayersModel.prototype.fitDataset<T>>[1],
  ): Promise<History> {
    this.#checkTrains("fitDataset");
    const classWeight = pickClassWeights(args?.classWeight, this.outputNames, this.#compiled!.used);
    return super.fitDataset(this.#narrow(dataset), classWeight === undefined ? args : { ...args, classWeight });
  }

  override async trainOnBatch(x: TensorData, y: TensorData): Promise<number | number[]> {
    this.#checkTrains("trainOnBatch");
    return super.trainOnBatch(x, y);
  }

  /** Values under `metricsNames`: total loss, losses of the outputs, metrics; yours to dispose. */
  override evaluate(x: TensorData, y: TensorData, args?: EvaluateArgs): Scalar | Scalar[] {
    this.#checkCompiled("evaluate");
    return super.evaluate(x as Tensor[], y as Tensor[], args);
  }

  /** {@link evaluate} as numbers by name: `{loss, <output>_loss, ..., <output>_<metric>}`; a single output has no prefix. */
  async evaluateNamed(x: TensorData, y: TensorData, args?: EvaluateArgs): Promise<Record<string, number>> {
    const scores = [this.evaluate(x, y, args)].flat();
    const values = await Promise.all(scores.map((score) => score.data()));
    scores.forEach((score) => score.dispose());
    return Object.fromEntries(this.metricsNames.map((name, i) => [name, values[i][0]]));
  }

  override async evaluateDataset(dataset: Dataset, args?: Parameters<LayersModel["evaluateDataset"]>[1]): Promise<Scalar | Scalar[]> {
    this.#checkCompiled("evaluateDataset");
    return super.evaluateDataset(this.#narrow(dataset), args);
  }

  /** Outputs in order; x may also be given by input names. */
  override predict(x: TensorData, args?: ModelPredictConfig): Tensor | Tensor[] {
    return super.predict(this.#ordered(x), args);
  }

  override predictOnBatch(x: TensorData): Tensor | Tensor[] {
    return super.predictOnBatch(this.#ordered(x));
  }

  /** {@link predict} by output name; yours to dispose. */
  predictNamed(x: TensorData, args?: ModelPredictConfig): NamedTensorMap {
    const outputs = [this.predict(x, args)].flat();
    return Object.fromEntries(this.outputNames.map((name, i) => [name, outputs[i]]));
  }

  protected override makeTrainFunction(): (data: Tensor[]) => Scalar[] {
    const { step } = this.#compiled!;
    const variables = internals(this).collectedTrainableWeights.map((weight) => weight.read() as Variable);
    return (data) => step.train(data, this.optimizer_, variables);
  }

  #predict(inputs: Tensor[], batchSize: number): Tensor | Tensor[] {
    return tidy(() => {
      const count = inputs[0].shape[0];
      const batches: Tensor[][] = [];
      for (let start = 0; start < count; start += batchSize) {
        const size = Math.min(batchSize, count - start);
        batches.push(tidy(() => this.#whole().run(size === count ? inputs : inputs.map((input) => slice(input, start, size)))));
      }
      const outputs = this.outputs.map((_, i) =>
        concat(
          batches.map((batch) => batch[i]),
          0,
        ),
      );
      return outputs.length === 1 ? outputs[0] : outputs;
    });
  }

  #whole(): Graph {
    return (this.#graph ??= new Graph(this.inputs, this.outputs));
  }

  /** The values in the order of the inputs. */
  #ordered(x: TensorData): Tensor | Tensor[] {
    if (Array.isArray(x) || x instanceof Tensor) return x;
    return this.inputNames.map((name) => {
      const value = x[name];
      if (value === undefined) {
        throw new ValidationError({
          owner: "NengoModel",
          parameter: "predict",
          expected: `data for the inputs ${this.inputNames.join(", ")}`,
          got: describe(Object.keys(x)),
          fix: `Add ${JSON.stringify(name)}`,
        });
      }
      return value;
    });
  }

  #narrow<D>(dataset: D): D {
    const { used } = this.#compiled!;
    return used.length === this.outputs.length ? dataset : pickTargets(dataset, this.feedOutputNames, this.outputs.length);
  }

  /** Class weights are narrowed to the outputs with a loss. */
  protected override standardizeUserData(
    ...args: Parameters<LayersModel["standardizeUserData"]>
  ): ReturnType<LayersModel["standardizeUserData"]> {
    const [x, y, sampleWeight, classWeight, ...rest] = args;
    return super.standardizeUserData(x, y, sampleWeight, pickClassWeights(classWeight, this.outputNames, this.#compiled!.used), ...rest);
  }

  #checkCompiled(method: string): void {
    if (this.#compiled === undefined) {
      throw new ValidationError({
        owner: "NengoModel",
        parameter: method,
        expected: "a compiled model",
        got: "one that is not",
        fix: "Call model.compile({optimizer, loss}) first",
      });
    }
  }

  #checkTrains(method: string): void {
    this.#checkCompiled(method);
    if (this.optimizer === undefined) {
      throw new ValidationError({
        owner: "NengoModel",
        parameter: method,
        expected: "an optimizer",
        got: "none",
        fix: 'Call model.compile again with one, e.g. optimizer: "adam"',
      });
    }
    if (this.trainableWeights.length === 0) {
      throw new ValidationError({
        owner: "NengoModel",
        parameter: method,
        expected: "a trainable weight",
        got: "none",
        fix: "Make a layer trainable and compile again",
      });
    }
  }

  /** As tfjs, with the names of the outputs. */
  override getConfig(): serialization.ConfigDict {
    // tfjs rewrites the case of strings in a config, except under a key called name.
    return { ...super.getConfig(), outputNames: this.outputNames.map((name) => ({ name })) };
  }

  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: serialization.ConfigDict,
    customObjects?: serialization.ConfigDict,
    fastWeightInit?: boolean,
  ): T {
    const loaded = super.fromConfig(cls, config, customObjects, fastWeightInit);
    const named = config["outputNames"] as unknown as { name: string }[] | undefined;
    if (named !== undefined) (loaded as unknown as NengoModel).outputNames = named.map(({ name }) => name);
    return loaded;
  }

  /** Losses, metrics and weights by output name. */
  protected override getTrainingConfig(): TrainingConfig {
    const { losses, metrics, weights } = this.#compiled!;
    const byName = <T>(values: (T | undefined)[]) =>
      Object.fromEntries(this.outputNames.map((name, i) => [name, values[i]] as const).filter(([, value]) => value !== undefined));
    return {
      optimizer_config: { class_name: this.optimizer.getClassName(), config: this.optimizer.getConfig() },
      loss: byName(losses.map((loss) => (loss === undefined ? undefined : savedName(loss)))),
      metrics: byName(metrics.map((some) => (some.length === 0 ? undefined : some.map(savedName)))),
      loss_weights: byName(weights.map((weight, i) => (losses[i] === undefined ? undefined : weight))),
    } as unknown as TrainingConfig;
  }

  /** Compiles as the saved model was. */
  override loadTrainingConfig(config: TrainingConfig): void {
    const { metrics, loss_weights: lossWeights, ...rest } = config as TrainingConfig & { metrics?: unknown };
    super.loadTrainingConfig(rest); // makes the optimizer
    this.compile({ optimizer: this.optimizer, loss: this.loss, metrics, lossWeights } as unknown as CompileArgs);
    this.isOptimizerOwned = true;
  }
}
serialization.registerClass(NengoModel);

/** A {@link NengoModel} over symbolic tensors of tf.layers. */
export function model(args: NengoModelArgs): NengoModel {
  return new NengoModel(args);
}

/** Shape that tfjs checks targets against: a user's own loss may use any number of steps, and one of ours that reads all steps checks by itself. */
function targetShape(shape: (number | null)[], loss: unknown): (number | null)[] | null {
  if (takesItemTargets(loss)) return null;
  return typeof loss === "function" && shape.length > 2 ? [null, null, ...shape.slice(2)] : shape;
}
