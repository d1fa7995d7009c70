import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { expectNoLeaks } from "../../support/leaks.ts";
import { normals, randomise } from "../support.ts";
import { layerCases, modelCases, nested, one } from "./cases.ts";
import { reloaded } from "../../support/saving.ts";
import { rejection } from "../../support/rejection.ts";

const all: Record<string, () => tf.LayersModel> = {
  ...Object.fromEntries(Object.entries(layerCases).map(([name, make]) => [name, () => one(...make())])),
  ...Object.fromEntries(
    Object.entries({ ...modelCases, "a nested model, called twice": nested }).map(([name, make]) => [
      name,
      () => {
        const model = make();
        randomise(model);
        return model;
      },
    ]),
  ),
};

/** Items of a model's inputs. */
const itemsOf = (model: tf.LayersModel, items = 2): tf.Tensor[] =>
  model.inputs.map(({ shape }, k) => normals([items, ...(shape.slice(1) as number[])], 20 + k));
/** Items at every step. */
const overTime = (x: tf.Tensor, steps: number): tf.Tensor =>
  tf.tidy(() =>
    tf.stack(
      Array.from({ length: steps }, () => x),
      1,
    ),
  );
const predicted = (model: tf.LayersModel, x: tf.Tensor[]): number[][] =>
  tf.tidy(() => [model.predict(x.length === 1 ? x[0] : x)].flat().map((t) => Array.from(t.dataSync())));
const farthest = (a: readonly number[][], b: readonly number[][]): number => {
  expect(a.map((v) => v.length)).to.deep.equal(b.map((v) => v.length));
  return Math.max(...a.flatMap((values, k) => values.map((v, i) => Math.abs(v - b[k][i]))));
};

/** How far a spiking model over some steps is from its source. */
function error(model: tf.LayersModel, snn: tf.LayersModel, steps: number, x = itemsOf(model)): number {
  const times = x.map((t) => overTime(t, steps));
  const result = farthest(predicted(snn, times), predicted(model, x));
  tf.dispose([...x, ...times]);
  return result;
}

/** Models whose spikes go on to other neurons: these see the activation of every step, not of the mean. */
const several = (name: string): boolean => name in modelCases || name.startsWith("a nested");

