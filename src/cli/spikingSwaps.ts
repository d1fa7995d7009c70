import { modelGraph } from "../converter/graph.ts";
import type { ActivationKey } from "../converter/swaps.ts";
import { partsOf } from "../converter/spiking/layerParts.ts";
import {
  AdaptiveLIF,
  LIF,
  LeakyReLU,
  PoissonSpiking,
  RectifiedLinear,
  RegularSpiking,
  SpikingLeakyReLU,
  SpikingRectifiedLinear,
  StochasticSpiking,
} from "../neurons/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import type { NeuronChoice } from "./neuronChoices.ts";

type Model = Parameters<typeof modelGraph>[0];

const chosen: Readonly<Record<NeuronChoice, (rate: NeuronType) => NeuronType>> = {
  LIF: () => new LIF(),
  AdaptiveLIF: () => new AdaptiveLIF(),
  RegularSpiking: (baseType) => new RegularSpiking({ baseType }),
  StochasticSpiking: (baseType) => new StochasticSpiking({ baseType }),
  PoissonSpiking: (baseType) => new PoissonSpiking({ baseType }),
};

/**
 * The spiking neurons that stand for every activation of a model that has some: those whose rate it is, or of a chosen type.
 * @param inputShapes - of one item, where the model leaves sizes open
 */
export function spikingSwaps(
  model: Model,
  inputShapes: readonly (readonly number[])[] | null,
  choice?: NeuronChoice,
): Map<ActivationKey, NeuronType> {
  const swaps = new Map<ActivationKey, NeuronType>();
  for (const { layer } of modelGraph(model, { temporal: false, inputShapes }).calls) {
    const part = partsOf(layer).activation;
    if (part !== null && part.usual !== null) swaps.set(part.name, choice === undefined ? spiking(part.usual) : chosen[choice](part.usual));
  }
  return swaps;
}

function spiking(rate: NeuronType): NeuronType {
  if (rate instanceof LeakyReLU) return new SpikingLeakyReLU({ negativeSlope: rate.negativeSlope });
  // Those with a highest value are rectified too, but not without it.
  if (rate.constructor === RectifiedLinear) return new SpikingRectifiedLinear();
  return new RegularSpiking({ baseType: rate });
}
