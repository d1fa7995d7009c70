import { converterFor } from "../converter.ts";
import { averagePool as means, poolOf, type PoolLayer } from "../pooling.ts";

/** Average pooling over windows, or over the whole image. */
export const averagePool = converterFor<PoolLayer>(
  [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "NengoGlobalAveragePooling1D",
    "NengoGlobalAveragePooling2D",
  ],
  {
    convert({ layer }, context) {
      const from = context.input();
      return context.reshaped(means(context, from, poolOf(layer, from.shape)), context.outputShape);
    },
  },
);
