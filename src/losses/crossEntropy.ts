import * as tf from "@tensorflow/tfjs-core";
import { defineLoss, type Loss } from "./loss.ts";
import { Reading, type ReadingOptions } from "./reading.ts";

/** Mean cross-entropy of targets (one-hot) against the softmax of logits, over all rows. */
export const softmaxCrossEntropy = (targets: tf.Tensor, logits: tf.Tensor): tf.Scalar =>
  tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));

/**
 * Cross-entropy at every step, averaged: the right class should fire at every step. Outputs `[batch, steps, classes]` (after a readout
 * `[batch, classes]`), targets one-hot.
 */
export function rateCrossEntropy(options: ReadingOptions = {}): Loss {
  const reading = new Reading("rateCrossEntropy", options);
  return defineLoss("rateCrossEntropy", (yTrue, yPred) =>
    tf.tidy(() => {
      const logits = reading.spikes(yPred);
      const perStep = yTrue.rank === 3 && logits.rank === 3 && yTrue.shape[1] === logits.shape[1];
      const targets = perStep ? tf.cast(yTrue, "float32") : reading.targets(yTrue, logits);
      return softmaxCrossEntropy(targets.rank < logits.rank ? tf.expandDims(targets, 1) : targets, logits);
    }),
  );
}

/** Cross-entropy of the softmax of spike counts: the right class should fire most. Shapes as for {@link rateCrossEntropy}. */
export function countCrossEntropy(options: ReadingOptions = {}): Loss {
  const reading = new Reading("countCrossEntropy", options);
  return defineLoss("countCrossEntropy", (yTrue, yPred) =>
    tf.tidy(() => {
      const counts = reading.counts(yPred);
      return softmaxCrossEntropy(reading.targets(yTrue, counts), counts);
    }),
  );
}

/** Cross-entropy of the softmax of each unit's largest output, for levels (filtered spikes, voltages). Shapes as for {@link rateCrossEntropy}. */
export function maxCrossEntropy(options: Pick<ReadingOptions, "population"> = {}): Loss {
  const reading = new Reading("maxCrossEntropy", options);
  return defineLoss("maxCrossEntropy", (yTrue, yPred) =>
    tf.tidy(() => {
      const largest = reading.largest(yPred);
      return softmaxCrossEntropy(reading.targets(yTrue, largest), largest);
    }),
  );
}
