import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectSameFunction, expectSameModel, randomise } from "./support.ts";

type Layer = tf.layers.Layer;

/** A model of one layer. */
function one(layer: Layer, shape: number[]): tf.LayersModel {
  const input = tf.input({ shape });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
  randomise(model);
  return model;
}

const formats = ["channelsLast", "channelsFirst"] as const;
const paddings = ["valid", "same"] as const;
const image = (format: (typeof formats)[number], channels = 3, size = [6, 5]): number[] =>
  format === "channelsLast" ? [...size, channels] : [channels, ...size];

/** Layers with the shape of an input. */
const cases: Record<string, () => [Layer, number[]]> = {
  dense: () => [tf.layers.dense({ units: 4, activation: "relu" }), [3]],
  "dense without bias": () => [tf.layers.dense({ units: 4, useBias: false }), [3]],
  "dense on several positions": () => [tf.layers.dense({ units: 4, activation: "tanh" }), [2, 5, 3]],
  flatten: () => [tf.layers.flatten(), [2, 3, 4]],
  "flatten of channels first": () => [tf.layers.flatten({ dataFormat: "channelsFirst" }), [2, 3, 4]],
  reshape: () => [tf.layers.reshape({ targetShape: [4, -1] }), [2, 6]],
  permute: () => [tf.layers.permute({ dims: [3, 1, 2] }), [2, 3, 4]],
  repeatVector: () => [tf.layers.repeatVector({ n: 3 }), [4]],
  relu: () => [tf.layers.reLU(), [5]],
  "relu with a highest value": () => [tf.layers.reLU({ maxValue: 0.7 }), [50]],
  leakyReLU: () => [tf.layers.leakyReLU({ alpha: 0.2 }), [5]],
  elu: () => [tf.layers.elu(), [5]],
  prelu: () => [tf.layers.prelu(), [3, 2]],
  "prelu with shared axes": () => [tf.layers.prelu({ sharedAxes: [1, 2] }), [3, 2, 4]],
  "prelu shared by all but the first": () => [tf.layers.prelu({ sharedAxes: [2] }), [3, 2]],
  softmax: () => [tf.layers.softmax(), [4]],
  dropout: () => [tf.layers.dropout({ rate: 0.5 }), [4]],
  gaussianNoise: () => [tf.layers.gaussianNoise({ stddev: 1 }), [4]],
  gaussianDropout: () => [tf.layers.gaussianDropout({ rate: 0.5 }), [4]],
  alphaDropout: () => [tf.layers.alphaDropout({ rate: 0.5 }), [4]],
  spatialDropout1d: () => [tf.layers.spatialDropout1d({ rate: 0.5 }), [4, 2]],
  globalAveragePooling1d: () => [tf.layers.globalAveragePooling1d({}), [5, 3]],
  globalMaxPooling1d: () => [tf.layers.globalMaxPooling1d({}), [5, 3]],
};
for (const activation of [
  "relu",
  "relu6",
  "elu",
  "selu",
  "sigmoid",
  "tanh",
  "linear",
  "softmax",
  "softplus",
  "hardSigmoid",
  "swish",
] as const)
  cases[`activation ${activation}`] = () => [tf.layers.activation({ activation: activation }), [7]];
