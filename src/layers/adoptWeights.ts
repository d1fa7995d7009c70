import type * as tfl from "@tensorflow/tfjs-layers";

/** Makes the weights of an inner layer weights of an outer one too: they train, count and are saved with it. */
export function adoptWeights(outer: tfl.layers.Layer, inner: tfl.layers.Layer): void {
  const own = outer as unknown as { _trainableWeights: tfl.LayerVariable[]; _nonTrainableWeights: tfl.LayerVariable[] };
  for (const weight of inner.trainableWeights) if (!own._trainableWeights.includes(weight)) own._trainableWeights.push(weight);
  for (const weight of inner.nonTrainableWeights) if (!own._nonTrainableWeights.includes(weight)) own._nonTrainableWeights.push(weight);
}
