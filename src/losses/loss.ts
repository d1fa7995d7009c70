import type { Scalar, Tensor } from "@tensorflow/tfjs-core";

/** A loss for `compile({loss})`: of targets and outputs, one number. */
export type Loss = (yTrue: Tensor, yPred: Tensor) => Scalar;

/** Losses whose targets may be `[batch, classes]` although the output has steps. */
const takingItemTargets = new WeakSet<object>();

/** A loss with a name for histories; its targets are those of items. */
export function defineLoss(name: string, loss: Loss): Loss {
  Object.defineProperty(loss, "name", { value: name });
  takingItemTargets.add(loss);
  return loss;
}

/** Whether a loss (or metric) reads outputs over time against targets of items. */
export const takesItemTargets = (loss: unknown): boolean => typeof loss === "function" && takingItemTargets.has(loss);
