import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { tutorialNetwork } from "./network.ts";
import { check, figure, heading, rmse, timed } from "./report.ts";

const target = (x: number): number => Math.sin(x * x);

/** Mean squared error over the last 10 steps, when the filtered output has settled. */
const settledError = (yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor => {
  const last = (y: tf.Tensor): tf.Tensor => tf.slice(y, [0, y.shape[1]! - 10, 0]);
  return tf.mean(tf.squaredDifference(last(yTrue), last(yPred)));
};

/** Steps 5 to 7: without synapses for training, train encoders and biases, compare before and after with spikes. */
export async function training(): Promise<void> {
  heading("5  Synapses taken off, so that one step computes the whole function");
  const { net, inpt, square, sin, outpt, inptP, outptP } = tutorialNetwork();
  for (const connection of net.allConnections) connection.synapse = null;
  outptP.synapse = 0.04;
  const plainP = net.probe(outpt);
  const sim = new nengo.Simulator(configured(net), { seed: 0 });
  await sim.run(1.0);
  const x = sim.data.get(inptP).data;
  const [filtered, plain] = [sim.data.get(outptP).data, sim.data.get(plainP).data];
  const wanted = Float64Array.from(x, target);
  check(
    rmse(plain, wanted) > 3 * rmse(filtered, wanted),
    `spikes unfiltered are ${rmse(plain, wanted).toFixed(2)} from sin(x^2), filtered (synapse 0.04) ${rmse(filtered, wanted).toFixed(3)}`,
  );
  figure("5-no-synapses", "Without synapses on connections", "value", [
    { label: "output, unfiltered", x: sim.trange(), y: plain, color: "#ccc" },
    { label: "output, synapse 0.04", x: sim.trange(), y: filtered, color: "#4269d0" },
    { label: "sin(x^2)", x: sim.trange(), y: wanted, dash: "4 3", color: "#ff725c" },
  ]);

  heading("7a Error with spikes before training: 1024 inputs, 100 steps each, filtered probe");
  const rng = new nengo.RandomState(0);
  const train = rng.uniforms(4096, -1, 1);
  const test = rng.uniforms(1024, -1, 1);
  const held = { shape: [1024, 100, 1], data: Float32Array.from({ length: 1024 * 100 }, (_, k) => test[Math.floor(k / 100)]) };
  const heldTarget = { shape: held.shape, data: held.data.map(target) };
  const settled = { loss: [[outptP, settledError]], metrics: [[outptP, "meanAbsoluteError"]] } as const satisfies nengo.CompileOptions;
  sim.compile(settled);
  const [before, beforeMs] = await timed(() => sim.evaluate([[inpt, held]], [[outptP, heldTarget]], { batchSize: 100 }));
  console.log(`   ${JSON.stringify(before)} in ${beforeMs.toFixed(0)} ms, ${(beforeMs / 100).toFixed(2)} ms a step`);
  check(Math.abs(before["loss"] - 0.004) <= 0.0003, `loss ${before["loss"].toFixed(5)} is 0.0040 +- 0.0003`);

  heading("6  Training: 4096 inputs x 1 step, minibatches of 32, Adam(0.01), 25 epochs, rates in place of spikes");
  const samples = { shape: [4096, 1, 1], data: train };
  const targets = { shape: [4096, 1, 1], data: train.map(target) };
  const decoders = sim.data.get(net.connections[1]).weights!.data.slice();
  const encoders = sim.data.get(square).scaledEncoders.data.slice();
  sim.compile({ optimizer: tf.train.adam(0.01), loss: [[plainP, "meanSquaredError"]] });
  const untrained = (await sim.evaluate([[inpt, samples]], [[plainP, targets]], { phase: "training" }))["loss"];
  const [history, fitMs] = await timed(() => sim.fit([[inpt, samples]], [[plainP, targets]], { epochs: 25, batchSize: 32 }));
  const losses = history.history["loss"] as number[];
  const final = losses.at(-1)!;
  console.log(
    `   ${(fitMs / 1000).toFixed(2)} s, ${(fitMs / (25 * 128)).toFixed(2)} ms a step; loss ${untrained.toExponential(2)} -> ${losses
      .map((l) => l.toExponential(1))
      .filter((_, k) => k % 6 === 0)
      .join(", ")}`,
  );
  check(final <= 3.2e-4, `training loss ${final.toExponential(2)} is at most 3.2e-4`);
  check(rmse(sim.data.get(net.connections[1]).weights!.data, decoders) === 0, "decoders stayed as they were");
  check(rmse(sim.data.get(square).scaledEncoders.data, encoders) > 0, "encoders of both ensembles moved");
  void sin;

  heading("7b Error with spikes after training");
  sim.compile(settled);
  const [after, afterMs] = await timed(() => sim.evaluate([[inpt, held]], [[outptP, heldTarget]], { batchSize: 100 }));
  console.log(`   ${JSON.stringify(after)} in ${afterMs.toFixed(0)} ms, ${(afterMs / 100).toFixed(2)} ms a step`);
  check(after["loss"] <= 0.0032, `loss ${after["loss"].toFixed(5)} is at most 0.0032`);

  sim.reset({ parameters: false });
  await sim.run(1.0);
  const trained = sim.data.get(outptP).data;
  check(rmse(trained, wanted) < 0.15, `the trained network run with spikes is ${rmse(trained, wanted).toFixed(3)} from sin(x^2)`);
  figure("6-trained", "The trained network, spiking", "value", [
    { label: "input x", x: sim.trange(), y: x, color: "#bbb" },
    { label: "output (synapse 0.04)", x: sim.trange(), y: trained, color: "#4269d0" },
    { label: "sin(x^2)", x: sim.trange(), y: wanted, dash: "4 3", color: "#ff725c" },
  ]);
  sim.close();
}

/** Encoders and biases train, decoders stay. */
function configured(net: nengo.Network): nengo.Network {
  nengo.configure(net, { trainable: false });
  nengo.configure(net, nengo.Ensemble, { trainable: true });
  return net;
}
