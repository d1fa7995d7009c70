import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import { axisInFront, withoutAxis } from "./oneAxis.ts";
import { fromChannelsLast, oneShape, oneTensor, registerLayer, toChannelsLast, type ConvArgs } from "./support.ts";
import { Conv2DTranspose } from "./tfjsClasses.ts";

/** Keras's Conv1DTranspose, which tfjs lacks: [batch, steps, channels] to [batch, steps', filters]; kernel [size, filters, channels]. */
export class Conv1DTranspose extends Conv2DTranspose {
  static className = "Conv1DTranspose";

  constructor(args: ConvArgs) {
    super(axisInFront(args));
    this.inputSpec = [{ ndim: 3 }];
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const channels = oneShape(inputShape)[this.dataFormat === "channelsFirst" ? 1 : 2] as number;
    const kernel = [this.kernelSize[1], this.filters, channels];
    this.kernel = this.addWeight("kernel", kernel, "float32", this.kernelInitializer, this.kernelRegularizer, true, this.kernelConstraint);
    if (this.useBias)
      this.bias = this.addWeight("bias", [this.filters], "float32", this.biasInitializer, this.biasRegularizer, true, this.biasConstraint);
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return withoutAxis(this.dataFormat, oneShape(inputShape), (shape) => super.computeOutputShape(shape) as tfl.Shape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.expandDims<tf.Tensor4D>(toChannelsLast(oneTensor(inputs), this.dataFormat), 1);
      const kernel = tf.expandDims<tf.Tensor4D>((this.kernel as tfl.LayerVariable).read(), 0);
      const [batch, , steps] = x.shape;
      const [size, stride] = [this.kernelSize[1], this.strides[1]];
      const length = steps * stride + (this.padding === "same" ? 0 : Math.max(size - stride, 0));
      const y = tf.conv2dTranspose(x, kernel, [batch, 1, length, this.filters], [1, stride], this.padding === "same" ? "same" : "valid");
      const biased = this.bias === null ? y : tf.add(y, this.bias.read());
      return this.activation.apply(fromChannelsLast(tf.squeeze(biased, [1]), this.dataFormat));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), kernelSize: this.kernelSize.slice(1), strides: this.strides.slice(1) };
  }
}
registerLayer(Conv1DTranspose);
