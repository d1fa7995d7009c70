import * as tf from "@tensorflow/tfjs";
import * as nengo from "../../src/index.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose } from "../support/numbers.ts";

/** What NengoDL made of the model below (see test/fixtures/nengodl/converter.py). */
interface Case {
  readonly x: readonly number[];
  readonly weights: readonly (readonly number[])[];
  readonly model: readonly (readonly number[])[];
  /** `[items, steps, 3]` by case. */
  readonly outputs: Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;
}

const STEPS = 20;
const wanted = fixture<Case>("nengodl/converter.json");
const still = { initialState: { voltage: 0 } };
const spikes: nengo.ConvertOptions = { swapActivations: { relu: new nengo.SpikingRectifiedLinear(still) } };
const lif = new nengo.LIF({ initialState: { voltage: 0, refractoryTime: 0 } });
const options: Readonly<Record<string, nengo.ConvertOptions>> = {
  rates: {},
  "rates, scaled": { scaleFiringRates: 7 },
  "rates, synapse": { synapse: 0.004 },
  spikes: spikes,
  "spikes, scaled": { ...spikes, scaleFiringRates: 50 },
  "spikes, one layer scaled": { ...spikes, scaleFiringRates: { hidden: 50 } },
  "spikes, scaled, synapse": { ...spikes, scaleFiringRates: 50, synapse: 0.004 },
  "LIF, scaled, synapse": { swapActivations: [["relu", lif]], scaleFiringRates: 30, synapse: 0.004 },
};

describe("conversion, as NengoDL's", () => {
  let model: tf.LayersModel;
  before(async () => {
    await nengo.useBackend("cpu");
    model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [5, 4, 2],
          filters: 3,
          kernelSize: 2,
          strides: [2, 1],
          padding: "same",
          activation: "relu",
          name: "conv",
        }),
        tf.layers.averagePooling2d({ poolSize: [1, 2], strides: [1, 2], name: "pool" }),
        tf.layers.flatten({ name: "flat" }),
        tf.layers.dense({ units: 6, activation: "relu", name: "hidden" }),
        tf.layers.dense({ units: 3, name: "out" }),
      ],
    });
    tf.tidy(() => model.setWeights(model.weights.map((weight, k) => tf.tensor([...wanted.weights[k]], weight.shape as number[]))));
  });
  after(() => model.dispose());

  it("starts from the same model", () => {
    const y = tf.tidy(() => (model.predict(tf.tensor([...wanted.x], [2, 5, 4, 2])) as tf.Tensor).dataSync<"float32">());
    expectClose(y, wanted.model.flat(), 1e-5);
  });

  for (const [name, own] of Object.entries(options))
    it(`${name}: the same output at every step`, async () => {
      const { network, inputs, outputs } = await nengo.convert(model, own);
      const size = wanted.x.length / 2;
      const data = [0, 1].flatMap((item) => Array.from({ length: STEPS }, () => wanted.x.slice(item * size, (item + 1) * size)).flat());
      const sim = new nengo.Simulator(network, { minibatchSize: 2, progressBar: false });
      const [node] = inputs.values();
      await sim.runSteps(STEPS, { data: [[node, { shape: [2, STEPS, size], data }]] });
      // Weights are float32 numbers here and there.
      expectClose(sim.data.get(outputs.values()[0]).data, wanted.outputs[name].flat(2), 1e-5, name);
      sim.close();
    });
});
