import { softmax as softmaxOf } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";

/** What is used of a softmax layer. */
interface SoftmaxLayer extends layers.Layer {
  readonly axis: number | readonly number[];
}

/** As an output it is computed of what the neurons gave; elsewhere by tfjs in a tensor node, or not at all. */
export const softmax = converterFor<SoftmaxLayer>("Softmax", {
  temporal: true,
  canConvert({ layer, inputs }, { temporalModel }) {
    const last = inputs[0].shape.length + (temporalModel ? 1 : 0);
    const axes = [layer.axis].flat();
    return axes.length === 1 && (axes[0] === -1 || axes[0] === last) ? [] : [`its axis ${axes.join(", ")} is not the last`];
  },
  convert(_call, context) {
    const from = context.input();
    return context.stage({
      shape: from.shape,
      terms: [{ from }],
      activation: { name: "softmax", usual: null, apply: (x) => softmaxOf(x) },
    });
  },
});
