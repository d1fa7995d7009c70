import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { RandomState } from "../../src/math/random.ts";
import { permutation } from "../../src/model/epochOrder.ts";
import { model, type NengoModel } from "../../src/model/index.ts";
import { constantDense, numbers, wave, weightsOf } from "./support.ts";

const SAMPLES = 10; // batches of 4, 4 and 2
const BATCH = 4;

/** x [3] -> hidden [4] -> a [2], b [1], all starting from constants. */
function twoOutputs(): NengoModel {
  const input = tf.input({ shape: [3] });
  const hidden = tf.layers
    .dense({ units: 4, activation: "tanh", kernelInitializer: tf.initializers.constant({ value: 0.1 }) })
    .apply(input);
  const outputs = [constantDense("a", 2, 0.5).apply(hidden), constantDense("b", 1, -0.2).apply(hidden)] as tf.SymbolicTensor[];
  return model({ inputs: input, outputs });
}

const x = () => tf.tensor2d(wave(SAMPLES * 3), [SAMPLES, 3]);
const a = () => tf.tensor2d(wave(SAMPLES * 2, 1), [SAMPLES, 2]);
const b = () => tf.tensor2d(wave(SAMPLES, 2), [SAMPLES, 1]);

async function trained(seed: number | undefined, options: object = {}): Promise<{ weights: number[]; history: Record<string, unknown> }> {
  const net = twoOutputs();
  net.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  const { history } = await net.fit(x(), [a(), b()], {
    batchSize: BATCH,
    epochs: 3,
    verbose: 0,
    ...(seed === undefined ? {} : { seed }),
    ...options,
  });
  return { weights: weightsOf(net), history };
}

