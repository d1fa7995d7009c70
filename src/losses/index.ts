export { countAccuracy, firstSpikeAccuracy } from "./accuracy.ts";
export { countMeanSquaredError, rateMeanSquaredError, type RateTargetOptions } from "./countMeanSquaredError.ts";
export { countCrossEntropy, maxCrossEntropy, rateCrossEntropy } from "./crossEntropy.ts";
export {
  firstSpikeCrossEntropy,
  firstSpikeMeanSquaredError,
  type FirstSpikeCrossEntropyOptions,
  type FirstSpikeMeanSquaredErrorOptions,
} from "./firstSpike.ts";
export type { Loss } from "./loss.ts";
export type { ReadingOptions } from "./reading.ts";
