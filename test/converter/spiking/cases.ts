import * as tf from "@tensorflow/tfjs";
import * as nengo from "../../../src/index.ts";
import { randomise } from "../support.ts";

type Layer = tf.layers.Layer;
const { layers } = nengo;

/** A model of one layer with weights that are not special. */
export function one(layer: Layer, shape: number[]): tf.LayersModel {
  const input = tf.input({ shape });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
  randomise(model);
  return model;
}

/** Layers with the shape of an input. */
export const layerCases: Record<string, () => [Layer, number[]]> = {
  dense: () => [tf.layers.dense({ units: 4, activation: "relu" }), [3]],
  "dense without bias or activation": () => [tf.layers.dense({ units: 4, useBias: false }), [3]],
  "dense with tanh on positions": () => [tf.layers.dense({ units: 4, activation: "tanh" }), [2, 3]],
  "dense with softmax": () => [tf.layers.dense({ units: 4, activation: "softmax" }), [3]],
  "dense with sigmoid": () => [tf.layers.dense({ units: 4, activation: "sigmoid" }), [3]],
  "dense with elu": () => [tf.layers.dense({ units: 4, activation: "elu" }), [3]],
  conv1d: () => [tf.layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, activation: "relu" }), [7, 3]],
  "conv2d, channels first": () => [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", dataFormat: "channelsFirst", activation: "relu" }),
    [2, 5, 4],
  ],
  conv3d: () => [tf.layers.conv3d({ filters: 2, kernelSize: 2, activation: "relu" }), [3, 3, 3, 2]],
  conv2dTranspose: () => [tf.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, activation: "relu" }), [3, 3, 2]],
  depthwiseConv2d: () => [tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: "relu" }), [5, 5, 2]],
  "separableConv2d with multiplier": () => [
    tf.layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, activation: "relu" }),
    [5, 5, 2],
  ],
  averagePooling2d: () => [tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }), [4, 4, 2]],
  globalAveragePooling2d: () => [tf.layers.globalAveragePooling2d({}), [4, 3, 2]],
  maxPooling1d: () => [tf.layers.maxPooling1d({ poolSize: 2, strides: 2 }), [6, 2]],
  maxPooling2d: () => [tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }), [5, 5, 2]],
  maxPooling3d: () => [tf.layers.maxPooling3d({ poolSize: 2, strides: 1 }), [3, 3, 3, 2]],
  globalMaxPooling2d: () => [tf.layers.globalMaxPooling2d({}), [4, 3, 2]],
  batchNormalization: () => [tf.layers.batchNormalization({}), [4, 3]],
  "batchNormalization without scale, frozen": () => [tf.layers.batchNormalization({ scale: false, trainable: false }), [4]],
  dropout: () => [tf.layers.dropout({ rate: 0.5 }), [4]],
  gaussianNoise: () => [tf.layers.gaussianNoise({ stddev: 1 }), [4]],
  flatten: () => [tf.layers.flatten(), [2, 3]],
  reshape: () => [tf.layers.reshape({ targetShape: [3, -1] }), [2, 6]],
  permute: () => [tf.layers.permute({ dims: [2, 1] }), [2, 3]],
  repeatVector: () => [tf.layers.repeatVector({ n: 3 }), [4]],
  zeroPadding2d: () => [tf.layers.zeroPadding2d({ padding: 1 }), [2, 3, 2]],
  cropping2D: () => [
    tf.layers.cropping2D({
      cropping: [
        [1, 1],
        [0, 1],
      ],
    }),
    [4, 4, 2],
  ],
  upSampling2d: () => [tf.layers.upSampling2d({ size: [2, 2] }), [2, 2, 2]],
  relu: () => [tf.layers.reLU(), [5]],
  "relu with a highest value": () => [tf.layers.reLU({ maxValue: 0.5 }), [9]],
  relu6: () => [tf.layers.reLU({ maxValue: 6 }), [5]],
  leakyReLU: () => [tf.layers.leakyReLU({ alpha: 0.25 }), [5]],
  prelu: () => [tf.layers.prelu(), [2, 3]],
  elu: () => [tf.layers.elu({ alpha: 1 }), [5]],
  thresholdedReLU: () => [tf.layers.thresholdedReLU({ theta: 0.3 }), [5]],
  softmax: () => [tf.layers.softmax(), [4]],
  "softmax of axis 1": () => [tf.layers.softmax({ axis: 1 }), [4]],
  timeDistributed: () => [tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3, activation: "relu" }) }), [2, 4]],
  "timeDistributed activation": () => [tf.layers.timeDistributed({ layer: tf.layers.reLU() }), [2, 4]],
  "reLU of Keras": () => [layers.reLU({ maxValue: 0.7, negativeSlope: 0.3 }), [9]],
  "reLU of Keras with threshold": () => [layers.reLU({ threshold: 0.3 }), [9]],
  "cropping1d of Keras": () => [layers.cropping1d({ cropping: [1, 2] }), [6, 2]],
  "upSampling1d of Keras": () => [layers.upSampling1d({ size: 2 }), [3, 2]],
  "grouped conv2d": () => [layers.conv2d({ filters: 6, kernelSize: 2, groups: 3, padding: "same", activation: "relu" }), [3, 3, 6]],
  "depthwiseConv1d of Keras": () => [layers.depthwiseConv1d({ kernelSize: 3, depthMultiplier: 2, activation: "relu" }), [7, 3]],
  "separableConv1d of Keras": () => [layers.separableConv1d({ filters: 4, kernelSize: 3, depthMultiplier: 2 }), [7, 3]],
  "normalization of channels": () => [layers.normalization({ mean: [1, 2, 3], variance: [1, 4, 0.5] }), [2, 3]],
  rescaling: () => [tf.layers.rescaling({ scale: 0.5, offset: -0.5 }), [2, 3]],
  "globalMaxPooling3d of Keras": () => [layers.globalMaxPooling3d({}), [2, 2, 2, 2]],
};
for (const activation of [
  "relu",
  "relu6",
  "elu",
  "selu",
  "sigmoid",
  "hardSigmoid",
  "tanh",
  "linear",
  "softplus",
  "softsign",
  "swish",
  "softmax",
] as const)
  layerCases[`activation ${activation}`] = () => [tf.layers.activation({ activation }), [6]];

