import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import * as keras from "../../../src/layers/keras/index.ts";
import { differences, expectGradient, wave, waves } from "../support.ts";

type Layer = tf.layers.Layer;
interface Case {
  readonly make: () => Layer;
  readonly shapes: readonly number[][];
}

const one = (make: () => Layer, ...shape: number[]): Case => ({ make, shapes: [shape] });
const conv = { filters: 4, kernelSize: 2, activation: "tanh" } as const;
const first = { dataFormat: "channelsFirst" } as const;

/** Every layer with inputs for it. Their numbers are compared with Keras's in test/converter/keras. */
const cases: Readonly<Record<string, Case>> = {
  Subtract: {
    make: () => nengo.layers.subtract(),
    shapes: [
      [2, 3, 2],
      [2, 1, 2],
    ],
  },
  Cropping1D: one(() => nengo.layers.cropping1d({ cropping: [1, 2] }), 2, 5, 2),
  Cropping3D: one(
    () =>
      nengo.layers.cropping3d({
        cropping: [
          [1, 0],
          [0, 1],
          [1, 1],
        ],
      }),
    1,
    3,
    3,
    4,
    2,
  ),
  ZeroPadding1D: one(() => nengo.layers.zeroPadding1d({ padding: [2, 1] }), 2, 3, 2),
  ZeroPadding3D: one(() => nengo.layers.zeroPadding3d({ padding: [1, 0, 2], ...first }), 1, 2, 2, 3, 2),
  UpSampling1D: one(() => nengo.layers.upSampling1d({ size: 3 }), 2, 3, 2),
  UpSampling3D: one(() => nengo.layers.upSampling3d({ size: [2, 1, 2] }), 1, 2, 2, 2, 2),
  "UpSampling2D, bilinear": one(() => new keras.BilinearUpSampling2D({ size: [2, 3], ...first }), 1, 2, 3, 2),
  GlobalAveragePooling3D: one(() => nengo.layers.globalAveragePooling3d(), 2, 2, 2, 2, 3),
  GlobalMaxPooling3D: one(() => nengo.layers.globalMaxPooling3d({ keepdims: true, ...first }), 2, 3, 2, 2, 2),
  "Conv1D, groups": one(() => nengo.layers.conv1d({ ...conv, groups: 2, strides: 2, padding: "same" }), 2, 5, 4),
  "Conv1D, causal": one(() => nengo.layers.conv1d({ ...conv, padding: "causal", dilationRate: 2, ...first }), 2, 3, 5),
  "Conv2D, groups": one(() => nengo.layers.conv2d({ ...conv, groups: 2, dilationRate: 2 }), 1, 4, 4, 4),
  "Conv2D, a channel a group": one(() => nengo.layers.conv2d({ ...conv, filters: 6, groups: 3 }), 1, 3, 3, 3),
  DepthwiseConv1D: one(() => nengo.layers.depthwiseConv1d({ kernelSize: 2, depthMultiplier: 2, dilationRate: 2 }), 2, 5, 2),
  "DepthwiseConv2D, dilated": one(() => new keras.DilatedDepthwiseConv2D({ kernelSize: 2, dilationRate: [2, 1] }), 1, 4, 3, 2),
  SeparableConv1D: one(() => nengo.layers.separableConv1d({ ...conv, padding: "same" }), 2, 4, 2),
  "SeparableConv2D, channels first": one(() => new keras.SeparableConv2D({ ...conv, ...first }), 1, 2, 3, 3),
  Conv1DTranspose: one(() => nengo.layers.conv1dTranspose({ ...conv, strides: 2 }), 2, 3, 2),
  ReLU: one(() => nengo.layers.reLU({ threshold: 0.3, negativeSlope: 0.2, maxValue: 0.8 }), 3, 7),
  ELU: one(() => new keras.ELU({ alpha: 0.4 }), 3, 7),
  Rescaling: one(() => new keras.Rescaling({ scale: [2, -1], offset: 0.5 }), 3, 2),
  Normalization: one(() => nengo.layers.normalization({ mean: [1, 2], variance: [4, 0.5], invert: true }), 3, 2),
  "BatchNormalization, first axis": one(() => new keras.BatchNormalization({ axis: 1 }), 2, 3, 2, 2),
  SpatialDropout2D: one(() => new keras.SpatialDropout2D({ rate: 0.5 }), 1, 2, 2, 2),
  SpatialDropout3D: one(() => new keras.SpatialDropout3D({ rate: 0.5, ...first }), 1, 2, 2, 2, 2),
  GRU: one(() => new keras.GRU({ units: 2, returnSequences: true, recurrentInitializer: "glorotUniform" }), 2, 3, 2),
};

