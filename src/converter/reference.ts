import { tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { layers as tfl, type layers } from "@tensorflow/tfjs-layers";
import type { NdArray } from "../math/ndarray.ts";
import type { Uniform } from "../distributions/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import { RatesToSpikes } from "../neurons/ratesToSpikes.ts";
import type { TfjsActivation } from "./activations.ts";
import type { ConvertedCall } from "./conversion.ts";

/** The rates that neurons stand for, amplitude included. */
export function ratesOf(neuronType: NeuronType, J: Float64Array): Float64Array {
  const rates = neuronType.rates(J);
  return neuronType instanceof RatesToSpikes ? rates.map((r) => r * neuronType.amplitude) : rates;
}

/**
 * What a call should give for inputs `[batch, ...]`: the layer itself, with the rates of its neurons in place of an activation that
 * they do not have. Null where the call means something else on purpose (average pooling for max pooling), or cannot be told apart.
 */
export function referenceOf({ call, neurons, otherFunction, reference }: ConvertedCall, inputs: readonly Tensor[]): Tensor | null {
  if (otherFunction) return null;
  const { layer } = call;
  const apply = (): Tensor => [layer.apply(inputs.length === 1 ? inputs[0] : [...inputs]) as Tensor | Tensor[]].flat()[0];
  if (reference !== null && neurons.every(({ exact }) => exact)) return reference(inputs);
  const inexact = neurons.filter(({ exact }) => !exact);
  if (inexact.length === 0) return apply();
  const inside = (layer as layers.Layer & { layer?: layers.Layer }).layer ?? layer;
  const activated = inside as layers.Layer & { activation?: TfjsActivation | null };
  if (neurons.length > 1 || ("activation" in activated && activated.activation === undefined)) return null;
  const [{ ensemble, faster }] = neurons;
  const sums = (): Tensor => {
    if (!("activation" in activated)) return inputs[0];
    const own = activated.activation;
    activated.activation = (tfl.activation({ activation: "linear" }) as layers.Layer & { activation: TfjsActivation }).activation;
    try {
      return apply();
    } finally {
      activated.activation = own!;
    }
  };
  return tidy(() => {
    const J = sums();
    const { neuronType } = ensemble;
    // What the ensemble's gain and bias make of it.
    const gains = faster === null ? [(ensemble.gain as Uniform).low] : (ensemble.gain as NdArray).data;
    const bias = (ensemble.bias as Uniform).low;
    const rates = ratesOf(
      neuronType,
      Float64Array.from(J.dataSync<"float32">(), (v, k) => v * gains[k % gains.length] + bias),
    );
    const outputs = faster === null ? rates : rates.map((rate, k) => rate / faster[k % faster.length]);
    return tensor(Float32Array.from(outputs), J.shape);
  });
}
