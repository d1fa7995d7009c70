import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { Convolution } from "../../transforms/index.ts";
import { activationOf, type TfjsActivation } from "../activations.ts";
import type { Context } from "../context.ts";
import { converterFor } from "../converter.ts";
import { channelsLast, channelsOf, imageOf, type ImageLayer } from "../image.ts";
import { eachIndex, flatIndex } from "../indices.ts";
import type { Port } from "../port.ts";

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

/** The input with as many zeros in front as the kernel reaches back. */
function delayed(context: Context, layer: ConvolutionLayer): Port {
  const from = context.input();
  const axis = channelsLast(layer) ? 0 : 1;
  const zeros = (layer.kernelSize[0] - 1) * layer.dilationRate[0];
  const shape = from.shape.map((n, k) => (k === axis ? n + zeros : n));
  const into = eachIndex(from.shape, (index) =>
    flatIndex(
      index.map((i, k) => (k === axis ? i + zeros : i)),
      shape,
    ),
  );
  return context.stage({ part: "delayed", shape, terms: [{ from, into }] });
}

/** Convolutions over 1 to 3 axes: the transform has the layer's kernel as it is. */
export const convolution = converterFor<ConvolutionLayer>(["Conv1D", "Conv2D", "Conv3D", "NengoConv1D", "NengoConv2D"], {
  foldable: true,
  canConvert: ({ layer }) => [
    ...(layer.getClassName() === "Conv1D" && !channelsLast(layer) ? ["tfjs runs it as if channels were last"] : []),
  ],
  convert({ layer }, context) {
    const { kernelSize, strides, dilationRate: dilations, filters: nFilters, groups = 1 } = layer;
    const causal = layer.padding === "causal";
    const from = causal ? delayed(context, layer) : context.input();
    const input = imageOf(from.shape, layer);
    const kernelShape = [...kernelSize, channelsOf(input) / groups, nFilters];
    const transform = new Convolution({
      nFilters,
      inputShape: input,
      kernelSize,
      strides,
      padding: causal ? "valid" : (layer.padding as "valid" | "same"),
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
