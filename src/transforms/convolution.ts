import { checkInteger, freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import type { ConvolutionGeometry, Operator } from "../ir/operators.ts";
import { range } from "../ir/signal.ts";
import { channelShape, type ChannelShape } from "./channelShape.ts";
import { alongAxis, axisSizes, ConvolutionBase, type ConvolutionOptionsBase } from "./convolutionBase.ts";
import type { TransformLowering } from "./transform.ts";

export interface ConvolutionOptions extends ConvolutionOptionsBase {
  /** Input and output channels fall into so many groups, which do not mix. @defaultValue 1 */
  readonly groups?: number;
  /** Distance of the kernel's neighbouring elements in the input, a number for each spatial axis. @defaultValue [1, 1] */
  readonly dilations?: readonly number[];
}

/** A convolution (cross-correlation) of an image of 1 to 3 spatial axes. Kernel: `[...kernelSize, channels in / groups, nFilters]`. */
export class Convolution extends ConvolutionBase {
  static override readonly type: string = "Convolution";
  static override readonly parameters: readonly string[] = [
    "nFilters",
    "inputShape",
    "kernelSize",
    "strides",
    "padding",
    "channelsLast",
    "init",
    "groups",
    "dilations",
  ];
  readonly groups: number;
  readonly dilations: readonly number[];

  /** @throws ShapeError, ValidationError where sizes do not fit */
  constructor(options: ConvolutionOptions) {
    super(options);
    const { type: owner, inputChannels, nFilters } = this;
    this.groups = checkInteger(owner, "groups", options.groups ?? 1, { min: 1 });
    if (inputChannels % this.groups !== 0 || nFilters % this.groups !== 0)
      throw new ValidationError({
        owner,
        parameter: "groups",
        expected: `a number that divides the channels of the input (${inputChannels}) and nFilters (${nFilters})`,
        got: `${this.groups}`,
      });
    this.dilations = axisSizes(owner, "dilations", options.dilations ?? this.inputSpatial.map(() => 1), this.inputSpatial.length);
    this.inputSpatial.forEach((size, axis) => {
      if (this.padding === "valid" && this.reach(axis) > size)
        throw new ValidationError({
          owner,
          parameter: `kernelSize[${axis}]`,
          expected: `at most ${size}, the size of the input, with valid padding`,
          got: `${this.reach(axis)}`,
          fix: 'Take a smaller kernel, or padding "same"',
        });
    });
    this.checkKernel();
    freeze(this, new.target, Convolution);
  }

  override get outputShape(): ChannelShape {
    return channelShape(this.geometry.outputSpatial, this.nFilters, this.channelsLast);
  }
  override get kernelShape(): readonly number[] {
    return [...this.kernelSize, this.inputChannels / this.groups, this.nFilters];
  }
  override get geometry(): ConvolutionGeometry {
    const axes = this.inputSpatial.map((size, axis) => alongAxis(size, this.reach(axis), this.strides[axis], this.padding));
    return {
      inputSpatial: this.inputSpatial,
      outputSpatial: axes.map(({ output }) => output),
      inputChannels: this.inputChannels,
      outputChannels: this.nFilters,
      kernel: this.kernelSize,
      strides: this.strides,
      ...(this.dilations.some((d) => d > 1) ? { dilations: this.dilations } : {}),
      padding: axes.map(({ before }) => before),
      groups: this.groups,
      channelsLast: this.channelsLast,
    };
  }

  /** Elements of the input that the kernel spans along an axis. */
  private reach(axis: number): number {
    return (this.kernelSize[axis] - 1) * this.dilations[axis] + 1;
  }

  override lower({ weights, x, y, spikes, origin }: TransformLowering): Operator[] {
    return [
      {
        kind: "convolve",
        origin,
        mode: "forward",
        geometry: this.geometry,
        input: x,
        filter: range(weights),
        output: y,
        role: "inc",
        spikes,
      },
    ];
  }
}
