import * as tf from "@tensorflow/tfjs-core";
import { defineLoss, type Loss } from "./loss.ts";
import { Reading, type ReadingOptions } from "./reading.ts";

const share = (targets: tf.Tensor, scores: tf.Tensor): tf.Scalar =>
  tf.mean<tf.Scalar>(tf.cast(tf.equal(tf.argMax(targets, -1), tf.argMax(scores, -1)), "float32"));

/** A metric: the part of items whose class spikes most. Shapes as for {@link countCrossEntropy}. */
export function countAccuracy(options: ReadingOptions = {}): Loss {
  const reading = new Reading("countAccuracy", options);
  return defineLoss("countAccuracy", (yTrue, yPred) =>
    tf.tidy(() => {
      const counts = reading.counts(yPred);
      return share(reading.targets(yTrue, counts), counts);
    }),
  );
}

/** A metric: the part of items whose class spikes first. Shapes as for {@link firstSpikeCrossEntropy}. */
export function firstSpikeAccuracy(options: Pick<ReadingOptions, "dt"> = {}): Loss {
  const reading = new Reading("firstSpikeAccuracy", options);
  return defineLoss("firstSpikeAccuracy", (yTrue, yPred) =>
    tf.tidy(() => {
      const times = reading.firstSpikes(yPred);
      return share(reading.targets(yTrue, times), tf.neg(times));
    }),
  );
}
