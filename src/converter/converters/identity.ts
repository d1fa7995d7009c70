import { converterFor } from "../converter.ts";

/** What does something in training only. */
export const identity = converterFor(
  ["Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout", "GaussianNoise"],
  {
    temporal: true,
    convert(_call, context) {
      context.notes.push("passes its input on: training of the network has no noise here");
      return context.input();
    },
  },
);

/** Inputs inside of nested models. */
export const inputLayer = converterFor("InputLayer", { temporal: true, convert: (_call, context) => context.input() });
