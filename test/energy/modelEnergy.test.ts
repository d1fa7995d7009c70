import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { waves } from "../layers/support.ts";
import { fixture } from "../support/fixtures.ts";
import { expectNoLeaks } from "../support/leaks.ts";

interface Case {
  readonly model: "convolutional" | "spiking" | "mixed";
  readonly timestepsPerInference: number;
  readonly dt: number;
  readonly data: { readonly shape: number[]; readonly values: "1" | "abs(5 * wave)" };
  readonly params: number;
  readonly layers: Readonly<Record<string, [number, number][]>>;
  readonly totals: Readonly<Record<string, number>>;
}

/** The models of test/fixtures/keras-spiking/energy.py. */
const models: Readonly<Record<Case["model"], () => tf.LayersModel>> = {
  convolutional: () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 7, inputShape: [28, 28, 1] }),
        tf.layers.reLU(),
        tf.layers.flatten(),
        tf.layers.dense({ units: 128 }),
        tf.layers.reLU(),
        tf.layers.dense({ units: 10 }),
      ],
    }),
  spiking: () =>
    tf.sequential({
      layers: [
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 7 }), inputShape: [null, 5] }),
        nengo.layers.spikingActivation({ activation: "relu", dt: 0.01, seed: 0 }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3 }) }),
      ],
    }),
  mixed: () =>
    tf.sequential({
      layers: [
        tf.layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, inputShape: [9, 2] }),
        tf.layers.activation({ activation: "tanh" }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 6 }),
        tf.layers.leakyReLU({ alpha: 0.3 }),
      ],
    }),
};

