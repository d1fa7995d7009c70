import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { Convolution } from "../../transforms/index.ts";
import { activationOf, type TfjsActivation } from "../activations.ts";
import { converterFor } from "../converter.ts";
import { alongAxes, channelsLast, channelsOf, imageOf, type ImageLayer } from "../image.ts";

/** What is used of a depthwise convolution of tfjs. */
interface DepthwiseLayer extends ImageLayer {
  readonly kernelSize: readonly number[];
  readonly depthMultiplier: number;
  readonly dilationRate: readonly number[];
  readonly activation: TfjsActivation | null;
  readonly depthwiseKernel: LayerVariable;
  readonly bias: LayerVariable | null;
}

/** A convolution with as many groups as there are channels; the kernel `[..., channels, multiplier]` lies as the grouped one does. */
export const depthwise = converterFor<DepthwiseLayer>(["DepthwiseConv2D", "DepthwiseConv1D", "NengoDepthwiseConv2D"], {
  foldable: true,
  canConvert: ({ layer }) =>
    layer.getClassName() === "DepthwiseConv2D" && layer.dilationRate.some((d) => d !== 1) ? ["tfjs leaves its dilation out"] : [],
  convert({ layer }, context) {
    const from = context.input();
    const input = imageOf(from.shape, layer);
    const channels = channelsOf(input);
    const kernelSize = alongAxes(layer.kernelSize, from.shape);
    const nFilters = channels * layer.depthMultiplier;
    const transform = new Convolution({
      nFilters,
      inputShape: input,
      kernelSize,
      strides: alongAxes(layer.strides, from.shape),
      padding: layer.padding as "valid" | "same",
      channelsLast: input.channelsLast,
      groups: channels,
      dilations: alongAxes(layer.dilationRate, from.shape),
      init: { shape: [...kernelSize, 1, nFilters], data: context.values(layer.depthwiseKernel) },
    });
    return context.stage({
      shape: transform.outputShape.shape,
      terms: [{ from, transform, weight: { variable: layer.depthwiseKernel } }],
      bias: layer.bias === null ? null : { values: context.values(layer.bias), variable: layer.bias, channelsLast: channelsLast(layer) },
      activation: activationOf(layer.activation),
    });
  },
});
