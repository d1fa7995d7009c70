import { add, keep, mean, mul, tidy, type Optimizer, type Scalar, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type { Graph } from "./graph.ts";

type Score = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** What one batch needs; indices are those of the model's outputs. */
export interface StepParts {
  readonly inputCount: number;
  readonly outputCount: number;
  /** Outputs with a loss or a metric, in whose order the graph gives values and the data have targets. */
  readonly used: readonly number[];
  readonly graph: Graph;
  readonly losses: readonly (Score | undefined)[];
  readonly weights: readonly number[];
  readonly metrics: readonly (readonly [Score, number])[];
  /** Costs that count in training and evaluation. */
  readonly penalties: () => Tensor[];
}

/** One batch of training or evaluation: the data are the inputs, then the targets of the outputs in use, then, in training, perhaps class weights. */
export class Step {
  readonly #parts: StepParts;
  /** Where the targets end in the data. */
  readonly #end: number;

  constructor(parts: StepParts) {
    this.#parts = parts;
    this.#end = parts.inputCount + parts.used.length;
  }

  /** Total loss, losses, metrics (in the order of the model's `metricsNames`); scalars. */
  test(data: Tensor[]): Scalar[] {
    return tidy(() => {
      const { graph, inputCount } = this.#parts;
      const targets = this.#byOutput(data.slice(inputCount, this.#end));
      const outputs = this.#byOutput(graph.run(data.slice(0, inputCount)));
      const losses = this.#losses(targets, outputs, []);
      return [this.#total(losses), ...this.#reported(losses, targets, outputs)];
    });
  }

  /** As {@link test}, with a step of the optimizer; penalties of the layers count in the total. */
  train(data: Tensor[], optimizer: Optimizer, variables: Variable[]): Scalar[] {
    const { graph, inputCount, outputCount } = this.#parts;
    const inputs = data.slice(0, inputCount);
    const targets = this.#byOutput(data.slice(inputCount, this.#end));
    // Class weights come last, one for each output of the model, those in use first; without them at most one null stands there.
    const classWeights = this.#byOutput(data.length >= this.#end + outputCount ? data.slice(-outputCount) : []);
    let reported: Scalar[] = [];
    const cost = optimizer.minimize(
      () => {
        const outputs = this.#byOutput(graph.run(inputs, { training: true }));
        const losses = this.#losses(targets, outputs, classWeights);
        reported = this.#reported(losses, targets, outputs).map((value) => keep(value));
        return graph.penalties().reduce<Tensor>((sum, penalty) => add(sum, penalty), this.#total(losses)) as Scalar;
      },
      true,
      variables,
    );
    return [cost!, ...reported];
  }

  /** Mean loss of each output that has one: every loss is reduced by itself, so their ranks may differ. */
  #losses(targets: Tensor[], outputs: Tensor[], classWeights: (Tensor | null)[]): (Scalar | undefined)[] {
    return this.#parts.losses.map((loss, i) => {
      if (loss === undefined) return undefined;
      const value = loss(targets[i], outputs[i]);
      const weight = classWeights[i] ?? null;
      return mean<Scalar>(weight === null ? value : mul(value, weight));
    });
  }

  #total(losses: (Scalar | undefined)[]): Scalar {
    const terms = losses.flatMap((loss, i) =>
      loss === undefined ? [] : [this.#parts.weights[i] === 1 ? loss : mul<Scalar>(loss, this.#parts.weights[i])],
    );
    const total = terms.reduce((sum, term) => add(sum, term));
    return this.#parts.penalties().reduce<Scalar>((sum, penalty) => add(sum, penalty), total);
  }

  /** Losses (where the model has several outputs) and metrics. */
  #reported(losses: (Scalar | undefined)[], targets: Tensor[], outputs: Tensor[]): Scalar[] {
    const { outputCount, metrics } = this.#parts;
    const single = outputCount > 1 ? losses.filter((loss) => loss !== undefined) : [];
    return [...single, ...metrics.map(([metric, i]) => mean<Scalar>(metric(targets[i], outputs[i])))];
  }

  /** From the order of the outputs in use to places in the model's outputs. */
  #byOutput<T>(values: T[]): T[] {
    const placed: T[] = [];
    this.#parts.used.forEach((output, i) => (placed[output] = values[i]!));
    return placed;
  }
}
