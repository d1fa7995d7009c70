import * as tf from "@tensorflow/tfjs-core";
import { checkBoolean, checkChoice, checkNumber } from "../declared.ts";
import { softmaxCrossEntropy } from "./crossEntropy.ts";
import { defineLoss, type Loss } from "./loss.ts";
import { Reading } from "./reading.ts";

/** Arguments of {@link firstSpikeCrossEntropy}. */
export interface FirstSpikeCrossEntropyOptions {
  /** Seconds of a step. @defaultValue 0.001 */
  readonly dt?: number;
  /** Logits are `-time / unit`, or `unit / time`. @defaultValue "negate" */
  readonly inverse?: "negate" | "reciprocal";
  /** Seconds that are a logit's 1. @defaultValue dt */
  readonly unit?: number;
}

/**
 * Cross-entropy of the softmax of inverted first-spike times: the right class should fire first. Outputs `[batch, steps, classes]`, or
 * times `[batch, classes]` of a `firstSpike` readout; targets one-hot. The gradient is that of a `firstSpike` readout.
 */
export function firstSpikeCrossEntropy(options: FirstSpikeCrossEntropyOptions = {}): Loss {
  const name = "firstSpikeCrossEntropy";
  const reading = new Reading(name, options.dt === undefined ? {} : { dt: options.dt });
  const inverse = checkChoice(name, "inverse", options.inverse ?? "negate", ["negate", "reciprocal"]);
  const unit = checkNumber(name, "unit", options.unit ?? reading.dt, { above: 0 });
  return defineLoss(name, (yTrue, yPred) =>
    tf.tidy(() => {
      const times = reading.firstSpikes(yPred);
      const logits = inverse === "negate" ? tf.div(times, -unit) : tf.div(unit, times);
      return softmaxCrossEntropy(reading.targets(yTrue, times), logits);
    }),
  );
}

/** Arguments of {@link firstSpikeMeanSquaredError}. */
export interface FirstSpikeMeanSquaredErrorOptions {
  /** Seconds of a step. @defaultValue 0.001 */
  readonly dt?: number;
  /** Whether targets are times (s) of every unit instead of one-hot classes. @defaultValue false */
  readonly targetsAreTimes?: boolean;
  /** When the right class should fire first, in seconds. @defaultValue dt, the first step */
  readonly correctTime?: number;
  /** When the others should, in seconds. @defaultValue 0.1 */
  readonly incorrectTime?: number;
  /** Differences up to this, in seconds, cost nothing; larger ones by what is beyond it. @defaultValue 0 */
  readonly tolerance?: number;
  /** Seconds that count as 1. @defaultValue dt */
  readonly unit?: number;
}

/** Mean squared difference of first-spike times from wanted ones, counted in `unit`. Shapes and gradient are those of {@link firstSpikeCrossEntropy}. */
export function firstSpikeMeanSquaredError(options: FirstSpikeMeanSquaredErrorOptions = {}): Loss {
  const name = "firstSpikeMeanSquaredError";
  const reading = new Reading(name, options.dt === undefined ? {} : { dt: options.dt });
  const { dt } = reading;
  const areTimes = checkBoolean(name, "targetsAreTimes", options.targetsAreTimes ?? false);
  const correct = checkNumber(name, "correctTime", options.correctTime ?? dt, { min: 0 });
  const incorrect = checkNumber(name, "incorrectTime", options.incorrectTime ?? 0.1, { min: 0 });
  const tolerance = checkNumber(name, "tolerance", options.tolerance ?? 0, { min: 0 });
  const unit = checkNumber(name, "unit", options.unit ?? dt, { above: 0 });
  return defineLoss(name, (yTrue, yPred) =>
    tf.tidy(() => {
      const times = reading.firstSpikes(yPred);
      const given = reading.targets(yTrue, times);
      const wanted = areTimes ? given : tf.add(tf.mul(given, correct - incorrect), incorrect);
      const off = tf.sub(times, wanted);
      const beyond = tolerance === 0 ? off : tf.relu(tf.sub(tf.abs(off), tolerance));
      return tf.mean<tf.Scalar>(tf.square(tf.div(beyond, unit)));
    }),
  );
}
