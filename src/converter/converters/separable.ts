import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { Convolution } from "../../transforms/index.ts";
import { activationOf } from "../activations.ts";
import { converterFor } from "../converter.ts";
import { alongAxes, channelsLast, channelsOf, imageOf } from "../image.ts";
import type { ConvolutionLayer } from "./convolution.ts";

/** What is used of a separable convolution of tfjs. */
interface SeparableLayer extends ConvolutionLayer {
  readonly depthMultiplier: number;
  readonly depthwiseKernel: LayerVariable;
  readonly pointwiseKernel: LayerVariable;
}

/** A depthwise convolution, then one of kernel size 1. */
export const separable = converterFor<SeparableLayer>(["SeparableConv2D", "SeparableConv1D", "NengoSeparableConv2D"], {
  foldable: true,
  canConvert: ({ layer }) =>
    layer.getClassName() === "SeparableConv2D" && layer.bias !== null && !channelsLast(layer)
      ? ["tfjs adds its bias along the wrong axis"]
      : [],
  convert({ layer }, context) {
    const from = context.input();
    const input = imageOf(from.shape, layer);
    const channels = channelsOf(input);
    const kernelSize = alongAxes(layer.kernelSize, from.shape);
    const between = channels * layer.depthMultiplier;
    const depthwise = new Convolution({
      nFilters: between,
      inputShape: input,
      kernelSize,
      strides: alongAxes(layer.strides, from.shape),
      padding: layer.padding as "valid" | "same",
      channelsLast: input.channelsLast,
      groups: channels,
      dilations: alongAxes(layer.dilationRate, from.shape),
      init: { shape: [...kernelSize, 1, between], data: context.values(layer.depthwiseKernel) },
    });
    const middle = context.stage({
      part: "depthwise",
      shape: depthwise.outputShape.shape,
      terms: [{ from, transform: depthwise, weight: { variable: layer.depthwiseKernel } }],
    });
    const size = kernelSize.map(() => 1);
    const pointwise = new Convolution({
      nFilters: layer.filters,
      inputShape: depthwise.outputShape,
      kernelSize: size,
      strides: size,
      channelsLast: input.channelsLast,
      init: { shape: [...size, between, layer.filters], data: context.values(layer.pointwiseKernel) },
    });
    return context.stage({
      shape: pointwise.outputShape.shape,
      terms: [{ from: middle, transform: pointwise, weight: { variable: layer.pointwiseKernel } }],
      bias: layer.bias === null ? null : { values: context.values(layer.bias), variable: layer.bias, channelsLast: input.channelsLast },
      activation: activationOf(layer.activation),
    });
  },
});
