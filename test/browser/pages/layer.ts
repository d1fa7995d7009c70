import * as tf from "@tensorflow/tfjs";
import * as nengo from "../../../src/index.ts";

/** Trains a spiking layer between tfjs's own on the cpu backend: losses, weights afterwards, and the path that training took. */
export async function run({ steps }: { readonly steps: number }) {
  await nengo.useBackend("cpu");
  const net = new nengo.Network({ seed: 0 });
  const u = net.node([0, 0]);
  const hidden = net.ensemble(20, 2);
  const decoded = net.node({ sizeIn: 1 });
  net.connect(u, hidden, { synapse: null });
  net.connect(hidden, decoded, { function: (x) => x[0] * x[1], synapse: 0.005 });
  const output = net.probe(decoded);
  const input = tf.input({ shape: [10, 2] });
  const spiking = nengo.layers.network({ network: net, inputs: [u], outputs: [output] });
  const model = tf.model({ inputs: input, outputs: spiking.apply(input) as tf.SymbolicTensor });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
  const xs = tf.tensor3d(
    Array.from({ length: 160 }, (_, k) => ((k * 37) % 64) / 32 - 1),
    [8, 10, 2],
  );
  const ys = tf.ones([8, 10, 1]);
  const { history } = await model.fit(xs, ys, { epochs: steps, verbose: 0, shuffle: false });
  const spikes = model.predict(xs) as tf.Tensor;
  const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
  const weights = model.getWeights().map(numbers);
  const layer = model.layers.find((l) => (l as unknown) instanceof nengo.NengoLayer) as unknown as nengo.NengoLayer;
  const result = { losses: history["loss"] as number[], weights, predicted: numbers(spikes), path: layer.tensorProgram("training").path };
  tf.dispose([xs, ys, spikes]);
  model.dispose();
  return result;
}
