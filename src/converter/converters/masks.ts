import type { layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";

const masked = "later layers skip what it masks, which a network cannot";

/** Says which steps later layers skip. */
export const masking = converterFor("Masking", {
  canConvert: () => [masked],
  noFallback: () => [masked],
  convert: (_call, context) => context.input(),
});

/** Looks rows up in a table; the indices are no numbers to compute with. */
export const embedding = converterFor<layers.Layer & { readonly maskZero?: boolean }>("Embedding", {
  canConvert: () => ["rows of a table are looked up"],
  noFallback: ({ layer }) => (layer.maskZero === true ? [masked] : []),
  convert: (_call, context) => context.input(),
});
