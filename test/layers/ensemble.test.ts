import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { differences, expectGradient, onBackends, wave, waves } from "./support.ts";
import { reloaded } from "../support/saving.ts";

/** Two slow sines, `[1, steps, 2]`. */
const slow = (steps: number): Float32Array => Float32Array.from({ length: steps * 2 }, (_, i) => Math.sin(i / 40 + (i % 2)));
const product = (x: ArrayLike<number>): number[] => [x[0] * x[1], x[0]];

describe("ensemble layer", () => {
  onBackends(() => {
    it("spikes as the same ensemble does in a Simulator", async () => {
      const steps = 300;
      const net = new nengo.Network({ seed: 9 });
      const input = net.node([0, 0]);
      const ensemble = net.ensemble(50, 2, { seed: 3, radius: 1.5 });
      net.connect(input, ensemble, { synapse: null });
      const output = net.node({ sizeIn: 2 });
      net.connect(ensemble, output, { function: product, synapse: null });
      const probe = net.probe(output);
      const sim = new nengo.Simulator(net, { progressBar: false });
      await sim.runSteps(steps, { data: [[input, { shape: [1, steps, 2], data: Float64Array.from(slow(steps)) }]] });
      tf.tidy(() => {
        const layer = nengo.layers.ensemble({ nNeurons: 50, seed: 3, radius: 1.5, function: product });
        const y = layer.apply(tf.tensor(slow(steps), [1, steps, 2])) as tf.Tensor;
        expect(y.shape).to.deep.equal([1, steps, 2]);
        expectClose(y.dataSync(), sim.data.get(probe).data, 1e-3, "decoded value");
        expect(layer.weights.map((w) => w.shape)).to.deep.equal([[2, 50], [50], [50, 2]]);
        layer.dispose();
      });
      sim.close();
    });

    it("has the weights' gradients, between dense layers", async () => {
      const model = tf.sequential();
      const kernel = (seed: number) => tf.initializers.glorotUniform({ seed });
      model.add(tf.layers.dense({ units: 2, inputShape: [null, 3], kernelInitializer: kernel(1) }));
      const layer = nengo.layers.ensemble({
        nNeurons: 12,
        seed: 1,
        neuronType: new nengo.LIF({ amplitude: 0.01 }),
        intercepts: new nengo.Uniform({ low: -2, high: -1.5 }),
        phase: "training",
      });
      model.add(layer);
      model.add(tf.layers.dense({ units: 1, kernelInitializer: kernel(2) }));
      const x = waves([2, 5, 3], 1);
      const loss = (): tf.Scalar => tf.tidy(() => tf.sum(tf.mul(model.apply(x) as tf.Tensor, waves([2, 5, 1], 2))));
      const { value, grads } = tf.variableGrads(loss);
      value.dispose();
      const names = ["scaledEncoders", "bias", "decoders"];
      for (const [k, weight] of layer.trainableWeights.entries()) {
        const variable = weight.read() as tf.Variable;
        const values = variable.dataSync<"float32">().slice();
        const wanted = await differences(
          () => {
            tf.tidy(() => {
              variable.assign(tf.tensor(values, variable.shape));
            });
            const at = loss();
            const [number] = at.dataSync();
            at.dispose();
            return number;
          },
          values,
          3e-3,
        );
        expectGradient(grads[variable.name].dataSync(), wanted, 2e-2, names[k]);
      }
      tf.dispose([grads, x]);
      model.dispose();
    });

    it("learns with native fit, is saved with its functions' values and loaded with its weights", async () => {
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 2, inputShape: [null, 3], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }));
      model.add(nengo.layers.ensemble({ nNeurons: 40, seed: 1, neuronType: new nengo.LIF({ amplitude: 0.01 }), function: product }));
      model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
      const [x, y] = [waves([4, 10, 3], 1), waves([4, 10, 2], 2)];
      const { history } = await model.fit(x, y, { epochs: 15, verbose: 0, shuffle: false });
      expect(history["loss"].at(-1)).to.be.lessThan(0.9 * (history["loss"][0] as number));
      await expectNoLeaks(() => model.fit(x, y, { epochs: 1, verbose: 0, shuffle: false }), "fit");
      const again = await reloaded(model);
      const [before, after] = [model, again].map((m) => (m.predict(x) as tf.Tensor).dataSync());
      expect(after).to.deep.equal(before);
      tf.dispose([x, y]);
      model.dispose();
      again.dispose();
    });
  });

  it("goes on where it stopped when it is stateful, and gives neurons' activities", () => {
    tf.tidy(() => {
      const layer = nengo.layers.ensemble({
        nNeurons: 20,
        seed: 2,
        neuronType: new nengo.AdaptiveLIF(),
        output: "neurons",
        stateful: true,
      });
      const x = tf.tensor(slow(120), [1, 120, 2]);
      const whole = layer.apply(x) as tf.Tensor;
      expect(whole.shape).to.deep.equal([1, 120, 20]);
      layer.resetStates();
      const parts = tf.split(x, [50, 1, 69], 1).map((part) => layer.apply(part) as tf.Tensor);
      expect(tf.concat(parts, 1).dataSync()).to.deep.equal(whole.dataSync());
      layer.dispose();
    });
  });

  it("returns its neurons' states, and may be given them", () => {
    tf.tidy(() => {
      const layer = nengo.layers.ensemble({ nNeurons: 20, seed: 2, returnState: true, returnSequences: false });
      const x = tf.tensor(wave(60, 1), [2, 10, 3]);
      const [y, ...states] = layer.apply(x) as tf.Tensor[];
      expect(y.shape).to.deep.equal([2, 3]);
      expect(states.map((s) => s.shape)).to.deep.equal([
        [2, 20],
        [2, 20],
      ]);
      const [a, b] = tf.split(x, 2, 1);
      const [, ...between] = layer.apply(a) as tf.Tensor[];
      expectClose((layer.apply([b, ...between]) as tf.Tensor[])[0].dataSync(), y.dataSync(), 1e-6);
      const symbols = layer.apply(tf.input({ shape: [null, 3] })) as tf.SymbolicTensor[];
      expect(symbols.map((s) => s.shape)).to.deep.equal([
        [null, 3],
        [null, 20],
        [null, 20],
      ]);
      layer.dispose();
    });
  });

  it("trains what it is told to, several feature axes are one vector, and errors are told at once", async () => {
    const { ensemble } = nengo.layers;
    const layer = ensemble({ nNeurons: 10, seed: 1, trainableEncoders: false, trainableBias: false });
    const x = waves([2, 4, 2, 2]);
    expect((layer.apply(x) as tf.Tensor).shape).to.deep.equal([2, 4, 4]);
    expect(layer.trainableWeights.map((w) => w.shape)).to.deep.equal([[10, 4]]);
    await expectNoLeaks(() => (layer.apply(x) as tf.Tensor).dispose());
    expect(() => ensemble({ nNeurons: 0 })).to.throw(nengo.ValidationError, "nNeurons");
    expect(() => ensemble({ nNeurons: 5, radius: -1 })).to.throw(nengo.ValidationError, "radius");
    expect(() => ensemble({ nNeurons: 5, neuronType: {} as nengo.NeuronType })).to.throw(nengo.ValidationError, "neuronType");
    expect(() => ensemble({ nNeurons: 5, output: "rates" as "neurons" })).to.throw(nengo.ValidationError, "output");
    expect(() => ensemble({ nNeurons: 5 }).apply(waves([2, 3]))).to.throw(nengo.ShapeError, "steps");
    expect(() => ensemble({ nNeurons: 5 }).getConfig()).to.throw(nengo.ValidationError, "built");
    expect(() => ensemble({ nNeurons: 5, radus: 2 } as { nNeurons: number })).to.throw(nengo.ValidationError, "radus");
    layer.dispose();
    x.dispose();
  });
});
