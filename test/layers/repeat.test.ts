import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { onBackends, waves } from "./support.ts";

describe("layers.repeat", () => {
  onBackends(() => {
    for (const shape of [[2], [2, 3], [2, 2, 3], [2, 2, 2, 2, 2]]) {
      it(`shows items of shape [${shape.join(", ")}] at every step`, () => {
        tf.tidy(() => {
          const x = waves(shape);
          const y = nengo.layers.repeat({ steps: 3 }).apply(x) as tf.Tensor;
          expect(y.shape).to.deep.equal([shape[0], 3, ...shape.slice(1)]);
          const size = x.size / shape[0];
          const [values, given] = [y.dataSync(), x.dataSync()];
          values.forEach((v, i) => expect(v).to.equal(given[Math.floor(i / (3 * size)) * size + (i % size)]));
        });
      });
    }

    it("sums gradients over steps", () => {
      tf.tidy(() => {
        const layer = nengo.layers.repeat({ steps: 3 });
        const weights = waves([2, 3, 4], 1);
        const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(layer.apply(x) as tf.Tensor, weights)))(waves([2, 4]));
        const wanted = tf.sum(weights, 1).dataSync();
        gradient.dataSync().forEach((v, i) => expect(v).to.be.closeTo(wanted[i], 1e-6));
      });
    });

    it("trains between dense layers, without leaks", async () => {
      const model = tf.sequential({
        layers: [tf.layers.dense({ units: 4, inputShape: [3] }), nengo.layers.repeat({ steps: 5 }), tf.layers.dense({ units: 2 })],
      });
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const [x, y] = [waves([6, 3]), waves([6, 5, 2], 2)];
      const before = model.getWeights()[0].dataSync().slice();
      await expectNoLeaks(() => model.fit(x, y, { epochs: 1, shuffle: false }), "fit");
      expect(model.getWeights()[0].dataSync()).not.to.deep.equal(before);
      tf.dispose([x, y]);
      model.dispose();
    });
  });

  it("keeps the type of its input", () => {
    tf.tidy(() => {
      const y = nengo.layers.repeat({ steps: 2 }).apply(tf.tensor2d([[1, 2]], [1, 2], "int32")) as tf.Tensor;
      expect(y.dtype).to.equal("int32");
    });
  });

  it("refuses steps that are not a whole number from 1", () => {
    for (const steps of [0, 1.5, NaN, undefined as unknown as number])
      expect(() => nengo.layers.repeat({ steps })).to.throw(nengo.ValidationError, /NengoRepeat "[^"]+"\.steps/);
  });
});
