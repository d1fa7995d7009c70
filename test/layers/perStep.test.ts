import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { onBackends, waves } from "./support.ts";

const { layers } = nengo;
type Layer = tf.layers.Layer;

/** Layers of items with weights from a seed, with the shape of an item. */
const cases: Record<string, () => [Layer, number[]]> = {
  dense: () => [tf.layers.dense({ units: 3, activation: "tanh" }), [4]],
  conv2d: () => [tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: "same" }), [4, 3, 2]],
  flatten: () => [tf.layers.flatten(), [3, 2]],
  batchNormalization: () => [tf.layers.batchNormalization({}), [4]],
  averagePooling1d: () => [tf.layers.averagePooling1d({ poolSize: 2 }), [4, 3]],
};

const model = (layer: Layer, item: number[]): tf.LayersModel => {
  const input = tf.input({ shape: [5, ...item] });
  return tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
};

/** Output, gradient of the input, and gradients of the weights. */
function run(made: tf.LayersModel, x: tf.Tensor): number[][] {
  return tf.tidy(() => {
    const loss = (input: tf.Tensor): tf.Scalar => {
      const y = made.apply(input) as tf.Tensor;
      return tf.sum(tf.mul(y, waves(y.shape, 3)));
    };
    const variables = made.trainableWeights.map((w) => w.read() as tf.Variable);
    const ofWeights = variables.length === 0 ? {} : tf.variableGrads(() => loss(x), variables).grads;
    return [made.predict(x) as tf.Tensor, tf.grad(loss)(x), ...variables.map((v) => ofWeights[v.name])].map((t) =>
      Array.from(t.dataSync()),
    );
  });
}

describe("PerStep", () => {
  onBackends((backend) => {
    before(async () => {
      if (backend === "wasm") await nengo.completeWasmBackend();
    });

    for (const [name, make] of Object.entries(cases))
      it(`is tf.layers.timeDistributed, with its gradients: ${name}`, () => {
        const [inner, item] = make();
        const [other] = make();
        const [ours, theirs] = [model(layers.perStep({ layer: inner }), item), model(tf.layers.timeDistributed({ layer: other }), item)];
        tf.tidy(() => ours.setWeights(ours.weights.map((w, k) => tf.add(waves(w.shape as number[], k), 1.5))));
        theirs.setWeights(ours.getWeights());
        const x = waves([2, 5, ...item]);
        const [a, b] = [ours, theirs].map((m) => run(m, x));
        expect(a.length).to.equal(b.length);
        a.forEach((values, k) => expectClose(values, b[k], 2e-5));
        expect(ours.outputShape).to.deep.equal(theirs.outputShape);
        x.dispose();
      });
  });

  it("takes layers of several inputs", () => {
    tf.tidy(() => {
      const [a, b] = [waves([2, 5, 3]), waves([2, 5, 3], 1)];
      const sum = layers.perStep({ layer: tf.layers.add() }).apply([a, b]) as tf.Tensor;
      expectClose(sum.dataSync(), tf.add(a, b).dataSync(), 0);
      const both = layers.perStep({ layer: tf.layers.concatenate({ axis: 1 }) }).apply([a, b]) as tf.Tensor;
      expectClose(both.dataSync(), tf.concat([a, b], 2).dataSync(), 0);
    });
  });

  it("trains as timeDistributed of batch normalisation: statistics are of all steps", async () => {
    const [ours, theirs] = [
      model(layers.perStep({ layer: tf.layers.batchNormalization({ momentum: 0.5 }) }), [3]),
      model(tf.layers.batchNormalization({ momentum: 0.5 }), [3]),
    ];
    const [x, y] = [waves([4, 5, 3]), waves([4, 5, 3], 2)];
    const after = await Promise.all(
      [ours, theirs].map(async (m) => {
        m.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
        await m.trainOnBatch(x, y);
        return m.getWeights().map((w) => Array.from(w.dataSync()));
      }),
    );
    after[0].forEach((values, k) => expectClose(values, after[1][k], 1e-5));
    tf.dispose([x, y]);
  });

  it("counts the regularisation of its layer's weights", () => {
    const m = model(layers.perStep({ layer: tf.layers.dense({ units: 2, kernelRegularizer: tf.regularizers.l2({ l2: 0.25 }) }) }), [3]);
    tf.tidy(() => {
      m.setWeights([tf.ones([3, 2]), tf.zeros([2])]);
      expect(m.calculateLosses().map((loss) => loss.dataSync()[0])).to.deep.equal([1.5]);
    });
  });

  it("keeps all settings of its layer, those that tfjs forgets too", () => {
    const layer = layers.perStep({ layer: tf.layers.separableConv2d({ filters: 2, kernelSize: 2, depthMultiplier: 3 }), name: "p" });
    const config = JSON.parse(JSON.stringify(layer.getConfig())) as tf.serialization.ConfigDict;
    const again = layers.PerStep.fromConfig(layers.PerStep, config) as nengo.layers.PerStep;
    const shape = [null, 2, 4, 4, 2];
    [layer, again].forEach((one) => one.build(shape));
    expect(again.weights.map((w) => w.shape)).to.deep.equal(layer.weights.map((w) => w.shape));
  });

  it("leaves no tensors, and refuses what is no layer and inputs without steps", async () => {
    const layer = layers.perStep({ layer: tf.layers.dense({ units: 2 }), name: "p" });
    const x = waves([2, 5, 3]);
    await expectNoLeaks(() => (layer.apply(x) as tf.Tensor).dispose());
    x.dispose();
    expect(() => layers.perStep({ layer: 3 as never, name: "p" })).to.throw(
      nengo.ValidationError,
      'NengoPerStep "p".layer: expected a tf.layers.Layer, got 3',
    );
    expect(() => layers.perStep({ layer: tf.layers.flatten(), name: "p" }).computeOutputShape([3])).to.throw(
      nengo.ShapeError,
      'NengoPerStep "p": expected inputs [batch, steps, ...features], got [3].',
    );
    expect(() => layers.perStep({ layer: { className: "Nowhere", config: {} } })).to.throw(nengo.ValidationError, "Nowhere");
  });
});
