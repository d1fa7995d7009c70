import type { layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";
import { permutation } from "../indices.ts";

/** The same numbers in another shape: no object of its own. */
export const reshape = converterFor("Reshape", {
  convert: (_call, context) => context.reshaped(context.input(), context.outputShape),
});

/** Flattening puts the channels of an image that has them first at the end before. */
export const flatten = converterFor<layers.Layer & { readonly dataFormat?: string }>("Flatten", {
  convert({ layer }, context) {
    const from = context.input();
    if (layer.dataFormat !== "channelsFirst" || from.shape.length === 1) return context.reshaped(from, context.outputShape);
    const axes = [...from.shape.keys()].slice(1).concat(0);
    return context.stage({ shape: context.outputShape, terms: [{ from, pick: permutation(from.shape, axes) }] });
  },
});

/** Axes in another order. */
export const permute = converterFor<layers.Layer & { readonly dims: readonly number[] }>("Permute", {
  convert({ layer }, context) {
    const from = context.input();
    const pick = permutation(
      from.shape,
      layer.dims.map((axis) => axis - 1),
    );
    return context.stage({ shape: context.outputShape, terms: [{ from, pick }] });
  },
});
