/**
 * MNIST with an ordinary tfjs model of 784-128-10 units, and what becomes of it with spikes: swapped in after training, at several dt,
 * in training, behind a trainable filter, and with firing rates held in a range. `npm run example 02 small` takes a part of the data.
 */
import * as tf from "@tensorflow/tfjs";
import * as nengo from "tfjs-nengo";
import { activityPlots, table } from "tfjs-nengo/node";
import { mnist } from "../support/mnist.ts";
import { check, done, heading, plotsOf } from "../report.ts";
import { analog, compile, spiking, STEPS } from "./models.ts";

const start = performance.now();
const { figure, raster, save } = plotsOf("02-spiking-mnist");
const small = process.argv.includes("small");
const { epochs, trained, tested } = small ? { epochs: 3, trained: 6000, tested: 1000 } : { epochs: 6, trained: 60000, tested: 10000 };

await nengo.useBackend("wasm");
await nengo.completeWasmBackend();
const [train, test] = [mnist("train", trained), mnist("test", tested)];
const rows: (string | number)[][] = [];

/** Trains with tfjs's own fit; in the order of the data set, so that every run gives the same. */
async function fit(model: tf.LayersModel, callbacks: tf.Callback[] = []): Promise<tf.LayersModel> {
  compile(model);
  await model.fit(train.images, train.oneHot, { epochs, batchSize: 128, shuffle: false, verbose: 0, callbacks });
  return model;
}

/** Per cent of the test images. */
function accuracyOf(model: tf.LayersModel): number {
  const [loss, accuracy] = model.evaluate(test.images, test.oneHot, { batchSize: 500 }) as tf.Scalar[];
  const [part] = accuracy.dataSync();
  tf.dispose([loss, accuracy]);
  return 100 * part;
}

const spikesOf = (model: tf.LayersModel): nengo.LayerOutput => {
  const images = test.images.slice(0, 1000);
  const output = nengo.layerOutputs(model, ["spikes"], images, { batchSize: 500 }).get("spikes")!;
  images.dispose();
  return output;
};

function report(name: string, model: tf.LayersModel, dt: number | null): { accuracy: number; rate: number } {
  const accuracy = accuracyOf(model);
  const data = dt === null ? null : spikesOf(model).data;
  const rate = data === null ? NaN : data.reduce((a, b) => a + b, 0) / data.length;
  rows.push([name, dt === null ? "" : String(dt), `${accuracy.toFixed(2)} %`, dt === null ? "" : rate.toFixed(2)]);
  console.log(`   ${name}${dt === null ? "" : `, dt ${dt} s`}: ${accuracy.toFixed(2)} %${dt === null ? "" : `, ${rate.toFixed(2)} Hz`}`);
  return { accuracy, rate };
}

heading(`An ordinary model, trained on ${trained} images for ${epochs} epochs`);
const plain = await fit(analog());
const ann = report("rates (no spikes)", plain, null);

heading(`Its activation swapped for spikes after training, ${STEPS} steps an image`);
const sweep = [0.001, 0.01, 0.1, 1].map((dt) => {
  const model = spiking({ dt });
  model.setWeights(plain.getWeights());
  compile(model);
  const result = { dt, model, ...report("spikes after training", model, dt) };
  return result;
});
const [slow, fast] = [sweep[0], sweep[3]];
check(slow.accuracy < ann.accuracy - 20, `at dt 0.001 s most neurons have no time to spike: ${slow.accuracy.toFixed(2)} %`);
check(
  Math.abs(fast.accuracy - ann.accuracy) <= 0.5,
  `at dt 1 s spikes are as good as rates: ${(fast.accuracy - ann.accuracy).toFixed(2)} points`,
);

heading("Spikes in training (the gradient is that of the rate), dt 0.01 s");
const plots = (name: string) =>
  activityPlots({
    layers: ["spikes"],
    data: test.images.slice(0, 100),
    dt: 0.01,
    onPlot: (svg, epoch) => epoch === epochs - 1 && save(name, svg),
  });
const aware = report("spiking-aware training", await fit(spiking({ dt: 0.01 }), [plots("spiking-aware")]), 0.01);
check(
  aware.accuracy > sweep[1].accuracy + 5,
  `better than swapped in afterwards by ${(aware.accuracy - sweep[1].accuracy).toFixed(1)} points`,
);

heading("A trainable lowpass filter behind the spikes, dt 0.01 s");
const filteredModel = await fit(spiking({ dt: 0.01, read: "lowpass" }));
const filtered = report("+ lowpass filter", filteredModel, 0.01);
const tau = (filteredModel.getLayer("lowpass") as unknown as nengo.layers.LowpassLayer).tau;
const taus = Float32Array.from(tau).sort();
console.log(`   time constants are ${taus[0].toFixed(3)} to ${taus[127].toFixed(3)} s after training, 0.1 s before it`);
check(taus[127] - taus[0] > 0.01, "units have found time constants of their own");

heading("Firing rates held between 10 and 20 Hz by the loss, dt 0.01 s");
const regular = spiking({ dt: 0.01 });
nengo.regularizeRates(regular, { spikes: nengo.regularizers.l2({ l2: 1e-4, target: [10, 20] }) });
const held = report("+ rates in 10..20 Hz", await fit(regular, [plots("regularised")]), 0.01);
check(
  held.rate > aware.rate && Math.abs(held.rate - 15) < Math.abs(aware.rate - 15),
  `the mean rate is ${held.rate.toFixed(2)} Hz instead of ${aware.rate.toFixed(2)} Hz`,
);

heading("Together");
console.log(table(["model", "dt (s)", "accuracy", "mean rate (Hz)"], rows).replace(/^/gm, "   "));
const energy = await nengo.modelEnergy(regular, test.images.slice(0, 100));
console.log(
  `   energy of an image by the last model: ${energy.total("loihi").toExponential(1)} J on loihi, ${energy.total("gpu").toExponential(1)} J on a gpu`,
);
const dts = sweep.map(({ dt }) => Math.log10(dt));
figure(
  "dt-sweep",
  "Spikes after training",
  "accuracy (%)",
  [
    { label: "spikes after training", x: dts, y: sweep.map(({ accuracy }) => accuracy) },
    { label: "no spikes", x: [dts[0], dts[3]], y: [ann.accuracy, ann.accuracy], dash: "5 3" },
  ],
  "log10 of dt (s)",
);
raster("spikes", { title: "Spikes for one image, rates in 10..20 Hz", spikes: spikesOf(regular), item: 0, dt: 0.01 });
check(filtered.accuracy > sweep[1].accuracy, `all trained spiking models are above ${sweep[1].accuracy.toFixed(1)} %`);
done(start);
