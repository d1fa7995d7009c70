import { offsetOf, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";
import { channelsLast, convolutionInfo, sizes } from "./convolutionCall.ts";

/** Gradient of `tf.conv2d` in its filter; the wasm backend has none. */
export const conv2DBackpropFilter: Kernel = {
  name: "Conv2DBackpropFilter",
  run({ backend, native }, { x, dy }, attrs) {
    const filterShape = attrs["filterShape"] as number[];
    const info = convolutionInfo(x.shape, filterShape, attrs, false);
    const [image, gradient] = [x, dy].map((tensor) => channelsLast(backend, tensor, info));
    const out = backend.makeOutput(filterShape, "float32");
    const patch = info.filterHeight * info.filterWidth * info.inChannels;
    const scratch = native.scratch(native.convolutionScratch(patch));
    const [from, along, to] = [image, gradient, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(filterShape));
    native.convolutionFilterGradient(from, along, to, ...sizes(info, info.outChannels), info.padInfo.top, info.padInfo.left, scratch);
    for (const { dataId } of [image, gradient]) backend.disposeData(dataId);
    return out;
  },
};
