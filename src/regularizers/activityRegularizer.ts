import * as tf from "@tensorflow/tfjs-core";
import { checkNumber } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";

/** A cost of activity: a sum over all elements, one number. */
export type ActivityRegularizer = (activity: tf.Tensor) => tf.Scalar;

/** A wanted value, or a range within which all values are alike; Hz where activity is a rate. */
export type Target = number | readonly [number, number];

/** How far values are from a target: the difference, or the distance from a range. */
export function deviation(owner: string, target: Target): (x: tf.Tensor) => tf.Tensor {
  if (typeof target === "number") {
    const wanted = checkNumber(owner, "target", target);
    return (x) => tf.sub(x, wanted);
  }
  if (!Array.isArray(target) || target.length !== 2)
    throw new ValidationError({ owner, parameter: "target", expected: "a number or a range [low, high]", got: describe(target) });
  const low = checkNumber(owner, "target[0]", target[0]);
  const high = checkNumber(owner, "target[1]", target[1], { min: low });
  return (x) => tf.add(tf.relu(tf.sub(low, x)), tf.relu(tf.sub(x, high)));
}

/** tfjs's own gradient of the same takes five passes over x. */
const sumOfSquares = (values: tf.Tensor): tf.Scalar =>
  tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: tf.sum(tf.square(x as tf.Tensor)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], tf.mul(dy, 2)),
    };
  })(values) as tf.Scalar;

/** Weights of absolute values and of squares. */
export function weigh(owner: string, l1: number, l2: number): (x: tf.Tensor) => tf.Scalar {
  checkNumber(owner, "l1", l1, { min: 0 });
  checkNumber(owner, "l2", l2, { min: 0 });
  if (l1 === 0 && l2 === 0)
    throw new ValidationError({ owner, expected: "a weight l1 or l2 above 0", got: "none", fix: `Give one, e.g. {l2: 1e-4}` });
  return (x) => {
    const absolute = l1 === 0 ? null : tf.mul<tf.Scalar>(tf.sum(tf.abs(x)), l1);
    const squared = l2 === 0 ? null : tf.mul<tf.Scalar>(sumOfSquares(x), l2);
    return absolute === null ? squared! : squared === null ? absolute : tf.add(absolute, squared);
  };
}