describe("NengoModel.fit", () => {
  before(() => tf.setBackend("cpu"));

  it("trains as tfjs does where tfjs is right", async () => {
    const net = twoOutputs();
    const stock = tf.model({ inputs: net.inputs, outputs: net.outputs });
    const start = net.getWeights().map((weight) => weight.clone());
    const options = { batchSize: BATCH, epochs: 3, shuffle: false, verbose: 0 };
    stock.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError", metrics: [tf.metrics.meanAbsoluteError] });
    const expected = await stock.fit(x(), [a(), b()], options);
    const weights = weightsOf(stock);
    net.setWeights(start);
    net.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError", metrics: ["meanAbsoluteError"] });
    const history = await net.fit(x(), [a(), b()], options);
    expect(Object.keys(history.history)).to.deep.equal(Object.keys(expected.history));
    for (const [name, values] of Object.entries(expected.history))
      (values as number[]).forEach((v, i) => expect(history.history[name][i], name).to.be.closeTo(v, 1e-6));
    weightsOf(net).forEach((v, i) => expect(v).to.be.closeTo(weights[i], 1e-6));
  });

  it("repeats itself with one seed and differs with another", async () => {
    const [first, again, other] = [await trained(3), await trained(3), await trained(4)];
    expect(again).to.deep.equal(first);
    expect(other.weights).to.not.deep.equal(first.weights);
    const epochs = 5;
    const orders = new Set<string>();
    const random = new RandomState(3);
    for (let i = 0; i < epochs; i++) orders.add(permutation(SAMPLES, random).join());
    expect(orders.size).to.equal(epochs);
  });

  it("does not touch Math.random with a seed", async () => {
    const random = Object.getOwnPropertyDescriptor(Math, "random")!;
    Object.defineProperty(Math, "random", { ...random, value: () => expect.fail("Math.random was called") });
    try {
      await trained(1);
    } finally {
      Object.defineProperty(Math, "random", random);
    }
  });

  it("equals training by hand in the order that the seed gives, remainder included", async () => {
    const seed = 12;
    const { weights } = await trained(seed);
    const net = twoOutputs();
    net.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    const random = new RandomState(seed);
    const [xs, as, bs] = [x(), a(), b()];
    for (let epoch = 0; epoch < 3; epoch++) {
      const order = permutation(SAMPLES, random);
      expect([...order].sort((p, q) => p - q)).to.deep.equal(Array.from({ length: SAMPLES }, (_, i) => i));
      for (let start = 0; start < SAMPLES; start += BATCH) {
        const rows = tf.tensor1d(order.slice(start, start + BATCH), "int32");
        await net.trainOnBatch(tf.gather(xs, rows), [tf.gather(as, rows), tf.gather(bs, rows)]);
      }
    }
    expect(weightsOf(net)).to.deep.equal(weights);
  });

  it("gives an epoch the same order when a fit is resumed with initialEpoch", async () => {
    const whole = await trained(5);
    const net = twoOutputs();
    net.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    const options = { batchSize: BATCH, verbose: 0, seed: 5 };
    await net.fit(x(), [a(), b()], { ...options, epochs: 1 });
    await net.fit(x(), [a(), b()], { ...options, epochs: 3, initialEpoch: 1 });
    expect(weightsOf(net)).to.deep.equal(whole.weights);
  });

  it("keeps callbacks, validationSplit and history as they are in tfjs", async () => {
    const net = twoOutputs();
    net.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    const seen: string[] = [];
    const held = { x: x().slice([7, 0]), a: a().slice([7, 0]), b: b().slice([7, 0]) };
    const before = tf.memory().numTensors;
    const { history } = await net.fit(x(), [a(), b()], {
      batchSize: BATCH,
      epochs: 4,
      verbose: 0,
      seed: 1,
      validationSplit: 0.3,
      callbacks: {
        onEpochBegin: (epoch) => void seen.push(`epoch ${epoch}`),
        onBatchEnd: (_, logs) => void seen.push(String(logs!["size"])),
        onEpochEnd: (epoch) => void (net.stopTraining = epoch === 1),
      },
    });
    expect(tf.memory().numTensors).to.equal(before + 3); // x, a, b of this call
    expect(seen).to.deep.equal(["epoch 0", "4", "3", "epoch 1", "4", "3"]);
    expect(history).to.have.all.keys("loss", "a_loss", "b_loss", "val_loss", "val_a_loss", "val_b_loss");
    const scores = numbers(net.evaluate(held.x, [held.a, held.b]));
    ["val_loss", "val_a_loss", "val_b_loss"].forEach((name, i) => expect(history[name][1], name).to.be.closeTo(scores[i], 1e-6));
  });

  it("trains only towards the outputs that have a loss, again and again, with one Adam", async () => {
    const net = twoOutputs();
    const optimizer = tf.train.adam(0.05);
    const of = (layer: string) =>
      tf.tidy(() =>
        net
          .getLayer(layer)
          .getWeights()
          .flatMap((w) => Array.from(w.dataSync())),
      );
    for (const [trainedName, otherName, y] of [
      ["b", "a", b()],
      ["a", "b", a()],
      ["b", "a", b()],
    ] as const) {
      net.compile({ optimizer, loss: { [trainedName]: "meanSquaredError" } });
      const [moving, still] = [of(trainedName), of(otherName)];
      const validation: [tf.Tensor, tf.Tensor] = [x(), y];
      const { history } = await net.fit(
        x(),
        { [trainedName]: y },
        { batchSize: BATCH, epochs: 2, verbose: 0, seed: 0, validationData: validation },
      );
      expect(history).to.have.all.keys("loss", `${trainedName}_loss`, "val_loss", `val_${trainedName}_loss`);
      expect(of(trainedName)).to.not.deep.equal(moving);
      expect(of(otherName)).to.deep.equal(still);
    }
  });

  it("follows the loss weights", async () => {
    const run = async (loss: Record<string, string>, lossWeights?: Record<string, number>) => {
      const net = twoOutputs();
      net.compile({ optimizer: tf.train.sgd(0.1), loss, ...(lossWeights === undefined ? {} : { lossWeights }) });
      await net.fit(x(), { a: a(), b: b() }, { batchSize: BATCH, epochs: 2, verbose: 0, seed: 7 });
      return weightsOf(net);
    };
    const both = { a: "meanSquaredError", b: "meanSquaredError" };
    expect(await run(both, { a: 0, b: 1 })).to.deep.equal(await run({ b: "meanSquaredError" }));
    expect(await run(both, { a: 1, b: 1 })).to.deep.equal(await run(both));
    expect(await run(both, { a: 3, b: 1 })).to.not.deep.equal(await run(both));
  });

  it("adds the penalties of the layers on the way to a loss", async () => {
    const input = tf.input({ shape: [1] });
    const make = (name: string, l2: number) =>
      tf.layers
        .dense({ name, units: 1, useBias: false, kernelInitializer: "ones", kernelRegularizer: tf.regularizers.l2({ l2 }) })
        .apply(input) as tf.SymbolicTensor;
    const net = model({ inputs: input, outputs: [make("p", 0.5), make("q", 0.25)] });
    net.compile({ optimizer: tf.train.sgd(0), loss: { q: "meanSquaredError" } });
    const { history } = await net.fit(tf.ones([2, 1]), tf.zeros([2, 1]), { verbose: 0 });
    expect(history["loss"]).to.deep.equal([1.25]);
    expect(history["q_loss"]).to.deep.equal([1]);
  });

  it("takes class weights for some outputs, from tensors and from datasets", async () => {
    const input = tf.input({ shape: [1] });
    const dense = (name: string) =>
      tf.layers.dense({ name, units: 2, activation: "softmax", kernelInitializer: "zeros" }).apply(input) as tf.SymbolicTensor;
    const net = model({ inputs: input, outputs: [dense("p"), dense("q"), dense("r")] });
    net.compile({ optimizer: tf.train.sgd(0), loss: { q: "categoricalCrossentropy", r: "categoricalCrossentropy" } });
    const labels = [
      [1, 0],
      [0, 1],
      [0, 1],
    ];
    const y = tf.tensor2d(labels);
    const classWeight = { r: { 0: 1, 1: 4 } };
    const { history } = await net.fit(tf.ones([3, 1]), [y, y], { verbose: 0, seed: 0, classWeight });
    const columns = tf.data
      .zip({ xs: tf.data.array([[1], [1], [1]]), ys: tf.data.zip({ q: tf.data.array(labels), r: tf.data.array(labels) }) })
      .batch(3);
    const before = tf.memory().numTensors;
    const fromDataset = await net.fitDataset(columns, { epochs: 1, verbose: 0, classWeight });
    expect(tf.memory().numTensors).to.equal(before);
    for (const one of [history, fromDataset.history]) {
      expect(one["q_loss"][0]).to.be.closeTo(Math.LN2, 1e-6);
      expect(one["r_loss"][0]).to.be.closeTo(3 * Math.LN2, 1e-6);
    }
  });

  it("validates on a dataset with targets of a subset", async () => {
    const net = twoOutputs();
    net.compile({ optimizer: "sgd", loss: { b: "meanSquaredError" } });
    const items = (size: number) => tf.data.zip({ xs: tf.data.array(x().arraySync()), ys: tf.data.array(b().arraySync()) }).batch(size);
    const { history } = await net.fitDataset(items(4), { epochs: 2, verbose: 0, validationData: items(3) });
    expect(history["val_b_loss"][1]).to.be.closeTo(numbers(net.evaluate(x(), b()))[0], 1e-6);
  });

  it("trains on wasm to the same weights as on cpu", async () => {
    const cpu = await trained(9);
    await import("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend("wasm");
    expect(tf.getBackend()).to.equal("wasm");
    try {
      const wasm = await trained(9);
      wasm.weights.forEach((v, i) => expect(v).to.be.closeTo(cpu.weights[i], 1e-5));
    } finally {
      await tf.setBackend("cpu");
    }
  });
});
