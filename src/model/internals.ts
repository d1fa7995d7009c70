import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { LayerVariable, LayersModel } from "@tensorflow/tfjs-layers";

/** Fields that tfjs 4.22 declares private in LayersModel and {@link NengoModel} must read or set; the range of the peer dependency is narrow because of them. */
export interface Internals {
  /** Shapes (null: not checked), losses of the targets that `fit` and `evaluate` take, in the order of `feedOutputNames`. */
  feedOutputShapes: ((number | null)[] | null)[];
  feedLossFns: ((yTrue: Tensor, yPred: Tensor) => Tensor)[];
  /** Trainable weights at the time of `compile`. */
  collectedTrainableWeights: LayerVariable[];
  /** Losses and metrics of one batch of inputs and targets. */
  testFunction: (data: Tensor[]) => Scalar[];
}

export const internals = (model: LayersModel): Internals => model as unknown as Internals;
