import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { waves } from "../layers/support.ts";
import { expectNoLeaks } from "../support/leaks.ts";

describe("rateMonitor and layerOutputs", () => {
  before(() => nengo.useBackend("cpu"));

  const build = () => {
    const inside = tf.input({ shape: [5, 3] });
    const spikes = nengo.layers.spikingActivation({ activation: "relu", dt: 0.1, seed: 0, name: "spikes" });
    const inner = tf.model({ inputs: inside, outputs: spikes.apply(inside) as tf.SymbolicTensor, name: "inner" });
    const input = tf.input({ shape: [5, 3] });
    const hidden = inner.apply(tf.layers.dense({ units: 3, name: "hidden" }).apply(input));
    const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 1 }).apply(hidden) as tf.SymbolicTensor });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    return { model, spikes };
  };

  it("gives outputs of layers, of inner models too, in batches", async () => {
    const { model, spikes } = build();
    const x = waves([7, 5, 3]);
    const outputs = nengo.layerOutputs(model, ["hidden", spikes], x, { batchSize: 3 });
    tf.tidy(() => {
      const hidden = model.getLayer("hidden").apply(x) as tf.Tensor;
      expect(outputs.get("hidden")!.shape).to.deep.equal([7, 5, 3]);
      expect(Array.from(outputs.get("hidden")!.data)).to.deep.equal(Array.from(hidden.dataSync()));
      // With a seed every batch starts alike.
      const first = spikes.apply(hidden.slice(0, 3)) as tf.Tensor;
      expect(Array.from(outputs.get("spikes")!.data.slice(0, 45))).to.deep.equal(Array.from(first.dataSync()));
    });
    await expectNoLeaks(() => nengo.layerOutputs(model, ["spikes"], x));
    expect(() => nengo.layerOutputs(model, ["spike"], x)).to.throw(
      nengo.ValidationError,
      /layers of the model \(.*spikes.*\), got "spike"/,
    );
    expect(() => nengo.layerOutputs(model, ["spikes"], [x, x])).to.throw(nengo.ShapeError, /1 tensors/);
    x.dispose();
  });

  it("logs the mean rate after every epoch", async () => {
    const { model } = build();
    const [x, y] = [waves([6, 5, 3]), waves([6, 5, 1], 1)];
    const reports: nengo.RateReport[] = [];
    const callbacks = nengo.rateMonitor({ layers: ["spikes"], data: x, onEpoch: (report) => reports.push(report) });
    const { history } = await model.fit(x, y, { epochs: 2, callbacks });
    const last = reports[1].layers.get("spikes")!;
    const { data } = nengo.layerOutputs(model, ["spikes"], x).get("spikes")!;
    const mean = data.reduce((a, b) => a + b, 0) / data.length;
    expect(mean).to.be.above(0);
    expect(last.rate).to.be.closeTo(mean, 1e-9);
    expect(history["spikes_rate"][1]).to.equal(last.rate);
    const silent = [0, 1, 2].filter((u) => data.every((v, i) => i % 3 !== u || v === 0)).length / 3;
    expect(last.silent).to.be.closeTo(silent, 1e-9);
    tf.dispose([x, y]);
  });
});
