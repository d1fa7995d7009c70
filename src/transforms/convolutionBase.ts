import { checkBoolean, checkChoice, checkInteger } from "../declared.ts";
import { checkRoom } from "../math/room.ts";
import { Distribution } from "../distributions/distribution.ts";
import { Uniform } from "../distributions/uniform.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import type { ConvolutionGeometry } from "../ir/operators.ts";
import { ndarray, sizeOf, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";
import { asChannelShape, channelsOf, spatialOf, type ChannelShape, type ChannelShapeLike } from "./channelShape.ts";
import { Transform } from "./transform.ts";

/** Options of both convolutions. */
export interface ConvolutionOptionsBase {
  /** Channels of the output. */
  readonly nFilters: number;
  /** Sizes of the input, channels included; 1 to 3 spatial axes. */
  readonly inputShape: ChannelShapeLike;
  /** A size for each spatial axis. @defaultValue [3, 3] */
  readonly kernelSize?: readonly number[];
  /** A step for each spatial axis. @defaultValue [1, 1] */
  readonly strides?: readonly number[];
  /** `valid`: only where the kernel fits; `same`: zeros around, as TensorFlow places them. @defaultValue "valid" */
  readonly padding?: "valid" | "same";
  /** Whether channels are the last axis of images, or the first. @defaultValue true */
  readonly channelsLast?: boolean;
  /** The kernel, or a distribution of its elements. @defaultValue new Uniform({low: -1, high: 1}) */
  readonly init?: Distribution | ArrayLike_;
}

/** Output size and zeros before the first element of an axis of a convolution. */
export function alongAxis(size: number, kernel: number, stride: number, padding: "valid" | "same"): { output: number; before: number } {
  if (padding === "valid") return { output: Math.ceil((size - kernel + 1) / stride), before: 0 };
  const output = Math.ceil(size / stride);
  return { output, before: Math.floor(Math.max((output - 1) * stride + kernel - size, 0) / 2) };
}

/** What a convolution and a transposed one share. */
export abstract class ConvolutionBase extends Transform {
  readonly nFilters: number;
  readonly inputShape: ChannelShape;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "valid" | "same";
  readonly channelsLast: boolean;
  readonly init: Distribution | NdArray;
  abstract readonly outputShape: ChannelShape;
  /** `[...kernelSize, channels in, channels out]`. */
  abstract get kernelShape(): readonly number[];
  /** The convolution that is run, or whose transpose is. */
  abstract get geometry(): ConvolutionGeometry;

  /** @param options - those of the subclass */
  protected constructor(options: ConvolutionOptionsBase) {
    super(options);
    const owner = this.type;
    this.nFilters = checkInteger(owner, "nFilters", options.nFilters, { min: 1 });
    this.channelsLast = checkBoolean(owner, "channelsLast", options.channelsLast ?? true);
    this.inputShape = asChannelShape(owner, "inputShape", options.inputShape, this.channelsLast);
    const axes = this.inputShape.shape.length - 1;
    this.kernelSize = axisSizes(owner, "kernelSize", options.kernelSize ?? [3, 3], axes);
    this.strides = axisSizes(owner, "strides", options.strides ?? [1, 1], axes);
    this.padding = checkChoice(owner, "padding", options.padding ?? "valid", ["valid", "same"] as const);
    const init = options.init ?? new Uniform({ low: -1, high: 1 });
    this.init = init instanceof Distribution ? init : ndarray(init, { owner, parameter: "init" });
  }

  override get sizeIn(): number {
    return sizeOf(this.inputShape.shape);
  }
  override get sizeOut(): number {
    return sizeOf(this.outputShape.shape);
  }

  /** The kernel; drawn in blocks of `[channels in, channels out]`, one an element of kernelSize. */
  override sample(rng: RandomState): NdArray {
    const { init, kernelShape } = this;
    if (!(init instanceof Distribution)) return init;
    checkRoom(sizeOf(kernelShape), `${this.type}.kernelSize`);
    const [channelsIn, channelsOut] = kernelShape.slice(-2) as [number, number];
    const blocks = Array.from({ length: sizeOf(this.kernelSize) }, () => init.sample(channelsIn, channelsOut, rng));
    const data = new Float64Array(sizeOf(kernelShape));
    blocks.forEach((block, k) => data.set(block, k * block.length));
    return { shape: kernelShape, data };
  }

  protected get inputSpatial(): readonly number[] {
    return spatialOf(this.inputShape);
  }
  protected get inputChannels(): number {
    return channelsOf(this.inputShape);
  }

  /** To be called when all is known that the kernel's shape depends on. */
  protected checkKernel(): void {
    const { init, kernelShape } = this;
    if (init instanceof Distribution) return;
    if (init.shape.length !== kernelShape.length || init.shape.some((size, axis) => size !== kernelShape[axis]))
      throw new ShapeError({
        owner: this.type,
        parameter: "init",
        expected: `a kernel [${kernelShape.join(", ")}]`,
        got: `[${init.shape.join(", ")}]`,
      });
  }
}

/** Checks a list of positive integers, one a spatial axis. */
export function axisSizes(owner: string, parameter: string, value: unknown, axes: number): readonly number[] {
  if (!Array.isArray(value)) throw new ValidationError({ owner, parameter, expected: "a list of sizes", got: describe(value) });
  if (value.length !== axes)
    throw new ShapeError({
      owner,
      parameter,
      expected: `${axes} number${axes === 1 ? "" : "s"}, one a spatial axis of inputShape`,
      got: `${value.length}`,
    });
  value.forEach((size, axis) => checkInteger(owner, `${parameter}[${axis}]`, size, { min: 1 }));
  return Object.freeze([...(value as number[])]);
}
