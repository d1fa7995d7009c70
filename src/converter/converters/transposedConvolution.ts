import { ConvolutionTranspose } from "../../transforms/index.ts";
import { activationOf } from "../activations.ts";
import { converterFor } from "../converter.ts";
import { alongAxes, channelsLast, channelsOf, imageOf } from "../image.ts";
import type { ConvolutionLayer } from "./convolution.ts";

/** Exchanges the last two axes of a kernel. */
function exchanged(values: ArrayLike<number>, first: number, second: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let tap = 0; tap < values.length; tap += first * second)
    for (let a = 0; a < first; a++) for (let b = 0; b < second; b++) out[tap + b * first + a] = values[tap + a * second + b];
  return out;
}

/** A transposed convolution. tfjs has kernels `[..., filters, channels in]`, the transform `[..., channels in, filters]`. */
export const transposedConvolution = converterFor<ConvolutionLayer>(["Conv2DTranspose", "Conv1DTranspose"], {
  foldable: true,
  canConvert: ({ layer }) => (layer.dilationRate.some((d) => d !== 1) ? ["tfjs leaves its dilation out"] : []),
  convert({ layer }, context) {
    const from = context.input();
    const input = imageOf(from.shape, layer);
    const kernelSize = alongAxes(layer.kernelSize, from.shape);
    const [channels, nFilters] = [channelsOf(input), layer.filters];
    const transform = new ConvolutionTranspose({
      nFilters,
      inputShape: input,
      outputShape: imageOf(context.outputShape, layer),
      kernelSize,
      strides: alongAxes(layer.strides, from.shape),
      padding: layer.padding as "valid" | "same",
      channelsLast: input.channelsLast,
      init: { shape: [...kernelSize, channels, nFilters], data: exchanged(context.values(layer.kernel), nFilters, channels) },
    });
    return context.stage({
      shape: transform.outputShape.shape,
      terms: [
        {
          from,
          transform,
          weight: { variable: layer.kernel, fromTransform: (values) => exchanged(values, channels, nFilters) },
        },
      ],
      bias: layer.bias === null ? null : { values: context.values(layer.bias), variable: layer.bias, channelsLast: channelsLast(layer) },
      activation: activationOf(layer.activation),
    });
  },
});
