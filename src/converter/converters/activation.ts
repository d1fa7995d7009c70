import type { layers } from "@tensorflow/tfjs-layers";
import { activationOf, type TfjsActivation } from "../activations.ts";
import { converterFor } from "../converter.ts";

/** Neurons, one a number. */
export const activation = converterFor<layers.Layer & { readonly activation: TfjsActivation }>("Activation", {
  temporal: true,
  convert({ layer }, context) {
    const from = context.input();
    const activation = activationOf(layer.activation);
    return activation === null ? from : context.stage({ shape: from.shape, terms: [{ from }], activation });
  },
});
