import * as tf from "@tensorflow/tfjs-core";
import { checkInteger, checkNumber } from "../declared.ts";
import { deviation, weigh, type ActivityRegularizer, type Target } from "./activityRegularizer.ts";

/** Arguments of {@link percentile}: at least one weight. */
export interface PercentileOptions {
  /** 0 to 100; 100 is the maximum. @defaultValue 100 */
  readonly percentile?: number;
  /** Axes over which it is taken. @defaultValue 0, the items */
  readonly axis?: number | readonly number[];
  /** @defaultValue 0 */
  readonly target?: Target;
  /** @defaultValue 0 */
  readonly l1?: number;
  /** @defaultValue 0 */
  readonly l2?: number;
}

/**
 * `l1 sum |e| + l2 sum e^2`, e being the deviations of percentiles (linearly interpolated) from the target: of each unit over the items,
 * unless axes say otherwise.
 */
export function percentile({ percentile: part = 100, axis = 0, target = 0, l1 = 0, l2 = 0 }: PercentileOptions): ActivityRegularizer {
  const owner = "percentile";
  checkNumber(owner, "percentile", part, { min: 0, max: 100 });
  const axes = [axis].flat().map((a) => checkInteger(owner, "axis", a));
  const [from, cost] = [deviation(owner, target), weigh(owner, l1, l2)];
  return (x) => cost(from(percentiles(x, part, axes)));
}

/** Percentiles over some axes, as a list. */
function percentiles(x: tf.Tensor, part: number, axes: readonly number[]): tf.Tensor {
  const over = axes.map((axis) => (axis < 0 ? axis + x.rank : axis));
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !over.includes(axis));
  const count = over.reduce((n, axis) => n * x.shape[axis], 1);
  const rows = tf.reshape(tf.transpose(x, [...kept, ...over]), [-1, count]);
  // By a gradient of its own, since tfjs has none of topk: it goes to the elements that stand where the percentile is.
  const chosen = (values: tf.Tensor): tf.Tensor => weightsByRank(values, (part / 100) * (count - 1));
  return tf.customGrad((values, save) => {
    (save as tf.GradSaveFunc)([values as tf.Tensor]);
    return {
      value: tf.sum(tf.mul(values as tf.Tensor, chosen(values as tf.Tensor)), 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(chosen(saved[0]), tf.expandDims(dy, 1)),
    };
  })(rows);
}

/** What each element of a row counts in the value at a place of the row's ascending order, which may lie between two. */
function weightsByRank(rows: tf.Tensor, place: number): tf.Tensor {
  const count = rows.shape[1]!;
  const below = Math.floor(place);
  const share = place - below;
  const descending = tf.topk(rows, count).indices;
  const at = (rank: number): tf.Tensor => {
    const index = tf.squeeze(tf.slice(descending, [0, count - 1 - rank], [-1, 1]), [1]);
    return tf.cast(tf.oneHot(index as tf.Tensor1D, count), "float32");
  };
  return share === 0 ? at(below) : tf.add(tf.mul(at(below), 1 - share), tf.mul(at(below + 1), share));
}
