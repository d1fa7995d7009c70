import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { normals, randomise } from "./support.ts";
import { rejection } from "../support/rejection.ts";

/** Features to 5 relu units to 3 classes. */
function small(activation: "softmax" | "linear" = "linear"): tf.LayersModel {
  const model = tf.sequential({
    name: "small",
    layers: [
      tf.layers.dense({ inputShape: [4], units: 5, activation: "relu", name: "hidden" }),
      tf.layers.dense({ units: 3, name: "out", activation }),
    ],
  });
  randomise(model, 3);
  return model;
}

const spikes = { swapActivations: { relu: new nengo.SpikingRectifiedLinear() }, scaleFiringRates: 150 };
const quiet = { progressBar: false };

const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe("measuring what became of a model", () => {
  before(() => nengo.useBackend("cpu"));

  it("counts the spikes and classes that a Simulator gives", async () => {
    const model = small();
    const conversion = await nengo.convert(model, spikes);
    const [items, steps] = [7, 20];
    const x = normals([items, 4], 5);
    const rows = (await x.array()) as number[][];
    const labels = rows.map((_, item) => item % 3);
    const measured = await conversion.measure(x, tf.tensor1d(labels, "int32"), { steps, batchSize: 3, ...quiet });
    expect(conversion.report.measured).to.equal(measured);

    const { neurons } = conversion.calls[0] as { neurons: readonly { ensemble: nengo.Ensemble }[] };
    const spikeProbe = conversion.network.probe(neurons[0].ensemble.neurons, { synapse: null });
    const sim = new nengo.Simulator(conversion.network, { dtype: "float32", minibatchSize: items, progressBar: false });
    const fed = {
      shape: [items, steps, 4],
      data: Float32Array.from(rows.flatMap((row) => Array.from({ length: steps }, () => row).flat())),
    };
    await sim.runSteps(steps, { data: [[conversion.inputs.values()[0], fed]] });
    const { neuronType } = neurons[0].ensemble;
    const { amplitude } = neuronType as nengo.SpikingRectifiedLinear;
    const fired = Array.from(sim.data.get(spikeProbe).data, (v) => Math.round((v * 0.001) / amplitude));
    const total = fired.reduce((a, b) => a + b, 0);
    const [layer] = measured.layers;
    expect(layer).to.include({ name: "hidden", neurons: 5, spiking: true, neuronType: "SpikingRectifiedLinear" });
    expect(total).to.be.above(20);
    expect(layer.spikes).to.be.closeTo(total / items, 1e-9);
    expect(measured.spikes).to.equal(layer.spikes);
    const rates = Array.from({ length: items * 5 }, (_, k) => {
      const [item, unit] = [Math.floor(k / 5), k % 5];
      let sum = 0;
      for (let step = 0; step < steps; step++) sum += fired[(item * steps + step) * 5 + unit];
      return sum / (steps * 0.001);
    }).sort((a, b) => a - b);
    expect(layer.percentiles[100]).to.be.closeTo(rates.at(-1)!, 1e-6);
    expect(layer.percentiles[50]).to.be.closeTo(rates[Math.ceil(rates.length / 2) - 1], 1e-6);
    expect(layer.silent).to.be.closeTo(rates.filter((rate) => rate === 0).length / rates.length, 1e-12);
    expect(layer.active).to.be.closeTo(fired.filter((count) => count > 0).length / fired.length, 1e-6);
    expect(layer.histogram.parts.reduce((a, b) => a + b, 0)).to.be.closeTo(1, 1e-12);
    expect(layer.histogram.edges.at(-1)).to.equal(layer.percentiles[100]);
    const below = rates.filter((rate) => rate < layer.histogram.edges[6] - 1e-9).length;
    expect(layer.histogram.parts.slice(0, 6).reduce((a, b) => a + b, 0)).to.be.closeTo(below / rates.length, 1e-12);
    expect(layer.correlation).to.be.above(0.97);

    const output = sim.data.get(conversion.outputs.get("out")).data;
    const wanted = (await (model.predict(x) as tf.Tensor).array()) as number[][];
    const classes = Array.from({ length: steps }, (_, n) =>
      rows.map((_row, item) =>
        largest(
          [0, 1, 2].map((k) => {
            let sum = 0;
            for (let step = 0; step <= n; step++) sum += output[(item * steps + step) * 3 + k];
            return sum / (n + 1);
          }),
        ),
      ),
    );
    const part = (right: (item: number) => boolean): number => rows.filter((_, item) => right(item)).length / items;
    const [{ accuracy, agreement, modelAccuracy, error }] = measured.outputs;
    expect(accuracy).to.deep.equal(classes.map((of) => part((item) => of[item] === labels[item])));
    expect(agreement).to.deep.equal(classes.map((of) => part((item) => of[item] === largest(wanted[item]))));
    expect(modelAccuracy).to.equal(part((item) => largest(wanted[item]) === labels[item]));
    expect(measured.accuracy).to.equal(accuracy!.at(-1));
    expect(error.at(-1)).to.be.below(error[0]!);
    sim.close();
    x.dispose();
    model.dispose();
  });

  it("reckons energy from events", async () => {
    const model = small();
    const conversion = await nengo.convert(model, spikes);
    const x = tf.tensor2d([
      [1, 0, -0.5, 0],
      [1, 2, 0, 0],
    ]);
    const measured = await conversion.measure(x, null, { steps: 10, ...quiet });
    // Half of the inputs are 0. Each of the others passes 5 weights at every step, each spike 3.
    const events = [10 * 20 * 0.5, measured.spikes * 3];
    expect(measured.energy.layers.map((layer) => layer.connections)).to.deep.equal([20, 15]);
    measured.energy.layers.forEach((layer, k) => expect(layer.events).to.be.closeTo(events[k], 1e-6));
    const [synapses, neurons] = [(events[0] + events[1]) * 27.1e-12, 5 * 10 * 81e-12];
    expect(measured.energy.devices["loihi"].synapses).to.be.closeTo(synapses, 1e-15);
    expect(measured.energy.devices["loihi"].total).to.be.closeTo(synapses + neurons, 1e-15);
    expect(measured.energy.devices["gpu"].total).to.be.closeTo((35 + 5) * 0.3e-9, 1e-15);
    expect(Object.keys(measured.energy.devices)).to.deep.equal(nengo.energyDevices());
    tf.dispose(x);
    model.dispose();
  });

  it("finds the smallest number of steps, reads as it is told, and says all of it", async () => {
    const model = small("softmax");
    const conversion = await nengo.convert(model, spikes);
    expect(JSON.parse(JSON.stringify(conversion.report))).to.have.property("measured", null);
    const x = normals([12, 4], 8);
    const measured = await conversion.measure(x, null, { steps: 60, tolerance: 0.1, ...quiet });
    const [{ error, accuracy, smallestSteps }] = measured.outputs;
    expect(accuracy).to.equal(null);
    expect(measured.accuracy).to.equal(null);
    expect(smallestSteps).to.be.within(2, 60);
    expect(error.slice(smallestSteps! - 1).every((value) => value! <= 0.1)).to.equal(true);
    expect(error[smallestSteps! - 2]).to.be.above(0.1);
    const strict = await conversion.measure(x, null, { steps: 5, tolerance: 0, ...quiet });
    expect(strict.smallestSteps).to.equal(null);
    const late = await conversion.measure(x, null, { steps: 12, readoutDelay: 0.004, ...quiet });
    expect(late.outputs[0].error.slice(0, 5).map((value) => value === null)).to.deep.equal([true, true, true, true, false]);
    const json = JSON.parse(JSON.stringify(conversion.report)) as { measured: nengo.MeasurementData };
    expect(json.measured.outputs).to.deep.equal(late.outputs);
    expect(json.measured.layers).to.deep.equal(late.layers);
    const text = String(conversion.report);
    for (const words of [
      "12 items, 12 steps of 0.001 s, outputs read as mean, then softmax",
      "mean (Hz)",
      "spikes an inference",
      "J an inference",
    ])
      expect(text).to.include(words);
    const last = await conversion.measure(x, null, { steps: 6, readout: "last", ...quiet });
    expect(last.readout).to.equal("last, then softmax");
    expect(last.error).to.be.above(measured.error!);
    x.dispose();
    model.dispose();
  });

  it("has no difference where nothing spikes, one-hot labels or not", async () => {
    const model = small();
    const conversion = await nengo.convert(model);
    const x = normals([6, 4], 2);
    const classes = tf.tidy(() => (model.predict(x) as tf.Tensor).argMax(-1));
    const measured = await conversion.measure(x, tf.oneHot(classes, 3), { steps: 3, ...quiet });
    expect(measured.outputs[0]).to.deep.include({ accuracy: [1, 1, 1], modelAccuracy: 1, agreement: [1, 1, 1], smallestSteps: 1 });
    expect(measured.error).to.be.below(1e-6);
    expect(measured.layers[0]).to.include({ spiking: false, spikes: 0 });
    expect(measured.layers[0].correlation).to.be.closeTo(1, 1e-6);
    expect(measured.energy.warnings.join()).to.include("hidden do not spike");
    // What is not 0 comes to the 15 weights of the next layer at each of the 3 steps.
    expect(measured.layers[0].active).to.be.within(0.1, 0.9);
    expect(measured.energy.layers[1].events).to.be.closeTo(3 * 15 * measured.layers[0].active, 1e-6);
    tf.dispose([x, classes]);
    model.dispose();
  });

  it("runs models over time step by step", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3, activation: "relu" }), inputShape: [9, 2], name: "steps" }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }), name: "out" }),
      ],
    });
    randomise(model, 4);
    const conversion = await nengo.convert(model, { temporalModel: true });
    const x = normals([2, 9, 2], 1);
    const measured = await conversion.measure(x, null, { readout: "last", ...quiet });
    expect(measured.steps).to.equal(9);
    expect(measured.error).to.be.below(1e-5);
    expect((await rejection(conversion.measure(x, null, { steps: 4, ...quiet }))).message).to.equal(
      "Conversion.measure.steps: expected 9, as in the data, got 4. Leave it out.",
    );
    x.dispose();
    model.dispose();
  });

  it("measures a model of toSpiking by its own readout", async () => {
    const model = small("softmax");
    const x = normals([8, 4], 6);
    const y = tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1]);
    const snn = await nengo.toSpiking(model, { scaleFiringRates: 150, readoutDelay: 0.002, seed: 1 });
    const measured = await nengo.measureSpiking(snn, x, y, { steps: 15, batchSize: 8, ...quiet });
    expect(nengo.spikingReport(snn)!.measured).to.equal(measured);
    const [{ accuracy, agreement, error }] = measured.outputs;
    expect(accuracy!.slice(0, 3).map((v) => v === null)).to.deep.equal([true, true, false]);
    const wanted = (await (model.predict(x) as tf.Tensor).array()) as number[][];
    for (const n of [3, 9, 15]) {
      const got = (await (snn.predict(x.expandDims(1).tile([1, n, 1])) as tf.Tensor).array()) as number[][];
      const labels = await y.array();
      expect(accuracy![n - 1]).to.equal(got.filter((row, k) => largest(row) === labels[k]).length / 8);
      expect(agreement[n - 1]).to.equal(got.filter((row, k) => largest(row) === largest(wanted[k])).length / 8);
      const squares = got.flatMap((row, k) => row.map((v, j) => (v - wanted[k][j]) ** 2)).reduce((a, b) => a + b, 0);
      const size = wanted.flat().reduce((a, v) => a + v * v, 0);
      expect(error[n - 1]).to.be.closeTo(Math.sqrt(squares / size), 1e-6);
    }
    const [layer] = measured.layers;
    expect(layer).to.include({ name: "hidden", spiking: true, neurons: 5 });
    // A spike is 1 / (dt * 150): of the rate that the activation asks for, up to one spike a neuron is not complete.
    const [w, b] = model.layers[0].getWeights();
    const asked = tf.tidy(() => x.dot(w).add(b).relu().mul(150).mean().dataSync()[0]);
    expect(layer.mean).to.be.closeTo(asked, 1 / 0.015);
    expect((await rejection(nengo.measureSpiking(model, x))).message).to.include("expected a model that nengo.toSpiking made");
    tf.dispose([x, y]);
    model.dispose();
  });

  it("gives the same in batches of any size, and keeps no tensors", async () => {
    const model = small();
    const conversion = await nengo.convert(model, spikes);
    const x = normals([7, 4], 5);
    const all = await conversion.measure(x, null, { steps: 10, ...quiet });
    await expectNoLeaks(async () => {
      const some = await conversion.measure(x, null, { steps: 10, batchSize: 2, ...quiet });
      expect(some.layers[0].spikes).to.be.closeTo(all.layers[0].spikes, 1e-9);
      expect(some.outputs[0].agreement).to.deep.equal(all.outputs[0].agreement);
      some.outputs[0].error.forEach((value, k) => expect(value).to.be.closeTo(all.outputs[0].error[k]!, 1e-6));
    });
    x.dispose();
    model.dispose();
  });

  it("refuses data and options that do not fit", async () => {
    const model = small();
    const conversion = await nengo.convert(model, spikes);
    const x = normals([3, 4], 5);
    const message = async (...args: Parameters<nengo.Conversion["measure"]>): Promise<string> => {
      const error = await rejection(conversion.measure(...args));
      expect(error).to.be.instanceOf(nengo.ValidationError);
      return error.message;
    };
    expect(await message(normals([3, 5]))).to.equal("Conversion.measure.x: expected [batch, 4], got [3, 5].");
    expect(await message(tf.zeros([0, 4]))).to.include("expected [batch, 4], got [0, 4]");
    expect(await message(3 as never)).to.include("Conversion.measure.x: expected a tensor");
    expect(await message(x, tf.zeros([2]))).to.equal("Conversion.measure.y: expected labels [3], or one-hot rows [3, 3], got [2].");
    expect(await message(x, tf.tensor1d([0, 1, 3]))).to.include("y[2]: expected a class, a whole number from 0 to 2, got 3.");
    expect(await message(x, [tf.zeros([3]), tf.zeros([3])])).to.include("expected 1 tensors of labels, one an output, got 2");
    expect(await message(x, null, { stepz: 3 } as never)).to.include("got an unknown option");
    expect(await message(x, null, { steps: 0 })).to.include("Conversion.measure.steps");
    expect(await message(x, null, { steps: 3, readoutDelay: 0.003 })).to.include("more than the 3 that the readout leaves out, got 3");
    model.dispose();
  });
});
