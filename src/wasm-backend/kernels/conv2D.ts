import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { offsetOf } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";
import { ACTIVATIONS, activate } from "./activate.ts";
import { convolutionInfo, isSquare, sizes } from "./convolutionCall.ts";

/** A convolution of float32 images with channels last and without dilation; undefined for others, and where tfjs has threads and is right. */
function convolve(
  { backend, native }: KernelContext,
  x: TensorInfo,
  filter: TensorInfo,
  attrs: Readonly<NamedAttrMap>,
): TensorInfo | undefined {
  const plain =
    backend_util.tupleValuesAreOne((attrs["dilations"] as number | [number, number] | null) ?? 1) && attrs["dataFormat"] !== "NCHW";
  if (!plain || x.dtype !== "float32" || filter.dtype !== "float32") return undefined;
  const info = convolutionInfo(x.shape, filter.shape, attrs, false);
  if (native.threads && isSquare(info)) return undefined;
  const { filterHeight, filterWidth, inChannels } = info;
  const out = backend.makeOutput(info.outShape, "float32");
  const scratch = native.scratch(native.convolutionScratch(filterHeight * filterWidth * inChannels));
  const [from, by, to] = [x, filter, out].map((tensor) => offsetOf(backend, tensor));
  native.convolution(from, by, to, ...sizes(info, info.outChannels), info.padInfo.top, info.padInfo.left, scratch);
  return out;
}

/**
 * `tf.conv2d`. tfjs's kernel (XNNPACK) is slower from about eight channels on; with padding "same" it is wrong for some filters and strides that
 * are not square, and with a number as padding it writes past the end of such results.
 */
export const conv2D: Kernel = {
  name: "Conv2D",
  run: (context, { x, filter }, attrs) => convolve(context, x, filter, attrs) ?? context.stock(),
};

/** `tf.fused.conv2d`, which convolutional layers call. */
export const fusedConv2D: Kernel = {
  name: "FusedConv2D",
  run(context, { x, filter, bias, preluActivationWeights }, attrs) {
    const activation = attrs["activation"] as string;
    const out = ACTIVATIONS.has(activation) ? convolve(context, x, filter, attrs) : undefined;
    if (out === undefined) return context.stock();
    return activate(
      context,
      out,
      bias ?? undefined,
      activation,
      (attrs["leakyreluAlpha"] as number | undefined) ?? 0,
      preluActivationWeights,
    );
  },
};