/** Models of several layers. */
export const modelCases: Record<string, () => tf.LayersModel> = {
  "a Sequential CNN": () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 3, kernelSize: 3, activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.batchNormalization({}),
        tf.layers.dropout({ rate: 0.2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 4, activation: "softmax" }),
      ],
    }),
  "branches that merge": () => {
    const [a, b] = [tf.input({ shape: [3] }), tf.input({ shape: [2] })];
    const x = tf.layers.dense({ units: 4, activation: "relu" }).apply(a) as tf.SymbolicTensor;
    const y = tf.layers.dense({ units: 4, activation: "relu" }).apply(b) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([x, y]) as tf.SymbolicTensor;
    const both = tf.layers.concatenate().apply([sum, x]) as tf.SymbolicTensor;
    const outputs = [
      tf.layers.dense({ units: 2, activation: "sigmoid" }).apply(both) as tf.SymbolicTensor,
      tf.layers.softmax().apply(sum) as tf.SymbolicTensor,
    ];
    return tf.model({ inputs: [a, b], outputs });
  },
  "shared layers": () => {
    const [a, b] = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
    const dense = tf.layers.dense({ units: 4, activation: "relu" });
    const prelu = tf.layers.prelu();
    const [x, y] = [a, b].map((t) => prelu.apply(dense.apply(t)) as tf.SymbolicTensor);
    return tf.model({ inputs: [a, b], outputs: tf.layers.dense({ units: 2 }).apply(tf.layers.add().apply([x, y])) as tf.SymbolicTensor });
  },
  "an output that goes on": () => {
    const a = tf.input({ shape: [3] });
    const x = tf.layers.dense({ units: 4, activation: "sigmoid" }).apply(a) as tf.SymbolicTensor;
    return tf.model({ inputs: a, outputs: [x, tf.layers.dense({ units: 2 }).apply(x) as tf.SymbolicTensor] });
  },
};

/** A model within a model, called twice. */
export function nested(): tf.LayersModel {
  const inner = tf.sequential({
    name: "inner",
    layers: [tf.layers.dense({ inputShape: [3], units: 3, activation: "relu", name: "first" }), tf.layers.reLU({ name: "second" })],
  });
  const input = tf.input({ shape: [3] });
  const twice = inner.apply(inner.apply(input)) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 2, name: "first" }).apply(twice) as tf.SymbolicTensor });
}
