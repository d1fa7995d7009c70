import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { asFloat, transposed } from "../internals.ts";
import type { WasmBackend } from "../internals.ts";

type Shape4D = [number, number, number, number];

/** Everything about a 2D convolution that its kernels need, as tfjs computes it. */
export function convolutionInfo(
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: Readonly<NamedAttrMap>,
  depthwise: boolean,
) {
  return backend_util.computeConv2DInfo(
    [...xShape] as Shape4D,
    [...filterShape] as Shape4D,
    attrs["strides"] as [number, number],
    depthwise ? ((attrs["dilations"] as [number, number] | null) ?? 1) : 1, // tfjs has no dilated gradients of Conv2D
    attrs["pad"] as "same" | "valid" | number,
    attrs["dimRoundingMode"] as "floor" | "round" | "ceil" | undefined,
    depthwise,
    backend_util.convertConv2DDataFormat((attrs["dataFormat"] as "NHWC" | "NCHW" | undefined) ?? "NHWC"),
  );
}

type Info = ReturnType<typeof convolutionInfo>;

/** Sizes in the order in which the compiled functions take them, `outputs` being filters or the multiplier. */
export function sizes(info: Info, outputs: number): number[] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  return [
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outputs,
    filterHeight,
    filterWidth,
    info.strideHeight,
    info.strideWidth,
  ];
}

/** An image as float32 with channels last; the caller releases it. */
export function channelsLast(backend: WasmBackend, image: TensorInfo, info: Info): TensorInfo {
  const float = asFloat(backend, image);
  if (info.dataFormat === "channelsLast") return float;
  const last = transposed(backend, float, [0, 2, 3, 1]);
  backend.disposeData(float.dataId);
  return last;
}

/**
 * Whether tfjs's kernels (XNNPACK) are right: where stride, filter and image are square. For others a padding of "same" may be placed wrongly, and
 * with a number as padding they may write past the end of the result.
 */
export function isSquare(info: Omit<Info, "inShape" | "outShape" | "filterShape">): boolean {
  return info.strideHeight === info.strideWidth && info.filterHeight === info.filterWidth && info.inHeight === info.inWidth;
}
