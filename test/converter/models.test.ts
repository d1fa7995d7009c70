import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectSameFunction, expectSameModel, normals, randomise, relativeError } from "./support.ts";
import { reloaded } from "../support/saving.ts";
import { rejection } from "../support/rejection.ts";

type Symbolic = tf.SymbolicTensor;
const dense = (units: number, name: string, options: object = {}): tf.layers.Layer =>
  tf.layers.dense({ units, name, activation: "relu", ...options });
const apply = (layer: tf.layers.Layer, x: Symbolic | Symbolic[]): Symbolic => layer.apply(x) as Symbolic;

/** The function and the way back. */
async function expectRoundTrip(model: tf.LayersModel, options: nengo.ConvertOptions = {}): Promise<nengo.Conversion> {
  const conversion = await expectSameFunction(model, options);
  const sim = new nengo.Simulator(conversion.network, { progressBar: false });
  const back = await nengo.toLayersModel(sim);
  expectSameModel(back, model);
  back.dispose();
  sim.close();
  return conversion;
}

/** A layer that no converter knows. */
class Halved extends tf.layers.Layer {
  static className = "TestHalved";
  override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([x].flat()[0], 0.5);
  }
}
tf.serialization.registerClass(Halved);

describe("conversion of models", () => {
  before(() => nengo.useBackend("cpu"));

  describe("graphs", () => {
    it("several inputs and outputs, merged in every way", async () => {
      const [a, b] = [tf.input({ shape: [3], name: "a" }), tf.input({ shape: [4, 3], name: "b" })];
      const hidden = apply(dense(3, "hidden"), a);
      const merged = [
        tf.layers.add({ name: "sum" }),
        tf.layers.average({ name: "mean" }),
        tf.layers.multiply({ name: "product" }),
        tf.layers.maximum({ name: "most" }),
        tf.layers.minimum({ name: "least" }),
        nengo.layers.subtract({ name: "less" }),
      ].map((layer) => apply(layer, [b, hidden]));
      const three = apply(tf.layers.multiply({ name: "three" }), [merged[0], merged[1], merged[2]]);
      const most = apply(tf.layers.maximum({ name: "mostOfAll" }), [...merged, three]);
      const side = apply(tf.layers.concatenate({ axis: 1, name: "rows" }), [b, most]);
      const wide = apply(tf.layers.concatenate({ name: "columns" }), [b, merged[0]]);
      const outputs = [...merged, three, most, side, wide, hidden];
      const model = tf.model({ inputs: [a, b], outputs });
      randomise(model);
      const conversion = await expectRoundTrip(model);
      expect([...conversion.inputs.keys()]).to.deep.equal(["a", "b"]);
      expect(conversion.outputs.size).to.equal(outputs.length);
      expect(conversion.report.native).to.equal(true);
      expect(conversion.layers.get("hidden")).to.equal(conversion.layers.get(model.getLayer("hidden")));
      expect(conversion.layers.get(hidden)).to.equal(conversion.layers.get("hidden"));
      expect(conversion.inputs.get(a).sizeOut).to.equal(3);
      expect(() => conversion.layers.get("nothing")).to.throw(nengo.ValidationError, "Conversion.layers: expected one of hidden");
      model.dispose();
    });

    it("models in models, a nested one called twice", async () => {
      const inner = tf.sequential({
        name: "inner",
        layers: [tf.layers.dense({ units: 3, inputShape: [3], name: "d", activation: "relu" })],
      });
      const x = tf.input({ shape: [3], name: "x" });
      const middleIn = tf.input({ shape: [3], name: "middleIn" });
      const middle = tf.model({ name: "middle", inputs: middleIn, outputs: apply(dense(2, "e"), apply(inner, middleIn)) });
      const once = apply(middle, x);
      const model = tf.model({ inputs: x, outputs: [once, apply(inner, x)] });
      randomise(model);
      const error = await rejection(nengo.convert(model));
      expect(error).to.be.instanceOf(nengo.ConversionError);
      expect(error.message).to.equal(
        'convert of layer "inner/d": expected weights that are used once, got a layer that is called several times, whose calls share weights. Set splitSharedWeights, which lets them go apart in training, or inferenceOnly.',
      );
      const conversion = await expectRoundTrip(model, { splitSharedWeights: true });
      expect([...conversion.layers.keys()]).to.deep.equal(["middle/inner/d", "middle/e", "inner/d"]);
      expect(() => conversion.layers.get("d")).to.throw(nengo.ValidationError, "which is there 2 times");
      expect(String(conversion.layers.get("middle/inner/d"))).to.contain("middle/inner/d");
      await expectRoundTrip(model, { inferenceOnly: true });
    });

    it("a layer without weights that is called twice", async () => {
      const [relu, x] = [tf.layers.reLU(), tf.input({ shape: [3] })];
      const model = tf.model({ inputs: x, outputs: apply(relu, apply(tf.layers.dense({ units: 2 }), apply(relu, x))) });
      randomise(model);
      await expectRoundTrip(model);
      model.dispose();
    });

    it("an output that is an input, and the same value twice", async () => {
      const x = tf.input({ shape: [3], name: "x" });
      const y = apply(dense(2, "y"), x);
      const model = tf.model({ inputs: x, outputs: [y, apply(tf.layers.flatten(), apply(tf.layers.reshape({ targetShape: [1, 3] }), x))] });
      randomise(model);
      await expectRoundTrip(model);
      model.dispose();
    });

    it("sizes that a model leaves open are asked for", async () => {
      const x = tf.input({ shape: [null, null, 2], name: "image" });
      const conv = apply(tf.layers.conv2d({ filters: 3, kernelSize: 2, activation: "relu" }), x);
      const model = tf.model({ inputs: x, outputs: apply(tf.layers.globalAveragePooling2d({}), conv) });
      randomise(model);
      expect((await rejection(nengo.convert(model))).message).to.equal(
        'convert of input "image": expected a size for every axis but the batch, got [null, null, null, 2]. Give inputShapes: a network has as many neurons as the image has pixels.',
      );
      await expectRoundTrip(model, { inputShapes: [4, 5, 2] });
      expect((await rejection(nengo.convert(model, { inputShapes: [4, 5, 3] }))).message).to.contain(
        "expected sizes that fit [null, null, 2]",
      );
      model.dispose();
    });
  });

  describe("layers without a counterpart", () => {
    const lstm = (): tf.LayersModel => {
      const x = tf.input({ shape: [4, 2], name: "x" });
      const model = tf.model({ inputs: x, outputs: apply(dense(2, "out"), apply(tf.layers.lstm({ units: 3, name: "memory" }), x)) });
      randomise(model);
      return model;
    };

    it("become tensor nodes with weights of their own, and say so", async () => {
      const model = lstm();
      const conversion = await expectRoundTrip(model);
      expect(conversion.report.native).to.equal(false);
      expect(conversion.report.layers[0].notes).to.deep.equal(["computed by tfjs in a tensor node: no converter knows the class LSTM"]);
      conversion.dispose();
      model.dispose();
    });

    it("are an error without the fallback", async () => {
      const model = lstm();
      const error = await rejection(nengo.convert(model, { allowFallback: false }));
      expect(error).to.be.instanceOf(nengo.ConversionError);
      expect((error as nengo.ConversionError).layer).to.equal("memory");
      expect(error.message).to.equal(
        'convert of layer "memory": expected a layer that has a counterpart in a network, got LSTM: no converter knows the class LSTM; the fallback is off. Register a converter (Converter.register), or leave the layer out.',
      );
      model.dispose();
    });

    it("softmax has one at the output, and none elsewhere", async () => {
      const last: Record<string, () => tf.layers.Layer[]> = {
        "of a dense layer": () => [tf.layers.dense({ units: 3, activation: "softmax", name: "last" })],
        "of an activation": () => [tf.layers.activation({ activation: "softmax", name: "last" })],
        "as a layer": () => [tf.layers.softmax({ axis: -1, name: "last" })],
      };
      for (const [name, make] of Object.entries(last))
        for (const atEnd of [true, false]) {
          const layers = [
            tf.layers.dense({ units: 4, inputShape: [3], activation: "relu" }),
            ...make(),
            ...(atEnd ? [] : [dense(2, "out")]),
          ];
          const model = tf.sequential({ layers });
          randomise(model);
          const work = nengo.convert(model, { allowFallback: false });
          if (atEnd) {
            const conversion = await work;
            expect(conversion.report.native, name).to.equal(true);
            expect(conversion.report.layers[1].notes.join()).to.equal("softmax of the output is computed by tfjs, behind the neurons");
            const { outputs } = await conversion.verify();
            expect(outputs[0].error).to.be.lessThan(1e-5);
            await nengo.toSpiking(model, { allowFallback: false });
          } else {
            const error = await rejection(work);
            expect(error).to.be.instanceOf(nengo.ConversionError);
            expect((error as nengo.ConversionError).layer, name).to.equal("last");
          }
          model.dispose();
        }
    });

    it("may have several inputs", async () => {
      const [a, b] = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
      const model = tf.model({ inputs: [a, b], outputs: apply(tf.layers.dot({ axes: 1 }), [a, b]) });
      const conversion = await expectRoundTrip(model);
      expect(conversion.report.native).to.equal(false);
    });

    it("that mask steps are an error in any case", async () => {
      const x = tf.input({ shape: [4, 2] });
      const model = tf.model({ inputs: x, outputs: apply(tf.layers.lstm({ units: 2 }), apply(tf.layers.masking({ name: "mask" }), x)) });
      expect((await rejection(nengo.convert(model))).message).to.contain("later layers skip what it masks");
      model.dispose();
    });

    it("look rows of tables up", async () => {
      const x = tf.input({ shape: [4], dtype: "int32" });
      const model = tf.model({
        inputs: x,
        outputs: apply(tf.layers.flatten(), apply(tf.layers.embedding({ inputDim: 5, outputDim: 2 }), x)),
      });
      randomise(model);
      const conversion = await nengo.convert(model);
      await conversion.verify();
      conversion.dispose();
      model.dispose();
    });

    it("may be made known", async () => {
      const x = tf.input({ shape: [3] });
      const model = tf.model({ inputs: x, outputs: apply(new Halved({}), x) });
      expect((await expectRoundTrip(model)).report.native).to.equal(false);
      nengo.Converter.register(Halved, {
        convert: (_call, context) => context.stage({ shape: context.outputShape, terms: [{ from: context.input(), transform: 0.5 }] }),
      });
      expect((await expectRoundTrip(model)).report.native).to.equal(true);
      expect(() => nengo.Converter.register(Halved, {} as never)).to.throw(nengo.ValidationError, "an object with a method convert");
    });
  });

  describe("models over time", () => {
    const temporal = (...chain: tf.layers.Layer[]): tf.LayersModel => {
      const x = tf.input({ shape: [null, 3], name: "x" });
      const model = tf.model({ inputs: x, outputs: chain.reduce((value, layer) => apply(layer, value), x) });
      randomise(model);
      return model;
    };

    it("run step by step", async () => {
      const model = temporal(
        dense(4, "a"),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 6 }) }),
        tf.layers.timeDistributed({ layer: tf.layers.reshape({ targetShape: [2, 3] }) }),
        tf.layers.timeDistributed({ layer: tf.layers.conv1d({ filters: 2, kernelSize: 2, activation: "relu" }) }),
        tf.layers.timeDistributed({ layer: tf.layers.flatten() }),
      );
      const conversion = await expectSameFunction(model, { temporalModel: true }, { inputs: [normals([2, 7, 3], 3)] });
      expect(conversion.report.native).to.equal(true);
      await conversion.verify();
      model.dispose();
    });

    it("filter as the layers do, without a step of delay", async () => {
      const x = tf.input({ shape: [null, 3], name: "x" });
      const filtered = apply(nengo.layers.alpha({ tau: 0.003, dt: 0.002 }), apply(nengo.layers.lowpass({ tau: 0.004, dt: 0.002 }), x));
      const model = tf.model({ inputs: x, outputs: filtered });
      const conversion = await nengo.convert(model, { temporalModel: true, inferenceOnly: true });
      await conversion.verify();
      expect((await rejection(nengo.convert(model, { temporalModel: true }))).message).to.contain("its time constants train");
      model.dispose();
    });

    it("spike as the layers do", async () => {
      const spiking = nengo.layers.spikingActivation({ activation: "relu", seed: 3 });
      const model = temporal(tf.layers.dense({ units: 4 }), spiking);
      const conversion = await nengo.convert(model, { temporalModel: true, inferenceOnly: true });
      const { spikes } = await conversion.verify();
      expect(spikes[0].spikes).to.be.lessThan(1.001);
      const x = normals([1, 50, 3]).mul(100);
      const sim = new nengo.Simulator(conversion.network, { progressBar: false });
      await sim.runSteps(50, { data: [[conversion.inputs.get("x"), { shape: [1, 50, 3], data: x.dataSync<"float32">() }]] });
      const got = sim.data.get(conversion.outputs.values()[0]).tensor();
      expect(relativeError(got.reshape([1, 50, 4]), model.predict(x) as tf.Tensor)).to.be.lessThan(1e-5);
      sim.close();
      model.dispose();
    });

    it("refuse layers that look across steps", async () => {
      const x = tf.input({ shape: [5, 3] });
      const model = tf.model({ inputs: x, outputs: apply(tf.layers.flatten({ name: "flat" }), x) });
      expect((await rejection(nengo.convert(model, { temporalModel: true }))).message).to.contain("it does not work step by step");
    });
  });

  describe("options", () => {
    const model = (): tf.LayersModel => {
      const x = tf.input({ shape: [6, 6, 1], name: "x" });
      const conv = apply(tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu", name: "conv" }), x);
      const flat = apply(tf.layers.flatten(), apply(tf.layers.maxPooling2d({ poolSize: 2, name: "pool" }), conv));
      const made = tf.model({ inputs: x, outputs: apply(tf.layers.dense({ units: 2, name: "out" }), apply(dense(5, "hidden"), flat)) });
      randomise(made);
      return made;
    };

    it("without a synapse, maxima of spikes are warned of", async () => {
      const made = model();
      const swapActivations = { relu: new nengo.SpikingRectifiedLinear() };
      const notes = async (synapse: number | null): Promise<readonly string[]> =>
        (await nengo.convert(made, { swapActivations, synapse })).report.layers.find(({ name }) => name === "pool")!.notes;
      expect(await notes(null)).to.deep.equal(["sees single spikes, not rates: give a synapse"]);
      expect(await notes(0.01)).to.deep.equal([]);
      made.dispose();
    });

    it("are checked", async () => {
      const made = model();
      const messages = await Promise.all(
        [{ synapse: -1 }, { swapActivations: { relu: 3 } }, { scaleFiringRates: 0 }, { fallback: true }, { allowFallback: 1 }].map(
          async (options) => (await rejection(nengo.convert(made, options as never))).message,
        ),
      );
      expect(messages.map((message) => message.split(":")[0])).to.deep.equal([
        "convert.synapse",
        'convert.swapActivations["relu"]',
        "convert.scaleFiringRates",
        "convert.fallback",
        "convert.allowFallback",
      ]);
      made.dispose();
    });

    it("that fit nothing are told", async () => {
      const made = model();
      const { report } = await nengo.convert(made, {
        swapActivations: [[tf.tanh, new nengo.LIF()]],
        scaleFiringRates: { nobody: 2 },
      });
      expect(report.warnings).to.deep.equal(["swapActivations: no activation is tf.tanh", "scaleFiringRates: no layer is nobody"]);
      made.dispose();
    });

    it("swap activations by name, function, type and class", async () => {
      const made = model();
      const spiking = new nengo.SpikingRectifiedLinear();
      for (const key of ["relu", tf.relu, new nengo.RectifiedLinear(), nengo.RectifiedLinear] as const) {
        const { network, report } = await nengo.convert(made, { swapActivations: [[key, spiking]] });
        expect(network.allEnsembles.filter(({ neuronType }) => neuronType === spiking).length).to.equal(2);
        expect(report.warnings).to.deep.equal([]);
      }
      made.dispose();
    });

    it("curves that calibration fits have its gain and bias", async () => {
      const made = model();
      const plain = await nengo.convert(made, { swapActivations: { relu: new nengo.LIF() } });
      const { network } = await nengo.calibrate(plain, normals([4, 6, 6, 1]), {});
      // A LIF neuron starts to fire at an input current of 1.
      for (const { neuronType, bias } of network.allEnsembles)
        if (neuronType instanceof nengo.LIF) expect((bias as nengo.Uniform).low).to.be.closeTo(1, 1e-9);
      made.dispose();
    });

    it("verify says which neurons have another rate, and checks those too", async () => {
      const made = model();
      const conversion = await nengo.convert(made, { swapActivations: { relu: new nengo.LIF() }, synapse: 0.01, scaleFiringRates: 3 });
      const { rates, spikes } = await conversion.verify();
      expect(rates.every(({ error }) => error !== null && error < 1e-5)).to.equal(true);
      expect(spikes.map(({ allowed }) => allowed)).to.deep.equal([null, null]);
      // The whole model is another function then.
      expect((await conversion.verify(null, { steps: 0 })).outputs.every(({ error }) => error === null)).to.equal(true);
      expect(String(conversion.report)).to.contain("relu became LIF, whose rate is another function");
      made.dispose();
    });

    it("verify holds spikes to the rates that neurons are asked for", async () => {
      const made = model();
      for (const neuronType of [
        new nengo.SpikingRectifiedLinear(),
        new nengo.RegularSpiking({ baseType: new nengo.RectifiedLinear() }),
        new nengo.StochasticSpiking({ baseType: new nengo.RectifiedLinear() }),
        new nengo.PoissonSpiking({ baseType: new nengo.RectifiedLinear() }),
      ]) {
        const conversion = await nengo.convert(made, { swapActivations: { relu: neuronType }, synapse: 0.005, scaleFiringRates: 80 });
        const { spikes } = await conversion.verify(null, { steps: 40 });
        expect(spikes.length).to.equal(2);
        expect(spikes.every(({ spikes, allowed }) => spikes <= allowed!)).to.equal(true);
      }
      made.dispose();
    });

    it("verify names the layer that is off", async () => {
      const made = model();
      const conversion = await nengo.convert(made);
      const hidden = made.getLayer("hidden");
      tf.tidy(() => hidden.setWeights(hidden.getWeights().map((w) => w.add(0.01))));
      const error = await rejection(conversion.verify());
      expect(error).to.be.instanceOf(nengo.ConversionError);
      expect((error as nengo.ConversionError).layer).to.equal("hidden");
      expect(error.message).to.match(/^Conversion.verify of layer "hidden": expected rates within 0.00001 of .*, got a difference of /);
      made.dispose();
    });

    it("verify compares every layer for what it is given in the network, and outputs from the inputs on", async () => {
      // Each layer may be off by a rounding; 40 of them may be off by more than one may.
      const layers = Array.from({ length: 40 }, (_, k) =>
        tf.layers.dense({ units: 32, activation: "relu", name: `l${k}`, ...(k === 0 ? { inputShape: [32] } : {}) }),
      );
      const deep = tf.sequential({ layers });
      randomise(deep);
      const { rates, outputs } = await (await nengo.convert(deep)).verify();
      expect(rates).to.have.length(40);
      expect(rates.every(({ error }) => error! <= 2e-6)).to.equal(true);
      expect(outputs.map(({ name }) => name)).to.deep.equal(["l39"]);
      expect(outputs[0].error).to.be.within(0, 4e-4);
      const tight = await rejection((await nengo.convert(deep)).verify(null, { tolerance: 1e-12 }));
      expect((tight as nengo.ConversionError).layer).to.equal("l0");
      deep.dispose();
    });

    it("average in place of the largest, where asked", async () => {
      const made = model();
      const conversion = await nengo.convert(made, { maxToAvgPool: true });
      const { rates } = await conversion.verify();
      expect(rates.find(({ name }) => name === "pool")!.error).to.equal(null);
      made.dispose();
    });

    it("of a wrapper's rates change nothing: sigmoid spikes scaled", async () => {
      const x = tf.input({ shape: [4], name: "x" });
      const made = tf.model({ inputs: x, outputs: apply(dense(3, "s", { activation: "sigmoid" }), x) });
      randomise(made);
      const swap = new nengo.RegularSpiking({ baseType: new nengo.Sigmoid({ tauRef: 1 }) });
      const conversion = await nengo.convert(made, { swapActivations: { sigmoid: swap }, scaleFiringRates: 200 });
      expect(conversion.report.layers[0].notes).to.deep.equal([]);
      const { rates, spikes } = await conversion.verify();
      expect(rates[0].error).to.be.lessThan(1e-5);
      expect(spikes[0].allowed).to.be.lessThan(1.1);
      made.dispose();
    });
  });

  describe("batch normalisation", () => {
    const norm = (name: string, options: object = {}): tf.layers.Layer => tf.layers.batchNormalization({ name, ...options });
    const chain = (x: Symbolic, ...layers: tf.layers.Layer[]): Symbolic => layers.reduce((value, layer) => apply(layer, value), x);

    it("is multiplied into the linear layer before, where nothing trains", async () => {
      const x = tf.input({ shape: [6, 6, 2], name: "x" });
      const image = chain(
        x,
        tf.layers.conv2d({ filters: 3, kernelSize: 2, useBias: false }),
        norm("n0"),
        tf.layers.reLU(),
        tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
        norm("n1", { scale: false }),
        tf.layers.separableConv2d({ filters: 4, kernelSize: 2 }),
        norm("n2", { center: false }),
        tf.layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2 }),
        norm("n3"),
      );
      const dense = chain(
        image,
        tf.layers.dense({ units: 3, name: "positions" }),
        norm("n4"),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
        norm("n5"),
      );
      const model = tf.model({ inputs: x, outputs: dense });
      randomise(model);
      const conversion = await expectRoundTrip(model, { inferenceOnly: true });
      const { rates } = await conversion.verify();
      expect(rates.filter(({ error }) => error === null).length).to.equal(6);
      const norms = conversion.report.layers.filter(({ className }) => className === "BatchNormalization");
      expect(norms.map(({ became }) => became)).to.deep.equal(norms.map(() => "passed on"));
      model.dispose();
    });

    it("stays apart where the layer before has an activation, or is seen by others", async () => {
      const x = tf.input({ shape: [4], name: "x" });
      const [active, seen] = [apply(dense(3, "active"), x), apply(tf.layers.dense({ units: 3, name: "seen" }), x)];
      const model = tf.model({ inputs: x, outputs: [apply(norm("a"), active), apply(norm("b"), seen), seen] });
      randomise(model);
      const conversion = await expectRoundTrip(model, { inferenceOnly: true });
      const norms = conversion.report.layers.filter(({ className }) => className === "BatchNormalization");
      expect(norms.map(({ became }) => became)).to.deep.equal(["linear", "linear"]);
      await conversion.verify();
      model.dispose();
    });

    it("that trains is a tensor node", async () => {
      const x = tf.input({ shape: [4], name: "x" });
      const model = tf.model({ inputs: x, outputs: apply(norm("a"), x) });
      randomise(model);
      const { report } = await expectRoundTrip(model);
      expect(report.layers[0].became).to.equal("tensor node");
    });
  });

  describe("training", () => {
    const made = (): tf.LayersModel => {
      const x = tf.input({ shape: [5, 5, 1], name: "x" });
      const conv = apply(tf.layers.conv2d({ filters: 2, kernelSize: 2, activation: "relu", name: "conv" }), x);
      const model = tf.model({
        inputs: x,
        outputs: apply(tf.layers.dense({ units: 2, name: "out" }), apply(dense(4, "hidden"), apply(tf.layers.flatten(), conv))),
      });
      randomise(model);
      return model;
    };

    /** Weights after some steps of the model itself, or of its network. */
    async function trained(model: tf.LayersModel, options: nengo.ConvertOptions | null): Promise<number[]> {
      const [x, y] = [normals([8, 5, 5, 1], 5), normals([8, 2], 6)];
      const fit = { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 } as const;
      if (options === null) {
        model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
        await model.fit(x, y, fit);
        return model.getWeights().flatMap((w) => Array.from(w.dataSync<"float32">()));
      }
      const conversion = await nengo.convert(model, options);
      const sim = new nengo.Simulator(conversion.network, { progressBar: false });
      sim.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
      const flat = { shape: [8, 1, 25], data: x.dataSync<"float32">() };
      await sim.fit([[conversion.inputs.get("x"), flat]], [[conversion.outputs.get("out"), y.reshape([8, 1, 2])]], fit);
      const back = await nengo.toLayersModel(sim);
      const weights = back.getWeights().flatMap((w) => Array.from(w.dataSync<"float32">()));
      back.dispose();
      sim.close();
      return weights;
    }

    const expectSteps = (got: number[], wanted: number[]): void =>
      got.forEach((v, k) => expect(v, `weight ${k}`).to.be.closeTo(wanted[k], 2e-5));

    it("takes the steps that the model takes, at any scale of rates, and turns back", async () => {
      const wanted = await trained(made(), null);
      const start = made()
        .getWeights()
        .flatMap((w) => Array.from(w.dataSync<"float32">()));
      expect(Math.max(...start.map((v, k) => Math.abs(v - wanted[k])))).to.be.greaterThan(0.01);
      expectSteps(await trained(made(), {}), wanted);
      expectSteps(await trained(made(), { scaleFiringRates: 50 }), wanted);
      expectSteps(
        await trained(made(), { scaleFiringRates: { hidden: 7 }, swapActivations: { relu: new nengo.SpikingRectifiedLinear() } }),
        wanted,
      );
    });

    it("weights saved at one scale are the same function at another", async () => {
      const model = made();
      const [one, other] = [await nengo.convert(model), await nengo.convert(model, { scaleFiringRates: 20 })];
      const sims = [one, other].map(({ network }) => new nengo.Simulator(network, { progressBar: false }));
      const weights = sims[0].model.getWeights().map((w) => w.mul(1.1));
      sims.forEach(({ model }) => model.setWeights(weights));
      const x = normals([2, 1, 25]);
      const [a, b] = await Promise.all(
        sims.map(async (sim, k) => {
          const result = await sim.predict([[[one, other][k].inputs.get("x"), x]]);
          return [...result.values()][0].tensor();
        }),
      );
      expect(relativeError(b, a)).to.be.lessThan(1e-5);
      sims.forEach((sim) => sim.close());
      model.dispose();
    });

    it("from a model that was saved and loaded", async () => {
      const model = made();
      const conversion = await nengo.convert(model);
      const x = tf.input({ shape: [null, 25] });
      const layer = nengo.layers.network({
        network: conversion.network,
        inputs: conversion.inputs.values(),
        outputs: conversion.outputs.values(),
      });
      const whole = nengo.model({ inputs: x, outputs: layer.apply(x) as Symbolic });
      tf.tidy(() => whole.setWeights(whole.getWeights().map((w) => w.mul(1.25))));
      const loaded = await reloaded(whole);
      const wanted = await nengo.toLayersModel(whole);
      expectSameModel(await nengo.toLayersModel(loaded, { conversion }), wanted);
      expect(relativeError(wanted.getLayer("out").getWeights()[0], model.getLayer("out").getWeights()[0].mul(1.25))).to.be.lessThan(1e-6);
      // Without the conversion, as any other network: one layer a part.
      const parts = await nengo.toLayersModel(loaded);
      const image = normals([3, 5, 5, 1]);
      expect(relativeError(parts.predict(image.reshape([3, 25])) as tf.Tensor, wanted.predict(image) as tf.Tensor)).to.be.lessThan(1e-5);
    });

    it("from a spiking model", async () => {
      const model = made();
      const spiking = await nengo.toSpiking(model, { steps: 5, seed: 1 });
      const back = await nengo.toLayersModel(spiking);
      expectSameModel(back, model);
      back.dispose();
      spiking.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
      await spiking.fit(normals([4, 5, 5, 5, 1]), normals([4, 2]), { epochs: 1, verbose: 0 });
      const trained = await nengo.toLayersModel(spiking);
      const kernel = (m: tf.LayersModel): tf.Tensor => m.getLayer("out").getWeights()[0];
      expect(relativeError(kernel(trained), kernel(model))).to.be.greaterThan(1e-3);
      expect(trained.toJSON(null, false)).to.deep.equal(model.toJSON(null, false));
    });

    it("copies of shared weights that went apart do not turn back", async () => {
      const x = tf.input({ shape: [3], name: "x" });
      const shared = dense(3, "shared");
      const model = tf.model({ inputs: x, outputs: apply(shared, apply(shared, x)) });
      randomise(model);
      const conversion = await nengo.convert(model, { splitSharedWeights: true });
      const sim = new nengo.Simulator(conversion.network, { progressBar: false });
      tf.tidy(() => sim.model.setWeights(sim.model.getWeights().map((w) => w.add(normals(w.shape)))));
      const error = await rejection(nengo.toLayersModel(sim));
      expect(error).to.be.instanceOf(nengo.ConversionError);
      expect(error.message).to.contain('of layer "shared": expected calls whose weights are still the same');
      sim.close();
      model.dispose();
    });
  });

  it("leaves no tensors behind", async () => {
    const x = tf.input({ shape: [6, 6, 2], name: "x" });
    const conv = apply(tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }), x);
    const norm = apply(tf.layers.layerNormalization({ name: "norm" }), conv);
    const model = tf.model({
      inputs: x,
      outputs: apply(tf.layers.dense({ units: 2, activation: "softmax" }), apply(tf.layers.flatten(), norm)),
    });
    await expectNoLeaks(async () => {
      const conversion = await nengo.convert(model, { swapActivations: { relu: new nengo.SpikingRectifiedLinear() } });
      await conversion.verify(null, { steps: 10 });
      (await nengo.toLayersModel(conversion)).dispose();
      conversion.dispose();
    });
    model.dispose();
  });
});
