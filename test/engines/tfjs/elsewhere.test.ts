import * as tf from "@tensorflow/tfjs";
import * as nengo from "../../../src/index.ts";
import { expectGradient, numbersOf, waves } from "../../layers/support.ts";

type Layer = tf.layers.Layer;
const make = nengo.layers as unknown as Record<string, (args: object) => Layer>;

/** Layers over time, [batch, 8, 3] to [batch, 8, n]. */
const layers: Readonly<Record<string, () => Layer>> = {
  lowpass: () => make["lowpass"]({ tau: 0.005 }),
  alpha: () => make["alpha"]({ tau: 0.005 }),
  linearFilter: () => make["linearFilter"]({ synapse: new nengo.LinearFilter({ num: [1, 3], den: [1e-4, 0.02, 1] }) }),
  spiking: () => make["spiking"]({ neuronType: new nengo.LIF(), seed: 3 }),
  spikingActivation: () => make["spikingActivation"]({ activation: "relu", seed: 3 }),
  lmu: () => make["lmu"]({ memoryD: 1, order: 4, theta: 8, hiddenCell: tf.layers.simpleRNNCell({ units: 5 }), returnSequences: true }),
};

describe("layers over time on a backend without kernels", () => {
  const name = "elsewhere";
  before(async () => {
    await tf.setBackend("cpu");
    const { backend } = tf.engine();
    tf.registerBackend(name, () => backend);
    tf.copyRegisteredKernels("cpu", name);
  });
  after(() => tf.setBackend("cpu"));

  for (const [kind, layer] of Object.entries(layers)) {
    it(`predict and train as on the cpu backend: ${kind}`, async () => {
      await tf.setBackend("cpu");
      const build = (): tf.LayersModel => {
        const input = tf.input({ shape: [8, 3] });
        const dense = (units: number, seed: number): Layer =>
          tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed }) });
        const inner = layer().apply(dense(3, 1).apply(input)) as tf.SymbolicTensor;
        const model = tf.model({ inputs: input, outputs: dense(2, 2).apply(inner) as tf.SymbolicTensor });
        model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
        return model;
      };
      const [here, there] = [build(), build()];
      there.setWeights(here.getWeights());
      const [x, y] = [waves([4, 8, 3]), waves([4, 8, 2], 1)];
      const wanted = [...numbersOf(here.predict(x))];
      await here.trainOnBatch(x, y);
      wanted.push(...numbersOf(here.getWeights().map((w) => w.clone())));
      await tf.setBackend(name);
      const got = [...numbersOf(there.predict(x))];
      await there.trainOnBatch(x, y);
      got.push(...numbersOf(there.getWeights().map((w) => w.clone())));
      wanted.forEach((values, k) => {
        if (values.some((v) => v !== 0)) expectGradient(got[k], values, 1e-4, `${kind}, output or weights ${k}`);
      });
    });
  }
});
