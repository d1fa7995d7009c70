import { freeze } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import type { ConvolutionGeometry, Operator } from "../ir/operators.ts";
import { range } from "../ir/signal.ts";
import { asChannelShape, channelShape, channelsOf, spatialOf, type ChannelShape, type ChannelShapeLike } from "./channelShape.ts";
import { alongAxis, ConvolutionBase, type ConvolutionOptionsBase } from "./convolutionBase.ts";
import type { TransformLowering } from "./transform.ts";

export interface ConvolutionTransposeOptions extends ConvolutionOptionsBase {
  /** Sizes of the output, channels included: such that a convolution of it has the size of the input. @defaultValue null: the smallest */
  readonly outputShape?: ChannelShapeLike | null;
}

/**
 * The transpose of a convolution: every element of the input adds its multiple of the kernel to the output. Kernel:
 * `[...kernelSize, channels in, nFilters]`. (tf.conv2dTranspose has the last two exchanged.)
 */
export class ConvolutionTranspose extends ConvolutionBase {
  static override readonly type: string = "ConvolutionTranspose";
  static override readonly parameters: readonly string[] = [
    "nFilters",
    "inputShape",
    "outputShape",
    "kernelSize",
    "strides",
    "padding",
    "channelsLast",
    "init",
  ];
  readonly outputShape: ChannelShape;

  /** @throws ShapeError, ValidationError where sizes do not fit */
  constructor(options: ConvolutionTransposeOptions) {
    super(options);
    const { kernelSize, strides, padding, channelsLast, nFilters, inputSpatial } = this;
    const given = options.outputShape ?? null;
    if (given === null) {
      const spatial = inputSpatial.map((size, axis) => 1 + (size - 1) * strides[axis] + (padding === "valid" ? kernelSize[axis] - 1 : 0));
      this.outputShape = channelShape(spatial, nFilters, channelsLast);
    } else {
      this.outputShape = asChannelShape(this.type, "outputShape", given, channelsLast);
      if (channelsOf(this.outputShape) !== nFilters)
        throw new ShapeError({
          owner: this.type,
          parameter: "outputShape",
          expected: `${nFilters} channels, as nFilters`,
          got: `${channelsOf(this.outputShape)}`,
        });
      const back = spatialOf(this.outputShape).map((size, axis) => alongAxis(size, kernelSize[axis], strides[axis], padding).output);
      if (back.length !== inputSpatial.length || back.some((size, axis) => size !== inputSpatial[axis]))
        throw new ValidationError({
          owner: this.type,
          parameter: "outputShape",
          expected: `sizes whose convolution has those of the input, [${inputSpatial.join(", ")}]`,
          got: `[${spatialOf(this.outputShape).join(", ")}], whose convolution has [${back.join(", ")}]`,
        });
    }
    this.checkKernel();
    freeze(this, new.target, ConvolutionTranspose);
  }

  override get kernelShape(): readonly number[] {
    return [...this.kernelSize, this.inputChannels, this.nFilters];
  }
  override get geometry(): ConvolutionGeometry {
    const inputSpatial = spatialOf(this.outputShape);
    return {
      inputSpatial,
      outputSpatial: this.inputSpatial,
      inputChannels: this.nFilters,
      outputChannels: this.inputChannels,
      kernel: this.kernelSize,
      strides: this.strides,
      padding: inputSpatial.map((size, axis) =>
        this.padding === "valid"
          ? 0
          : Math.floor(Math.max((this.inputSpatial[axis] - 1) * this.strides[axis] + this.kernelSize[axis] - size, 0) / 2),
      ),
      groups: 1,
      channelsLast: this.channelsLast,
      filterOutputFirst: true,
    };
  }

  override lower({ weights, x, y, spikes, origin }: TransformLowering): Operator[] {
    return [
      {
        kind: "convolve",
        origin,
        mode: "inputAdjoint",
        geometry: this.geometry,
        input: y,
        filter: range(weights),
        output: x,
        role: "inc",
        spikes,
      },
    ];
  }
}
