import type * as tfl from "@tensorflow/tfjs-layers";

/** Layers along one axis are layers along two whose first has length 1. */

const widened = (value: unknown) => (value === undefined || value === null ? value : [1, ([value].flat() as number[])[0]]);

/** Arguments for a layer along two axes, from those of one along one axis. */
export function axisInFront(args: object): object {
  const { kernelSize, strides, dilationRate, ...rest } = args as Record<string, unknown>;
  return { ...rest, kernelSize: widened(kernelSize), strides: widened(strides ?? 1), dilationRate: widened(dilationRate ?? 1) };
}

/** A shape of one axis from what a layer along two axes says of it. */
export function withoutAxis(dataFormat: string, shape: tfl.Shape, compute: (shape: tfl.Shape) => tfl.Shape): tfl.Shape {
  const axis = dataFormat === "channelsFirst" ? 2 : 1;
  return compute([...shape.slice(0, axis), 1, ...shape.slice(axis)]).filter((_, i) => i !== axis);
}

/** Length of an axis behind a convolution. */
export function lengthOut(length: number | null, kernel: number, padding: string, stride: number, dilation: number): number | null {
  if (length === null) return null;
  const places = padding === "same" ? length : length - (kernel - 1) * dilation;
  return Math.floor((places + stride - 1) / stride);
}
