import type { Tensor } from "@tensorflow/tfjs-core";
import { ClippedReLU, ELU, RectifiedLinear, Sigmoid, Tanh } from "../neurons/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";

/** An activation function of tfjs. */
export interface TfjsActivation {
  getClassName(): string;
  apply(x: Tensor): Tensor;
}

/** What an activation is for a network. */
export interface ActivationSpec {
  /** Its name in tfjs. */
  readonly name: string;
  /** Neurons with exactly this function as their rate; null where there are none. */
  readonly usual: NeuronType | null;
  /** The function itself, of `[batch, ...shape]`. */
  readonly apply: (x: Tensor) => Tensor;
}

/** Rates of neurons that are activations of tfjs; what is not here has none. */
const usualNeurons: Readonly<Record<string, () => NeuronType>> = {
  relu: () => new RectifiedLinear(),
  relu6: () => new ClippedReLU({ maxValue: 6 }),
  elu: () => new ELU(),
  selu: () => new ELU({ alpha: 1.6732632423543772, amplitude: 1.0507009873554805 }),
  sigmoid: () => new Sigmoid({ tauRef: 1 }),
  tanh: () => new Tanh({ tauRef: 1 }),
};

/** What an activation of a layer is; null where it passes its input on. */
export function activationOf(activation: TfjsActivation | null | undefined): ActivationSpec | null {
  if (activation === null || activation === undefined) return null;
  const name = activation.getClassName();
  if (name === "linear") return null;
  return { name, usual: usualNeurons[name]?.() ?? null, apply: (x) => activation.apply(x) };
}
