import { tensor, type Tensor } from "@tensorflow/tfjs-core";
import type { Spiking, SpikingActivation } from "../../layers/index.ts";
import { RandomState } from "../../math/random.ts";
import { RegularSpiking } from "../../neurons/index.ts";
import { activationOf, type TfjsActivation } from "../activations.ts";
import { converterFor } from "../converter.ts";
import type { TemporalLayer } from "../../layers/temporalLayer.ts";
import { sizeOf } from "../port.ts";
import { ratesOf } from "../reference.ts";

/** The activation of a layer of tfjs inside; null for a function or another layer. */
function named(layer: SpikingActivation): TfjsActivation | null {
  const { activation } = layer as unknown as { activation: { layer: { activation?: TfjsActivation } | null } };
  return activation.layer?.activation ?? null;
}

const reasons = (layer: TemporalLayer, temporal: boolean): string[] => [
  ...(temporal ? [] : ["it spikes over time (set temporalModel)"]),
  ...(layer.returnSequences && !layer.returnState ? [] : ["it does not return every step alone"]),
];

/** Regularly spiking neurons, which start from the voltages of the layer's first item where it has a seed. */
export const spikingActivation = converterFor<SpikingActivation>("NengoSpikingActivation", {
  temporal: true,
  canConvert: ({ layer }, { temporalModel, inferenceOnly }) => {
    const own = named(layer);
    return [
      ...reasons(layer, temporalModel),
      ...(own === null || (activationOf(own)?.usual ?? null) === null ? ["no neurons have its activation as their rate"] : []),
      ...(inferenceOnly || !layer.spikingAwareTraining
        ? []
        : ["it trains with spikes (set inferenceOnly, or spikingAwareTraining to false)"]),
    ];
  },
  convert({ layer }, context) {
    const from = context.input();
    const activation = activationOf(named(layer))!;
    const { seed } = layer;
    const start = seed === null ? {} : { initialState: { voltage: new RandomState(seed).uniforms(sizeOf(from.shape), 0, 1) } };
    if (seed !== null) context.notes.push("all items start from the voltages that the layer gives to its first");
    context.noteStep(layer.dt);
    context.reference = ([x]) => activation.apply(x);
    const usual = new RegularSpiking({ baseType: activation.usual!, ...start });
    return context.stage({ shape: from.shape, terms: [{ from }], activation: { ...activation, usual } });
  },
});

/** Neurons of any type. */
export const spiking = converterFor<Spiking>("NengoSpiking", {
  temporal: true,
  canConvert: ({ layer }, { temporalModel }) => [
    ...reasons(layer, temporalModel),
    ...(layer.weights.length === 0 ? [] : ["its gains or biases are weights"]),
    ...(layer.neuronType.dynamics.rate === null ? [`${layer.neuronType.type} has no rate to be compared with`] : []),
  ],
  convert({ layer }, context) {
    const from = context.input();
    const { neuronType } = layer;
    context.noteStep(layer.dt);
    const rates = (x: Tensor): Tensor =>
      tensor(Float32Array.from(ratesOf(neuronType, Float64Array.from(x.dataSync<"float32">()))), x.shape);
    context.reference = ([x]) => rates(x);
    return context.stage({ shape: from.shape, terms: [{ from }], activation: { name: neuronType.type, usual: neuronType, apply: rates } });
  },
});
