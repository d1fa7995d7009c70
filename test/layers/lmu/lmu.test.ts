import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as nengo from "../../../src/index.ts";
import { expectNoLeaks } from "../../support/leaks.ts";
import { numbersOf, onBackends, waves } from "../support.ts";
import { combinations, expectClose, fused, looped, outputsAndGradients, setWeights, weightedSum } from "./support.ts";

type Layer = tf.layers.Layer;
/** Numbers of tensors, among which may be the same one twice. */
const valuesOf = (tensors: tf.Tensor | tf.Tensor[]): number[][] => [tensors].flat().map((t) => Array.from(t.dataSync()));
const asLayer = (layer: nengo.layers.LMU): Layer => layer;
const run = (layer: nengo.layers.LMU | Layer, x: tf.Tensor | tf.Tensor[], kwargs = {}): number[][] =>
  tf.tidy(() => valuesOf(layer.apply(x, kwargs) as tf.Tensor[]));

describe("lmu", () => {
  onBackends((backend) => {
    for (const [what, hidden, options, memoryPath, hiddenPath] of combinations) {
      it(`with ${what}: as one run = step by step in tf.layers.rnn, outputs, states and all gradients`, () => {
        const x = waves([3, 11, 2], 1);
        for (const returnSequences of [true, false]) {
          const args = { ...options, returnSequences, returnState: true };
          const [one, steps] = [fused(hidden, args), looped(hidden, args)];
          run(one, x);
          run(steps, x);
          setWeights(one);
          setWeights(steps);
          const [got, wanted] = [one, steps].map((layer) => outputsAndGradients(layer, x));
          got.outputs.forEach((values, k) => expectClose(values, wanted.outputs[k], 5e-6, `output ${k}`));
          got.gradients.forEach((values, k) => expectClose(values, wanted.gradients[k], 2e-5, `gradient ${k}`));
          expect(one.path?.hidden).to.equal(hiddenPath);
          if (memoryPath !== "blocked" || backend !== "cpu") expect(one.path?.memory).to.equal(memoryPath);
          asLayer(one).dispose();
          steps.dispose();
        }
        x.dispose();
      });
    }

    it("goes on from call to call when stateful, and begins anew after resetStates", () => {
      for (const [, hidden, options] of combinations.slice(0, 10)) {
        const layer = fused(hidden, { ...options, returnSequences: true, stateful: true });
        const whole = fused(hidden, { ...options, returnSequences: true });
        const x = waves([2, 9, 2], 4);
        run(whole, x);
        const parts = [x.slice([0, 0, 0], [2, 4, 2]), x.slice([0, 4, 0], [2, 5, 2])];
        run(layer, parts[0]);
        setWeights(layer);
        setWeights(whole);
        const [wanted] = run(whole, x);
        for (let k = 0; k < 2; k++) {
          asLayer(layer).resetStates();
          const joined = tf.tidy(() =>
            tf
              .concat(
                parts.map((p) => asLayer(layer).apply(p) as tf.Tensor),
                1,
              )
              .dataSync(),
          );
          expectClose(Array.from(joined), wanted, 5e-6, `chunks with ${hidden}`);
        }
        tf.dispose([x, ...parts]);
        asLayer(layer).dispose();
        asLayer(whole).dispose();
      }
    });

    it("takes states as further inputs and gives them back, with gradients", () => {
      for (const options of [{}, { hiddenToMemory: true, memoryToMemory: true }]) {
        const layer = fused("simpleRNNCell", { ...options, returnSequences: true, returnState: true });
        const x = waves([2, 6, 2], 1);
        run(layer, x);
        setWeights(layer);
        const [memory, hidden] = [waves([2, 10], 2), waves([2, 4], 3)];
        const first = x.slice([0, 0, 0], [2, 1, 2]);
        // One step by hand, through the cell.
        const [output, after, memorised] = tf.tidy(() =>
          valuesOf(layer.cell.call([first.reshape([2, 2]), hidden, memory], {}) as tf.Tensor[]),
        );
        const wanted = [output, memorised, after];
        run(layer, [first, memory, hidden]).forEach((values, k) => expectClose(values, wanted[k], 5e-6, `output ${k}`));
        const gradient = tf.tidy(() => {
          const f = (m: tf.Tensor): tf.Scalar => weightedSum(asLayer(layer).apply([x, m, hidden]) as tf.Tensor[]);
          const got = tf.grad(f)(memory).dataSync();
          const direction = waves([2, 10], 9);
          const [up, down] = [0.01, -0.01].map((h) => f(tf.add(memory, tf.mul(direction, h))).dataSync()[0]);
          const along = tf.sum(tf.mul(tf.tensor(got, [2, 10]), direction)).dataSync()[0];
          return { along, wanted: (up - down) / 0.02 };
        });
        expect(gradient.along).to.be.closeTo(gradient.wanted, 2e-3 * Math.abs(gradient.wanted) + 1e-3);
        tf.dispose([x, memory, hidden, first]);
        asLayer(layer).dispose();
      }
    });

    it("is in tf.layers.rnn of the size that it says, so that layers can follow", async () => {
      const [x, y] = [waves([4, 5, 2], 1), waves([4, 3], 5)];
      for (const [what, hidden, options] of combinations)
        for (const returnSequences of [true, false]) {
          const recurrent = looped(hidden, { ...options, returnSequences });
          const input = tf.input({ shape: [5, 2] });
          const output = recurrent.apply(input) as tf.SymbolicTensor;
          const model = tf.model({ inputs: input, outputs: output });
          const given = model.predict(x) as tf.Tensor;
          expect([null, ...output.shape.slice(1)], what).to.deep.equal([null, ...given.shape.slice(1)]);
          given.dispose();
          const last = returnSequences ? (tf.layers.globalAveragePooling1d().apply(output) as tf.SymbolicTensor) : output;
          const whole = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3 }).apply(last) as tf.SymbolicTensor });
          whole.compile({ optimizer: "sgd", loss: "meanSquaredError" });
          expect(await whole.trainOnBatch(x, y), what).to.be.a("number");
          whole.dispose();
        }
      tf.dispose([x, y]);
    });

    it("trains first, last and between dense layers, natively, and leaves no tensors", async () => {
      const [x, y] = [waves([8, 7, 2], 1), tf.mul(waves([8, 3], 5), 0.3)];
      for (const options of [{}, { hiddenToMemory: true, memoryToMemory: true, trainableTheta: true }]) {
        for (const place of ["first", "between", "last"]) {
          const model = tf.sequential();
          const dense = { units: 2, kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) };
          if (place !== "first") model.add(tf.layers.dense({ ...dense, inputShape: [null, 2] as never }));
          const layer = nengo.layers.lmu({
            ...{ memoryD: 2, order: 3, theta: 5, ...options, inputShape: [null, 2] },
            hiddenCell: tf.layers.simpleRNNCell({ units: 3, recurrentInitializer: "glorotUniform" }),
          });
          model.add(asLayer(layer));
          if (place !== "last") model.add(tf.layers.dense({ ...dense, units: 3 }));
          setWeights(model);
          model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
          const before = (model.evaluate(x, y) as tf.Scalar).dataSync()[0];
          await expectNoLeaks(() => model.fit(x, y, { epochs: 8, shuffle: false, verbose: 0 }), `fit, layer ${place}`);
          const after = (model.evaluate(x, y) as tf.Scalar).dataSync()[0];
          expect(after, `loss, layer ${place}`).to.be.below(0.8 * before);
          model.dispose();
        }
      }
      tf.dispose([x, y]);
    });

    it("takes any number of steps, one after another", () => {
      const layer = fused("simpleRNNCell", { returnSequences: true });
      const symbolic = asLayer(layer).apply(tf.input({ shape: [null, 2] })) as tf.SymbolicTensor;
      expect(symbolic.shape).to.deep.equal([null, null, 4]);
      setWeights(layer);
      const x = waves([2, 20, 2], 1);
      const [all] = run(layer, x);
      for (const steps of [1, 7, 20]) {
        const [part] = tf.tidy(() => run(layer, x.slice([0, 0, 0], [1, steps, 2])));
        expectClose(part, all.slice(0, steps * 4), 5e-6, `${steps} steps`);
      }
      x.dispose();
      asLayer(layer).dispose();
    });

    it("is saved and loaded with its hidden cell and weights", async () => {
      const input = tf.input({ shape: [6, 2] });
      const make = (): tf.LayersModel => {
        const l = tf.regularizers.l2({ l2: 0.1 });
        const layer = nengo.layers.lmu({
          ...{
            memoryD: 2,
            order: 3,
            theta: 5,
            hiddenToMemory: true,
            memoryToMemory: true,
            trainableTheta: true,
            useBias: true,
            name: "memory",
          },
          hiddenCell: tf.layers.gruCell({ units: 3, recurrentInitializer: "glorotUniform" }),
          kernelInitializer: tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 3 }),
          kernelRegularizer: l,
          seed: 7,
        });
        const cell = nengo.layers.lmuCell({
          memoryD: 1,
          order: 2,
          theta: 4,
          hiddenCell: tf.layers.dense({ units: 2, activation: "relu" }),
        });
        const inner = tf.layers.rnn({ cell: cell, returnSequences: true }).apply(input) as tf.SymbolicTensor;
        return tf.model({ inputs: input, outputs: [asLayer(layer).apply(inner) as tf.SymbolicTensor] });
      };
      const model = make();
      setWeights(model);
      const folder = mkdtempSync(join(tmpdir(), "nengo-"));
      try {
        await model.save(nengo.fileHandler(folder));
        const loaded = await tf.loadLayersModel(nengo.fileHandler(folder));
        const x = waves([2, 6, 2], 1);
        expect(numbersOf(loaded.predict(x))).to.deep.equal(numbersOf(model.predict(x)));
        const layer = loaded.getLayer("memory") as unknown as nengo.layers.LMU;
        expect(layer).to.be.instanceOf(nengo.layers.LMU);
        expect(layer.definition).to.include({ order: 3, hiddenToMemory: true, trainableTheta: true, seed: 7, discretizer: "zoh" });
        expect(asLayer(layer).losses).to.have.length(1);
        expect(asLayer(layer).getConfig()).to.deep.equal(model.getLayer("memory").getConfig());
        x.dispose();
        loaded.dispose();
      } finally {
        rmSync(folder, { recursive: true });
      }
      model.dispose();
    });

    it("drops in training only, the same at every step, as the seed says", () => {
      const ones = tf.ones([4, 5, 2]);
      const one = (seed: number) =>
        nengo.layers.lmu({
          memoryD: 2,
          order: 1,
          theta: 4,
          hiddenCell: null,
          kernelInitializer: "identity",
          dropout: 0.5,
          seed,
          returnSequences: true,
        });
      const layers = [one(3), one(3), one(4)];
      const [plain] = run(layers[0], ones);
      const [a, b, c] = layers.map((layer) => run(layer, ones, { training: true })[0]);
      expect(a).to.deep.equal(b);
      expect(a).to.not.deep.equal(c);
      expect(run(layers[0], ones)[0]).to.deep.equal(plain);
      // What is kept is doubled, what is dropped stays away at all steps.
      for (let item = 0; item < 4; item++) {
        for (let d = 0; d < 2; d++) {
          const factors = Array.from({ length: 5 }, (_, t) => a[(item * 5 + t) * 2 + d] / plain[(item * 5 + t) * 2 + d]);
          factors.forEach((f) => expect(f).to.be.closeTo(factors[0] < 1 ? 0 : 2, 1e-5));
        }
      }
      expect(run(layers[0], ones, { training: true })[0]).to.not.deep.equal(a);
      ones.dispose();
      layers.forEach((layer) => asLayer(layer).dispose());
    });

    it("drops what the hidden state and the memory feed back, fused as in steps", () => {
      for (const hidden of ["simpleRNNCell", "lstmCell"]) {
        const args = { hiddenToMemory: true, memoryToMemory: true, dropout: 0.4, recurrentDropout: 0.4, seed: 5, returnSequences: true };
        const [layer, twin] = [fused("simpleRNNCell", args), fused(hidden, args)];
        const x = waves([3, 6, 2], 1);
        [layer, twin].forEach((l) => run(l, x));
        setWeights(layer);
        setWeights(twin);
        const dropped = run(layer, x, { training: true })[0];
        expect(dropped).to.not.deep.equal(run(layer, x)[0]);
        if (hidden === "simpleRNNCell") expect(run(twin, x, { training: true })[0]).to.deep.equal(dropped);
        else expect(run(twin, x, { training: true })[0].every(Number.isFinite)).to.be.true;
        // With factors of the same draw the cell gives the same, step by step.
        const again = fused("simpleRNNCell", args);
        run(again, x);
        setWeights(again);
        const wanted = tf.tidy(() => {
          const factors = again.cell.draw(3, true);
          let states = [tf.zeros([3, 10]), tf.zeros([3, 4])] as tf.Tensor2D[];
          const outputs = (tf.unstack(x, 1) as tf.Tensor2D[]).map((step) => {
            const [output, ...after] = again.cell.step(step, states[0], states.slice(1), {
              matrices: again.cell.matrices(),
              dropped: factors,
              training: true,
            });
            states = after;
            return output;
          });
          return Array.from(tf.stack(outputs, 1).dataSync());
        });
        expectClose(dropped, wanted, 5e-6, "outputs after dropout");
        x.dispose();
        [layer, twin, again].forEach((l) => asLayer(l).dispose());
      }
    });

    it("counts regularisers in the loss", async () => {
      const model = tf.sequential();
      const [kernelRegularizer, own] = [tf.regularizers.l1({ l1: 1 }), tf.regularizers.l1({ l1: 10 })];
      const hiddenCell = tf.layers.dense({ units: 1, kernelInitializer: "ones", kernelRegularizer: own });
      model.add(asLayer(nengo.layers.lmu({ memoryD: 1, order: 2, theta: 5, kernelInitializer: "ones", kernelRegularizer: kernelRegularizer, hiddenCell: hiddenCell, inputShape: [4, 1] }))); // prettier-ignore
      model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
      const x = tf.zeros([1, 4, 1]);
      const y = tf.zeros([1, 1]);
      const { history } = await model.fit(x, y, { epochs: 1, verbose: 0 });
      expect(history["loss"][0]).to.be.closeTo(1 + 20, 1e-5);
      tf.dispose([x, y]);
      model.dispose();
    });

    it("leaves no tensors when it is disposed of, nor does its cell in tf.layers.rnn", () => {
      const x = waves([2, 5, 2], 1);
      const before = tf.memory().numTensors;
      for (const [, hidden, options] of combinations) {
        for (const layer of [asLayer(fused(hidden, options)), looped(hidden, options)]) {
          tf.dispose(layer.apply(x) as tf.Tensor);
          layer.dispose();
          // A memory without any weight keeps its two matrices in tfjs's loop, which disposes of weights only.
          const kept = layer.getClassName() === "RNN" && options.kernelInitializer === null ? 2 : 0;
          expect(tf.memory().numTensors - before, `${hidden} ${JSON.stringify(options)}`).to.be.at.most(kept);
          if (kept > 0) (layer as unknown as { cell: nengo.layers.LMUCell }).cell.release();
        }
      }
      expect(tf.memory().numTensors).to.equal(before);
      x.dispose();
    });
  });
});