describe("toSpiking", () => {
  before(() => nengo.useBackend("wasm"));
  after(() => tf.setBackend("cpu"));

  for (const [name, make] of Object.entries(all))
    it(`${name}: the mean of many steps is the model`, async () => {
      const model = make();
      const [dt, scale, steps] = [0.001, several(name) ? 1e5 : 1000, 200];
      const snn = await nengo.toSpiking(model, { scaleFiringRates: scale, dt, initialVoltage: 0.5 });
      // Neurons are off by half a spike after all steps; those behind spikes by what these are off in single steps, times their weights.
      const spike = 1 / (scale * dt);
      const bound = (several(name) ? 4 * spike : (0.5 / steps) * spike) * (1 + 1e-4) + 2e-5;
      expect(error(model, snn, steps), String(nengo.spikingReport(snn))).to.be.at.most(bound);
      snn.dispose();
      model.dispose();
    });

  for (const [name, make] of Object.entries(all))
    it(`${name}: is the same after it was saved and loaded`, async () => {
      const model = make();
      const snn = await nengo.toSpiking(model, { steps: 5, seed: 3, dt: 1, synapse: 2 });
      const loaded = await reloaded(snn);
      const x = model.inputs.map(({ shape }, k) => normals([2, 5, ...(shape.slice(1) as number[])], k));
      expect(predicted(loaded, x)).to.deep.equal(predicted(snn, x));
      tf.dispose(x);
      [model, snn, loaded].forEach((m) => m.dispose());
    });

  it("gives spikes, not numbers, where readout is null", async () => {
    const model = one(tf.layers.dense({ units: 4, activation: "relu" }), [3]);
    const snn = await nengo.toSpiking(model, { readout: null, dt: 0.1, scaleFiringRates: 5, steps: 7, initialVoltage: 0.5 });
    expect(snn.outputShape).to.deep.equal([null, 7, 4]);
    const x = normals([2, 7, 3]);
    const [spikes] = predicted(snn, [x]);
    const height = 1 / (0.1 * 5);
    for (const v of spikes) expect(Math.abs(v / height - Math.round(v / height))).to.be.lessThan(1e-5);
    expect(spikes.some((v) => v > 0)).to.equal(true);
    x.dispose();
  });

  it("has softmax at every step where readout is null, after the readout else", async () => {
    for (const make of [(): tf.LayersModel => one(tf.layers.softmax({ axis: 1 }), [4]), all["dense with softmax"]]) {
      const model = make();
      const snn = await nengo.toSpiking(model, { readout: null });
      const [x] = itemsOf(model);
      const times = overTime(x, 3);
      const wanted = tf.tidy(() => Array.from(overTime(model.predict(x) as tf.Tensor, 3).dataSync()));
      expect(farthest(predicted(snn, [times]), [wanted])).to.be.lessThan(1e-6);
      const read = await nengo.toSpiking(model);
      expect(read.layers.at(-1)!.getClassName()).to.match(/Softmax|Activation/);
      expect(nengo.spikingReport(read)!.layers.at(-1)!.notes).to.deep.equal(["softmax after the readout"]);
      tf.dispose([x, times]);
    }
  });

  it("reads other things than the mean, after a delay", async () => {
    const model = one(tf.layers.dense({ units: 4 }), [3]);
    for (const [options, from] of [
      [{ readout: "last" }, 4],
      [{ readout: "mean", readoutDelay: 0.002 }, 2],
    ] as const) {
      const snn = await nengo.toSpiking(model, options);
      const x = normals([2, 5, 3]);
      const wanted = tf.tidy(() => {
        const y = tf.reshape(model.predict(tf.reshape(x, [10, 3])) as tf.Tensor, [2, 5, 4]);
        return Array.from(tf.mean(tf.slice(y, [0, from, 0]), 1).dataSync());
      });
      expect(farthest(predicted(snn, [x]), [wanted])).to.be.lessThan(1e-6);
      x.dispose();
    }
  });

  it("swaps activations for neuron types, of activations and of activation layers, and says what is another function", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 6, inputShape: [3], activation: "relu", name: "a" }),
        tf.layers.reLU({ name: "b" }),
        tf.layers.dense({ units: 2, name: "c" }),
      ],
    });
    randomise(model);
    const [dt, scale, steps] = [0.001, 500, 400];
    const spikes = await nengo.toSpiking(model, {
      swapActivations: { relu: new nengo.SpikingRectifiedLinear() },
      scaleFiringRates: scale,
      dt,
      initialVoltage: 0.5,
    });
    expect(spikes.layers.filter((layer) => layer instanceof nengo.layers.Spiking)).to.have.length(2);
    expect(error(model, spikes, steps)).to.be.lessThan(8 / (scale * dt * steps));
    const lif = await nengo.toSpiking(model, { swapActivations: [[tf.relu, new nengo.LIF()]] });
    expect(String(nengo.spikingReport(lif))).to.include("relu became LIF, whose rate is another function");
    const none = await nengo.toSpiking(model, { swapActivations: { tanh: new nengo.LIF() }, scaleFiringRates: { d: 2 } });
    expect(nengo.spikingReport(none)!.warnings).to.deep.equal([
      "swapActivations: no activation is tanh",
      "scaleFiringRates: no layer is d",
    ]);
    const seen = (snn: tf.LayersModel): unknown[] =>
      snn.layers.flatMap((layer) => (layer instanceof nengo.layers.Spiking ? [layer.neuronType.state["voltage"]] : []));
    expect(JSON.stringify(seen(spikes))).to.include("0.5");
    const own = new nengo.SpikingRectifiedLinear({ initialState: { voltage: [0.25] } });
    expect(JSON.stringify(seen(await nengo.toSpiking(model, { swapActivations: { relu: own }, initialVoltage: 0.5 })))).to.include("0.25");
  });

  it("scales rates of single layers, and filters spikes by a synapse", async () => {
    const model = modelCases["a Sequential CNN"]();
    const name = model.layers[0].name;
    const snn = await nengo.toSpiking(model, { scaleFiringRates: { [name]: 40 }, synapse: 0.01 });
    const spiking = snn.layers.filter((layer) => layer instanceof nengo.layers.SpikingActivation);
    expect(spiking.map(({ scaleFiringRates }) => scaleFiringRates)).to.deep.equal([40]);
    const filters = snn.layers.filter((layer) => layer instanceof nengo.layers.LinearFilterLayer);
    expect(filters).to.have.length(1);
    expect(filters[0].trainableWeights).to.have.length(0);
    expect(nengo.spikingReport(snn)!.layers[0]).to.deep.include({ name, neurons: 48, neuronType: "spiking relu", scale: 40 });
  });

  it("puts averages in place of the maximum where that is asked for", async () => {
    const model = one(tf.layers.maxPooling2d({ poolSize: 2 }), [4, 4, 2]);
    const average = one(tf.layers.averagePooling2d({ poolSize: 2 }), [4, 4, 2]);
    expect(error(average, await nengo.toSpiking(model, { maxToAvgPool: true }), 3)).to.be.lessThan(1e-6);
  });

  it("leaves time alone in temporal models, with our layers as they are", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.timeDistributed({ inputShape: [6, 3], layer: tf.layers.dense({ units: 4 }) }),
        nengo.layers.lowpass({ tau: 0.002 }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const snn = await nengo.toSpiking(model, { temporalModel: true, readout: null });
    const x = normals([2, 6, 3]);
    expect(farthest(predicted(snn, [x]), predicted(model, [x]))).to.be.lessThan(1e-6);
    x.dispose();
  });

  it("trains by fit with the source's labels, spikes or not, and keeps what was frozen", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 12, inputShape: [2], activation: "relu", kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
        tf.layers.dense({ units: 12, activation: "relu", trainable: false, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
        tf.layers.dense({ units: 2, activation: "softmax", kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }) }),
      ],
    });
    const items = normals([64, 2], 5);
    const labels = tf.tidy(() => {
      const right = tf.cast(tf.greater(tf.slice(items, [0, 0], [64, 1]), 0), "float32");
      return tf.concat([right, tf.sub(1, right)], 1);
    });
    const x = overTime(items, 8);
    for (const spikingAwareTraining of [true, false]) {
      const snn = await nengo.toSpiking(model, { dt: 1, seed: 1, scaleFiringRates: 4, spikingAwareTraining });
      expect(snn.trainableWeights).to.have.length(4);
      const frozen = snn.layers
        .filter((layer) => !layer.trainable)
        .flatMap((layer) => layer.getWeights().map((w) => Array.from(w.dataSync())));
      snn.compile({ optimizer: tf.train.adam(0.02), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
      const { history } = await snn.fit(x, labels, { epochs: 12, seed: 1, verbose: 0 });
      expect((history["loss"] as number[]).at(-1)).to.be.lessThan(0.5 * (history["loss"] as number[])[0]);
      expect((history["acc"] as number[]).at(-1)).to.be.greaterThan(0.9);
      expect(
        snn.layers.filter((layer) => !layer.trainable).flatMap((layer) => layer.getWeights().map((w) => Array.from(w.dataSync()))),
      ).to.deep.equal(frozen);
      snn.dispose();
    }
    tf.dispose([items, labels, x]);
  });

  it("counts regularisation of weights in the loss, as the source does", async () => {
    const make = (): tf.LayersModel => one(tf.layers.dense({ units: 3, kernelRegularizer: tf.regularizers.l2({ l2: 0.5 }) }), [3]);
    const [model, snn] = [make(), await nengo.toSpiking(make())];
    const [x, y] = [normals([4, 3]), normals([4, 3], 1)];
    const times = overTime(x, 2);
    const losses = await Promise.all(
      [model, snn].map((m) => {
        m.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
        return m.trainOnBatch(m === model ? x : times, y);
      }),
    );
    expect(losses[1]).to.be.closeTo(losses[0] as number, 1e-4 * (losses[0] as number));
    tf.dispose([x, y, times]);
  });

  it("says which layers run as they are, and refuses them without fallback", async () => {
    const input = tf.input({ shape: [4, 3] });
    const x = tf.layers.softmax({ name: "soft" }).apply(input) as tf.SymbolicTensor;
    const lstm = tf.layers.lstm({ units: 2, name: "memory" }).apply(x) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: lstm });
    const notes = nengo.spikingReport(await nengo.toSpiking(model))!.layers.map((layer) => layer.notes.join());
    expect(notes).to.deep.equal([
      "softmax of every step, not of spikes: its neurons would have to know of each other",
      "LSTM of every step, not of spikes: no converter knows LSTM",
    ]);
    for (const [given, name] of [
      [model, "soft"],
      [one(tf.layers.lstm({ units: 2, name: "memory" }), [4, 3]), "memory"],
    ] as const) {
      const thrown = await rejection(nengo.toSpiking(given, { allowFallback: false }));
      expect(thrown).to.be.instanceOf(nengo.ConversionError);
      expect(thrown.message).to.include(`toSpiking of layer "${name}"`);
    }
    const native = await nengo.toSpiking(modelCases["a Sequential CNN"](), { allowFallback: false });
    expect(nengo.spikingReport(native)!.warnings).to.deep.equal([]);
  });

  it("does not train where it is for inference only, and the way back is as the source", async () => {
    const model = all["dense"]();
    const snn = await nengo.toSpiking(model, { inferenceOnly: true });
    expect(snn.trainableWeights).to.have.length(0);
    expect((await nengo.toLayersModel(snn)).trainableWeights).to.have.length(2);
  });

  it("leaves no tensors behind", async () => {
    const model = modelCases["a Sequential CNN"]();
    const data = normals([3, 6, 6, 1]);
    await expectNoLeaks(async () => {
      const snn = await nengo.toSpiking(model, { synapse: 0.01, scaleFiringRates: "auto", data, seed: 1 });
      const x = overTime(data, 4);
      (snn.predict(x) as tf.Tensor).dispose();
      x.dispose();
      snn.dispose();
    }, "a spiking model");
    data.dispose();
  });

  it("takes a start of all voltages from 0 to 1, half a spike where rates are found by data", async () => {
    const model = all["dense"]();
    const voltage = async (options: nengo.SpikingOptions): Promise<unknown> =>
      (await nengo.toSpiking(model, options)).layers.flatMap((layer) =>
        layer instanceof nengo.layers.SpikingActivation ? [layer.initialVoltage] : [],
      )[0];
    const data = normals([8, 3]);
    expect(await voltage({})).to.equal(null);
    expect(await voltage({ initialVoltage: 0.25 })).to.equal(0.25);
    expect(await voltage({ scaleFiringRates: "auto", data })).to.equal(0.5);
    expect(await voltage({ scaleFiringRates: "auto", data, initialVoltage: null })).to.equal(null);
    data.dispose();
  });

  it("refuses what is no model, unknown options, odd values and missing data by typed errors", async () => {
    const model = all["dense"]();
    const data = normals([4, 3]);
    const bad = async (
      given: unknown,
      text: string,
      to: unknown = model,
      type: new (...args: never[]) => Error = nengo.ValidationError,
    ): Promise<void> => {
      const thrown: unknown = await nengo.toSpiking(to as tf.LayersModel, given as nengo.SpikingOptions).then(
        () => null,
        (e: unknown) => e,
      );
      expect(thrown, text).to.be.instanceOf(type);
      expect((thrown as Error).message).to.include(text);
    };
    await bad({}, "toSpiking.model: expected a tf.LayersModel, got", tf.layers.dense({ units: 1 }));
    await bad(null, "toSpiking.options");
    await bad({ sybapse: 1 }, "toSpiking.sybapse: expected one of allowFallback");
    await bad({ splitSharedWeights: true }, "toSpiking.splitSharedWeights");
    await bad({ steps: 0 }, "toSpiking.steps");
    await bad({ dt: 0 }, "toSpiking.dt");
    await bad({ readout: "median" }, "toSpiking.readout");
    await bad({ readoutDelay: -1 }, "toSpiking.readoutDelay");
    await bad({ initialVoltage: 1.5 }, "toSpiking.initialVoltage");
    await bad({ scaleFiringRates: 0 }, "toSpiking.scaleFiringRates");
    await bad({ spikingAwareTraining: 1 }, "toSpiking.spikingAwareTraining");
    await bad({ scaleFiringRates: "auto" }, "calibrate.data: expected a tensor [items, ...]");
    await bad(
      { scaleFiringRates: "auto", data, calibration: { rate: 100, spikesPerStep: 1 } },
      "calibrate: expected rate or spikesPerStep, got both",
    );
    await bad({ scaleFiringRates: "auto", data, calibration: { rates: 100 } }, "calibrate.rates");
    const wrong = normals([4, 5]);
    await bad({ scaleFiringRates: "auto", data: wrong }, "calibrate.data: expected [items, 3] for input", model, nengo.ShapeError);
    await bad({ scaleFiringRates: "auto", data: [data, data] }, "calibrate.data", model, nengo.ShapeError);
    tf.dispose([data, wrong]);
  });
});
