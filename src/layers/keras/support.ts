import { serialization, transpose, type Tensor } from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError, ValidationError, describe } from "../../errors.ts";

/** What every layer takes. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>;

/** What the convolutions of tfjs along one axis take. */
export type ConvArgs = Parameters<typeof tfl.layers.conv1d>[0];
export type SeparableConvArgs = Omit<Parameters<typeof tfl.layers.separableConv2d>[0], "kernelSize" | "strides" | "dilationRate"> &
  AxisArgs;
export type DepthwiseConvArgs = Omit<Parameters<typeof tfl.layers.depthwiseConv2d>[0], "kernelSize" | "strides" | "dilationRate"> &
  AxisArgs;

/** Sizes along one axis. */
interface AxisArgs {
  kernelSize: number | [number];
  strides?: number | [number];
  dilationRate?: number | [number];
}

export type DataFormat = "channelsFirst" | "channelsLast";

/** The one tensor of a call. */
export const oneTensor = (inputs: Tensor | Tensor[]): Tensor => (Array.isArray(inputs) ? inputs[0] : inputs);

/** The one shape of a call. */
export const oneShape = (shape: tfl.Shape | tfl.Shape[]): tfl.Shape =>
  Array.isArray(shape[0]) ? (shape as tfl.Shape[])[0] : (shape as tfl.Shape);

/** Makes a class known to loading, unless tfjs or the user has one of that name. */
export function registerLayer(cls: (new (args: never) => serialization.Serializable) & { readonly className: string }): void {
  const { classNameMap } = serialization.SerializationMap.getMap();
  if (Object.hasOwn(classNameMap, cls.className)) return;
  serialization.registerClass(cls as unknown as serialization.SerializableConstructor<serialization.Serializable>);
}

export function checkDataFormat(value: unknown, owner: string): DataFormat {
  if (value === undefined || value === null) return "channelsLast";
  if (value === "channelsFirst" || value === "channelsLast") return value;
  throw new ValidationError({ owner, parameter: "dataFormat", expected: '"channelsFirst" or "channelsLast"', got: describe(value) });
}

/** Whole numbers >= `least`, one for each axis; one number stands for all. */
export function checkSizes(value: unknown, rank: number, least: number, owner: string, parameter: string): number[] {
  const sizes = Array.isArray(value) ? (value as unknown[]) : Array.from({ length: rank }, () => value);
  const isSize = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n >= least;
  if (sizes.length === rank && sizes.every(isSize)) return sizes;
  throw new ValidationError({ owner, parameter, expected: `a whole number >= ${least}, or ${rank} of them`, got: describe(value) });
}

/** Pairs [before, after] for each axis, from one number, one number an axis, or pairs; of one axis also one pair. */
export function checkPairs(value: unknown, rank: number, owner: string, parameter: string): [number, number][] {
  const pair = (part: unknown): [number, number] => {
    const [before, after] = checkSizes(part, 2, 0, owner, parameter);
    return [before, after];
  };
  if (rank === 1 && Array.isArray(value) && !Array.isArray(value[0])) return [value.length === 1 ? pair(value[0]) : pair(value)];
  if (!Array.isArray(value)) return Array.from({ length: rank }, () => pair(value));
  if (value.length !== rank)
    throw new ValidationError({ owner, parameter, expected: `${rank} pairs [before, after]`, got: describe(value) });
  return value.map(pair);
}

/** Axes of space in a tensor of `rank` of them. */
export const spatialAxes = (rank: number, format: DataFormat): number[] =>
  Array.from({ length: rank }, (_, i) => (format === "channelsFirst" ? i + 2 : i + 1));

export function checkRank(shape: tfl.Shape, rank: number, owner: string): void {
  if (shape.length !== rank) throw new ShapeError({ owner, expected: `an input of rank ${rank}`, got: describe({ shape }) });
}

/** [batch, channels, ...space] to [batch, ...space, channels], where it is not that. */
export const toChannelsLast = (x: Tensor, format: DataFormat): Tensor =>
  format === "channelsLast" ? x : transpose(x, [0, ...spatialAxes(x.rank - 2, format), 1]);

/** [batch, ...space, channels] to the layer's format. */
export const fromChannelsLast = (x: Tensor, format: DataFormat): Tensor =>
  format === "channelsLast" ? x : transpose(x, [0, x.rank - 1, ...spatialAxes(x.rank - 2, "channelsLast")]);
