import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectSame } from "../support/numbers.ts";
import { differences, expectGradient, nengoLayerOf, onBackends, sample, wave, waves } from "./support.ts";

/** Gradients of a scalar with respect to variables, in their order. */
function gradientsOf(f: () => tf.Scalar, variables: readonly tf.Variable[]): Float32Array[] {
  const { value, grads } = tf.variableGrads(f, [...variables]);
  value.dispose();
  return variables.map((v) => {
    const values = grads[v.name].dataSync() as Float32Array;
    grads[v.name].dispose();
    return values;
  });
}

const variablesOf = (layer: { trainableWeights: readonly { read(): unknown }[] }): tf.Variable[] =>
  layer.trainableWeights.map((w) => w.read() as tf.Variable);

/** Writes a variable's changed copy back. */
const assign = (variable: tf.Variable, values: Float32Array): void => tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));

/** x W + c for rows of x, in float64. */
function dense(x: ArrayLike<number>, w: ArrayLike<number>, c: ArrayLike<number>, sizeIn: number): Float64Array {
  const sizeOut = c.length;
  const rows = x.length / sizeIn;
  return Float64Array.from({ length: rows * sizeOut }, (_, k) => {
    const [row, j] = [Math.floor(k / sizeOut), k % sizeOut];
    let sum = c[j];
    for (let i = 0; i < sizeIn; i++) sum += x[row * sizeIn + i] * w[i * sizeOut + j];
    return sum;
  });
}

const [BATCH, STEPS] = [2, 5];

/** dense -> ensemble with a recurrent connection -> dense, all trained. */
function sandwich(neuronType: nengo.NeuronType) {
  const net = new nengo.Network({ seed: 1 });
  const input = net.node([0, 0]);
  const ensemble = net.ensemble(10, 2, {
    neuronType,
    intercepts: new nengo.Uniform({ low: -2, high: -1.3 }),
    maxRates: new nengo.Uniform({ low: 100, high: 200 }),
  });
  net.connect(input, ensemble, { synapse: null });
  net.connect(ensemble, ensemble, { function: (x) => [x[1], x[0]], synapse: 0.002, transform: 0.5 });
  const probe = net.probe(ensemble, { synapse: 0.003 });
  const before = tf.layers.dense({ units: 2, weights: [waves([3, 2], 1), waves([2], 2)].map((w) => tf.mul(w, 0.3)) });
  const layer = nengo.layers.network({ network: net, inputs: [input], outputs: [probe] });
  const after = tf.layers.dense({ units: 1, weights: [waves([2, 1], 3), waves([1], 4)] });
  const symbol = tf.input({ shape: [null, 3] });
  const model = tf.model({
    inputs: symbol,
    outputs: after.apply(layer.apply(before.apply(symbol))) as tf.SymbolicTensor,
  });
  return { net, input, probe, before, layer, after, model };
}

