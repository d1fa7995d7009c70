import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describeCompleted, floats, values } from "./support.ts";

const STEPS = 6;

interface Lesson {
  readonly layers: () => tf.layers.Layer[];
  readonly x: () => tf.Tensor;
  readonly classes: number;
  readonly optimizer?: () => tf.Optimizer;
}

/** Default initializers draw (or, orthogonal ones, decompose) at length what is replaced anyway. */
const zeros = { kernelInitializer: "zeros", recurrentInitializer: "zeros", depthwiseInitializer: "zeros" } as const;
const image = (): tf.Tensor => floats([6, 9, 8, 2]);

const LESSONS: Record<string, Lesson> = {
  MLP: {
    layers: () => [
      tf.layers.dense({ ...zeros, inputShape: [20], units: 17, activation: "relu" }),
      tf.layers.dense({ ...zeros, units: 9, activation: "softplus" }),
    ],
    x: () => floats([12, 20]),
    classes: 4,
  },
  CNN: {
    layers: () => [
      tf.layers.conv2d({ ...zeros, inputShape: [9, 8, 2], filters: 9, kernelSize: 3, padding: "same", activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ ...zeros, filters: 6, kernelSize: 2, strides: 2, activation: "elu" }),
      tf.layers.averagePooling2d({ poolSize: 2, strides: 1 }),
      tf.layers.flatten(),
    ],
    x: image,
    classes: 3,
  },
  "depthwise CNN": {
    layers: () => [
      tf.layers.depthwiseConv2d({ ...zeros, inputShape: [9, 8, 2], kernelSize: 3, depthMultiplier: 4, activation: "tanh" }),
      tf.layers.separableConv2d({
        filters: 5,
        kernelSize: 2,
        padding: "same",
        depthwiseInitializer: "zeros",
        pointwiseInitializer: "zeros",
      }),
      tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
    ],
    x: image,
    classes: 3,
  },
  LSTM: { layers: () => [tf.layers.lstm({ ...zeros, inputShape: [7, 5], units: 10 })], x: () => floats([6, 7, 5]), classes: 3 },
  GRU: {
    layers: () => [tf.layers.gru({ ...zeros, inputShape: [7, 5], units: 9, recurrentActivation: "sigmoid" })],
    x: () => floats([6, 7, 5]),
    classes: 3,
  },
  embedding: {
    layers: () => [tf.layers.embedding({ inputDim: 21, outputDim: 6, inputLength: 5 }), tf.layers.flatten()],
    x: () => values([8, 5], "int32").abs(),
    classes: 3,
  },
  batchNorm: {
    layers: () => [
      tf.layers.conv2d({ ...zeros, inputShape: [9, 8, 2], filters: 4, kernelSize: 3 }),
      tf.layers.batchNormalization({}),
      tf.layers.activation({ activation: "selu" }),
      tf.layers.flatten(),
      tf.layers.dense({ ...zeros, units: 7 }),
      tf.layers.batchNormalization({}),
    ],
    x: image,
    classes: 3,
    optimizer: () => tf.train.rmsprop(0.003),
  },
};

/** Losses of some steps of training from weights that are always the same. */
async function lossCurve(backend: string, { layers, x, classes, optimizer }: Lesson): Promise<number[]> {
  await tf.setBackend(backend);
  const model = tf.sequential({ layers: [...layers(), tf.layers.dense({ ...zeros, units: classes, activation: "softmax" })] });
  const weights = model.weights.map(({ name, shape }, k) =>
    name.includes("variance") ? tf.ones(shape as number[]) : tf.tidy(() => floats(shape as number[], k + 5).mul(0.4)),
  );
  model.setWeights(weights);
  model.compile({ optimizer: (optimizer ?? (() => tf.train.adam(0.01)))(), loss: "categoricalCrossentropy" });
  const input = x();
  const labels = tf.tidy(() =>
    tf.oneHot(tf.range(0, input.shape[0], 1, "int32").mod(tf.scalar(classes, "int32")).toInt(), classes).toFloat(),
  );
  const losses: number[] = [];
  for (let k = 0; k < STEPS; k++) losses.push((await model.trainOnBatch(input, labels)) as number);
  tf.dispose([...weights, input, labels]);
  model.dispose();
  return losses;
}

describeCompleted("training on the completed wasm backend", () => {
  for (const [name, lesson] of Object.entries(LESSONS))
    it(`has the loss curve of cpu: ${name}`, async () => {
      const wanted = await lossCurve("cpu", lesson);
      const got = await lossCurve("wasm", lesson);
      expect(Math.abs(wanted[0] - (wanted.at(-1) as number)), "something is learnt").to.be.greaterThan(0.01);
      got.forEach((loss, k) => expect(loss, `step ${k}`).to.be.closeTo(wanted[k], 1e-5));
    });

  it("predicts in batches", async () => {
    await tf.setBackend("wasm");
    const model = tf.sequential({ layers: LESSONS["MLP"].layers() });
    const x = floats([100, 20]);
    const [whole, parts] = [100, 7].map((batchSize) => model.predict(x, { batchSize }) as tf.Tensor);
    expect(parts.sub(whole).abs().max().arraySync()).to.be.lessThan(1e-6);
    tf.dispose([x, whole, parts]);
    model.dispose();
  });
});
