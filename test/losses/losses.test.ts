import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { waves } from "../layers/support.ts";

const { losses } = nengo;
const number = (t: tf.Scalar): number => t.dataSync()[0];
const softmaxCost = (logits: number[], right: number): number => Math.log(logits.reduce((sum, v) => sum + Math.exp(v), 0)) - logits[right];

/** Spikes of two items, three classes, four steps of 0.1 s. */
const counts = [[[0, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 0, 0], [0, 0, 0], [2, 0, 1]]]; // prettier-ignore
const dt = 0.1;
const outputs = (): tf.Tensor3D => tf.div(tf.tensor3d(counts), dt);
const targets = (): tf.Tensor2D => tf.tensor2d([[0, 1, 0], [0, 0, 1]]); // prettier-ignore
const right = [1, 2];
const totals = counts.map((item) => [0, 1, 2].map((c) => item.reduce((sum, step) => sum + step[c], 0)));
const times = [[4, 1, 2], [1, 5, 4]]; // prettier-ignore
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("losses", () => {
  before(() => nengo.useBackend("cpu"));

  it("have the values of their formulas", () => {
    tf.tidy(() => {
      const near = (loss: nengo.losses.Loss, wanted: number): void => {
        expect(number(loss(targets(), outputs())), loss.name).to.be.closeTo(wanted, 1e-4 * Math.max(1, wanted));
      };
      near(losses.rateCrossEntropy({ dt }), mean(counts.flatMap((item, b) => item.map((step) => softmaxCost(step, right[b])))));
      near(losses.countCrossEntropy({ dt }), mean(totals.map((item, b) => softmaxCost(item, right[b]))));
      near(
        losses.maxCrossEntropy(),
        mean(
          counts.map((item, b) =>
            softmaxCost(
              [0, 1, 2].map((c) => 10 * Math.max(...item.map((step) => step[c]))),
              right[b],
            ),
          ),
        ),
      );
      const square = (correct: number, incorrect: number): number =>
        mean(totals.flatMap((item, b) => item.map((n, c) => (n - 0.4 * (c === right[b] ? correct : incorrect)) ** 2)));
      near(losses.countMeanSquaredError({ dt }), square(10, 0));
      near(losses.countMeanSquaredError({ dt, correctRate: 6, incorrectRate: 2 }), square(6, 2));
      near(losses.rateMeanSquaredError({ dt, correctRate: 6, incorrectRate: 2 }), square(6, 2) / 0.16);
      near(losses.firstSpikeCrossEntropy({ dt }), mean(times.map((item, b) => softmaxCost(item.map((t) => -t), right[b])))); // prettier-ignore
      near(
        losses.firstSpikeCrossEntropy({ dt, inverse: "reciprocal", unit: 0.2 }),
        mean(times.map((item, b) => softmaxCost(item.map((t) => 2 / t), right[b]))), // prettier-ignore
      );
      near(
        losses.firstSpikeMeanSquaredError({ dt, correctTime: 0.1, incorrectTime: 0.4 }),
        mean(times.flatMap((item, b) => item.map((t, c) => (t - (c === right[b] ? 1 : 4)) ** 2))),
      );
      near(
        losses.firstSpikeMeanSquaredError({ dt, correctTime: 0.1, incorrectTime: 0.4, tolerance: 0.25, unit: 1 }),
        mean(times.flatMap((item, b) => item.map((t, c) => t - (c === right[b] ? 1 : 4)).map((d) => Math.max(0, Math.abs(d) - 2.5) ** 2))) /
          100,
      );
      near(losses.countAccuracy({ dt }), 0.5);
      near(losses.firstSpikeAccuracy({ dt }), 0.5);
    });
  });

  it("read what a readout has read", () => {
    tf.tidy(() => {
      const count = nengo.layers.readout({ kind: "count", dt }).apply(outputs()) as tf.Tensor;
      const first = nengo.layers.readout({ kind: "firstSpike", dt }).apply(outputs()) as tf.Tensor;
      for (const [loss, reading] of [
        [losses.countCrossEntropy({ dt }), count],
        [losses.countAccuracy({ dt }), count],
        [losses.firstSpikeCrossEntropy({ dt }), first],
        [losses.firstSpikeMeanSquaredError({ dt }), first],
        [losses.firstSpikeAccuracy({ dt }), first],
      ] as const)
        expect(number(loss(targets(), reading)), loss.name).to.be.closeTo(number(loss(targets(), outputs())), 1e-5);
    });
  });

  it("add up populations, and take targets of steps", () => {
    tf.tidy(() => {
      const wide = tf.tensor3d([[[1, 0, 0, 0, 1, 2], [1, 0, 1, 0, 1, 0]]]); // prettier-ignore
      const wanted = softmaxCost([2, 1, 4], 2);
      const loss = losses.countCrossEntropy({ dt: 1, population: 2 });
      expect(number(loss(tf.tensor2d([[0, 0, 1]]), wide))).to.be.closeTo(wanted, 1e-5);
      expect(number(loss(tf.tensor3d([[[0, 0, 1]]]), wide))).to.be.closeTo(wanted, 1e-5);
      const perStep = tf.tensor3d([[[0, 0, 1], [1, 0, 0]]]); // prettier-ignore
      const rate = losses.rateCrossEntropy({ dt: 1, population: 2 });
      expect(number(rate(perStep, wide))).to.be.closeTo((softmaxCost([1, 0, 3], 2) + softmaxCost([1, 1, 1], 0)) / 2, 1e-5);
      // All units of a class at its rate: 2 steps of 1 s at 1 Hz are 4 spikes of the two units.
      expect(number(losses.countMeanSquaredError({ dt: 1, population: 2 })(tf.tensor2d([[0, 0, 1]]), wide))).to.be.closeTo(
        (4 + 1 + 0) / 3,
        1e-5,
      );
    });
  });

  it("train plain tf models and nengo.model, with targets of items", async () => {
    const [x, y] = [waves([12, 3]), tf.oneHot(tf.tensor1d(Array.from({ length: 12 }, (_, i) => i % 2), "int32"), 2)]; // prettier-ignore
    for (const loss of [
      losses.rateCrossEntropy({ dt }),
      losses.countCrossEntropy({ dt }),
      losses.maxCrossEntropy(),
      losses.countMeanSquaredError({ dt }),
      losses.rateMeanSquaredError({ dt }),
      losses.firstSpikeCrossEntropy({ dt }),
      losses.firstSpikeMeanSquaredError({ dt, incorrectTime: 0.4 }),
    ]) {
      const build = (): { inputs: tf.SymbolicTensor; outputs: tf.SymbolicTensor } => {
        const inputs = tf.input({ shape: [3] });
        const hidden = tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }).apply(inputs);
        return { inputs, outputs: nengo.layers.repeat({ steps: 4 }).apply(hidden) as tf.SymbolicTensor };
      };
      const ours = nengo.model(build());
      ours.compile({ optimizer: tf.train.adam(0.05), loss, metrics: [losses.countAccuracy({ dt })] });
      const kernel = ours.getWeights()[0].dataSync().slice();
      const { history } = await ours.fit(x, y, { epochs: 4, seed: 0 });
      expect(ours.getWeights()[0].dataSync(), loss.name).not.to.deep.equal(kernel);
      // First-spike times are steps of a level: they need not fall from one epoch to the next.
      const falls = (values: number[]): void => {
        if (!loss.name.startsWith("firstSpike")) expect(values[3], loss.name).to.be.below(values[0]);
      };
      falls(history["loss"] as number[]);
      expect(history).to.have.property("countAccuracy");
      const score = await ours.evaluateNamed(x, y);
      expect(score["loss"]).to.be.finite;
      await expectNoLeaks(() => ours.fit(x, y, { epochs: 1, shuffle: false }), loss.name);
      ours.dispose();

      const plain = tf.model(build());
      plain.compile({ optimizer: tf.train.adam(0.05), loss: loss });
      const perStep = tf.tidy(() => tf.tile(tf.expandDims(tf.cast(y, "float32"), 1), [1, 4, 1]));
      const plainHistory = (await plain.fit(x, perStep, { epochs: 4, shuffle: false })).history["loss"] as number[];
      falls(plainHistory);
      perStep.dispose();
      plain.dispose();
    }
    tf.dispose([x, y]);
  });

  it("train spiking units to fire first, and at their times", async () => {
    const [x, y] = [tf.tensor2d([[1, 0], [0, 1]]), tf.tensor2d([[1, 0], [0, 1]])]; // prettier-ignore
    for (const loss of [
      losses.firstSpikeCrossEntropy({ dt }),
      losses.firstSpikeMeanSquaredError({ dt, correctTime: 0.2, incorrectTime: 0.9, tolerance: 0.1 }),
    ]) {
      const input = tf.input({ shape: [2] });
      const start = {
        kernelInitializer: tf.initializers.constant({ value: 0 }),
        biasInitializer: tf.initializers.constant({ value: 1.5 }),
      };
      const steps = nengo.layers.repeat({ steps: 10 }).apply(tf.layers.dense({ units: 2, ...start }).apply(input)) as tf.SymbolicTensor;
      const spikes = nengo.layers.spikingActivation({ activation: "relu", dt, seed: 0 }).apply(steps) as tf.SymbolicTensor;
      const model = nengo.model({ inputs: input, outputs: spikes });
      model.compile({ optimizer: tf.train.adam(0.2), loss, metrics: [losses.firstSpikeAccuracy({ dt })] });
      const before = await model.evaluateNamed(x, y);
      await model.fit(x, y, { epochs: 60, shuffle: false });
      const after = await model.evaluateNamed(x, y);
      expect(after["firstSpikeAccuracy"], loss.name).to.equal(1);
      expect(after["loss"], loss.name).to.be.below(before["loss"] / 2);
      model.dispose();
    }
    tf.dispose([x, y]);
  });

  it("train a silent unit to spike at its time", () => {
    // Only a time has a gradient where there is no spike yet.
    tf.tidy(() => {
      const loss = losses.firstSpikeMeanSquaredError({ dt, targetsAreTimes: true });
      const g = tf
        .grad((v: tf.Tensor) => loss(tf.tensor2d([[0.2]]), v))(tf.zeros([1, 4, 1]))
        .dataSync();
      g.forEach((v) => expect(v).to.be.below(0));
    });
  });

  it("refuse odd shapes and options", () => {
    expect(() => losses.countCrossEntropy({ dt: 0 })).to.throw(nengo.ValidationError, /countCrossEntropy\.dt/);
    expect(() => losses.countCrossEntropy({ population: 0 })).to.throw(nengo.ValidationError, /population/);
    expect(() => losses.firstSpikeCrossEntropy({ inverse: "log" as "negate" })).to.throw(nengo.ValidationError, /inverse/);
    tf.tidy(() => {
      expect(() => losses.countCrossEntropy()(tf.zeros([2, 2]), tf.zeros([2, 4, 3]))).to.throw(nengo.ShapeError, /targets \[2, 3\]/);
      expect(() => losses.countCrossEntropy({ population: 2 })(tf.zeros([2, 2]), tf.zeros([2, 4, 3]))).to.throw(
        nengo.ShapeError,
        /divisor of the 3/,
      );
      expect(() => losses.rateMeanSquaredError()(tf.zeros([2, 3]), tf.zeros([2, 3]))).to.throw(nengo.ShapeError, /\[batch, steps, units\]/);
      expect(() => losses.maxCrossEntropy()(tf.zeros([2, 3]), tf.zeros([2]))).to.throw(nengo.ShapeError, /outputs \[batch, steps, units\]/);
    });
  });
});
