import { asFloat, offsetOf, sizeOf, transposed } from "../internals.ts";
import type { Kernel } from "../kernel.ts";
import { channelsLast, convolutionInfo, sizes } from "./convolutionCall.ts";

/** Gradient of `tf.conv2d` in its input, and `tf.conv2dTranspose`; tfjs's kernel is a plain loop. */
export const conv2DBackpropInput: Kernel = {
  name: "Conv2DBackpropInput",
  run({ backend, native }, { dy, filter }, attrs) {
    const info = convolutionInfo(attrs["inputShape"] as number[], filter.shape, attrs, false);
    const { batchSize, inHeight, inWidth, inChannels, filterHeight, filterWidth } = info;
    const gradient = channelsLast(backend, dy, info);
    const weights = asFloat(backend, filter);
    const out = backend.makeOutput([batchSize, inHeight, inWidth, inChannels], "float32");
    const scratch = native.scratch(native.convolutionScratch(filterHeight * filterWidth * inChannels));
    const [from, by, to] = [gradient, weights, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(out.shape));
    native.convolutionInputGradient(from, by, to, ...sizes(info, info.outChannels), info.padInfo.top, info.padInfo.left, scratch);
    for (const { dataId } of [gradient, weights]) backend.disposeData(dataId);
    if (info.dataFormat === "channelsLast") return out;
    const first = transposed(backend, out, [0, 3, 1, 2]);
    backend.disposeData(out.dataId);
    return first;
  },
};
