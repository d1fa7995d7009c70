import type { NamedAttrMap } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { offsetOf, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";
import { isSquare } from "./convolutionCall.ts";

function poolInfo(shape: readonly number[], attrs: Readonly<NamedAttrMap>) {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  return backend_util.computePool2DInfo(
    [...shape] as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as "same" | "valid" | number,
    dimRoundingMode as "floor" | "round" | "ceil" | undefined,
  );
}

/** Sizes in the order in which the compiled functions take them. */
function sizes(info: ReturnType<typeof poolInfo>): number[] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } =
    info;
  const image = [batchSize, inHeight, inWidth, inChannels, outHeight, outWidth];
  return [...image, filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left];
}

/** A pool of float32 images, where tfjs's own has no threads or is wrong. */
const forward = (name: "MaxPool" | "AvgPool", compiled: "maxPool" | "averagePool"): Kernel => ({
  name,
  run({ backend, native, stock }, { x }, attrs) {
    if (x.dtype !== "float32") return stock();
    const info = poolInfo(x.shape, attrs);
    if (native.threads && isSquare(info)) return stock();
    const out = backend.makeOutput(info.outShape, "float32");
    native[compiled](offsetOf(backend, x), offsetOf(backend, out), ...sizes(info));
    return out;
  },
});

/** `tf.maxPool`. tfjs's kernel writes past the end of its result for a number as padding and a filter or stride that is not square. */
export const maxPool = forward("MaxPool", "maxPool");

/** `tf.avgPool`, with the same fault. */
export const avgPool = forward("AvgPool", "averagePool");

/** Gradient of `tf.maxPool`. */
export const maxPoolGrad: Kernel = {
  name: "MaxPoolGrad",
  run({ backend, native, stock }, { dy, input }, attrs) {
    if (input.dtype !== "float32" || dy.dtype !== "float32") return stock();
    const info = poolInfo(input.shape, attrs);
    const out = backend.makeOutput(input.shape, "float32");
    const [x, gradient, to] = [input, dy, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(input.shape));
    native.maxPoolGradient(x, gradient, to, ...sizes(info));
    return out;
  },
};

/** Gradient of `tf.avgPool`. */
export const avgPoolGrad: Kernel = {
  name: "AvgPoolGrad",
  run({ backend, native, stock }, { dy, input }, attrs) {
    if (dy.dtype !== "float32") return stock();
    const info = poolInfo(input.shape, attrs);
    const out = backend.makeOutput(input.shape, "float32");
    const [gradient, to] = [dy, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(input.shape));
    native.averagePoolGradient(gradient, to, ...sizes(info));
    return out;
  },
};
