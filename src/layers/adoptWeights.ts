import type { Scalar } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";

type Loss = () => Scalar;

/** Makes the weights of an inner layer weights of an outer one too: they train, count and are saved with it, and their regularisation counts. */
export function adoptWeights(outer: tfl.layers.Layer, inner: tfl.layers.Layer): void {
  const own = outer as unknown as { _trainableWeights: tfl.LayerVariable[]; _nonTrainableWeights: tfl.LayerVariable[]; _losses: Loss[] };
  for (const weight of inner.trainableWeights) if (!own._trainableWeights.includes(weight)) own._trainableWeights.push(weight);
  for (const weight of inner.nonTrainableWeights) if (!own._nonTrainableWeights.includes(weight)) own._nonTrainableWeights.push(weight);
  for (const loss of (inner as unknown as { losses: Loss[] }).losses) if (!own._losses.includes(loss)) own._losses.push(loss);
}