/** Weights from 0.1 to 0.9: variances must not be negative. */
const weights = (shape: number[], phase: number) => tf.tidy(() => tf.add(tf.mul(waves(shape, phase + 0.5), 0.4), 0.5));

describe("layers of Keras that tfjs lacks", () => {
  before(() => tf.setBackend("cpu"));

  for (const [name, { make, shapes }] of Object.entries(cases)) {
    const inputs = () => shapes.map((shape, i) => waves(shape, i + 0.3));
    const apply = (layer: Layer, tensors: tf.Tensor[]) => layer.apply(tensors.length === 1 ? tensors[0] : tensors) as tf.Tensor;

    it(`${name}: the shape it says, nothing left behind, and the same layer from its config`, () => {
      const layer = make();
      const tensors = inputs();
      apply(layer, tensors).dispose();
      layer.setWeights(layer.getWeights().map((w, i) => weights(w.shape, i)));
      const before = tf.memory().numTensors;
      const output = apply(layer, tensors);
      expect(tf.memory().numTensors).to.equal(before + 1);
      const wanted = layer.computeOutputShape(shapes.length === 1 ? shapes[0] : (shapes as tf.Shape[]));
      expect(output.shape).to.deep.equal(wanted);
      const cls = layer.constructor as unknown as { fromConfig: (cls: unknown, config: object) => Layer };
      const again = cls.fromConfig(cls, structuredClone(layer.getConfig()));
      apply(again, tensors).dispose();
      again.setWeights(layer.getWeights());
      expect(Array.from(apply(again, tensors).dataSync())).to.deep.equal(Array.from(output.dataSync()));
    });

    it(`${name}: gradients, with layers before and behind it`, async () => {
      const layer = make();
      const values = shapes.map((shape, i) =>
        wave(
          shape.reduce((a, b) => a * b, 1),
          i + 0.3,
        ),
      );
      const behind = tf.tidy(() => apply(layer, inputs()).size);
      layer.setWeights(layer.getWeights().map((w, i) => weights(w.shape, i)));
      const direction = tf.tensor1d(wave(behind, 2));
      // tanh before, tanh behind: gradients come in and go out
      const loss = (...xs: tf.Tensor[]) => {
        const y = apply(
          layer,
          xs.map((x) => tf.tanh(x)),
        );
        return tf.sum(tf.mul(tf.tanh(tf.reshape(y, [behind])), direction));
      };
      const variables = layer.trainableWeights.map((w) => w.read() as tf.Variable);
      const { grads: weightGradients } =
        variables.length > 0 ? tf.variableGrads(() => loss(...inputs()) as tf.Scalar, variables) : { grads: {} as tf.NamedTensorMap };
      const inputGradients = tf.grads(loss)(inputs());
      const f = () => tf.tidy(() => loss(...values.map((v, i) => tf.tensor(v.slice(), shapes[i]))).dataSync()[0]);
      for (let i = 0; i < values.length; i++)
        expectGradient(inputGradients[i].dataSync(), await differences(f, values[i], 3e-3), 5e-3, `input ${i}`);
      for (const variable of variables) {
        const numbers = variable.dataSync().slice() as Float32Array;
        const g = () => {
          variable.assign(tf.tensor(numbers.slice(), variable.shape));
          return f();
        };
        const numeric = await differences(g, numbers, 3e-3);
        g();
        expectGradient(weightGradients[variable.name].dataSync(), numeric, 5e-3, variable.name);
      }
    });
  }

  it("BatchNormalization along its axis trains as one along the last axis does", async () => {
    const x = waves([4, 3, 2]);
    const [ours, theirs] = [new keras.BatchNormalization({ axis: 1 }), tf.layers.batchNormalization()];
    const a = ours.apply(x, { training: true }) as tf.Tensor;
    const b = tf.transpose(theirs.apply(tf.transpose(x, [0, 2, 1]), { training: true }) as tf.Tensor, [0, 2, 1]);
    expect(Array.from(a.dataSync())).to.deep.equal(Array.from(b.dataSync()));
    expect(ours.getWeights().map((w) => Array.from(w.dataSync()))).to.deep.equal(theirs.getWeights().map((w) => Array.from(w.dataSync())));
    expect(ours.getConfig()).to.include({ axis: 1 });
  });

  it("SpatialDropout drops whole channels in training", () => {
    const y = new keras.SpatialDropout2D({ rate: 0.5, seed: 3 }).apply(tf.ones([4, 3, 3, 8]), { training: true }) as tf.Tensor4D;
    const channels = y.transpose([0, 3, 1, 2]).reshape<tf.Tensor2D>([32, 9]).arraySync();
    for (const channel of channels) expect(new Set(channel).size).to.equal(1);
    expect(new Set(channels.flat())).to.deep.equal(new Set([0, 2]));
  });

  it("errors say what was expected", () => {
    const caught = (run: () => unknown) => expect(run).to.throw(nengo.ValidationError);
    caught(() => nengo.layers.cropping1d({ cropping: -1 }))
      .with.property("message")
      .that.matches(/Cropping1D\.cropping: expected a whole number >= 0/);
    caught(() => nengo.layers.cropping3d({ cropping: [1, 2] }))
      .with.property("message")
      .that.matches(/3 pairs/);
    caught(() => nengo.layers.cropping1d({ cropping: [2, 2] }).computeOutputShape([null, 4, 1]))
      .with.property("message")
      .that.matches(/less than 4 on axis 1/);
    caught(() => nengo.layers.zeroPadding3d().computeOutputShape([null, 4, 1]))
      .with.property("message")
      .that.matches(/rank 5/);
    caught(() => nengo.layers.upSampling1d({ size: 0 }));
    caught(() => nengo.layers.upSampling1d({ dataFormat: "channels" as never }));
    caught(() => nengo.layers.conv2d({ filters: 4, kernelSize: 1, groups: 3 }))
      .with.property("message")
      .that.matches(/divides the 4 filters/);
    caught(() => nengo.layers.conv2d({ filters: 4, kernelSize: 1, groups: 2 }).apply(tf.input({ shape: [2, 2, 3] })));
    caught(() => nengo.layers.conv2d({ filters: 4, kernelSize: 1, padding: "causal" }));
    caught(() => nengo.layers.reLU({ negativeSlope: -1 }))
      .with.property("message")
      .that.matches(/ReLU\.negativeSlope: expected a number >= 0, got -1/);
    caught(() => nengo.layers.normalization({ mean: 1 }))
      .with.property("message")
      .that.matches(/both of mean and variance/);
    caught(() => nengo.layers.subtract().apply([1, 2, 3].map(() => tf.input({ shape: [2] }))))
      .with.property("message")
      .that.matches(/two inputs/);
  });

  it("do not take the place of tfjs's classes, and sizes may be unknown", () => {
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    expect(classNameMap["Conv2D"][0]).to.equal(tf.layers.conv2d({ filters: 1, kernelSize: 1 }).constructor);
    expect(classNameMap["Subtract"][0]).to.equal(keras.Subtract);
    expect(nengo.layers.cropping1d().computeOutputShape([null, null, 2])).to.deep.equal([null, null, 2]);
    expect(nengo.layers.zeroPadding1d().computeOutputShape([null, null, 2])).to.deep.equal([null, null, 2]);
    expect(nengo.layers.conv1d({ filters: 2, kernelSize: 2, padding: "causal" }).computeOutputShape([null, null, 3])).to.deep.equal([
      null,
      null,
      2,
    ]);
  });
});