describe("the gradient of a NengoLayer", () => {
  onBackends((backend) => {
    for (const neuronType of [new nengo.LIFRate(), new nengo.RectifiedLinear()]) {
      it(`between two trained layers, of all inputs and weights at once, equals differences (${neuronType.type})`, async () => {
        const { net, input, probe, before, layer, after, model } = sandwich(neuronType);
        const x = tf.variable(waves([BATCH, STEPS, 3], 5));
        const target = wave(BATCH * STEPS, 6);
        const loss = (): tf.Scalar => tf.sum(tf.squaredDifference(model.apply(x) as tf.Tensor, tf.tensor(target, [BATCH, STEPS, 1])));
        const variables = [x, ...variablesOf(before), ...variablesOf(layer), ...variablesOf(after)];
        expect(variables.map((v) => v.shape)).to.deep.equal([[BATCH, STEPS, 3], [3, 2], [2], [20], [10], [20], [2, 1], [1]]);
        const got = gradientsOf(loss, variables);

        // The same in float64: dense layers by hand, the network by Simulator.run with the same weights.
        const copies = variables.map((v) => v.dataSync().slice() as Float32Array);
        const sim = new nengo.Simulator(net, { minibatchSize: BATCH, progressBar: false });
        const own = variablesOf(nengoLayerOf(sim.model));
        const exact = async (): Promise<number> => {
          own.forEach((variable, k) => assign(variable, copies[3 + k]));
          sim.reset({ parameters: false });
          const u = dense(copies[0], copies[1], copies[2], 3);
          await sim.runSteps(STEPS, { data: [[input, { shape: [BATCH, STEPS, 2], data: u }]] });
          return dense(sim.data.get(probe).data, copies[6], copies[7], 2).reduce((sum, y, k) => sum + (y - target[k]) ** 2, 0);
        };
        expect(await exact(), "the loss itself").to.be.closeTo(
          tf.tidy(() => loss().dataSync()[0]),
          1e-4,
        );
        const names = ["x", "kernel before", "bias before", "encoders", "bias", "decoders", "kernel after", "bias after"];
        for (const [k, copy] of copies.entries()) expectGradient(got[k], await differences(exact, copy), 2e-4, names[k]);
        sim.close();
        x.dispose();
        model.dispose();
      });
    }

    it("leaks nothing, forward or backward", async () => {
      const { model, before, layer, after } = sandwich(new nengo.LIF());
      const x = tf.variable(waves([BATCH, STEPS, 3]));
      const variables = [x, ...variablesOf(before), ...variablesOf(layer), ...variablesOf(after)];
      for (const training of [true, false]) {
        await expectNoLeaks(
          () => gradientsOf(() => tf.sum(model.apply(x, { training }) as tf.Tensor), variables),
          `a gradient on ${backend}`,
        );
        await expectNoLeaks(() => tf.tidy(() => void (model.apply(x, { training }) as tf.Tensor).dataSync()), `a call on ${backend}`);
      }
      x.dispose();
      model.dispose();
    });

    it("of several inputs and outputs, one of them sampled, equals differences", async () => {
      const { net, a, b, outputs } = sample({ neuronType: new nengo.RectifiedLinear() });
      const layer = nengo.layers.network({ network: net, inputs: [a, b] });
      const [xa, xb] = [tf.variable(tf.mul(waves([BATCH, STEPS, 2], 1), 0.8)), tf.variable(waves([BATCH, STEPS, 1], 2))];
      const factors = [wave(BATCH * STEPS, 3), wave(BATCH * STEPS * 3, 4).map((v) => v / 100), wave(BATCH * 2 * 2, 5)];
      layer.apply([xa, xb] as tf.Tensor[]); // builds
      const loss = (): tf.Scalar => {
        const y = layer.apply([xa, xb] as tf.Tensor[]) as tf.Tensor[];
        expect(y.map((t) => t.shape)).to.deep.equal([
          [BATCH, STEPS, 1],
          [BATCH, STEPS, 3],
          [BATCH, 2, 2],
        ]);
        return tf.addN<tf.Scalar>(y.map((t, k) => tf.sum(tf.mul(t, tf.tensor(factors[k], t.shape)))));
      };
      const variables = [xa, xb, ...variablesOf(layer)];
      const got = gradientsOf(loss, variables);
      const copies = variables.map((v) => v.dataSync().slice() as Float32Array);
      const sim = new nengo.Simulator(net, { minibatchSize: BATCH, progressBar: false });
      const own = variablesOf(nengoLayerOf(sim.model));
      const exact = async (): Promise<number> => {
        own.forEach((variable, k) => assign(variable, copies[2 + k]));
        sim.reset({ parameters: false });
        await sim.runSteps(STEPS, {
          data: [
            [a, { shape: [BATCH, STEPS, 2], data: copies[0] }],
            [b, { shape: [BATCH, STEPS, 1], data: copies[1] }],
          ],
        });
        return outputs.reduce(
          (sum, probe, k) => sum + Array.from(sim.data.get(probe).data).reduce((s, y, i) => s + y * factors[k][i], 0),
          0,
        );
      };
      for (const [k, copy] of copies.entries()) expectGradient(got[k], await differences(exact, copy), 2e-4, `variable ${k}`);
      sim.close();
      layer.dispose();
    });
  });

  it("of spiking neurons in training is that of their rates", () => {
    const results = [new nengo.LIF(), new nengo.LIFRate()].map((neuronType) => {
      const { net, a, b } = sample({ neuronType });
      const layer = nengo.layers.network({ network: net, inputs: [a, b] });
      const inputs = [waves([BATCH, STEPS, 2]), waves([BATCH, STEPS, 1])];
      layer.apply(inputs);
      const f = (): tf.Scalar => tf.sum((layer.apply(inputs, { training: true }) as tf.Tensor[])[0]);
      return [...gradientsOf(f, variablesOf(layer)), f().dataSync()];
    });
    for (const [k, values] of results[0].entries()) expectSame(values, results[1][k]);
  });

  it("of spikes is the slope of the rate", () => {
    const net = new nengo.Network({ seed: 3 });
    const neuronType = new nengo.LIF();
    const ensemble = net.ensemble(6, 1, { neuronType });
    net.probe(ensemble.neurons);
    const layer = nengo.layers.network({ network: net, nSteps: 1, phase: "inference" });
    layer.apply(tf.zeros([1, 1]));
    const factors = wave(6, 1);
    const bias = layer.builtNetwork.ensembles.get(ensemble)!.bias!.data;
    const variable = layer.blockVariables[layer.blocks.findIndex((block) => block.role === "bias")].read() as tf.Variable;
    const [got] = gradientsOf(() => tf.sum(tf.mul(layer.apply(tf.zeros([1, 1])) as tf.Tensor, tf.tensor(factors, [1, 1, 6]))), [variable]);
    const h = 1e-5;
    const [above, below] = [neuronType.rates(bias.map((v) => v + h)), neuronType.rates(bias.map((v) => v - h))];
    expectGradient(
      got,
      factors.map((c, k) => (c * (above[k] - below[k])) / (2 * h)),
      1e-3,
      "bias",
    );
  });

  it("adds up over two uses of one layer", () => {
    const { net, input, probe } = sandwich(new nengo.LIFRate());
    const layer = nengo.layers.network({ network: net, inputs: [input], outputs: [probe] });
    const [x, y] = [waves([BATCH, STEPS, 2], 1), waves([BATCH, STEPS, 2], 2)];
    layer.apply(x);
    const of = (t: tf.Tensor): tf.Scalar => tf.sum(layer.apply(t) as tf.Tensor);
    const variables = variablesOf(layer);
    const [both, one, other] = [
      gradientsOf(() => tf.add(of(x), of(y)), variables),
      gradientsOf(() => of(x), variables),
      gradientsOf(() => of(y), variables),
    ];
    for (const [k, sum] of both.entries())
      expectGradient(
        sum,
        one[k].map((v, i) => v + other[k][i]),
        1e-6,
        `variable ${k}`,
      );
  });
});
