import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { model } from "../../src/model/index.ts";
import { TwoOutputs, caught, constantDense, numbers, wave } from "./support.ts";

const SAMPLES = 7; // does not divide by the batch size of 3
const options = { batchSize: 3 };

/** Shared input, outputs a [2], b [1] and c [1], with different errors on every one. */
function threeOutputs() {
  const input = tf.input({ shape: [3] });
  const a = constantDense("a", 2, 0.5).apply(input) as tf.SymbolicTensor;
  const b = constantDense("b", 1, -0.25, 0.1).apply(input) as tf.SymbolicTensor;
  const c = constantDense("c", 1, 1).apply(input) as tf.SymbolicTensor;
  return { input, a, b, c, model: model({ inputs: input, outputs: [a, b, c] }) };
}

const data = () => ({
  x: tf.tensor2d(wave(SAMPLES * 3), [SAMPLES, 3]),
  a: tf.tensor2d(wave(SAMPLES * 2, 1), [SAMPLES, 2]),
  b: tf.tensor2d(wave(SAMPLES, 2), [SAMPLES, 1]),
  c: tf.tensor2d(wave(SAMPLES, 3), [SAMPLES, 1]),
});

/** Score of a single output, whose evaluation tfjs has right. */
function single(input: tf.SymbolicTensor, output: tf.SymbolicTensor, loss: string, x: tf.Tensor, y: tf.Tensor): number {
  const one = tf.model({ inputs: input, outputs: output });
  one.compile({ optimizer: tf.train.sgd(0.1), loss });
  return numbers(one.evaluate(x, y, options))[0];
}

