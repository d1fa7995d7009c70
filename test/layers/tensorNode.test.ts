import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { differences, expectGradient, nengoLayerOf, wave, waves } from "./support.ts";

/** Largest difference, by the scale of the second. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const scale = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(b, (v, i) => Math.abs(v - a[i]))) / scale;
}

type Make = (net: nengo.Network) => nengo.Node;

/** input -> ensemble -> node -> ensemble (through a synapse) -> probe, and a probe on the node. */
function chain(make: Make, neuronType: nengo.NeuronType = new nengo.LIF()) {
  const net = new nengo.Network({ seed: 2 });
  net.config.ensemble.set({ neuronType });
  const input = net.node((t) => Math.cos(20 * t));
  const [before, after] = [net.ensemble(12, 2), net.ensemble(10, 1)];
  net.connect(input, before, { transform: [[1], [-0.5]] });
  const node = make(net);
  net.connect(before, node, { synapse: 0.004 });
  net.connect(node, after.at(0), { synapse: 0.003 });
  const probes = [net.probe(node, { synapse: 0.01 }), net.probe(after, { synapse: 0.002 }), net.probe(node)] as const;
  return { net, input, before, node, probes };
}

/** A node in a loop: its output comes back to it through an ensemble and a synapse. */
function loop(make: Make, neuronType: nengo.NeuronType = new nengo.LIF()) {
  const net = new nengo.Network({ seed: 6 });
  const input = net.node((t) => Math.sin(30 * t));
  const ensemble = net.ensemble(15, 2, { neuronType });
  net.connect(input, ensemble.at(0), { synapse: null });
  const node = make(net);
  net.connect(ensemble, node, { synapse: 0.002 });
  net.connect(node, ensemble.at(1), { synapse: 0.005 });
  return { net, input, node, probes: [net.probe(node, { sampleEvery: 0.002 }), net.probe(ensemble, { synapse: 0.004 })] as const };
}

const inTensors: Make = (net) =>
  nengo.tensorNode(net, (_t, x) => tf.tanh(tf.sum(tf.mul(x, tf.tensor1d([1.5, -0.7])), 1, true)), { shapeIn: [2], label: "n" });
const inJavaScript: Make = (net) => net.node((_t, x) => Math.tanh(1.5 * x[0] - 0.7 * x[1]), { sizeIn: 2, label: "n" });

