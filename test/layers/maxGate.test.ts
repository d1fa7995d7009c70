import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { differences, expectGradient, onBackends, waves } from "./support.ts";

const { layers } = nengo;
const pools: Record<string, () => [tf.layers.Layer, number[]]> = {
  "of windows": () => [tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }), [4, 4, 2]],
  "of windows that overlap, padded": () => [tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }), [5, 4, 2]],
  "of all": () => [tf.layers.globalMaxPooling1d({}), [4, 3]],
};

/** Sums over steps of `[batch, steps, ...]`. */
const cumulated = (x: tf.Tensor): tf.Tensor => {
  const order = x.shape.map((_, axis) => axis);
  // tfjs sums along the last axis only.
  const last = [0, ...order.slice(2), 1];
  const back = [0, x.shape.length - 1, ...order.slice(1, -1)];
  return tf.transpose(tf.cumsum(tf.transpose(x, last), x.shape.length - 1), back);
};

describe("MaxGate", () => {
  onBackends((backend) => {
    // tfjs's own wasm kernel has no gradient where all of a window is negative.
    before(async () => {
      if (backend === "wasm") await nengo.completeWasmBackend();
    });

    for (const [name, make] of Object.entries(pools))
      it(`${name}: what came out is the maximum of what came in, after every step`, () => {
        tf.tidy(() => {
          const [pool, item] = make();
          const x = tf.step(tf.sub(waves([2, 12, ...item]), 0.3));
          const y = layers.maxGate({ layer: pool }).apply(x) as tf.Tensor;
          const sums = cumulated(x);
          const wanted = pool.apply(tf.reshape(sums, [24, ...item])) as tf.Tensor;
          expectClose(cumulated(y).dataSync(), wanted.dataSync(), 1e-5);
          expect(Math.max(...wanted.dataSync())).to.be.greaterThan(2);
        });
      });

    it("has the gradient of numeric differences", async () => {
      const layer = layers.maxGate({ layer: tf.layers.maxPooling1d({ poolSize: 2, strides: 2 }) });
      const values = Float32Array.from({ length: 2 * 5 * 4 }, (_, k) => Math.sin(1.7 * k) + 0.3 * Math.cos(k * k));
      const shape: [number, number, number, number] = [2, 5, 4, 1];
      const loss = (x: tf.Tensor): tf.Scalar => {
        const y = layer.apply(x) as tf.Tensor;
        return tf.sum(tf.mul(y, waves(y.shape, 2)));
      };
      const got = tf.tidy(() => Array.from(tf.grad(loss)(tf.tensor4d(values, shape)).dataSync()));
      const wanted = await differences(() => tf.tidy(() => loss(tf.tensor4d(values, shape)).dataSync()[0]), values, 1e-3);
      expectGradient(got, wanted, 2e-3, "the input");
    });

    it("takes and returns its sums, and in stateful chunks is one run", () => {
      tf.tidy(() => {
        const pool = (): tf.layers.Layer => tf.layers.maxPooling1d({ poolSize: 2, strides: 2 });
        const x = waves([2, 9, 4, 1]);
        const [whole, sums] = layers.maxGate({ layer: pool(), returnState: true }).apply(x) as tf.Tensor[];
        expect(sums.shape).to.deep.equal([2, 4, 1]);
        expectClose(sums.dataSync(), tf.sum(x, 1).dataSync(), 1e-5);
        const [first, second] = tf.split(x, [4, 5], 1);
        const stateful = layers.maxGate({ layer: pool(), stateful: true });
        const chunks = [first, second].map((part) => stateful.apply(part) as tf.Tensor);
        expectClose(tf.concat(chunks, 1).dataSync(), whole.dataSync(), 1e-5);
        const byHand = layers.maxGate({ layer: pool(), returnState: true });
        const [a, state] = byHand.apply(first) as tf.Tensor[];
        const [b] = byHand.apply([second, state]) as tf.Tensor[];
        expectClose(tf.concat([a, b], 1).dataSync(), whole.dataSync(), 1e-5);
        stateful.resetStates();
      });
    });
  });

  it("leaves no tensors, and refuses what is no pooling layer", async () => {
    const layer = layers.maxGate({ layer: tf.layers.maxPooling1d({ poolSize: 2 }) });
    const x = waves([2, 5, 4, 2]);
    await expectNoLeaks(() => (layer.apply(x) as tf.Tensor).dispose());
    x.dispose();
    expect(() => layers.maxGate({ layer: 3 as never, name: "m" })).to.throw(
      nengo.ValidationError,
      'NengoMaxGate "m".layer: expected a max pooling layer, got 3',
    );
    const dense = tf.layers.dense({ units: 2, inputShape: [3] });
    dense.build([null, 3]);
    expect(() => layers.maxGate({ layer: dense })).to.throw(nengo.ValidationError, "max pooling layer");
    for (const other of [tf.layers.dense({ units: 2 }), tf.layers.averagePooling1d({ poolSize: 2 })])
      expect(() => layers.maxGate({ layer: other }), other.getClassName()).to.throw(nengo.ValidationError, "max pooling layer");
  });
});
