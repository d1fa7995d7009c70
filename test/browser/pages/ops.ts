import * as tf from "@tensorflow/tfjs";
import * as nengo from "../../../src/index.ts";

export interface Input {
  readonly backend: "cpu" | "webgl";
  readonly epochs: number;
}

/** Predictions of a network in rates and in spikes, and what training makes of it, by tf operations. */
export async function run({ backend, epochs }: Input) {
  await nengo.useBackend(backend);
  const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
  const made = (neuronType: nengo.NeuronType) => {
    const net = new nengo.Network({ seed: 0 });
    net.config.ensemble.set({ neuronType });
    const u = net.node([0, 0]);
    const hidden = net.ensemble(30, 2);
    const decoded = net.ensemble(20, 1);
    nengo.configure(hidden, { trainable: true });
    net.connect(u, hidden, { synapse: null });
    net.connect(hidden, decoded, { function: (x) => x[0] * x[1], synapse: 0.005 });
    net.connect(decoded, decoded, { synapse: 0.02, transform: 0.3 });
    const output = net.probe(decoded, { synapse: 0.01 });
    const input = tf.input({ shape: [30, 2] });
    const layer = nengo.layers.network({ network: net, inputs: [u], outputs: [output], engine: "tfjs" });
    const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
    model.compile({ optimizer: tf.train.adam(2e-5), loss: "meanSquaredError" });
    return { model, path: layer.tensorProgram("training").path };
  };
  const xs = tf.tensor3d(
    Array.from({ length: 360 }, (_, k) => Math.sin(0.37 * k)),
    [6, 30, 2],
  );
  const ys = tf.fill([6, 30, 1], 0.2);
  const rates = made(new nengo.LIFRate());
  const predicted = rates.model.predict(xs) as tf.Tensor;
  const spiking = made(new nengo.LIF());
  const spikes = spiking.model.predict(xs) as tf.Tensor;
  const before = tf.memory().numTensors;
  const { history } = await spiking.model.fit(xs, ys, { epochs, verbose: 0, shuffle: false, batchSize: 6 });
  const result = {
    backend: tf.getBackend(),
    path: spiking.path,
    rates: numbers(predicted),
    spikes: numbers(spikes),
    losses: history["loss"] as number[],
    weights: spiking.model.getWeights().map(numbers),
    // Adam makes its moments at the first step.
    tensors: tf.memory().numTensors - before - 2 * spiking.model.trainableWeights.length,
  };
  tf.dispose([xs, ys, predicted, spikes]);
  return result;
}
