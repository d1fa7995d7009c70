import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { rejection } from "../support/rejection.ts";

const wave = (count: number, phase = 0): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));

/** input -> a -> out, with a plain and a filtered probe. */
function small({ neuronType = new nengo.LIF() }: { neuronType?: nengo.NeuronType } = {}) {
  const net = new nengo.Network({ seed: 1 });
  const input = net.node(0, { label: "in" });
  const a = net.ensemble(10, 1, { neuronType });
  const out = net.node({ sizeIn: 1 });
  net.connect(input, a, { synapse: null });
  const decode = net.connect(a, out, { function: (x) => x[0] ** 2, synapse: null });
  return { net, input, a, out, decode, plain: net.probe(out), filtered: net.probe(out, { synapse: 0.01 }) };
}

const x = { shape: [20, 3, 1], data: wave(60) };
const y = { shape: [20, 3, 1], data: wave(60).map((v) => v * v * 0.5) };

describe("training by a Simulator", () => {
  before(() => nengo.useBackend("cpu"));

  it("maps data by object to the model, in batches that need not divide it, and names scores by probe", async () => {
    const { net, input, plain, filtered } = small();
    // Decoders are of the order of 1e-4: steps of Adam(0.01) are for encoders and biases.
    nengo.configure(net, nengo.Connection, { trainable: false });
    const sim = new nengo.Simulator(net, { progressBar: false });
    sim.compile({ optimizer: tf.train.adam(0.01), loss: [[plain, "meanSquaredError"]], metrics: [[plain, "meanAbsoluteError"]] });
    const scores = await sim.evaluate([[input, x]], [[plain, y]], { batchSize: 7, phase: "training" });
    expect(Object.keys(scores)).to.deep.equal(["loss", "probe_loss", "probe_meanAbsoluteError"]);
    const history = await sim.fit({ in: x }, new Map([[plain, y]]), {
      epochs: 6,
      batchSize: 7,
      validationData: [[[input, x]], [[plain, y]]],
    });
    const losses = history.history["loss"] as number[];
    expect(losses).to.have.length(6);
    expect(losses.at(-1)).to.be.below(scores["loss"]);
    expect(history.history).to.have.property("val_loss");
    // The score is the mean over all items, whatever the batches.
    const whole = await sim.evaluate([[input, x]], [[plain, y]], { batchSize: 20 });
    const parts = await sim.evaluate([[input, x]], [[plain, y]], { batchSize: 7 });
    expect(parts["loss"]).to.be.closeTo(whole["loss"], 1e-6 * whole["loss"]);
    // Another loss, without an optimizer, on the other probe.
    sim.compile({ loss: [[filtered, "meanSquaredError"]] });
    expect(Object.keys(await sim.evaluate([[input, x]], [[filtered, y]]))).to.include.members(["loss", "probe_1_loss"]);
    expect(await rejection(sim.fit([[input, x]], [[filtered, y]])))
      .to.be.instanceOf(nengo.ValidationError)
      .with.property("message")
      .that.matches(/optimizer/);
  });

  it("is repeated by the same seed, and only by it", async () => {
    const train = async (seed: number): Promise<number[]> => {
      const { net, input, plain, a } = small();
      const sim = new nengo.Simulator(net, { seed, progressBar: false });
      sim.compile({ optimizer: tf.train.sgd(0.1), loss: [[plain, "meanSquaredError"]] });
      await sim.fit([[input, x]], [[plain, y]], { epochs: 3, batchSize: 4 });
      return Array.from(sim.data.get(a).scaledEncoders.data);
    };
    const [first, again, other] = [await train(1), await train(1), await train(2)];
    expect(again).to.deep.equal(first);
    expect(other).to.not.deep.equal(first);
  });

  it("is seen by data and run at once, keeps the network one of Nengo's, and ends with reset", async () => {
    const { net, input, a, decode, plain } = small({ neuronType: new nengo.LIFRate() });
    nengo.configure(net.connections[1], { trainable: false });
    const sim = new nengo.Simulator(net, { progressBar: false });
    const feed = { data: [[input, { shape: [1, 3, 1], data: wave(3) }]] as const };
    const built = { a: sim.data.get(a), weights: sim.data.get(decode).weights!.data.slice() };
    await sim.runSteps(3, feed);
    const before = Array.from(sim.data.get(plain).data);

    sim.compile({ optimizer: tf.train.adam(0.05), loss: [[plain, "meanSquaredError"]] });
    await sim.fit([[input, x]], [[plain, y]], { epochs: 3 });
    const trained = sim.data.get(a);
    expect(Array.from(sim.data.get(decode).weights!.data)).to.deep.equal(Array.from(built.weights));
    expect(Array.from(trained.scaledEncoders.data)).to.not.deep.equal(Array.from(built.a.scaledEncoders.data));
    expect(Array.from(trained.gain!.data)).to.deep.equal(Array.from(built.a.gain!.data));
    trained.encoders.data.forEach((e, i) =>
      expect(trained.scaledEncoders.data[i]).to.be.closeTo(
        (e * trained.gain!.data[i]) / a.radius,
        1e-12 * Math.abs(trained.scaledEncoders.data[i]),
      ),
    );

    sim.reset({ parameters: false });
    await sim.runSteps(3, feed);
    const after = Array.from(sim.data.get(plain).data);
    expect(after).to.not.deep.equal(before);
    // A network with the trained values given as its own runs the same.
    const same = small({ neuronType: new nengo.LIFRate() });
    same.a.encoders = { shape: [10, 1], data: trained.encoders.data };
    same.a.normalizeEncoders = false;
    same.a.gain = trained.gain;
    same.a.bias = trained.bias;
    same.decode.solver = new nengo.NoSolver({ values: Array.from(built.weights, (w) => [w]) });
    const copy = new nengo.Simulator(same.net, { progressBar: false });
    await copy.runSteps(3, { data: [[same.input, { shape: [1, 3, 1], data: wave(3) }]] });
    copy.data.get(same.plain).data.forEach((v, i) => expect(v).to.be.closeTo(after[i], 1e-9));

    sim.reset();
    expect(Array.from(sim.data.get(a).scaledEncoders.data)).to.deep.equal(Array.from(built.a.scaledEncoders.data));
    await sim.runSteps(3, feed);
    expect(Array.from(sim.data.get(plain).data)).to.deep.equal(before);
  });

  it("takes weights that are set or loaded as the truth", async () => {
    const { net, input, plain } = small({ neuronType: new nengo.LIFRate() });
    const sim = new nengo.Simulator(net, { progressBar: false });
    const weights = sim.model.getWeights().map((w) => tf.mul(w, 1.1));
    sim.model.setWeights(weights);
    const feed = { shape: [1, 3, 1], data: wave(3) };
    const predicted = (await sim.predict([[input, feed]])).get(plain)!.data;
    await sim.runSteps(3, { data: [[input, feed]] });
    sim.data.get(plain).data.forEach((v, i) => expect(v).to.be.closeTo(predicted[i], 1e-4));
  });

  it("fills inputs that are left out with the Nodes' own output, an own stream for each item", async () => {
    const net = new nengo.Network({ seed: 3 });
    const noise = net.node(new nengo.WhiteSignal({ period: 0.1, high: 50 }));
    const [constant, clock, fed] = [net.node([2, 3]), net.node((t) => 10 * t), net.node(0)];
    const probes = [noise, constant, clock, fed].map((node) => net.probe(node));
    const sim = new nengo.Simulator(net, { seed: 9, minibatchSize: 2, progressBar: false });
    const x = { shape: [2, 4, 1], data: wave(8) };
    const predicted = await sim.predict([[fed, x]]);
    await sim.runSteps(4, { data: [[fed, x]] });
    for (const probe of probes)
      sim.data.get(probe).data.forEach((v, i) => expect(predicted.get(probe)!.data[i]).to.be.closeTo(v, 1e-6 * Math.max(1, Math.abs(v))));
    expect(Array.from(predicted.get(probes[0])!.item(0).data)).to.not.deep.equal(Array.from(predicted.get(probes[0])!.item(1).data));
  });

  it("needs a way with gradients from what trains to the loss", () => {
    const net = new nengo.Network({ seed: 1 });
    const input = net.node(0);
    const a = net.ensemble(5, 1, { label: "a" });
    const code = net.node((_t, x) => x[0] + 1, { sizeIn: 1, label: "code" });
    net.connect(input, a, { synapse: null });
    net.connect(a, code, { synapse: null });
    const probe = net.probe(code);
    const sim = new nengo.Simulator(net, { progressBar: false });
    const compile = (): void => sim.compile({ optimizer: "sgd", loss: [[probe, "meanSquaredError"]] });
    expect(compile).to.throw(
      nengo.BuildError,
      /expected a way with gradients from "Ensemble "a"\.\w+" to the loss, got only ways through Node "code"/,
    );
    sim.compile({ loss: [[probe, "meanSquaredError"]] });
  });

  it("refuses unknown objects, missing targets and wrong shapes", async () => {
    const { net, input, plain, filtered } = small();
    const other = small();
    const sim = new nengo.Simulator(net, { progressBar: false });
    expect(() => sim.compile({})).to.throw(nengo.ValidationError, /compile.loss/);
    expect(() => sim.compile({ loss: [[other.plain, "meanSquaredError"]] })).to.throw(
      nengo.ValidationError,
      /compile.loss: expected one of/,
    );
    sim.compile({ loss: [[plain, "meanSquaredError"]] });
    const failure = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => "nothing",
        (e: unknown) => (e as Error).message,
      );
    expect(await failure(sim.evaluate([[other.input, x]], [[plain, y]]))).to.match(/Simulator.inputs: expected one of Node "in"/);
    expect(await failure(sim.evaluate([[input, x]], [[filtered, y]]))).to.match(/Simulator.targets: expected targets for Probe/);
    expect(await failure(sim.evaluate([[input, { shape: [20, 3, 2], data: wave(120) }]], [[plain, y]]))).to.match(
      /expected data of shape \[batch, steps, 1\], got \[20, 3, 2\]/,
    );
    expect(await failure(sim.evaluate([[input, x]], [[plain, { shape: [5, 3, 1], data: wave(15) }]]))).to.match(/expected 20 items, got 5/);
    expect(await failure(sim.predict())).to.match(/Give \{nSteps\}/);
  });

  it("leaks nothing", async () => {
    const { net, input, plain } = small();
    const sim = new nengo.Simulator(net, { progressBar: false });
    sim.compile({ optimizer: tf.train.sgd(0.1), loss: [[plain, "meanSquaredError"]] });
    const all = async (): Promise<void> => {
      await sim.fit([[input, x]], [[plain, y]], { epochs: 2, batchSize: 6 });
      await sim.evaluate([[input, x]], [[plain, y]]);
      await sim.predict([[input, x]]);
      await sim.runSteps(5);
      sim.reset();
    };
    await all();
    const before = tf.memory().numTensors;
    await all();
    expect(tf.memory().numTensors).to.equal(before);
    sim.close();
    expect(tf.memory().numTensors).to.be.below(before);
  });
});
