import type { LayerVariable, layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";

/** What is used of a batch normalisation layer. */
interface NormalizationLayer extends layers.Layer {
  readonly axis: number;
  readonly epsilon: number;
  readonly gamma: LayerVariable | null | undefined;
  readonly beta: LayerVariable | null | undefined;
  readonly movingMean: LayerVariable;
  readonly movingVariance: LayerVariable;
}

/** With fixed statistics: a factor and a summand for every channel. */
export const batchNormalization = converterFor<NormalizationLayer>("BatchNormalization", {
  temporal: true,
  canConvert: ({ layer, inputs }, { inferenceOnly, temporalModel }) => {
    const last = inputs[0].shape.length - 1 + (temporalModel ? 2 : 1);
    return [
      ...(inferenceOnly || !layer.trainable ? [] : ["it trains with the statistics of batches (set inferenceOnly, or trainable to false)"]),
      // tfjs's kernels go through the statistics as if they belonged to the last axis.
      ...(layer.axis === -1 || layer.axis === last ? [] : [`tfjs itself computes axis ${layer.axis} differently on different backends`]),
    ];
  },
  convert({ layer }, context) {
    const from = context.input();
    const { shape } = from;
    const channels = shape[shape.length - 1];
    const numbers = (variable: LayerVariable | null | undefined, initial: number): Float32Array | null =>
      variable === null || variable === undefined ? new Float32Array(channels).fill(initial) : context.values(variable);
    const [gamma, beta] = [numbers(layer.gamma, 1)!, numbers(layer.beta, 0)!];
    const [mean, variance] = [context.values(layer.movingMean), context.values(layer.movingVariance)];
    const factors = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + layer.epsilon));
    return context.stage({
      shape,
      terms: [{ from, transform: context.perChannel(shape, factors) }],
      bias: { values: factors.map((f, c) => beta[c] - f * mean[c]) },
    });
  },
});