for (const padding of paddings) {
  for (const strides of [1, 2]) {
    const name = `padding ${padding}, stride ${strides}`;
    cases[`conv1d, ${name}`] = () => [tf.layers.conv1d({ filters: 4, kernelSize: 3, padding, strides, activation: "relu" }), [7, 3]];
    cases[`averagePooling1d, ${name}`] = () => [tf.layers.averagePooling1d({ poolSize: 3, padding, strides }), [7, 3]];
    cases[`maxPooling1d, ${name}`] = () => [tf.layers.maxPooling1d({ poolSize: 3, padding, strides }), [7, 3]];
    for (const dataFormat of formats) {
      const where = `${name}, ${dataFormat}`;
      const args = { padding, strides, dataFormat };
      const pool = { ...args, strides: [strides, strides] as [number, number] };
      cases[`conv2d, ${where}`] = () => [
        tf.layers.conv2d({ filters: 4, kernelSize: [3, 2], ...args, activation: "relu" }),
        image(dataFormat),
      ];
      cases[`depthwiseConv2d, ${where}`] = () => [
        tf.layers.depthwiseConv2d({ kernelSize: [3, 2], depthMultiplier: 2, ...args, activation: "relu6" }),
        image(dataFormat),
      ];
      cases[`separableConv2d, ${where}`] = () => [
        tf.layers.separableConv2d({ filters: 4, kernelSize: [3, 2], depthMultiplier: 2, ...args, useBias: dataFormat === "channelsLast" }),
        image(dataFormat),
      ];
      cases[`conv2dTranspose, ${where}`] = () => [
        tf.layers.conv2dTranspose({ filters: 4, kernelSize: [3, 2], ...args }),
        image(dataFormat),
      ];
      cases[`conv3d, ${where}`] = () => [
        tf.layers.conv3d({ filters: 2, kernelSize: [2, 3, 2], ...args, strides: [strides, strides, strides] }),
        image(dataFormat, 2, [3, 4, 3]),
      ];
      cases[`averagePooling2d, ${where}`] = () => [tf.layers.averagePooling2d({ poolSize: [2, 3], ...pool }), image(dataFormat)];
      cases[`maxPooling2d, ${where}`] = () => [tf.layers.maxPooling2d({ poolSize: [2, 3], ...pool }), image(dataFormat)];
      const pool3d = {
        ...args,
        poolSize: [2, 2, 2] as [number, number, number],
        strides: [strides, strides, strides] as [number, number, number],
      };
      cases[`averagePooling3d, ${where}`] = () => [tf.layers.averagePooling3d(pool3d), image(dataFormat, 2, [3, 4, 3])];
      cases[`maxPooling3d, ${where}`] = () => [tf.layers.maxPooling3d(pool3d), image(dataFormat, 2, [3, 4, 3])];
    }
  }
  cases[`conv1d, dilated, padding ${padding}`] = () => [tf.layers.conv1d({ filters: 4, kernelSize: 3, padding, dilationRate: 2 }), [9, 3]];
  for (const dataFormat of formats)
    cases[`conv2d, dilated, padding ${padding}, ${dataFormat}`] = () => [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, padding, dataFormat, dilationRate: [2, 1] }),
      image(dataFormat, 2, [7, 6]),
    ];
  cases[`separableConv2d, dilated, padding ${padding}`] = () => [
    tf.layers.separableConv2d({ filters: 4, kernelSize: 3, padding, dilationRate: 2 }),
    [7, 6, 2],
  ];
  cases[`depthwiseConv2d, dilated, padding ${padding}`] = () => [
    tf.layers.depthwiseConv2d({ kernelSize: 3, padding, dilationRate: [2, 2] }),
    [7, 6, 2],
  ];
}
for (const dataFormat of formats) {
  cases[`globalAveragePooling2d, ${dataFormat}`] = () => [tf.layers.globalAveragePooling2d({ dataFormat }), image(dataFormat)];
  cases[`globalMaxPooling2d, ${dataFormat}`] = () => [tf.layers.globalMaxPooling2d({ dataFormat }), image(dataFormat)];
  cases[`zeroPadding2d, ${dataFormat}`] = () => [
    tf.layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
      dataFormat,
    }),
    image(dataFormat),
  ];
  cases[`cropping2D, ${dataFormat}`] = () => [
    tf.layers.cropping2D({
      cropping: [
        [1, 2],
        [0, 3],
      ],
      dataFormat,
    }),
    image(dataFormat),
  ];
  cases[`upSampling2d, ${dataFormat}`] = () => [tf.layers.upSampling2d({ size: [2, 3], dataFormat }), image(dataFormat)];
  cases[`upSampling2d, bilinear, ${dataFormat}`] = () => [
    tf.layers.upSampling2d({ size: [2, 3], dataFormat, interpolation: "bilinear" }),
    image(dataFormat),
  ];
}
for (const axis of [-1, 1])
  cases[`batchNormalization of axis ${axis}`] = () => [tf.layers.batchNormalization({ axis, trainable: false }), [3, 2, 4]];
