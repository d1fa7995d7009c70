import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { nengoLayerOf, numbersOf, onBackends, sample, waves } from "./support.ts";
import { reloaded } from "../support/saving.ts";

/** Two inputs, three outputs, in an ordinary model with a dense layer before one input. */
function modelOf(phase: "auto" | "training" | "inference" = "auto", neuronType?: nengo.NeuronType) {
  const { net, a, b, first, product } = sample(neuronType === undefined ? {} : { neuronType });
  nengo.configure(net, { trainable: false });
  nengo.configure(first, { trainable: true });
  nengo.configure(product, { trainable: true });
  const layer = nengo.layers.network({ network: net, inputs: [a, b], phase, seed: 5, name: "part" });
  const inputs = [tf.input({ shape: [null, 3], name: "x" }), tf.input({ shape: [null, 1], name: "y" })];
  const dense = tf.layers.dense({ units: 2, weights: [tf.mul(waves([3, 2], 1), 0.4), waves([2], 2)] });
  const outputs = layer.apply([dense.apply(inputs[0]) as tf.SymbolicTensor, inputs[1]]) as tf.SymbolicTensor[];
  return { model: nengo.model({ inputs, outputs, outputNames: ["p", "q", "r"] }), layer };
}

const data = (): tf.Tensor[] => [waves([3, 6, 3], 1), waves([3, 6, 1], 2)];

describe("saving a NengoLayer", () => {
  onBackends(() => {
    it("through a file and tf.loadLayersModel gives the same model, with trained weights", async () => {
      const { model, layer } = modelOf();
      const x = data();
      const target = tf.zeros([3, 6, 1]);
      model.compile({ optimizer: tf.train.sgd(0.01), loss: { p: "meanSquaredError" } });
      await model.fit(x, target, { epochs: 2, seed: 1 });
      const folder = mkdtempSync(join(tmpdir(), "nengo-"));
      try {
        await model.save(nengo.fileHandler(folder));
        const loaded = await tf.loadLayersModel(nengo.fileHandler(folder));
        expect(loaded).to.be.instanceOf(nengo.NengoModel);
        const again = nengoLayerOf(loaded);
        expect(again.definition).to.include({ phase: "auto", seed: 5, dt: 0.001 });
        expect(again.trainableWeights.map((w) => w.shape)).to.deep.equal(layer.trainableWeights.map((w) => w.shape));
        expect(again.nonTrainableWeights).to.have.length(layer.nonTrainableWeights.length);
        expect(numbersOf(loaded.predict(x))).to.deep.equal(numbersOf(model.predict(x)));
        loaded.dispose();
      } finally {
        rmSync(folder, { recursive: true });
      }
      model.dispose();
      tf.dispose([x, target]);
    });
  });

  it("survives a config that went through tfjs's renaming, for functions with names too", async () => {
    nengo.registerFunction("savingTest.wobble", wobble);
    const net = new nengo.Network({ seed: 3 });
    const input = net.node(0);
    const relay = net.node((_t, x) => wobble(x), { sizeIn: 1 });
    const ensemble = net.ensemble(8, 1, { neuronType: new nengo.SpikingRectifiedLinear({ amplitude: 0.5 }) });
    net.connect(input, relay, { synapse: null });
    net.connect(input, relay, { function: wobble, synapse: null });
    net.connect(relay, ensemble);
    net.probe(ensemble, { synapse: 0.01 });
    // The Node's function has no name: saving says so.
    const layer = nengo.layers.network({ network: net, inputs: [input] });
    expect(() => layer.getConfig()).to.throw(nengo.NetworkFileError, /registerFunction/);

    const named = new nengo.Network({ seed: 3 });
    const source = named.node(0);
    const target = named.node({ sizeIn: 1 });
    named.connect(source, target, { function: wobble, synapse: null });
    const probe = named.probe(target);
    const made = nengo.layers.network({ network: named, inputs: [source], outputs: [probe], dt: 0.002 });
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [null, 1] as never }), made] });
    const loaded = await reloaded(model);
    expect(nengoLayerOf(loaded).definition.dt).to.equal(0.002);
    const x = waves([2, 4, 1]);
    expect(numbersOf(loaded.predict(x))).to.deep.equal(numbersOf(model.predict(x)));
    tf.dispose(x);
  });
});

const wobble = (x: Float64Array): number => Math.sin(3 * x[0]);

