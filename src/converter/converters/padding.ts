import type { layers } from "@tensorflow/tfjs-layers";
import { converterFor } from "../converter.ts";
import { channelsLast } from "../image.ts";
import { eachIndex, flatIndex } from "../indices.ts";

/** What is used of a padding or cropping layer: what is added or cut at both ends of every spatial axis. */
interface EdgeLayer extends layers.Layer {
  readonly dataFormat?: string;
  readonly padding?: readonly (readonly number[])[];
  readonly cropping?: readonly (readonly number[])[];
}

const firstSpatial = (layer: EdgeLayer): number => (channelsLast(layer) ? 0 : 1);

/** Zeros around: components of a Node that nothing is connected to. */
export const zeroPadding = converterFor<EdgeLayer>(["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"], {
  convert({ layer }, context) {
    const from = context.input();
    const to = context.outputShape;
    const before = from.shape.map((_, axis) => layer.padding![axis - firstSpatial(layer)]?.[0] ?? 0);
    const into = eachIndex(from.shape, (index) =>
      flatIndex(
        index.map((i, axis) => i + before[axis]),
        to,
      ),
    );
    return context.stage({ shape: to, terms: [{ from, into }] });
  },
});

/** Some components of the input. */
export const cropping = converterFor<EdgeLayer>(["Cropping1D", "Cropping2D", "Cropping3D"], {
  convert({ layer }, context) {
    const from = context.input();
    const before = from.shape.map((_, axis) => layer.cropping![axis - firstSpatial(layer)]?.[0] ?? 0);
    const pick = eachIndex(context.outputShape, (index) =>
      flatIndex(
        index.map((i, axis) => i + before[axis]),
        from.shape,
      ),
    );
    return context.stage({ shape: context.outputShape, terms: [{ from, pick }] });
  },
});
