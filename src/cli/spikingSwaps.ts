import { modelGraph } from "../converter/graph.ts";
import type { ActivationKey } from "../converter/swaps.ts";
import { partsOf } from "../converter/spiking/layerParts.ts";
import { LeakyReLU, RectifiedLinear, RegularSpiking, SpikingLeakyReLU, SpikingRectifiedLinear } from "../neurons/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";

type Model = Parameters<typeof modelGraph>[0];

/**
 * The spiking neurons that stand for every activation of a model that has some: those whose rate it is.
 * @param inputShapes - of one item, where the model leaves sizes open
 */
export function spikingSwaps(model: Model, inputShapes: readonly (readonly number[])[] | null): Map<ActivationKey, NeuronType> {
  const swaps = new Map<ActivationKey, NeuronType>();
  for (const { layer } of modelGraph(model, { temporal: false, inputShapes }).calls) {
    const part = partsOf(layer).activation;
    if (part !== null && part.usual !== null) swaps.set(part.name, spiking(part.usual));
  }
  return swaps;
}

function spiking(rate: NeuronType): NeuronType {
  if (rate instanceof LeakyReLU) return new SpikingLeakyReLU({ negativeSlope: rate.negativeSlope });
  // Those with a highest value are rectified too, but not without it.
  if (rate.constructor === RectifiedLinear) return new SpikingRectifiedLinear();
  return new RegularSpiking({ baseType: rate });
}
