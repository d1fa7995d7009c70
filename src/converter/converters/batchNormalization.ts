import { statisticsOf, type NormalizationLayer } from "../batchStatistics.ts";
import { converterFor } from "../converter.ts";

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
    const { factors, summands } = statisticsOf(layer);
    return context.stage({
      shape: from.shape,
      terms: [{ from, transform: context.perChannel(from.shape, factors) }],
      bias: { values: summands },
    });
  },
});
