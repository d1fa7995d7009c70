import * as tf from "@tensorflow/tfjs";
import { batchOf, permuted, psMnistModel, type Digits } from "./psmnist.ts";

/** Which digits: the training set's first, those behind them that only choose among epochs, and the test set. */
export type Part = "train" | "validation" | "test";

/** Sizes of the parts. */
export type Sizes = Readonly<Record<Part, number>>;

/** What a process is asked for: gradients for a part of a batch, or how good the model is for some digits. */
export interface Task {
  readonly weights: readonly Float32Array[];
  readonly part: Part;
  readonly rows: Float64Array;
  readonly gradients: boolean;
}

/** Sums over the rows. */
export interface Answer {
  readonly loss: number;
  readonly right: number;
  readonly gradients: readonly Float32Array[];
}

/** Digits at once, where no gradients are wanted. */
const ITEMS = 100;

/** One process's model and data. */
export class Share {
  readonly model: tf.LayersModel;
  private readonly parts: Readonly<Record<Part, Digits>>;

  constructor(model: tf.LayersModel, { train, validation, test }: Sizes) {
    const all = permuted("train", train + validation);
    const from = (start: number, count: number): Digits => ({
      count,
      images: all.images.subarray(784 * start, 784 * (start + count)),
      labels: all.labels.subarray(start, start + count),
    });
    this.model = model;
    this.parts = { train: from(0, train), validation: from(train, validation), test: permuted("test", test) };
  }

  /** Trainable weights, whose order gradients have. */
  get variables(): tf.Variable[] {
    return this.model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  }

  get weights(): Float32Array[] {
    return this.variables.map((variable) => variable.dataSync<"float32">().slice());
  }

  set weights(values: readonly Float32Array[]) {
    tf.tidy(() => {
      this.variables.forEach((variable, k) => {
        variable.assign(tf.tensor(values[k], variable.shape));
      });
    });
  }

  answer({ part, rows, gradients }: Omit<Task, "weights">): Answer {
    if (gradients) return this.gradients(part, rows);
    let [loss, right] = [0, 0];
    for (let start = 0; start < rows.length; start += ITEMS) {
      const [l, r] = tf.tidy(() => {
        const { x, y } = batchOf(this.parts[part], rows.subarray(start, start + ITEMS));
        const p = this.model.predict(x) as tf.Tensor2D;
        return [lossOf(p, y).dataSync()[0], rightOf(p, y).dataSync()[0]];
      });
      [loss, right] = [loss + l, right + r];
    }
    return { loss, right, gradients: [] };
  }

  private gradients(part: Part, rows: Float64Array): Answer {
    return tf.tidy(() => {
      const { x, y } = batchOf(this.parts[part], rows);
      let right = 0;
      const { value, grads } = tf.variableGrads(() => {
        const p = this.model.apply(x, { training: true }) as tf.Tensor2D;
        right = rightOf(p, y).dataSync()[0];
        return lossOf(p, y);
      }, this.variables);
      const values = this.variables.map(({ name }) => grads[name].dataSync<"float32">().slice());
      return { loss: value.dataSync()[0], right, gradients: values };
    });
  }
}

/** Cross-entropies, summed up, as tf.losses and Keras clip them. */
const lossOf = (p: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar => tf.neg(tf.sum(tf.mul(y, tf.log(tf.clipByValue(p, 1e-7, 1 - 1e-7)))));

const rightOf = (p: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor => tf.sum(tf.cast(tf.equal(tf.argMax(p, 1), tf.argMax(y, 1)), "int32"));

/** The model that every process begins with, whose weights the first one then sends. */
export const freshModel = (): tf.LayersModel => psMnistModel();