describe("modelEnergy", () => {
  before(() => nengo.useBackend("cpu"));

  for (const { model: name, timestepsPerInference, dt, data, params, layers, totals } of fixture<Case[]>("keras-spiking/energy.json")) {
    it(`gives KerasSpiking's figures for the ${name} model, ${timestepsPerInference} steps, inputs ${data.values}`, async () => {
      const model = models[name]();
      expect(model.countParams()).to.equal(params);
      tf.tidy(() => model.setWeights(model.weights.map(({ shape }, i) => tf.div(waves(shape as number[]), i + 2))));
      const x = tf.tidy(() => (data.values === "1" ? tf.ones(data.shape) : tf.abs(tf.mul(waves(data.shape), 5))));
      const energy = await nengo.modelEnergy(model, x);
      // Spikes start at other voltages than TensorFlow's generator gives: up to a spike a unit in 2 s.
      const part = name === "spiking" ? 0.03 : 1e-4;
      for (const [device, rows] of Object.entries(layers)) {
        const options = { timestepsPerInference, dt };
        expect(Math.abs(energy.total(device, options) / totals[device] - 1), `total on ${device}`).to.be.below(part);
        const got = energy.perLayer(device, options);
        // Keras lists the input too.
        rows.slice(1).forEach(([synapses, neurons], k) => {
          expect(Math.abs(got[k].synapses - synapses), `synapses of layer ${k} on ${device}`).to.be.at.most(part * synapses);
          expect(Math.abs(got[k].neurons - neurons), `neurons of layer ${k} on ${device}`).to.be.at.most(1e-6 * neurons);
        });
      }
      x.dispose();
      model.dispose();
    });
  }

  it("takes steps and dt from the data and the model, and works once an inference on other devices", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [3] }),
        nengo.layers.repeat({ steps: 20 }),
        tf.layers.dense({ units: 5 }),
        nengo.layers.spikingActivation({ activation: "relu", dt: 0.01, seed: 0 }),
        nengo.layers.readout(),
        tf.layers.dense({ units: 2, activation: "softmax" }),
      ],
    });
    const x = waves([40, 3]);
    const energy = await nengo.modelEnergy(model, x, { batchSize: 16 });
    expect(energy.layers.map(({ steps }) => steps)).to.deep.equal([null, 20, 20, 20, 20, null]);
    expect(energy.layers.map(({ connections }) => connections)).to.deep.equal([12, 0, 20, 0, 0, 10]);
    expect(energy.layers.map(({ neurons }) => neurons)).to.deep.equal([0, 0, 0, 5, 0, 2]);
    const hidden = tf.tidy(() => (model.layers[0].apply(x) as tf.Tensor).abs().mean().dataSync()[0]);
    expect(energy.layers[2].rate).to.be.closeTo(hidden, 1e-5);
    const loihi = energy.perLayer("loihi");
    expect(loihi[2].synapses).to.be.closeTo(27.1e-12 * 20 * hidden * 0.01 * 20, 1e-15);
    expect(loihi[3].neurons).to.be.closeTo(81e-12 * 5 * 20, 1e-18);
    expect(energy.total("cpu")).to.be.closeTo(8.6e-9 * (12 + 20 + 10 + 5 + 2), 1e-14);
    expect(energy.total("loihi", { timestepsPerInference: 40 })).to.be.above(1.9 * energy.total("loihi") - 1e-9);
    expect(energy.table())
      .to.match(/layer .*rate \(Hz\).*J on loihi/)
      .and.to.match(/\ntotal /);
    expect(energy.warnings.join()).to.match(/do not spike/);
    const json = JSON.parse(JSON.stringify(energy.toJSON())) as ReturnType<nengo.ModelEnergy["toJSON"]>;
    expect(json.totals["loihi"]).to.equal(energy.total("loihi"));
    expect(json.layers[2].energy["loihi"].synapses).to.equal(loihi[2].synapses);
    await expectNoLeaks(() => nengo.modelEnergy(model, x));
    x.dispose();
    model.dispose();
  });

  it("sees layers of models within the model", async () => {
    const [inside, input] = [tf.input({ shape: [6, 3] }), tf.input({ shape: [6, 3] })];
    const spikes = nengo.layers.spikingActivation({ activation: "relu" }).apply(tf.layers.dense({ units: 4 }).apply(inside));
    const inner = tf.model({ inputs: inside, outputs: spikes as tf.SymbolicTensor });
    const outer = tf.layers.dense({ units: 2 }).apply(inner.apply(input)) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: outer });
    const x = waves([2, 6, 3]);
    const energy = await nengo.modelEnergy(model, x);
    expect(energy.layers.map(({ connections, neurons, steps }) => [connections, neurons, steps])).to.deep.equal([[12, 0, 6], [0, 4, 6], [8, 0, 6]]); // prettier-ignore
    x.dispose();
  });

  it("counts recurrent layers at every step, on all devices", async () => {
    for (const [layer, gates] of [
      [tf.layers.simpleRNN({ units: 5, recurrentInitializer: "glorotNormal" }), 1],
      [tf.layers.gru({ units: 5, recurrentInitializer: "glorotNormal", returnSequences: true }), 3],
      [tf.layers.lstm({ units: 5, recurrentInitializer: "glorotNormal" }), 4],
      [
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 5, recurrentInitializer: "glorotNormal" }),
          mergeMode: "concat",
        }),
        8,
      ],
    ] as const) {
      const input = tf.input({ shape: [7, 3] });
      const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
      const x = waves([2, 7, 3]);
      const energy = await nengo.modelEnergy(model, x);
      expect(energy.layers[0]).to.deep.include({ connections: gates * (15 + 25), neurons: gates * 5, steps: 7 });
      expect(energy.total("cpu")).to.be.closeTo(8.6e-9 * 7 * gates * (15 + 25 + 5), 1e-12);
      const y = tf.tidy(() => (model.predict(x) as tf.Tensor).abs().mean().dataSync()[0]);
      const x0 = tf.tidy(() => x.abs().mean().dataSync()[0]);
      if (gates === 3) expect(energy.perLayer("loihi")[0].synapses).to.be.closeTo(27.1e-12 * 7 * 0.001 * gates * (15 * x0 + 25 * y), 1e-16);
      x.dispose();
      model.dispose();
    }
  });

  it("counts pooling, transposed, depthwise and separable convolutions, and filters", async () => {
    const conv = tf.sequential({
      layers: [
        tf.layers.separableConv2d({ filters: 3, kernelSize: 3, depthMultiplier: 2, inputShape: [8, 8, 2] }),
        tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 1 }),
        tf.layers.maxPooling2d({ poolSize: 2, strides: 1 }),
        tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3 }),
        tf.layers.globalAveragePooling2d({}),
      ],
    });
    const x = waves([1, 8, 8, 2]);
    const counted = (await nengo.modelEnergy(conv, x)).layers.map(({ connections }) => connections);
    expect(counted).to.deep.equal([36 * (9 * 4 + 4 * 3), 25 * 3 * 4, 16 * 3 * 4, 16 * 3 * 9 * 2, 36 * 2]);
    const text = tf.sequential({
      layers: [tf.layers.conv1d({ filters: 3, kernelSize: 2, inputShape: [6, 2] }), tf.layers.globalAveragePooling1d({})],
    });
    const words = waves([2, 6, 2]);
    const ofText = (await nengo.modelEnergy(text, words)).layers;
    expect(ofText.map(({ connections, steps }) => [connections, steps])).to.deep.equal([[15 * 4, null], [15, null]]); // prettier-ignore
    words.dispose();
    const filters = tf.sequential({
      layers: [nengo.layers.lowpass({ tau: 0.1, inputShape: [5, 3] }), nengo.layers.alpha({ tau: 0.1 })],
    });
    const y = waves([2, 5, 3]);
    expect((await nengo.modelEnergy(filters, y)).layers.map(({ neurons }) => neurons)).to.deep.equal([3, 6]);
    tf.dispose([x, y]);
  });

  it("measures a Nengo network by the spikes of its neurons", async () => {
    const net = new nengo.Network({ seed: 1 });
    const input = net.node([0, 0]);
    const a = net.ensemble(30, 2, { label: "a" });
    const b = net.ensemble(20, 1, { label: "b" });
    net.connect(input, a, { synapse: null });
    net.connect(a, b, { function: (x) => x[0] * x[1] });
    const output = net.probe(b, { synapse: 0.01 });
    const layer = nengo.layers.network({ network: net, inputs: [input], outputs: [output] });
    const symbolic = tf.input({ shape: [100, 2] });
    const model = tf.model({ inputs: symbolic, outputs: layer.apply(symbolic) as tf.SymbolicTensor });
    const x = tf.mul(waves([2, 100, 2]), 0.9);
    const energy = await nengo.modelEnergy(model, x);
    const [{ neurons, connections, steps, spiking }] = energy.layers;
    // Encoders 2 x 30 and 1 x 20, decoders 30 x 1, and those of the probe, 20 x 1.
    expect({ neurons, connections, steps, spiking }).to.deep.equal({
      neurons: 50,
      connections: 60 + 20 + 30 + 20,
      steps: 100,
      spiking: true,
    });

    const probes = [net.probe(a.neurons), net.probe(b.neurons)];
    const again = nengo.layers.network({ network: net, inputs: [input], outputs: probes });
    const rates = tf.tidy(() => (again.apply(x) as tf.Tensor[]).map((spikes) => spikes.mean().dataSync()[0]));
    expect(rates[0]).to.be.above(5);
    const events = 100 * (60 + 20) + 100 * 0.001 * (30 * rates[0] + 20 * rates[1]);
    expect(energy.perLayer("loihi")[0].synapses).to.be.closeTo(27.1e-12 * events, 27.1e-12 * events * 1e-4);
    expect(energy.total("cpu")).to.be.closeTo(8.6e-9 * 100 * (130 + 50), 1e-9);
    x.dispose();
  });

  it("counts events of spikes that come through sparse matrices and convolutions", async () => {
    const net = new nengo.Network({ seed: 2 });
    const input = net.node([0, 0], { label: "in" });
    const a = net.ensemble(32, 2, { label: "a" });
    net.connect(input, a, { synapse: null });
    const sink = net.node({ sizeIn: 32, label: "sink" });
    const places = Array.from({ length: 40 }, (_, k) => [k % 32, (7 * k) % 32] as const);
    const sparse = new nengo.Sparse({ shape: [32, 32], indices: places, init: new Float64Array(40).fill(0.1) });
    net.connect(a.neurons, sink, { transform: sparse });
    const convolution = new nengo.Convolution({ nFilters: 2, inputShape: [8, 4], kernelSize: [3], strides: [1] });
    const pixels = net.node({ sizeIn: convolution.sizeOut, label: "pixels" });
    net.connect(a.neurons, pixels, { transform: convolution });
    const transposed = new nengo.ConvolutionTranspose({ nFilters: 2, inputShape: [8, 4], kernelSize: [3], strides: [1] });
    const more = net.node({ sizeIn: transposed.sizeOut, label: "more" });
    net.connect(a.neurons, more, { transform: transposed });
    const outputs = [sink, pixels, more].map((node) => net.probe(node));
    const layer = nengo.layers.network({ network: net, inputs: [input], outputs });
    const x = tf.fill([2, 100, 2], 0.6);
    const given = tf.input({ shape: [100, 2] });
    const model = tf.model({ inputs: given, outputs: layer.apply(given) as tf.SymbolicTensor[] });
    const energy = await nengo.modelEnergy(model, x);
    const again = nengo.layers.network({ network: net, inputs: [input], outputs: [net.probe(a.neurons)] });
    const rate = tf.tidy(() => (again.apply(x) as tf.Tensor).mean().dataSync()[0]);
    expect(rate).to.be.above(5);
    // Encoders at every step; the rest where there are spikes. A convolution has 6 places of 3 taps, its transpose 8.
    const events = 100 * 64 + 100 * 0.001 * rate * (40 + 6 * 3 * 4 * 2 + 8 * 3 * 4 * 2);
    expect(energy.perLayer("loihi")[0].synapses).to.be.closeTo(27.1e-12 * events, 27.1e-12 * events * 1e-3);
    x.dispose();
  });

  it("knows the layers of converted models", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu", inputShape: [8, 8, 1] }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 5, activation: "relu" }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const snn = await nengo.toSpiking(model, { steps: 12 });
    const x = tf.tidy(() => waves([2, 12, 8, 8, 1]).abs());
    const energy = await nengo.modelEnergy(snn, x);
    expect(energy.warnings.filter((text) => text.includes("count as nothing"))).to.deep.equal([]);
    const sum = (of: "connections" | "neurons", name: RegExp): number =>
      energy.layers.filter(({ className }) => name.test(className)).reduce((total, layer) => total + layer[of], 0);
    // Convolution and dense layers of a step, and spikes for every activation.
    expect(sum("connections", /PerStep|Dense|Conv/)).to.equal(108 * 9 + 27 * 5 + 5 * 2);
    expect(sum("neurons", /NengoSpiking/)).to.equal(108 + 5);
    expect(new Set(energy.layers.map(({ steps }) => steps))).to.deep.equal(new Set([12]));
    x.dispose();
    model.dispose();
  });

  it("takes devices and layers that are made known, and names those that are not", async () => {
    class Unknown extends tf.layers.Layer {
      static className = "EnergyTestLayer";
    }
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] }), new Unknown({})] });
    const x = waves([2, 3]);
    const before = await nengo.modelEnergy(model, x);
    expect(before.warnings.join()).to.match(/layers of class EnergyTestLayer count as nothing.*registerLayerEnergy/);
    expect(before.table()).to.match(/Note: layers of class EnergyTestLayer/);
    nengo.registerLayerEnergy("EnergyTestLayer", {
      cost: ({ output }) => ({ synapses: [{ count: 10 * output[0], rate: 50 }], neurons: 3 }),
    });
    nengo.registerEnergyDevice("test chip", { synapse: 2, neuron: 3, spiking: true });
    const energy = await nengo.modelEnergy(model, x);
    expect(energy.perLayer("test chip", { dt: 0.01 })[1]).to.deep.equal({ synapses: 2 * 20 * 50 * 0.01, neurons: 9, total: 29 });
    expect(() => energy.total("abacus")).to.throw(nengo.ValidationError, /device: expected one of cpu, .*test chip, got "abacus"/);
    expect(() => energy.total("cpu", { timestepsPerInference: 0 })).to.throw(nengo.ValidationError, /timestepsPerInference/);
    x.dispose();
  });

  it("refuses data that do not fit", async () => {
    const model = models["mixed"]();
    const empty = tf.zeros([0, 9, 2]);
    for (const data of [empty, [empty, empty]]) {
      const error = await nengo.modelEnergy(model, data).then(
        () => null,
        (e: Error) => e,
      );
      expect(error).to.be.instanceOf(nengo.ShapeError);
    }
    empty.dispose();
  });
});