describe("NengoModel.evaluate", () => {
  before(() => tf.setBackend("cpu"));

  it("gives every loss and metric of several outputs under its own name", async () => {
    const { input, a, b, c, model } = threeOutputs();
    const d = data();
    model.compile({
      loss: { a: "meanSquaredError", b: "meanAbsoluteError", c: "meanSquaredError" },
      metrics: { a: ["meanAbsoluteError"], c: "meanAbsoluteError" },
    });
    expect(model.metricsNames).to.deep.equal(["loss", "a_loss", "b_loss", "c_loss", "a_meanAbsoluteError", "c_meanAbsoluteError"]);
    const losses = [
      single(input, a, "meanSquaredError", d.x, d.a),
      single(input, b, "meanAbsoluteError", d.x, d.b),
      single(input, c, "meanSquaredError", d.x, d.c),
    ];
    const maes = [single(input, a, "meanAbsoluteError", d.x, d.a), single(input, c, "meanAbsoluteError", d.x, d.c)];
    const expected = [losses.reduce((sum, loss) => sum + loss), ...losses, ...maes];
    const scores = numbers(model.evaluate(d.x, [d.a, d.b, d.c], options));
    scores.forEach((score, i) => expect(score, model.metricsNames[i]).to.be.closeTo(expected[i], 1e-6));
    const named = await model.evaluateNamed(d.x, { a: d.a, b: d.b, c: d.c }, options);
    expect(named).to.deep.equal(Object.fromEntries(model.metricsNames.map((name, i) => [name, scores[i]])));
  });

  it("weights the losses in the total only, by name or in order", () => {
    const { model } = threeOutputs();
    const d = data();
    const y = [d.a, d.b, d.c];
    model.compile({ loss: "meanSquaredError" });
    const [, a, b, c] = numbers(model.evaluate(d.x, y, options));
    for (const lossWeights of [{ a: 2, c: 0.5 }, [2, 1, 0.5]]) {
      model.compile({ loss: "meanSquaredError", lossWeights });
      const scores = numbers(model.evaluate(d.x, y, options));
      expect(scores[0]).to.be.closeTo(2 * a + b + 0.5 * c, 1e-6);
      expect(scores.slice(1)).to.deep.equal([a, b, c]);
    }
  });

  it("needs targets only for the outputs that have a loss or metric", async () => {
    const { model, input, b, c } = threeOutputs();
    const d = data();
    model.compile({ loss: { b: "meanSquaredError" } });
    expect(model.metricsNames).to.deep.equal(["loss", "b_loss"]);
    const mse = single(input, b, "meanSquaredError", d.x, d.b);
    for (const y of [d.b, [d.b], { b: d.b }, { b: d.b, a: d.a }]) {
      const scores = numbers(model.evaluate(d.x, y, options));
      expect(scores[0]).to.be.closeTo(mse, 1e-6);
      expect(scores[1]).to.equal(scores[0]);
    }
    model.compile({ loss: [null, "meanSquaredError", null], metrics: { c: "meanAbsoluteError" } });
    const named = await model.evaluateNamed(d.x, { b: d.b, c: d.c }, options);
    expect(named).to.have.all.keys("loss", "b_loss", "c_meanAbsoluteError");
    expect(named["loss"]).to.be.closeTo(mse, 1e-6);
    expect(named["c_meanAbsoluteError"]).to.be.closeTo(single(input, c, "meanAbsoluteError", d.x, d.c), 1e-6);
  });

  it("reports a single output as tfjs does", () => {
    const { input, a } = threeOutputs();
    const d = data();
    const [ours, stock] = [model({ inputs: input, outputs: a }), tf.model({ inputs: input, outputs: a })];
    for (const metrics of [[], ["mse", "accuracy"]]) {
      for (const one of [ours, stock]) one.compile({ optimizer: "sgd", loss: "meanAbsoluteError", metrics });
      expect(ours.metricsNames).to.deep.equal(stock.metricsNames);
      const [score, expected] = [ours, stock].map((one) => one.evaluate(d.x, d.a, options));
      expect(Array.isArray(score)).to.equal(Array.isArray(expected));
      expect(numbers(score)).to.deep.equal(numbers(expected));
    }
  });

  it("resolves accuracy by the output's shape and loss", () => {
    const input = tf.input({ shape: [3] });
    const soft = tf.layers.dense({ name: "soft", units: 4, activation: "softmax" }).apply(input) as tf.SymbolicTensor;
    const other = constantDense("other", 1, 1).apply(input) as tf.SymbolicTensor;
    const net = model({ inputs: input, outputs: [other, soft] });
    net.compile({ loss: { soft: "sparseCategoricalCrossentropy" }, metrics: ["accuracy"] });
    expect(net.metricsNames).to.deep.equal(["loss", "soft_loss", "soft_acc"]);
    const x = tf.tensor2d(wave(SAMPLES * 3), [SAMPLES, 3]);
    const best = tf.tidy(() => net.predictNamed(x)["soft"].argMax(-1).arraySync()) as number[];
    const labels = best.map((label, i) => (i < 2 ? (label + 1) % 4 : label));
    const scores = numbers(net.evaluate(x, tf.tensor2d(labels, [SAMPLES, 1], "float32"), options));
    expect(scores[2]).to.be.closeTo(5 / 7, 1e-6);
  });

  it("keeps functions of one name apart and takes losses of any rank", async () => {
    const input = tf.input({ shape: [4, 2] });
    const whole = tf.layers.dense({ name: "whole", units: 2, kernelInitializer: "identity" }).apply(input) as tf.SymbolicTensor;
    const last = tf.layers.globalAveragePooling1d({ name: "last" }).apply(input) as tf.SymbolicTensor;
    const net = model({ inputs: input, outputs: [whole, last] });
    const error = (power: number) => {
      const custom = (y: tf.Tensor, p: tf.Tensor) => tf.pow(tf.abs(tf.sub(y, p)), power);
      return custom;
    };
    // [batch, steps, units], and [batch] from targets with fewer steps than the output
    const lastStep = (y: tf.Tensor, p: tf.Tensor) =>
      tf.mean(tf.square(tf.sub(y.reshape([-1, 2]), p.slice([0, 3, 0], [-1, 1, 2]).reshape([-1, 2]))), -1);
    net.compile({
      optimizer: "sgd",
      loss: { whole: lastStep, last: error(1) },
      metrics: { last: [error(2), error(3), (y, p) => tf.sub(y, p)] },
    });
    expect(net.metricsNames).to.deep.equal(["loss", "whole_loss", "last_loss", "last_custom", "last_custom_1", "last_metric"]);
    const x = tf.tensor3d(wave(SAMPLES * 8), [SAMPLES, 4, 2]);
    const y = { whole: tf.zeros([SAMPLES, 1, 2]), last: tf.fill([SAMPLES, 2], 0.3) };
    const scores = await net.evaluateNamed(x, y, options);
    const values = x.arraySync();
    const mean = (list: number[]) => list.reduce((sum, v) => sum + v) / list.length;
    const pooled = values.flatMap((sample) => [0, 1].map((unit) => mean(sample.map((step) => step[unit])) - 0.3));
    expect(scores["whole_loss"]).to.be.closeTo(mean(values.flatMap((sample) => sample[3].map((v) => v ** 2))), 1e-6);
    expect(scores["last_loss"]).to.be.closeTo(mean(pooled.map(Math.abs)), 1e-6);
    expect(scores["last_custom"]).to.be.closeTo(mean(pooled.map((v) => v ** 2)), 1e-6);
    expect(scores["last_custom_1"]).to.be.closeTo(mean(pooled.map((v) => Math.abs(v) ** 3)), 1e-6);
    const history = await net.fit(x, y, { batchSize: 3, epochs: 2, verbose: 0 });
    expect(history.history["loss"]).to.have.length(2);
  });

  it("calls a layer with several outputs once, and names both", async () => {
    const input = tf.input({ shape: [2] });
    const layer = new TwoOutputs({ name: "probe" });
    const net = model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor[] });
    expect(net.outputNames).to.deep.equal(["probe", "probe_1"]);
    const x = tf.tensor2d([
      [1, 2],
      [3, -4],
    ]);
    const named = net.predictNamed(x);
    expect(named["probe"].arraySync()).to.deep.equal([
      [2, 4],
      [6, -8],
    ]);
    expect(named["probe_1"].arraySync()).to.deep.equal([
      [4, 16],
      [36, 64],
    ]);
    expect(layer.calls).to.equal(1);
    net.compile({ loss: { probe_1: "meanSquaredError" } });
    expect(numbers(net.evaluate(x, named["probe_1"]))).to.deep.equal([0, 0]);
    expect(layer.calls).to.equal(2);
  });

  it("evaluates datasets, with targets of a subset too, and disposes their tensors", async () => {
    const { model } = threeOutputs();
    const d = data();
    const rows = (t: tf.Tensor) => tf.data.array(t.arraySync() as number[][]);
    const before = tf.memory().numTensors;
    model.compile({ loss: { c: "meanSquaredError", a: "meanAbsoluteError" } });
    const expected = numbers(model.evaluate(d.x, { a: d.a, c: d.c }, options));
    const named = tf.data.zip({ xs: rows(d.x), ys: tf.data.zip({ a: rows(d.a), b: rows(d.b), c: rows(d.c) }) }).batch(3);
    const scores = numbers(await model.evaluateDataset(named as never));
    expect(scores).to.have.length(3);
    scores.forEach((score, i) => expect(score).to.be.closeTo(expected[i], 1e-6));
    expect(tf.memory().numTensors).to.equal(before);
    const error = await caught(() =>
      model.evaluateDataset(tf.data.zip({ xs: rows(d.x), ys: tf.data.zip({ a: rows(d.a) }) }).batch(3) as never),
    );
    expect(error).to.be.instanceOf(ValidationError);
    expect(error.message).to.contain("a, c");
  });

  it("predicts by input names in batches as tfjs does", () => {
    const [left, right] = [tf.input({ shape: [2], name: "left" }), tf.input({ shape: [2], name: "right" })];
    const sum = tf.layers.add().apply([left, right]) as tf.SymbolicTensor;
    const outputs = [
      constantDense("u", 3, 0.2).apply(sum) as tf.SymbolicTensor,
      constantDense("v", 1, 0.7).apply(sum) as tf.SymbolicTensor,
    ];
    const net = model({ inputs: [left, right], outputs, outputNames: ["first", "second"] });
    const x = { right: tf.tensor2d(wave(14), [7, 2]), left: tf.tensor2d(wave(14, 1), [7, 2]) };
    const stock = tf.model({ inputs: [left, right], outputs }).predict([x.left, x.right]) as tf.Tensor[];
    const ours = net.predictNamed(x, options);
    expect(Object.keys(ours)).to.deep.equal(["first", "second"]);
    expect(Object.values(ours).map((t) => t.arraySync())).to.deep.equal(stock.map((t) => t.arraySync()));
    expect((net.predictOnBatch(x) as tf.Tensor[]).map((t) => t.arraySync())).to.deep.equal(stock.map((t) => t.arraySync()));
    expect(() => net.predict({ left: x.left })).to.throw(ValidationError, /left, right.*"right"/);
  });

  it("agrees with tfjs in a graph with masks, several outputs of an LSTM and a nested model", () => {
    const input = tf.input({ shape: [5] });
    const embedded = tf.layers.embedding({ inputDim: 6, outputDim: 3, maskZero: true }).apply(input) as tf.SymbolicTensor;
    const [sequence, hidden, cell] = tf.layers
      .lstm({ units: 4, returnState: true, recurrentInitializer: "glorotUniform" })
      .apply(embedded) as tf.SymbolicTensor[];
    const inner = tf.input({ shape: [4] });
    const nested = model({
      inputs: inner,
      outputs: tf.layers.dense({ units: 2, activation: "tanh" }).apply(inner) as tf.SymbolicTensor,
      name: "nested_model",
    });
    const outputs = [nested.apply(sequence), nested.apply(hidden), tf.layers.add().apply([hidden, cell])] as tf.SymbolicTensor[];
    const x = tf.tensor2d([
      [1, 2, 3, 0, 0],
      [4, 5, 0, 0, 0],
      [1, 1, 1, 1, 1],
    ]);
    const before = tf.memory().numTensors;
    const ours = model({ inputs: input, outputs }).predict(x) as tf.Tensor[];
    expect(tf.memory().numTensors).to.equal(before + 3);
    const stock = tf.model({ inputs: input, outputs: outputs[2] }).predict(x) as tf.Tensor;
    expect(ours[2].arraySync()).to.deep.equal(stock.arraySync());
    const single = tf.model({ inputs: input, outputs: outputs[0] }).predict(x) as tf.Tensor;
    expect(ours[0].arraySync()).to.deep.equal(single.arraySync());
  });
});