describe("tensor nodes", () => {
  before(() => nengo.useBackend("cpu"));

  for (const [where, build] of [
    ["between ensembles", chain],
    ["in a loop", loop],
  ] as const) {
    describe(where, () => {
      it("give what a JavaScript Node gives, in run and for every item of a minibatch", async () => {
        const [ours, theirs] = [build(inTensors, new nengo.LIFRate()), build(inJavaScript, new nengo.LIFRate())];
        const run = async ({ net }: typeof ours): Promise<nengo.Simulator> => {
          const sim = new nengo.Simulator(net, { minibatchSize: 2, progressBar: false });
          await sim.runSteps(25);
          await sim.runSteps(15);
          return sim;
        };
        const [a, b] = [await run(ours), await run(theirs)];
        ours.probes.forEach((probe, k) => {
          const [got, wanted] = [a.data.get(probe), b.data.get(theirs.probes[k])];
          expect(got.shape).to.deep.equal(wanted.shape);
          expect(apart(got.data, wanted.data)).to.be.at.most(1e-5);
        });
      });

      it("give the same in predict", async () => {
        const [ours, theirs] = [build(inTensors, new nengo.RectifiedLinear()), build(inJavaScript, new nengo.RectifiedLinear())];
        const x = { shape: [3, 12, 1], data: wave(36) };
        const predict = async ({ net, input }: typeof ours) => new nengo.Simulator(net, { progressBar: false }).predict([[input, x]]);
        const [a, b] = [await predict(ours), await predict(theirs)];
        ours.probes.forEach((probe, k) => expect(apart(a.get(probe)!.data, b.get(theirs.probes[k])!.data)).to.be.at.most(1e-5));
      });

      it("let gradients through, over time", async () => {
        const { net, input, probes } = build(inTensors, new nengo.RectifiedLinear());
        const [batch, steps] = [2, 6];
        const layer = nengo.layers.network({ network: net, inputs: [input], outputs: [probes[1]] });
        const x = tf.variable(waves([batch, steps, 1], 1));
        layer.apply(x);
        const factors = wave(batch * steps * 2, 4);
        const loss = (): tf.Scalar => {
          const y = layer.apply(x) as tf.Tensor;
          return tf.sum(tf.mul(y, tf.tensor(factors.slice(0, y.size), y.shape)));
        };
        const variables = [x, ...layer.trainableWeights.map((w) => w.read() as unknown as tf.Variable)];
        const { grads } = tf.variableGrads(loss, variables);
        const got = variables.map((v) => grads[v.name].dataSync());
        const copies = variables.map((v) => v.dataSync().slice() as Float32Array);
        // The same in float64, with a JavaScript Node in place of the tensor node.
        const twin = build(inJavaScript, new nengo.RectifiedLinear());
        const sim = new nengo.Simulator(twin.net, { minibatchSize: batch, progressBar: false });
        const own = nengoLayerOf(sim.model).trainableWeights.map((w) => w.read() as unknown as tf.Variable);
        const exact = async (): Promise<number> => {
          own.forEach((v, k) => tf.tidy(() => v.assign(tf.tensor(copies[k + 1], v.shape))));
          sim.reset({ parameters: false });
          await sim.runSteps(steps, { data: [[twin.input, { shape: [batch, steps, 1], data: copies[0] }]] });
          return Array.from(sim.data.get(twin.probes[1]).data).reduce((sum, v, i) => sum + v * factors[i], 0);
        };
        for (const [k, copy] of copies.entries()) expectGradient(got[k], await differences(exact, copy), 5e-4, `variable ${k}`);
        sim.close();
        layer.dispose();
      });
    });
  }

  it("say in the report that a loop runs step by step", () => {
    const sim = new nengo.Simulator(loop(inTensors).net, { progressBar: false });
    expect(sim.report.notes.join("\n")).to.match(/Node "n" is a tensor node in a loop, so the network runs step by step, which is slow/);
    expect(String(new nengo.Simulator(chain(inTensors).net, { progressBar: false }).report)).to.not.match(/step by step/);
  });

  it("get times in seconds, with any rank of x, or no x at all", async () => {
    const net = new nengo.Network({ seed: 0 });
    const clock = nengo.tensorNode(net, (t) => tf.mul(t, 2));
    const image = nengo.tensorNode(net, (t, x) => tf.add(tf.reshape(tf.sum(x, [1, 2]), [-1, 1]), tf.reshape(t, [-1, 1])), {
      shapeIn: [2, 3],
    });
    expect(image).to.include({ sizeIn: 6, sizeOut: 1 });
    net.connect(net.node([1, 2, 3, 4, 5, 6]), image, { synapse: null });
    const [a, b] = [net.probe(clock), net.probe(image)];
    const sim = new nengo.Simulator(net, { progressBar: false });
    await sim.runSteps(2);
    await sim.runSteps(1);
    expect(apart(sim.data.get(a).data, [0.002, 0.004, 0.006])).to.be.below(1e-6);
    expect(apart(sim.data.get(b).data, [21.001, 21.002, 21.003])).to.be.below(1e-6);
  });

  it("hold layers, whose weights train with the network and are seen by run", async () => {
    const dense = tf.layers.dense({ units: 1, inputDim: 2, kernelInitializer: "ones" });
    const { net, input, probes } = chain((n) => nengo.tensorNode(n, dense, { shapeIn: [2] }), new nengo.RectifiedLinear());
    nengo.configure(net, { trainable: false });
    const sim = new nengo.Simulator(net, { progressBar: false });
    sim.compile({ optimizer: tf.train.sgd(0.05), loss: [[probes[0], "meanSquaredError"]] });
    expect(sim.model.trainableWeights.map((w) => w.shape)).to.deep.equal([[2, 1], [1]]);
    const x = { shape: [8, 10, 1], data: wave(80) };
    const y = { shape: [8, 10, 1], data: wave(80, 1) };
    const before = await sim.predict([[input, x]]);
    const history = await sim.fit([[input, x]], [[probes[0], y]], { epochs: 5 });
    const losses = history.history["loss"] as number[];
    expect(losses.at(-1)).to.be.below(losses[0]);
    const after = await sim.predict([[input, x]]);
    expect(apart(after.get(probes[0])!.data, before.get(probes[0])!.data)).to.be.greaterThan(1e-3);
    await sim.runSteps(10, { data: [[input, { shape: [1, 10, 1], data: x.data.slice(0, 10) }]] });
    expect(apart(sim.data.get(probes[0]).data, after.get(probes[0])!.item(0).data)).to.be.below(1e-4);
  });

  it("refuse what is no function of tensors, or mixes up items", () => {
    const net = new nengo.Network({ seed: 0 });
    expect(() => nengo.tensorNode(net, 3 as never)).to.throw(
      nengo.ValidationError,
      "TensorNode: expected a function (t, x) => tensor or a tf.layers.Layer, got 3.",
    );
    expect(() => nengo.tensorNode(net, () => 3 as never, { label: "bad" })).to.throw(
      nengo.ValidationError,
      /TensorNode "bad".tensorFunction: expected a tensor \[batch, ...\] with one row an item, got 3/,
    );
    expect(() => nengo.tensorNode(net, (_t, x) => tf.sum(x), { shapeIn: [2] })).to.throw(
      nengo.ValidationError,
      /one row an item, got shape \[\]/,
    );
    expect(() => nengo.tensorNode(net, () => tf.matMul(tf.zeros([2, 2]), tf.zeros([3, 3])))).to.throw(
      nengo.ValidationError,
      /Mend it, or give shapeOut/,
    );
    expect(net.nodes).to.have.length(0);
  });
});
