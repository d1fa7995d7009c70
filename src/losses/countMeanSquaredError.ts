import * as tf from "@tensorflow/tfjs-core";
import { checkNumber } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { defineLoss, type Loss } from "./loss.ts";
import { Reading, type ReadingOptions } from "./reading.ts";

/** Arguments of {@link countMeanSquaredError} and {@link rateMeanSquaredError}. */
export interface RateTargetOptions extends ReadingOptions {
  /** Hz of the right class. @defaultValue one spike a step, 1 / dt */
  readonly correctRate?: number;
  /** Hz of the other classes. @defaultValue 0 */
  readonly incorrectRate?: number;
}

function make(name: string, options: RateTargetOptions, unit: (seconds: number) => number): Loss {
  const reading = new Reading(name, options);
  const correct = checkNumber(name, "correctRate", options.correctRate ?? 1 / reading.dt, { min: 0 });
  const incorrect = checkNumber(name, "incorrectRate", options.incorrectRate ?? 0, { min: 0 });
  const population = options.population ?? 1;
  return defineLoss(name, (yTrue, yPred) =>
    tf.tidy(() => {
      if (yPred.rank !== 3)
        throw new ShapeError({
          owner: name,
          parameter: "yPred",
          expected: "outputs [batch, steps, units]",
          got: `[${yPred.shape.join(", ")}]`,
        });
      const counts = reading.counts(yPred);
      const seconds = yPred.shape[1]! * reading.dt;
      const classes = reading.targets(yTrue, counts);
      const wanted = tf.mul(tf.add(tf.mul(classes, correct - incorrect), incorrect), seconds * population);
      return tf.mul<tf.Scalar>(tf.mean(tf.squaredDifference(counts, wanted)), unit(seconds) ** 2);
    }),
  );
}

/**
 * Mean squared difference of spike counts from those that the rates of right and wrong classes give over the run. Outputs `[batch, steps,
 * units]`, targets one-hot `[batch, classes]`. With a population all of a class's units are to fire at its rate.
 */
export const countMeanSquaredError = (options: RateTargetOptions = {}): Loss => make("countMeanSquaredError", options, () => 1);

/** As {@link countMeanSquaredError}, of mean rates in Hz. */
export const rateMeanSquaredError = (options: RateTargetOptions = {}): Loss =>
  make("rateMeanSquaredError", options, (seconds) => 1 / (seconds * (options.population ?? 1)));
