import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError, ValidationError, describe } from "../../errors.ts";
import { oneShape, oneTensor, registerLayer, type LayerArgs } from "./support.ts";

/** Nested lists of numbers, as Keras writes arrays. */
type Numbers = number | readonly Numbers[];

export interface NormalizationArgs extends LayerArgs {
  /** Axes that have a mean and a variance for each element; null or none: one of each for all. @defaultValue -1 */
  axis?: number | readonly number[] | null;
  /** Fixed mean and variance; without them they are weights, as `adapt` of Keras left them. */
  mean?: Numbers;
  variance?: Numbers;
  /** Undo a normalisation. @defaultValue false */
  invert?: boolean;
}

/** Keras's floor of the standard deviation. */
const EPSILON = 1e-7;

/** (x - mean) / sqrt(variance), with fixed numbers or those of the file. As Keras's Normalization after `adapt`, which stays with Python. */
export class Normalization extends tfl.layers.Layer {
  static className = "Normalization";
  readonly axis: number[];
  readonly invert: boolean;
  private readonly fixed: { readonly mean: Numbers; readonly variance: Numbers } | null;
  private meanWeight: tfl.LayerVariable | null = null;
  private varianceWeight: tfl.LayerVariable | null = null;
  /** Shape that mean and variance are spread to. */
  private spread: number[] = [];

  /** @throws ValidationError for one of mean and variance without the other, and for axes that are none */
  constructor(args: NormalizationArgs = {}) {
    super(args);
    const axis = args.axis === undefined ? [-1] : args.axis === null ? [] : [args.axis].flat();
    const wrong = (parameter: string, expected: string, value: unknown) =>
      new ValidationError({ owner: "Normalization", parameter, expected, got: describe(value) });
    if (!axis.every((n) => Number.isInteger(n))) throw wrong("axis", "a whole number, some, or null", args.axis);
    const [mean, variance] = [args.mean ?? null, args.variance ?? null];
    if ((mean === null) !== (variance === null))
      throw wrong(mean === null ? "mean" : "variance", "both of mean and variance, or none", null);
    this.axis = [...axis] as number[];
    this.invert = args.invert ?? false;
    this.fixed = mean === null || variance === null ? null : { mean, variance };
  }

  /** @throws ShapeError for axes that the input has not, or whose length is unknown */
  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shape = oneShape(inputShape);
    const axes = this.axis.map((axis) => (axis < 0 ? axis + shape.length : axis)).sort((a, b) => a - b);
    const lengths = axes.map((axis) => shape[axis]);
    if (!lengths.every((length): length is number => typeof length === "number") || axes.includes(0)) {
      throw new ShapeError({
        owner: this.name,
        parameter: "axis",
        expected: "axes of known length behind the batch",
        got: `${describe(this.axis)} of ${describe({ shape })}`,
      });
    }
    this.spread = shape.map((length, axis) => (axes.includes(axis) ? (length as number) : 1));
    if (this.fixed === null) {
      this.meanWeight = this.addWeight("mean", lengths, "float32", tfl.initializers.zeros(), undefined, false);
      this.varianceWeight = this.addWeight("variance", lengths, "float32", tfl.initializers.ones(), undefined, false);
      // how many numbers `adapt` has seen; nothing here needs it, but files have it
      this.addWeight("count", [], "int32", tfl.initializers.zeros(), undefined, false);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = oneTensor(inputs).toFloat();
      const mean = this.numbers(this.fixed?.mean ?? null, this.meanWeight);
      const deviation = tf.maximum(tf.sqrt(this.numbers(this.fixed?.variance ?? null, this.varianceWeight)), EPSILON);
      return this.invert ? tf.add(mean, tf.mul(x, deviation)) : tf.div(tf.sub(x, mean), deviation);
    });
  }

  private numbers(fixed: Numbers | null, weight: tfl.LayerVariable | null): tf.Tensor {
    if (weight !== null) return tf.reshape(weight.read(), this.spread);
    const list = [fixed as unknown[]].flat(Infinity) as number[];
    const size = this.spread.reduce((product, n) => product * n, 1);
    if (list.length !== 1 && list.length !== size) {
      throw new ShapeError({ owner: this.name, parameter: "mean", expected: `1 or ${size} numbers`, got: `${list.length}` });
    }
    return list.length === 1 ? tf.scalar(list[0]) : tf.tensor(list, this.spread, "float32");
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config: tf.serialization.ConfigDict = { ...super.getConfig(), axis: this.axis, invert: this.invert };
    return this.fixed === null ? config : { ...config, mean: this.fixed.mean as number[], variance: this.fixed.variance as number[] };
  }
}
registerLayer(Normalization);
