import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { expectNoLeaks } from "../../support/leaks.ts";
import { normals, randomise, relativeError } from "../support.ts";
import { layerCases, modelCases, nested, one } from "./cases.ts";
import { reloaded } from "../../support/saving.ts";

const all: Record<string, () => tf.LayersModel> = {
  ...Object.fromEntries(Object.entries(layerCases).map(([name, make]) => [name, () => one(...make())])),
  ...Object.fromEntries(
    Object.entries(modelCases).map(([name, make]) => [
      name,
      () => {
        const model = make();
        randomise(model);
        return model;
      },
    ]),
  ),
};

interface Json {
  readonly class_name: string;
  readonly config: Record<string, unknown>;
  readonly inbound_nodes?: unknown;
}
/** Layers with their settings and calls; where a Sequential keeps the shape of its input is no matter. */
function architecture(model: tf.LayersModel): unknown[] {
  const { config } = model.toJSON(null, false) as unknown as { config: { layers: Json[] } | Json[] };
  const layers = Array.isArray(config) ? config : config.layers;
  const sequential = model instanceof tf.Sequential;
  return layers
    .filter(({ class_name: name }) => name !== "InputLayer")
    .map(({ class_name: name, config: { batch_input_shape: _b, dtype: _d, ...settings }, inbound_nodes: nodes }) => ({
      name,
      settings,
      ...(sequential ? {} : { nodes }),
    }))
    .sort((a, b) => String(a.settings["name"]).localeCompare(String(b.settings["name"])));
}

/** Same layers and calls, same weights and outputs within 1e-6 of their scale. */
function expectSame(back: tf.LayersModel, model: tf.LayersModel): void {
  const [got, wanted] = [architecture(back), architecture(model)];
  const sequential = model instanceof tf.Sequential;
  expect(sequential ? got.map((layer) => ({ ...(layer as object), nodes: undefined })) : got).to.deep.equal(
    sequential ? wanted.map((layer) => ({ ...(layer as object), nodes: undefined })) : wanted,
  );
  for (const layer of model.layers)
    back.getLayer(layer.name).weights.forEach((weight, k) => {
      expect(relativeError(weight.read(), layer.weights[k].read()), weight.name).to.be.lessThan(1e-6);
    });
  expectSameOutputs(back, model);
}

function expectSameOutputs(back: tf.LayersModel, model: tf.LayersModel): void {
  tf.tidy(() => {
    const x = model.inputs.map(({ shape }, k) => normals([3, ...(shape.slice(1) as number[])], 30 + k));
    const [a, b] = [back, model].map((m) => [m.predict(x.length === 1 ? x[0] : x)].flat());
    a.forEach((y, k) => expect(relativeError(y, b[k])).to.be.lessThan(1e-6));
  });
}

