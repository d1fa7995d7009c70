import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { convolve, convolveDepthwise } from "./dilatedConvolution.ts";
import { axisInFront, withoutAxis } from "./oneAxis.ts";
import { fromChannelsLast, oneShape, oneTensor, registerLayer, toChannelsLast, type SeparableConvArgs } from "./support.ts";
import { SeparableConv2D as TfjsSeparableConv2D } from "./tfjsClasses.ts";

/**
 * Keras's SeparableConv2D. tfjs's layer adds the bias along the wrong axis where channels come first, and its config forgets
 * `depthMultiplier`.
 */
export class SeparableConv2D extends TfjsSeparableConv2D {
  static className: string = "NengoSeparableConv2D";

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = toChannelsLast(oneTensor(inputs), this.dataFormat) as tf.Tensor4D;
      return fromChannelsLast(this.convolve(x), this.dataFormat);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }

  /** [batch, h, w, channels] to [batch, h', w', filters]. */
  protected convolve(x: tf.Tensor4D): tf.Tensor {
    const kernel = (variable: tfl.LayerVariable | null) => {
      const value = (variable as tfl.LayerVariable).read();
      return (value.rank === 4 ? value : tf.expandDims(value, 0)) as tf.Tensor4D;
    };
    const [strides, dilations] = [this.strides, this.dilationRate] as [number, number][];
    const channels = convolveDepthwise(x, kernel(this.depthwiseKernel), strides, this.padding === "same" ? "same" : "valid", dilations);
    const y = convolve(channels, kernel(this.pointwiseKernel), [1, 1], "valid", [1, 1]);
    return this.activation.apply(this.bias === null ? y : tf.add(y, this.bias.read()));
  }
}
registerLayer(SeparableConv2D);

/** Keras's SeparableConv1D, which tfjs lacks: [batch, steps, channels] to [batch, steps', filters]. */
export class SeparableConv1D extends SeparableConv2D {
  static override className = "SeparableConv1D";

  constructor(args: SeparableConvArgs) {
    super(axisInFront(args));
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shape = oneShape(inputShape);
    const channels = shape[this.dataFormat === "channelsFirst" ? 1 : 2] as number;
    const { depthMultiplier, filters } = this;
    const depthwise = [this.kernelSize[1], channels, depthMultiplier];
    this.depthwiseKernel = this.addWeight(
      "depthwise_kernel",
      depthwise,
      "float32",
      this.depthwiseInitializer,
      this.depthwiseRegularizer,
      true,
      this.depthwiseConstraint,
    );
    const pointwise = [1, channels * depthMultiplier, filters];
    this.pointwiseKernel = this.addWeight(
      "pointwise_kernel",
      pointwise,
      "float32",
      this.pointwiseInitializer,
      this.pointwiseRegularizer,
      true,
      this.pointwiseConstraint,
    );
    this.bias = this.useBias
      ? this.addWeight("bias", [filters], "float32", this.biasInitializer, this.biasRegularizer, true, this.biasConstraint)
      : null;
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return withoutAxis(this.dataFormat, oneShape(inputShape), (shape) => super.computeOutputShape(shape) as tfl.Shape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.expandDims<tf.Tensor4D>(toChannelsLast(oneTensor(inputs), this.dataFormat), 1);
      return fromChannelsLast(tf.squeeze(this.convolve(x), [1]), this.dataFormat);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      kernelSize: this.kernelSize.slice(1),
      strides: this.strides.slice(1),
      dilationRate: this.dilationRate.slice(1),
    };
  }
}
registerLayer(SeparableConv1D);
