import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { offsetOf } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";
import { ACTIVATIONS, activate } from "./activate.ts";
import { convolutionInfo, isSquare, sizes } from "./convolutionCall.ts";

/** A depthwise convolution of float32 images with channels last; undefined for others, and where tfjs has threads and is right. */
function convolve(
  { backend, native }: KernelContext,
  x: TensorInfo,
  filter: TensorInfo,
  attrs: Readonly<NamedAttrMap>,
): TensorInfo | undefined {
  if (attrs["dataFormat"] === "NCHW" || x.dtype !== "float32" || filter.dtype !== "float32") return undefined;
  const info = convolutionInfo(x.shape, filter.shape, attrs, true);
  if (native.threads && isSquare(info)) return undefined;
  const out = backend.makeOutput(info.outShape, "float32");
  const [from, by, to] = [x, filter, out].map((tensor) => offsetOf(backend, tensor));
  const { dilationHeight, dilationWidth, padInfo } = info;
  native.depthwise(from, by, to, ...sizes(info, filter.shape[3]), dilationHeight, dilationWidth, padInfo.top, padInfo.left);
  return out;
}

/** `tf.depthwiseConv2d`. tfjs's kernel refuses strides that are not square and has the faults of its Conv2D. */
export const depthwiseConv2D: Kernel = {
  name: "DepthwiseConv2dNative",
  run: (context, { x, filter }, attrs) => convolve(context, x, filter, attrs) ?? context.stock(),
};

/** `tf.fused.depthwiseConv2d`. */
export const fusedDepthwiseConv2D: Kernel = {
  name: "FusedDepthwiseConv2D",
  run(context, { x, filter, bias, preluActivationWeights }, attrs) {
    const activation = attrs["activation"] as string;
    const out = ACTIVATIONS.has(activation) ? convolve(context, x, filter, attrs) : undefined;
    if (out === undefined) return context.stock();
    const alpha = (attrs["leakyreluAlpha"] as number | undefined) ?? 0;
    return activate(context, out, bias ?? undefined, activation, alpha, preluActivationWeights);
  },
};