describe("toLayersModel of a spiking model", () => {
  before(() => nengo.useBackend("wasm"));
  after(() => tf.setBackend("cpu"));

  for (const [name, make] of Object.entries(all))
    it(`${name}: is the source, also after it was saved and loaded`, async () => {
      const model = make();
      const snn = await nengo.toSpiking(model, { synapse: 0.01, scaleFiringRates: 10 });
      for (const given of [snn, await reloaded(snn)]) {
        const back = await nengo.toLayersModel(given);
        expectSame(back, model);
        back.dispose();
        given.dispose();
      }
      model.dispose();
    });

  it("is the source where neuron types were swapped, steps are outputs, or maxima were averages", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 6, inputShape: [4], activation: "relu" }),
        tf.layers.reLU(),
        tf.layers.activation({ activation: "relu" }),
        tf.layers.dense({ units: 3, activation: "softmax" }),
      ],
    });
    randomise(model);
    for (const options of [
      { swapActivations: { relu: new nengo.LIF() } },
      { swapActivations: { relu: new nengo.LIF(), softmax: new nengo.SpikingRectifiedLinear() }, readout: "last" },
      { readout: null },
    ] as const)
      for (const snn of [await nengo.toSpiking(model, options), await reloaded(await nengo.toSpiking(model, options))])
        expectSame(await nengo.toLayersModel(snn), model);
    const pool = one(tf.layers.maxPooling1d({ poolSize: 2 }), [4, 2]);
    const average = one(tf.layers.averagePooling1d({ poolSize: 2 }), [4, 2]);
    expectSameOutputs(await nengo.toLayersModel(await nengo.toSpiking(pool, { maxToAvgPool: true })), average);
  });

  it("makes models within models one flat model of the same function, with paths as names", async () => {
    const model = nested();
    randomise(model);
    const back = await nengo.toLayersModel(await reloaded(await nengo.toSpiking(model)));
    expectSameOutputs(back, model);
    expect(back.layers.map(({ name }) => name).slice(1)).to.have.members(["inner/first", "inner/second", "first"]);
    expect(back.countParams()).to.equal(model.countParams());
  });

  it("has the weights that training gave, and trains on", async () => {
    const model = modelCases["shared layers"]();
    randomise(model);
    const snn = await nengo.toSpiking(model, { dt: 1, seed: 1 });
    const x = [normals([8, 4, 3]), normals([8, 4, 3], 1)];
    const y = normals([8, 2], 2);
    snn.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    await snn.fit(x, y, { epochs: 2, verbose: 0 });
    const back = await nengo.toLayersModel(snn);
    expect(architecture(back)).to.deep.equal(architecture(model));
    const trained = snn.trainableWeights.map((w) => Array.from(w.read().dataSync()));
    expect(back.trainableWeights.map((w) => Array.from(w.read().dataSync()))).to.have.deep.members(trained);
    const before = back.getWeights().map((w) => Array.from(w.dataSync()));
    expect(before).to.not.deep.equal(model.getWeights().map((w) => Array.from(w.dataSync())));
    // Its weights are its own.
    await snn.fit(x, y, { epochs: 1, verbose: 0 });
    expect(back.getWeights().map((w) => Array.from(w.dataSync()))).to.deep.equal(before);
    tf.dispose([...x, y]);
  });

  it("keeps what is frozen", async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [2], trainable: false }), tf.layers.dense({ units: 2 })],
    });
    const back = await nengo.toLayersModel(await nengo.toSpiking(model));
    expect(back.trainableWeights).to.have.length(2);
    expectSame(back, model);
  });

  it("refuses what has no counterpart by errors that name the layer", async () => {
    const thrown = async (snn: tf.LayersModel): Promise<Error> =>
      nengo.toLayersModel(snn).then(
        () => new Error("nothing was thrown"),
        (e: unknown) => e as Error,
      );
    const prelu = one(tf.layers.prelu({ name: "bent" }), [3]);
    const swapped = await thrown(await nengo.toSpiking(prelu, { swapActivations: { prelu: new nengo.LIF() } }));
    expect(swapped).to.be.instanceOf(nengo.ConversionError);
    expect(swapped.message).to.include('toLayersModel of layer "bent": expected an activation without weights, got PReLU');
    const filter = tf.sequential({ layers: [nengo.layers.lowpass({ tau: 0.1, inputShape: [null, 2] as never, name: "slow" })] });
    filter.add(nengo.layers.perStep({ layer: tf.layers.dense({ units: 2 }) }));
    expect((await thrown(filter)).message).to.include('layer "slow": expected layers that see one step');
    const lone = tf.sequential({
      layers: [nengo.layers.spiking({ neuronType: new nengo.LIF(), inputShape: [null, 2] as never, name: "lone" })],
    });
    expect((await thrown(lone)).message).to.include('layer "lone": expected neurons that stand for a layer');
    nengo.registerFunction("fromSpikingTest.square", tf.square);
    const fn = tf.sequential({
      layers: [nengo.layers.spikingActivation({ activation: tf.square, inputShape: [null, 2] as never, name: "own" })],
    });
    expect((await thrown(fn)).message).to.include("the function fromSpikingTest.square");
  });

  it("leaves no tensors behind", async () => {
    const snn = await nengo.toSpiking(modelCases["a Sequential CNN"]());
    await expectNoLeaks(async () => {
      (await nengo.toLayersModel(snn)).dispose();
    });
  });
});
