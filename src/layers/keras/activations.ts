import * as tf from "@tensorflow/tfjs-core";
import { registerLayer } from "./support.ts";

/** Activations that Keras has and tfjs lacks, by names that survive tfjs's change between snake and camel case. */

type Apply = (x: tf.Tensor) => tf.Tensor;

function activation(className: string, apply: Apply) {
  return class extends tf.serialization.Serializable {
    static readonly className = className;
    apply(x: tf.Tensor): tf.Tensor {
      return tf.tidy(() => apply(x));
    }
    override getConfig(): tf.serialization.ConfigDict {
      return {};
    }
  };
}

/** relu6(x + 3) / 6, the hard sigmoid of Keras 3 and PyTorch; tfjs's `hardSigmoid` is that of Keras 2. */
const hardSigmoid6: Apply = (x) => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6);

export const HardSigmoidKeras3 = activation("hardSigmoidKeras3", hardSigmoid6);
export const HardSilu = activation("hardSilu", (x) => tf.mul(x, hardSigmoid6(x)));
export const Exponential = activation("exponential", (x) => tf.exp(x));
export const LogSigmoid = activation("logSigmoid", (x) => tf.neg(tf.softplus(tf.neg(x))));
/** Slope 0.2 below 0, as the activation (not the layer) of Keras 3 has it. */
export const LeakyRelu = activation("leakyRelu", (x) => tf.leakyRelu(x, 0.2));

for (const one of [HardSigmoidKeras3, HardSilu, Exponential, LogSigmoid, LeakyRelu]) registerLayer(one);
