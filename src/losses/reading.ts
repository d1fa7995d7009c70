import * as tf from "@tensorflow/tfjs-core";
import { checkInteger, checkNumber } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { firstSpike } from "../layers/firstSpike.ts";

/** How a loss reads spikes. */
export interface ReadingOptions {
  /** Seconds of a step. @defaultValue 0.001 */
  readonly dt?: number;
  /** Units that stand for one class, next to one another; their counts are added. @defaultValue 1 */
  readonly population?: number;
}

/** Reads outputs `[batch, steps, units]` for a loss; what is `[batch, units]` has been read out already and stays as it is. */
export class Reading {
  readonly owner: string;
  readonly dt: number;
  private readonly population: number;

  /** @throws ValidationError for dt or population out of range */
  constructor(owner: string, { dt = 0.001, population = 1 }: ReadingOptions) {
    this.owner = owner;
    this.dt = checkNumber(owner, "dt", dt, { above: 0 });
    this.population = checkInteger(owner, "population", population, { min: 1 });
  }

  /** `[batch, classes]` */
  counts(y: tf.Tensor): tf.Tensor2D {
    return this.pooled(this.hasSteps(y) ? tf.mul(tf.sum(y, 1), this.dt) : y);
  }

  /** Spikes of each step, `[batch, steps, classes]`. */
  spikes(y: tf.Tensor): tf.Tensor {
    return this.pooled(this.hasSteps(y) ? tf.mul(y, this.dt) : y);
  }

  /** The largest output of the run, `[batch, classes]`. */
  largest(y: tf.Tensor): tf.Tensor2D {
    return this.pooled(this.hasSteps(y) ? tf.max(y, 1) : y);
  }

  /** Seconds, `[batch, classes]`. */
  firstSpikes(y: tf.Tensor): tf.Tensor2D {
    return (this.hasSteps(y) ? firstSpike(y as tf.Tensor3D, this.dt) : y) as tf.Tensor2D;
  }

  /** Targets of items for what was read, `[batch, classes]`: those of steps count by the first. */
  targets(yTrue: tf.Tensor, read: tf.Tensor): tf.Tensor {
    const y = tf.cast(yTrue, "float32");
    const [batch, classes] = [read.shape[0], read.shape[read.rank - 1]];
    const perItem = y.rank === 3 ? tf.squeeze(tf.slice(y, [0, 0, 0], [-1, 1, -1]), [1]) : y;
    if (perItem.rank !== 2 || perItem.shape[0] !== batch || perItem.shape[1] !== classes)
      throw new ShapeError({
        owner: this.owner,
        parameter: "yTrue",
        expected: `targets [${batch}, ${classes}]`,
        got: `[${yTrue.shape.join(", ")}]`,
        fix: "Give classes as one-hot rows, e.g. by tf.oneHot",
      });
    return perItem;
  }

  private hasSteps(y: tf.Tensor): boolean {
    if (y.rank === 2 || y.rank === 3) return y.rank === 3;
    throw new ShapeError({
      owner: this.owner,
      parameter: "yPred",
      expected: "outputs [batch, steps, units], or [batch, units] after a readout",
      got: `[${y.shape.join(", ")}]`,
    });
  }

  private pooled<T extends tf.Tensor>(y: tf.Tensor): T {
    const { population } = this;
    if (population === 1) return y as T;
    const units = y.shape[y.rank - 1];
    if (units % population !== 0)
      throw new ShapeError({
        owner: this.owner,
        parameter: "population",
        expected: `a divisor of the ${units} units`,
        got: `${population}`,
      });
    return tf.sum<T>(tf.reshape(y, [...y.shape.slice(0, -1), units / population, population]), -1);
  }
}