cases["batchNormalization of a vector"] = () => [tf.layers.batchNormalization({ trainable: false, scale: false }), [4]];
cases["batchNormalization without center"] = () => [tf.layers.batchNormalization({ trainable: false, center: false }), [4]];

const { layers } = nengo;
Object.assign(cases, {
  "cropping1d of Keras": () => [layers.cropping1d({ cropping: [1, 2] }), [6, 2]],
  "cropping3d of Keras": () => [layers.cropping3d({ cropping: 1 }), [3, 4, 3, 2]],
  "zeroPadding1d of Keras": () => [layers.zeroPadding1d({ padding: [1, 2] }), [3, 2]],
  "zeroPadding3d of Keras": () => [layers.zeroPadding3d({ padding: 1 }), [2, 2, 2, 2]],
  "upSampling1d of Keras": () => [layers.upSampling1d({ size: 2 }), [3, 2]],
  "upSampling3d of Keras": () => [layers.upSampling3d({ size: 2 }), [2, 1, 2, 2]],
  "globalAveragePooling3d of Keras": () => [layers.globalAveragePooling3d({ keepdims: true }), [2, 3, 2, 2]],
  "globalMaxPooling3d of Keras": () => [layers.globalMaxPooling3d({ dataFormat: "channelsFirst" }), [2, 3, 2, 2]],
  "grouped conv1d, causal": () => [layers.conv1d({ filters: 4, kernelSize: 3, groups: 2, padding: "causal", dilationRate: 2 }), [6, 4]],
  "grouped conv1d, channels first": () => [layers.conv1d({ filters: 4, kernelSize: 2, groups: 2, dataFormat: "channelsFirst" }), [4, 6]],
  "grouped conv2d": () => [layers.conv2d({ filters: 6, kernelSize: [2, 3], groups: 3, padding: "same", activation: "relu" }), [4, 5, 6]],
  "depthwiseConv1d of Keras": () => [layers.depthwiseConv1d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: "same" }), [7, 3]],
  "separableConv1d of Keras": () => [layers.separableConv1d({ filters: 4, kernelSize: 3, depthMultiplier: 2 }), [7, 3]],
  "conv1dTranspose of Keras": () => [layers.conv1dTranspose({ filters: 4, kernelSize: 3, strides: 2 }), [5, 3]],
  "reLU with slope and highest value": () => [layers.reLU({ maxValue: 0.7, negativeSlope: 0.3 }), [40]],
  "reLU with slope": () => [layers.reLU({ negativeSlope: 0.3 }), [40]],
  "reLU with threshold": () => [layers.reLU({ threshold: 0.3 }), [40]],
  "normalization of channels": () => [layers.normalization({ mean: [1, 2, 3], variance: [1, 4, 0] }), [2, 3]],
  "normalization of all": () => [layers.normalization({ axis: null, mean: 1, variance: 4, invert: true }), [2, 3]],
  rescaling: () => [tf.layers.rescaling({ scale: 1 / 255, offset: -0.5 }), [2, 3]],
} satisfies Record<string, () => [Layer, number[]]>);

/** Cases that no neurons or connections compute. */
const opaque = [
  "prelu shared by all but the first",
  "activation softplus",
  "activation swish",
  "batchNormalization of axis 1",
  "depthwiseConv2d, dilated, padding valid",
  "depthwiseConv2d, dilated, padding same",
  "upSampling2d, bilinear, channelsLast",
  "upSampling2d, bilinear, channelsFirst",
  "reLU with threshold",
];

describe("converters of layers", () => {
  before(() => nengo.useBackend("cpu"));

  for (const [name, make] of Object.entries(cases))
    it(`${name}: the rate network is the layer, and turns back into it`, async () => {
      const model = one(...make());
      const conversion = await expectSameFunction(model);
      expect(conversion.report.native, String(conversion.report)).to.equal(!opaque.includes(name));
      const sim = new nengo.Simulator(conversion.network, { progressBar: false });
      const back = await nengo.toLayersModel(sim);
      expectSameModel(back, model);
      for (const x of [back, sim.model, model]) x.dispose();
      conversion.dispose();
    });
});
