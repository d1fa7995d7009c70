import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { asFloat, offsetOf, sizeOf } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";

type Shape5D = [number, number, number, number, number];

const infoOf = (xShape: readonly number[], filterShape: readonly number[], { strides, pad }: Readonly<NamedAttrMap>) =>
  backend_util.computeConv3DInfo(
    [...xShape] as Shape5D,
    [...filterShape] as Shape5D,
    strides as number | [number, number, number],
    1, // tfjs has no dilated gradients
    pad as "same" | "valid",
  );

/**
 * Adds up 2D gradients: every frame of the result with each frame of the filter and the input frame that both meet.
 * `gradient` takes offsets of those three frames, in bytes.
 */
function overFrames(
  info: ReturnType<typeof infoOf>,
  [x, y, w]: readonly number[],
  gradient: (x: number, y: number, w: number, ...sizes: number[]) => void,
): void {
  const { batchSize, inDepth, inHeight, inWidth, inChannels, outDepth, outHeight, outWidth, outChannels } = info;
  const { filterDepth, filterHeight, filterWidth, strideDepth, strideHeight, strideWidth, padInfo } = info;
  const xFrame = 4 * inHeight * inWidth * inChannels;
  const yFrame = 4 * outHeight * outWidth * outChannels;
  const wFrame = 4 * filterHeight * filterWidth * inChannels * outChannels;
  const image = [1, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels];
  const sizes = [...image, filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left];
  for (let n = 0; n < batchSize; n++)
    for (let out = 0; out < outDepth; out++)
      for (let tap = 0; tap < filterDepth; tap++) {
        const frame = out * strideDepth - padInfo.front + tap;
        if (frame < 0 || frame >= inDepth) continue;
        gradient(x + (n * inDepth + frame) * xFrame, y + (n * outDepth + out) * yFrame, w + tap * wFrame, ...sizes);
      }
}

/** Room for the gradient of one frame. */
function scratchOf({ native }: KernelContext, { filterHeight, filterWidth, inChannels }: ReturnType<typeof infoOf>): number {
  return native.scratch(native.convolutionScratch(filterHeight * filterWidth * inChannels));
}

const offsets = ({ backend }: KernelContext, tensors: readonly TensorInfo[]): number[] =>
  tensors.map((tensor) => offsetOf(backend, tensor));

/** Gradient of `tf.conv3d` in its filter; tfjs's kernel is wrong for strides other than 1. */
export const conv3DBackpropFilter: Kernel = {
  name: "Conv3DBackpropFilterV2",
  run(context, inputs, attrs) {
    const { backend, native } = context;
    const filterShape = attrs["filterShape"] as number[];
    const info = infoOf(inputs["x"].shape, filterShape, attrs);
    const [x, dy] = [inputs["x"], inputs["dy"]].map((tensor) => asFloat(backend, tensor));
    const out = backend.makeOutput(filterShape, "float32");
    const scratch = scratchOf(context, info);
    native.zero(offsetOf(backend, out), 4 * sizeOf(filterShape));
    overFrames(info, offsets(context, [x, dy, out]), (from, along, to, ...sizes) => {
      native.convolutionFilterGradient(from, along, to, ...sizes, scratch);
    });
    for (const { dataId } of [x, dy]) backend.disposeData(dataId);
    return out;
  },
};

/** Gradient of `tf.conv3d` in its input, and `tf.conv3dTranspose`; tfjs's kernel is wrong. */
export const conv3DBackpropInput: Kernel = {
  name: "Conv3DBackpropInputV2",
  run(context, inputs, attrs) {
    const { backend, native } = context;
    const inputShape = attrs["inputShape"] as number[];
    const info = infoOf(inputShape, inputs["filter"].shape, attrs);
    const [dy, filter] = [inputs["dy"], inputs["filter"]].map((tensor) => asFloat(backend, tensor));
    const out = backend.makeOutput(inputShape, "float32");
    const scratch = scratchOf(context, info);
    native.zero(offsetOf(backend, out), 4 * sizeOf(inputShape));
    overFrames(info, offsets(context, [out, dy, filter]), (to, from, by, ...sizes) => {
      native.convolutionInputGradient(from, by, to, ...sizes, scratch);
    });
    for (const { dataId } of [dy, filter]) backend.disposeData(dataId);
    return out;
  },
};
