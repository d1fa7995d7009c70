import type { AlphaLayer, LowpassLayer } from "../../layers/index.ts";
import { converterFor } from "../converter.ts";
import { Alpha, Lowpass } from "../../synapses/index.ts";
import type { Synapse } from "../../synapses/synapse.ts";

type Filter = LowpassLayer | AlphaLayer;

const time = "it filters over time";

/** A Node that filters: like the layer, and unlike a connection, without a step of delay. */
const filter = (name: string, synapseOf: (tau: number) => Synapse): ReturnType<typeof converterFor> =>
  converterFor<Filter>(name, {
    temporal: true,
    canConvert: ({ layer }, { temporalModel, inferenceOnly }) => {
      const { tau } = layer;
      const level = layer.weights[1].read().dataSync<"float32">();
      return [
        ...(temporalModel ? [] : [`${time} (set temporalModel)`]),
        ...(tau.every((t) => Math.abs(t - tau[0]) <= 1e-6 * tau[0]) ? [] : ["its units have several time constants"]),
        ...(level.every((v) => v === 0) ? [] : ["it does not start at 0"]),
        ...(inferenceOnly || (layer.applyDuringTraining && layer.trainableWeights.length === 0)
          ? []
          : ["its time constants train (set inferenceOnly, or its trainable to false)"]),
        ...(layer.returnSequences && !layer.returnState ? [] : ["it does not return every step alone"]),
      ];
    },
    convert({ layer }, context) {
      const from = context.input();
      return context.filter(from, synapseOf(layer.tau[0]), layer.dt);
    },
  });

export const lowpass = filter("NengoLowpass", (tau) => new Lowpass({ tau }));
export const alpha = filter("NengoAlpha", (tau) => new Alpha({ tau }));
