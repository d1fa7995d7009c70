import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { normals, relativeError } from "./support.ts";
import { rejection } from "../support/rejection.ts";

/** What a network without spikes gives after many steps of a held input, and what the model made of it gives. */
async function expectSteadyState(net: nengo.Network, inputs: readonly nengo.Node[], steps = 1): Promise<tf.LayersModel> {
  const sim = new nengo.Simulator(net, { minibatchSize: 3, progressBar: false });
  const model = await nengo.toLayersModel(sim);
  const x = inputs.map((node, k) => normals([3, node.sizeOut], 20 + k));
  await sim.runSteps(steps, {
    data: inputs.map((node, k) => [node, x[k].reshape([3, 1, -1]).tile([1, steps, 1])] as const),
  });
  const outputs = [model.predict(x)].flat();
  net.allProbes.forEach((probe, k) => {
    const { shape, data } = sim.data.get(probe);
    const last = tf.tensor(Float32Array.from(data), [...shape]).slice([0, steps - 1, 0], [-1, 1, -1]);
    expect(relativeError(outputs[k], last.reshape([3, -1])), String(probe)).to.be.lessThan(1e-5);
  });
  sim.close();
  return model;
}

describe("networks that never were a model", () => {
  before(() => nengo.useBackend("cpu"));

  it("ensembles are dense layers with activations, connections dense layers", async () => {
    const net = new nengo.Network({ seed: 3, label: "two ensembles" });
    const [x, y] = [net.node([0, 0], { label: "x" }), net.node(() => 0, { label: "y" })];
    const options = { maxRates: new nengo.Uniform({ low: 1, high: 2 }), radius: 1.5 };
    const a = net.ensemble(20, 2, { ...options, neuronType: new nengo.RectifiedLinear({ amplitude: 0.7 }), label: "a" });
    const b = net.ensemble(15, 1, { ...options, neuronType: new nengo.Tanh({ tauRef: 0.2 }), label: "b" });
    const out = net.node({ sizeIn: 2, label: "out" });
    net.connect(x, a, { synapse: null });
    net.connect(a, b, { synapse: null, function: (v) => v[0] * v[1], transform: 2 });
    net.connect(y, b, { synapse: 0.001 });
    net.connect(net.node(0.4), b, { synapse: null });
    net.connect(b, out.at(1), { synapse: null });
    net.connect(a.neurons.slice(0, 2), out, {
      synapse: null,
      transform: [
        [1, 2],
        [3, -1],
      ],
    });
    net.connect(x.at(1), b.neurons.pick([3, 1]), { synapse: null, transform: [[0.5], [2]] });
    net.probe(out);
    net.probe(a);
    net.probe(b.neurons.slice(1, 4), { synapse: 0.001 });
    const model = await expectSteadyState(net, [x, y], 40);
    expect(model.inputNames).to.deep.equal(["x", "y"]);
    expect(model.getLayer("a").countParams()).to.equal(20 * 3);
    model.dispose();
  });

  it("full weights, sparse matrices, convolutions and Direct mode", async () => {
    const net = new nengo.Network({ seed: 1 });
    const x = net.node(new Float64Array(24), { label: "x" });
    const rates = { neuronType: new nengo.LeakyReLU(), maxRates: 2 };
    const image = net.node({ sizeIn: 8 });
    net.connect(x, image, {
      synapse: null,
      transform: new nengo.Convolution({ nFilters: 2, inputShape: [4, 3, 2], kernelSize: [2, 1], strides: [2, 2], dilations: [1, 1] }),
    });
    const [a, b, exact] = [net.ensemble(9, 8, rates), net.ensemble(7, 2, rates), net.ensemble(1, 2, { neuronType: new nengo.Direct() })];
    net.connect(image, a, { synapse: null });
    net.connect(a.slice(2, 4), b, { synapse: null, solver: new nengo.LstsqL2({ weights: true }) });
    net.connect(b, exact, { synapse: null });
    const out = net.node({ sizeIn: 3 });
    net.connect(exact, out, {
      synapse: null,
      transform: new nengo.Sparse({
        shape: [3, 2],
        indices: [
          [0, 1],
          [2, 0],
        ],
        init: [2, -1],
      }),
    });
    net.probe(out);
    (await expectSteadyState(net, [x])).dispose();
  });

  it("what has no counterpart is named", async () => {
    const cases: Readonly<Record<string, (net: nengo.Network, x: nengo.Node) => void>> = {
      'Ensemble "part": expected a part that layers have a counterpart for, got neurons LIF': (net, x) => {
        const e = net.ensemble(5, 1, { label: "part" });
        net.connect(x, e);
        net.probe(e);
      },
      'Node "part": expected a part that layers have a counterpart for, got a function of its input': (net, x) => {
        const n = net.node((_t, v) => v, { sizeIn: 1, label: "part" });
        net.connect(x, n);
        net.probe(n);
      },
      'Node "part": expected a part that layers have a counterpart for, got a part of a loop': (net, x) => {
        const n = net.node({ sizeIn: 1, label: "part" });
        net.connect(x, n);
        net.connect(n, n);
        net.probe(n);
      },
      'Connection "part": expected a part that layers have a counterpart for, got a synapse LinearFilter': (net, x) => {
        const n = net.node({ sizeIn: 1 });
        net.connect(x, n, { synapse: new nengo.LinearFilter({ num: [1], den: [0.1, 2] }), label: "part" });
        net.probe(n);
      },
      'Connection "part": expected a part that layers have a counterpart for, got a learning rule': (net, x) => {
        const [e, n] = [net.ensemble(5, 1, { neuronType: new nengo.RectifiedLinear() }), net.node({ sizeIn: 1 })];
        net.connect(x, e);
        const c = net.connect(e, n, { learningRuleType: new nengo.PES(), label: "part" });
        net.connect(x, c.learningRule as nengo.LearningRule);
        net.probe(n);
      },
      'Node "part": expected a part that layers have a counterpart for, got no input': (net) => {
        net.probe(net.node({ sizeIn: 1, label: "part" }));
      },
    };
    for (const [message, make] of Object.entries(cases)) {
      const net = new nengo.Network({ seed: 0 });
      make(net, net.node(0, { label: "x" }));
      const sim = new nengo.Simulator(net, { progressBar: false });
      const error = await rejection(nengo.toLayersModel(sim));
      expect(error).to.be.instanceOf(nengo.ConversionError);
      expect(error.message).to.contain(message);
      sim.close();
    }
  });
});