describe("phases of a NengoLayer", () => {
  const outputsOf = (phase: "auto" | "training" | "inference", training: boolean): number[][] => {
    const { model } = modelOf(phase, new nengo.LIF());
    const x = data();
    const out = numbersOf(tf.tidy(() => model.call(x, training ? { training } : {})));
    model.dispose();
    tf.dispose(x);
    return out;
  };

  it("are rates inside fit and spikes elsewhere, unless one is chosen", () => {
    const [spikes, rates] = [outputsOf("inference", false), outputsOf("training", false)];
    expect(outputsOf("auto", false)).to.deep.equal(spikes);
    expect(outputsOf("auto", true)).to.deep.equal(rates);
    expect(outputsOf("inference", true)).to.deep.equal(spikes);
    expect(spikes).to.not.deep.equal(rates);
    // Neurons of the second output fire or do not: its filter has the one-step delay, then multiples of a spike.
    expect(new Set(rates[1]).size).to.be.greaterThan(new Set(spikes[1]).size);
  });
});

describe("NengoLayer", () => {
  it("leaks nothing in predict and fit", async () => {
    const { model } = modelOf();
    const x = data();
    const target = tf.zeros([3, 6, 1]);
    model.compile({ optimizer: tf.train.adam(0.01), loss: { p: "meanSquaredError" } });
    await expectNoLeaks(() => tf.dispose(model.predict(x)), "predict");
    await expectNoLeaks(async () => void (await model.fit(x, target, { epochs: 1, seed: 1 })), "fit");
    model.dispose();
    tf.dispose([x, target]);
  });

  it("refuses wrong networks, inputs, outputs and shapes", () => {
    const { net, a, b } = sample();
    const other = sample();
    const relay = net.node({ sizeIn: 1 });
    const make = nengo.layers.network;
    expect(() => make({ network: 3 as never })).to.throw(nengo.ValidationError, "NengoLayer.network: expected a Network, got 3.");
    expect(() => make({ network: net, inputs: [other.a] })).to.throw(
      nengo.ValidationError,
      /NengoLayer.inputs\[0\]: expected a Node of the network/,
    );
    expect(() => make({ network: net, inputs: [a, a] })).to.throw(nengo.ValidationError, /every one once/);
    expect(() => make({ network: net, inputs: [relay] })).to.throw(nengo.ValidationError, /Nodes without input of their own/);
    expect(() => make({ network: net, outputs: [] })).to.throw(nengo.ValidationError, /at least one Probe/);
    expect(() => make({ network: net, phase: "spikes" as never })).to.throw(
      nengo.ValidationError,
      /NengoLayer.phase: expected one of "auto"/,
    );
    const layer = make({ network: net, inputs: [a, b], name: "part" });
    const call = (shapes: number[][]): unknown => tf.tidy(() => layer.apply(shapes.map((s) => tf.zeros(s))) as tf.Tensor[]);
    call([
      [1, 2, 2],
      [1, 2, 1],
    ]);
    expect(() =>
      call([
        [1, 2, 2],
        [1, 3, 1],
      ]),
    ).to.throw(
      nengo.ShapeError,
      /NengoLayer "part".inputs\[1\]: expected \[batch, steps, 1\] for Node "b" with 1 items and 2 steps, got \[1, 3, 1\]/,
    );
    expect(() =>
      call([
        [1, 2, 3],
        [1, 2, 1],
      ]),
    ).to.throw(nengo.ShapeError, /inputs\[0\]/);
    layer.dispose();
  });

  it("runs for nSteps where no input says how long", () => {
    const net = new nengo.Network({ seed: 1 });
    const probe = net.probe(net.node((t) => t));
    const layer = nengo.layers.network({ network: net, outputs: [probe], nSteps: 3 });
    const [values] = numbersOf(tf.tidy(() => layer.apply(tf.zeros([2, 1])) as tf.Tensor));
    expect(values).to.deep.equal([0.001, 0.002, 0.003, 0.001, 0.002, 0.003].map(Math.fround));
    expect(layer.computeOutputShape([null, 1])).to.deep.equal([null, 3, 1]);
    layer.dispose();
  });

  it("gives what the Simulator gives in float32", async () => {
    const { net, a, b, outputs } = sample({ neuronType: new nengo.LIF() });
    const layer = nengo.layers.network({ network: net, inputs: [a, b] });
    const x = [waves([2, 20, 2], 1), waves([2, 20, 1], 2)];
    const got = numbersOf(tf.tidy(() => layer.apply(x) as tf.Tensor[]));
    const sim = new nengo.Simulator(net, { minibatchSize: 2, dtype: "float32", progressBar: false });
    await sim.runSteps(20, {
      data: [
        [a, x[0]],
        [b, x[1]],
      ],
    });
    expect(got).to.deep.equal(outputs.map((probe) => Array.from(sim.data.get(probe).data)));
    sim.close();
    layer.dispose();
    tf.dispose(x);
  });
});
