import type { Tensor } from "@tensorflow/tfjs-core";
import { ClippedReLU, ELU, LeakyReLU, RectifiedLinear, Sigmoid, Tanh } from "../neurons/index.ts";
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
  /** Factor and summand of the neurons' input. @defaultValue 1 and 0 */
  readonly slope?: number;
  readonly shift?: number;
  /** The function itself, of `[batch, ...shape]`. */
  readonly apply: (x: Tensor) => Tensor;
}

/** Activations that see several numbers at once. */
export const ACROSS: ReadonlySet<string> = new Set(["softmax", "logSoftmax"]);

/** Rates of neurons that are activations of tfjs; what is not here has none. */
const usualNeurons: Readonly<Record<string, () => NeuronType>> = {
  relu: () => new RectifiedLinear(),
  relu6: () => new ClippedReLU({ maxValue: 6 }),
  elu: () => new ELU(),
  selu: () => new ELU({ alpha: 1.6732632423543772, amplitude: 1.0507009873554805 }),
  sigmoid: () => new Sigmoid({ tauRef: 1 }),
  tanh: () => new Tanh({ tauRef: 1 }),
  leakyRelu: () => new LeakyReLU({ negativeSlope: 0.2 }),
  hardSigmoid: () => new ClippedReLU({ maxValue: 1 }),
  hardSigmoidKeras3: () => new ClippedReLU({ maxValue: 1 }),
};

/** Straight lines between two limits: clipped neurons with another input. */
const inputs: Readonly<Record<string, { readonly slope: number; readonly shift: number }>> = {
  hardSigmoid: { slope: 0.2, shift: 0.5 },
  hardSigmoidKeras3: { slope: 1 / 6, shift: 0.5 },
};

/** What an activation of a layer is; null where it passes its input on. */
export function activationOf(activation: TfjsActivation | null | undefined): ActivationSpec | null {
  if (activation === null || activation === undefined) return null;
  const name = activation.getClassName();
  if (name === "linear") return null;
  return { name, usual: usualNeurons[name]?.() ?? null, ...inputs[name], apply: (x) => activation.apply(x) };
}
