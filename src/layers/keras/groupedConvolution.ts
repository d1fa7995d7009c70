import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { ShapeError, ValidationError, describe } from "../../errors.ts";
import { convolve, convolveDepthwise } from "./dilatedConvolution.ts";
import { padded } from "./zeroPadding.ts";
import { fromChannelsLast, oneShape, oneTensor, registerLayer, toChannelsLast } from "./support.ts";
import { Conv1D as TfjsConv1D, Conv2D as TfjsConv2D, type ConvolutionFields } from "./tfjsClasses.ts";

/** What `tf.layers.conv2d` takes, and groups. */
export type GroupedConvArgs = Omit<Parameters<typeof tfl.layers.conv2d>[0], "padding"> & {
  /** `causal` along one axis alone. @defaultValue "valid" */
  padding?: "valid" | "same" | "causal";
  /** Parts that channels and filters are divided into; filters see the channels of their part. @defaultValue 1 */
  groups?: number;
};

type Layer = tfl.layers.Layer & ConvolutionFields & { readonly groups: number };

function checkGroups(args: { groups?: unknown; filters?: unknown }, owner: string): number {
  const groups = args.groups ?? 1;
  if (typeof groups === "number" && Number.isInteger(groups) && groups >= 1 && Number(args.filters) % groups === 0) return groups;
  throw new ValidationError({
    owner,
    parameter: "groups",
    expected: `a whole number that divides the ${String(args.filters)} filters`,
    got: describe(groups),
  });
}

/** Channels of the input that each filter sees. */
function channelsOfGroup(layer: Layer, shape: tfl.Shape): number {
  const channels = shape[layer.dataFormat === "channelsFirst" ? 1 : shape.length - 1];
  if (channels === null || channels % layer.groups !== 0) {
    throw new ShapeError({
      owner: layer.name,
      parameter: "groups",
      expected: `channels that ${layer.groups} groups divide`,
      got: describe(channels),
    });
  }
  return channels / layer.groups;
}

/** The kernel is [...kernelSize, channels / groups, filters]; filters of a group stand together. `x` is [batch, h, w, channels]. */
function convolveGroups(x: tf.Tensor4D, kernel: tf.Tensor4D, layer: Layer, padding: "valid" | "same"): tf.Tensor4D {
  const [strides, dilations] = [layer.strides, layer.dilationRate].map(
    (sizes) => (sizes.length === 1 ? [1, sizes[0]] : sizes) as [number, number],
  );
  const [h, w, inputs, filters] = kernel.shape;
  const { groups } = layer;
  if (groups === 1) return convolve(x, kernel, strides, padding, dilations);
  // one channel a group is a depthwise convolution
  if (inputs === 1) return convolveDepthwise(x, tf.reshape(kernel, [h, w, groups, filters / groups]), strides, padding, dilations);
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  return tf.concat(
    tf.split<tf.Tensor4D>(x, groups, 3).map((part, i) => convolve(part, kernels[i], strides, padding, dilations)),
    3,
  );
}

function finish(y: tf.Tensor, layer: Layer): tf.Tensor {
  const biased = layer.bias === null ? y : tf.add(y, layer.bias.read());
  return layer.activation.apply(fromChannelsLast(biased, layer.dataFormat));
}

/** Keras's Conv2D with `groups`: filters see a part of the channels each. [batch, h, w, channels] or [batch, channels, h, w]. */
export class GroupedConv2D extends TfjsConv2D {
  static className = "NengoConv2D";
  readonly groups: number;

  /** @throws ValidationError for groups that do not divide the filters */
  constructor(args: GroupedConvArgs) {
    super(args);
    if (this.padding === "causal") {
      throw new ValidationError({
        owner: "Conv2D",
        parameter: "padding",
        expected: '"valid" or "same"',
        got: '"causal", which one axis alone has',
      });
    }
    this.groups = checkGroups(args, "Conv2D");
  }

  /** @throws ShapeError for channels that groups do not divide */
  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shape = [...this.kernelSize, channelsOfGroup(this, oneShape(inputShape)), this.filters];
    this.kernel = this.addWeight("kernel", shape, undefined, this.kernelInitializer, this.kernelRegularizer, true, this.kernelConstraint);
    if (this.useBias)
      this.bias = this.addWeight("bias", [this.filters], undefined, this.biasInitializer, this.biasRegularizer, true, this.biasConstraint);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = toChannelsLast(oneTensor(inputs), this.dataFormat) as tf.Tensor4D;
      const y = convolveGroups(
        x,
        (this.kernel as tfl.LayerVariable).read() as tf.Tensor4D,
        this,
        this.padding === "same" ? "same" : "valid",
      );
      return finish(y, this);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups };
  }
}

/** Keras's Conv1D with `groups`, `padding: "causal"` or channels first. [batch, steps, channels] or [batch, channels, steps]. */
export class GroupedConv1D extends TfjsConv1D {
  static className = "NengoConv1D";
  readonly groups: number;

  /** @throws ValidationError for groups that do not divide the filters */
  constructor(args: GroupedConvArgs) {
    super(args);
    this.groups = checkGroups(args, "Conv1D");
  }

  /** @throws ShapeError for channels that groups do not divide */
  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shape = [...this.kernelSize, channelsOfGroup(this, oneShape(inputShape)), this.filters];
    this.kernel = this.addWeight("kernel", shape, undefined, this.kernelInitializer, this.kernelRegularizer, true, this.kernelConstraint);
    if (this.useBias)
      this.bias = this.addWeight("bias", [this.filters], undefined, this.biasInitializer, this.biasRegularizer, true, this.biasConstraint);
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = oneShape(inputShape);
    if (this.padding !== "causal") return super.computeOutputShape(shape) as tfl.Shape;
    const steps = shape[this.dataFormat === "channelsFirst" ? 2 : 1];
    const out = steps === null ? null : Math.ceil(steps / this.strides[0]);
    return this.dataFormat === "channelsFirst" ? [shape[0], this.filters, out] : [shape[0], out, this.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      let x = toChannelsLast(oneTensor(inputs), this.dataFormat);
      // causal: step t sees steps up to t
      if (this.padding === "causal")
        x = padded(x, [
          [0, 0],
          [(this.kernelSize[0] - 1) * this.dilationRate[0], 0],
          [0, 0],
        ]);
      const kernel = tf.expandDims<tf.Tensor4D>((this.kernel as tfl.LayerVariable).read(), 0);
      const y = convolveGroups(tf.expandDims<tf.Tensor4D>(x, 1), kernel, this, this.padding === "same" ? "same" : "valid");
      return finish(tf.squeeze(y, [1]), this);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.groups, dataFormat: this.dataFormat };
  }
}

registerLayer(GroupedConv2D);
registerLayer(GroupedConv1D);
