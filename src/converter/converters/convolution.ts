import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { Convolution } from "../../transforms/index.ts";
import { activationOf, type TfjsActivation } from "../activations.ts";
import { converterFor } from "../converter.ts";
import { channelsLast, channelsOf, imageOf, type ImageLayer } from "../image.ts";

/** What is used of a convolution of tfjs. */
export interface ConvolutionLayer extends ImageLayer {
  readonly kernelSize: readonly number[];
  readonly filters: number;
  readonly dilationRate: readonly number[];
  readonly activation: TfjsActivation | null;
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | null;
  /** In grouped ones. */
  readonly groups?: number;
}

/** Convolutions over 1 to 3 axes: the transform has the layer's kernel as it is. */
export const convolution = converterFor<ConvolutionLayer>(["Conv1D", "Conv2D", "Conv3D"], {
  canConvert: ({ layer }) => [
    ...(layer.padding === "valid" || layer.padding === "same" ? [] : [`padding ${layer.padding}`]),
    ...(layer.getClassName() === "Conv1D" && !channelsLast(layer) ? ["tfjs runs it as if channels were last"] : []),
  ],
  convert({ layer }, context) {
    const from = context.input();
    const input = imageOf(from.shape, layer);
    const { kernelSize, strides, dilationRate: dilations, filters: nFilters, groups = 1 } = layer;
    const kernelShape = [...kernelSize, channelsOf(input) / groups, nFilters];
    const transform = new Convolution({
      nFilters,
      inputShape: input,
      kernelSize,
      strides,
      padding: layer.padding as "valid" | "same",
      channelsLast: input.channelsLast,
      groups,
      dilations,
      init: { shape: kernelShape, data: context.values(layer.kernel) },
    });
    return context.stage({
      shape: transform.outputShape.shape,
      terms: [{ from, transform, weight: { variable: layer.kernel } }],
      bias: layer.bias === null ? null : { values: context.values(layer.bias), variable: layer.bias, channelsLast: input.channelsLast },
      activation: activationOf(layer.activation),
    });
  },
});
