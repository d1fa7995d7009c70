import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { waves } from "../layers/support.ts";
import { expectNoLeaks } from "../support/leaks.ts";

const seeded = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }), biasInitializer: tf.initializers.zeros() });
const hidden = (name = "hidden") => tf.layers.dense({ units: 4, name, activation: "sigmoid", ...seeded(1) });
const output = (name = "output") => tf.layers.dense({ units: 2, name, ...seeded(2) });
const cost = nengo.regularizers.l2({ l2: 0.5, target: [0.9, 1] });

/** Models of one and the same function: [batch, 5, 3] through a hidden layer to [batch, 5, 2]. */
const models: Readonly<Record<string, () => tf.LayersModel>> = {
  sequential: () =>
    tf.sequential({
      layers: [tf.layers.dense({ units: 4, name: "hidden", activation: "sigmoid", inputShape: [5, 3], ...seeded(1) }), output()],
    }),
  functional: () => {
    const input = tf.input({ shape: [5, 3] });
    return tf.model({ inputs: input, outputs: output().apply(hidden().apply(input)) as tf.SymbolicTensor });
  },
  nested: () => {
    const inside = tf.input({ shape: [5, 3] });
    const inner = tf.model({ inputs: inside, outputs: hidden().apply(inside) as tf.SymbolicTensor });
    const input = tf.input({ shape: [5, 3] });
    return tf.model({ inputs: input, outputs: output().apply(inner.apply(input)) as tf.SymbolicTensor });
  },
  nengo: () => {
    const input = tf.input({ shape: [5, 3] });
    return nengo.model({ inputs: input, outputs: output().apply(hidden().apply(input)) as tf.SymbolicTensor });
  },
};
const compile = (model: tf.LayersModel, lr = 0.1): void => model.compile({ optimizer: tf.train.sgd(lr), loss: "meanSquaredError" });
const scoreOf = (model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor): number =>
  tf.tidy(() => [model.evaluate(x, y)].flat()[0].dataSync()[0]);
const lossOf = async (model: tf.LayersModel, x: tf.Tensor, y: tf.Tensor, options: object = {}): Promise<number> =>
  (await model.fit(x, y, { epochs: 1, shuffle: false, ...options })).history["loss"][0] as number;

