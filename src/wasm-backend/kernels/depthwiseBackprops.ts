import { asFloat, offsetOf, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";
import { convolutionInfo, sizes } from "./convolutionCall.ts";

/** Gradient of `tf.depthwiseConv2d` in its filter; the wasm backend has none. */
export const depthwiseBackpropFilter: Kernel = {
  name: "DepthwiseConv2dNativeBackpropFilter",
  run({ backend, native }, { x, dy }, attrs) {
    const filterShape = attrs["filterShape"] as number[];
    const info = convolutionInfo(x.shape, filterShape, attrs, true);
    const [image, gradient] = [x, dy].map((tensor) => asFloat(backend, tensor));
    const out = backend.makeOutput(filterShape, "float32");
    const [from, along, to] = [image, gradient, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(filterShape));
    const { dilationHeight, dilationWidth, padInfo } = info;
    native.depthwiseFilterGradient(
      from,
      along,
      to,
      ...sizes(info, filterShape[3]),
      dilationHeight,
      dilationWidth,
      padInfo.top,
      padInfo.left,
    );
    for (const { dataId } of [image, gradient]) backend.disposeData(dataId);
    return out;
  },
};

/** Gradient of `tf.depthwiseConv2d` in its input; the wasm backend has none. */
export const depthwiseBackpropInput: Kernel = {
  name: "DepthwiseConv2dNativeBackpropInput",
  run({ backend, native }, { dy, filter }, attrs) {
    const inputShape = attrs["inputShape"] as number[];
    const info = convolutionInfo(inputShape, filter.shape, attrs, true);
    const [gradient, weights] = [dy, filter].map((tensor) => asFloat(backend, tensor));
    const out = backend.makeOutput(inputShape, "float32");
    const [from, by, to] = [gradient, weights, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(inputShape));
    const { dilationHeight, dilationWidth, padInfo } = info;
    native.depthwiseInputGradient(from, by, to, ...sizes(info, filter.shape[3]), dilationHeight, dilationWidth, padInfo.top, padInfo.left);
    for (const { dataId } of [gradient, weights]) backend.disposeData(dataId);
    return out;
  },
};
