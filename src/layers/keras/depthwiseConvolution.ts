import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { convolveDepthwise } from "./dilatedConvolution.ts";
import { fromChannelsLast, oneShape, oneTensor, registerLayer, toChannelsLast, type DepthwiseConvArgs } from "./support.ts";
import { DepthwiseConv2D as TfjsDepthwiseConv2D } from "./tfjsClasses.ts";
import { axisInFront, lengthOut, withoutAxis } from "./oneAxis.ts";

/** Keras's DepthwiseConv2D with dilation, which tfjs's layer leaves aside. [batch, h, w, channels] or [batch, channels, h, w]. */
export class DilatedDepthwiseConv2D extends TfjsDepthwiseConv2D {
  static className: string = "NengoDepthwiseConv2D";

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const shape = oneShape(inputShape).slice();
    const first = this.dataFormat === "channelsFirst";
    [0, 1].forEach((i) => {
      const axis = first ? i + 2 : i + 1;
      shape[axis] = lengthOut(shape[axis], this.kernelSize[i], this.padding, this.strides[i], this.dilationRate[i]);
    });
    const channels = first ? 1 : 3;
    shape[channels] = (shape[channels] as number) * this.depthMultiplier;
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = toChannelsLast(oneTensor(inputs), this.dataFormat) as tf.Tensor4D;
      const kernel = (this.depthwiseKernel as tfl.LayerVariable).read() as tf.Tensor4D;
      const [strides, dilations] = [this.strides, this.dilationRate] as [number, number][];
      const y = convolveDepthwise(x, kernel, strides, this.padding === "same" ? "same" : "valid", dilations);
      const biased = this.bias === null ? y : tf.add(y, this.bias.read());
      return this.activation.apply(fromChannelsLast(biased, this.dataFormat));
    });
  }
}
registerLayer(DilatedDepthwiseConv2D);

/**
 * Keras's DepthwiseConv1D, which tfjs lacks: [batch, steps, channels] to [batch, steps', channels * depthMultiplier]; kernel [size,
 * channels, depthMultiplier].
 */
export class DepthwiseConv1D extends DilatedDepthwiseConv2D {
  static override className = "DepthwiseConv1D";

  constructor(args: DepthwiseConvArgs) {
    super(axisInFront(args));
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shape = oneShape(inputShape);
    const channels = shape[this.dataFormat === "channelsFirst" ? 1 : 2] as number;
    const kernel = [this.kernelSize[1], channels, this.depthMultiplier];
    this.depthwiseKernel = this.addWeight(
      "depthwise_kernel",
      kernel,
      undefined,
      this.depthwiseInitializer,
      this.depthwiseRegularizer,
      true,
      this.depthwiseConstraint,
    );
    this.bias = this.useBias
      ? this.addWeight(
          "bias",
          [channels * this.depthMultiplier],
          undefined,
          this.biasInitializer,
          this.biasRegularizer,
          true,
          this.biasConstraint,
        )
      : null;
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return withoutAxis(this.dataFormat, oneShape(inputShape), (shape) => super.computeOutputShape(shape));
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.expandDims<tf.Tensor4D>(toChannelsLast(oneTensor(inputs), this.dataFormat), 1);
      const kernel = tf.expandDims<tf.Tensor4D>((this.depthwiseKernel as tfl.LayerVariable).read(), 0);
      const [strides, dilations] = [this.strides, this.dilationRate] as [number, number][];
      const y = convolveDepthwise(x, kernel, strides, this.padding === "same" ? "same" : "valid", dilations);
      const biased = this.bias === null ? y : tf.add(y, this.bias.read());
      return this.activation.apply(fromChannelsLast(tf.squeeze(biased, [1]), this.dataFormat));
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
registerLayer(DepthwiseConv1D);
