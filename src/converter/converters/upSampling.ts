import type { layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";
import { channelsLast } from "../image.ts";
import { eachIndex, flatIndex } from "../indices.ts";

/** What is used of an upsampling layer. */
interface UpSamplingLayer extends layers.Layer {
  readonly dataFormat?: string;
  readonly size: readonly number[];
  readonly interpolation?: string;
}

/** Every element several times. */
export const upSampling = converterFor<UpSamplingLayer>(["UpSampling1D", "UpSampling2D", "UpSampling3D", "NengoUpSampling2D"], {
  canConvert: ({ layer }) =>
    (layer.interpolation ?? "nearest") === "nearest" ? [] : [`interpolation ${layer.interpolation} is not that of the nearest element`],
  convert({ layer }, context) {
    const from = context.input();
    const first = channelsLast(layer) ? 0 : 1;
    const factors = from.shape.map((_, axis) => layer.size[axis - first] ?? 1);
    const pick = eachIndex(context.outputShape, (index) =>
      flatIndex(
        index.map((i, axis) => Math.floor(i / factors[axis])),
        from.shape,
      ),
    );
    return context.stage({ shape: context.outputShape, terms: [{ from, pick }] });
  },
});

/** A vector several times. */
export const repeatVector = converterFor<layers.Layer & { readonly n: number }>("RepeatVector", {
  convert(_call, context) {
    const from = context.input();
    const pick = eachIndex(context.outputShape, ([, feature]) => feature);
    return context.stage({ shape: context.outputShape, terms: [{ from, pick }] });
  },
});