describe("regularizeRates", () => {
  before(() => nengo.useBackend("cpu"));
  let x: tf.Tensor;
  let y: tf.Tensor;
  before(() => ([x, y] = [waves([6, 5, 3]), waves([6, 5, 2], 1)]));
  after(() => tf.dispose([x, y]));

  /** The cost by hand, of the mean over time, from the model's own kernel. */
  const penaltyOf = (model: tf.LayersModel): number =>
    tf.tidy(() => {
      const [kernel, bias] = model.getWeights();
      const rows = tf
        .matMul(x.reshape([30, 3]), kernel)
        .add(bias)
        .sigmoid()
        .reshape([6, 5, 4]);
      return cost(rows.mean(1)).div(6).dataSync()[0];
    });

  for (const [name, make] of Object.entries(models)) {
    it(`counts in fit, validation and evaluate of a ${name} model, before or after compile`, async () => {
      for (const first of [true, false]) {
        const model = make();
        if (first) compile(model, 0);
        const handle = nengo.regularizeRates(model, { hidden: cost });
        if (!first) compile(model, 0);
        const penalty = penaltyOf(model);
        expect(penalty).to.be.above(0.01);
        const regularized = [scoreOf(model, x, y), await lossOf(model, x, y)];
        const validated = (await model.fit(x, y, { epochs: 1, shuffle: false, validationData: [x, y] })).history["val_loss"][0] as number;
        handle.remove();
        const plain = [scoreOf(model, x, y), await lossOf(model, x, y)];
        for (const k of [0, 1]) expect(regularized[k] - plain[k], ["evaluate", "fit"][k]).to.be.closeTo(penalty, 1e-5);
        expect(validated - plain[0], "validation").to.be.closeTo(penalty, 1e-5);
        model.dispose();
      }
    });

    it(`trains a ${name} model towards the target, without leaks`, async () => {
      const model = make();
      compile(model, 0.5);
      nengo.regularizeRates(model, [["hidden", cost]]);
      const before = penaltyOf(model);
      await model.fit(x, y, { epochs: 30, shuffle: false });
      expect(penaltyOf(model)).to.be.below(before / 4);
      await expectNoLeaks(() => model.fit(x, y, { epochs: 1, shuffle: false }), "fit");
      await expectNoLeaks(() => scoreOf(model, x, y), "evaluate");
      await expectNoLeaks(() => tf.dispose(model.predict(x)), "predict");
      model.dispose();
    });
  }

  it("survives another compile, and a predict in the same tidy", () => {
    const model = models["sequential"]();
    compile(model);
    nengo.regularizeRates(model, new Map([[model.getLayer("hidden"), cost]]));
    const score = scoreOf(model, x, y);
    compile(model);
    expect(scoreOf(model, x, y)).to.be.closeTo(score, 1e-6);
    tf.tidy(() => {
      model.predict(x);
      expect(scoreOf(model, x, y)).to.be.closeTo(score, 1e-6);
    });
    model.dispose();
  });

  it("counts every call of a shared layer", () => {
    const [a, b] = [tf.input({ shape: [5, 3] }), tf.input({ shape: [5, 3] })];
    const shared = hidden();
    const sum = tf.layers.add().apply([shared.apply(a), shared.apply(b)] as tf.SymbolicTensor[]);
    const model = tf.model({ inputs: [a, b], outputs: output().apply(sum) as tf.SymbolicTensor });
    compile(model);
    const score = (): number => tf.tidy(() => [model.evaluate([x, x], y)].flat()[0].dataSync()[0]);
    const plain = score();
    nengo.regularizeRates(model, [[shared, cost]]);
    expect(score() - plain).to.be.closeTo(2 * penaltyOf(model), 1e-5);
    model.dispose();
  });

  it("takes every step where told so, and needs it for layers without time", () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, name: "flat", inputShape: [3], ...seeded(1) })] });
    compile(model);
    const [x, y] = [waves([4, 3]), waves([4, 2])];
    const plain = scoreOf(model, x, y);
    const bad = nengo.regularizeRates(model, { flat: nengo.regularizers.l1() });
    expect(() => scoreOf(model, x, y)).to.throw(nengo.ShapeError, /flat: expected an output \[batch, steps, ...features\].*over: "steps"/);
    bad.remove();
    nengo.regularizeRates(model, { flat: nengo.regularizers.l1() }, { over: "steps" });
    const penalty = tf.tidy(
      () =>
        (model.predict(x) as tf.Tensor)
          .abs()
          .sum()
          .mul(0.01 / 4)
          .dataSync()[0],
    );
    expect(scoreOf(model, x, y) - plain).to.be.closeTo(penalty, 1e-6);
    tf.dispose([x, y]);
    model.dispose();
  });

  it("keeps what tfjs checks and saves: sparse labels, and losses by name", async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, name: "classes", activation: "softmax", inputShape: [3] })] });
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    nengo.regularizeRates(model, { classes: nengo.regularizers.l1() }, { over: "steps" });
    const [x, y] = [waves([4, 3]), tf.tensor2d([[0], [1], [2], [0]])]; // prettier-ignore
    expect(await lossOf(model, x, y)).to.be.finite;
    expect(model.loss).to.equal("sparseCategoricalCrossentropy");
    tf.dispose([x, y]);
    model.dispose();
  });

  it("refuses layers that the model does not have, and what is no regularizer", () => {
    const model = models["functional"]();
    expect(() => nengo.regularizeRates(model, { hiden: cost })).to.throw(
      nengo.ValidationError,
      /layers of the model \(.*hidden, output\), got "hiden"/,
    );
    expect(() => nengo.regularizeRates(model, { hidden: 3 as never })).to.throw(nengo.ValidationError, /hidden: expected a regularizer/);
    model.dispose();
  });
});
