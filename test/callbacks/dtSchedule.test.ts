import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { waves } from "../layers/support.ts";

describe("dtSchedule", () => {
  before(() => nengo.useBackend("cpu"));

  const build = () => {
    const spikes = nengo.layers.spikingActivation({ activation: "relu", name: "spikes" });
    const filter = nengo.layers.lowpass({ tau: 0.1, dt: 0.5, name: "filter" });
    const inside = tf.input({ shape: [5, 3] });
    const inner = tf.model({ inputs: inside, outputs: filter.apply(inside) as tf.SymbolicTensor });
    const input = tf.input({ shape: [5, 3] });
    const hidden = spikes.apply(tf.layers.dense({ units: 3 }).apply(input)) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: inner.apply(hidden) as tf.SymbolicTensor });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    return { model, spikes, filter };
  };

  it("sets the dt of all layers before every batch, on over epochs and fits, and leaves the last", async () => {
    const { model, spikes, filter } = build();
    const [x, y] = [waves([6, 5, 3]), waves([6, 5, 3], 1)];
    const seen: number[] = [];
    const asked: number[] = [];
    const schedule = nengo.dtSchedule((batch) => {
      asked.push(batch);
      return 1 / (batch + 1);
    });
    const watch = new (class extends tf.Callback {
      override async onBatchEnd() {
        seen.push(spikes.dt, filter.dt);
      }
    })();
    await model.fit(x, y, { epochs: 2, batchSize: 3, callbacks: [schedule, watch] });
    await model.fit(x, y, { epochs: 1, batchSize: 3, callbacks: [schedule] });
    expect(asked).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(seen).to.deep.equal([1, 1, 1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 4, 1 / 4]);
    expect([spikes.dt, filter.dt]).to.deep.equal([1 / 6, 1 / 6]);
    // What is computed follows: sums of spikes * dt are whole numbers.
    tf.tidy(() => {
      const counts = tf.mul(spikes.apply(tf.ones([2, 5, 3])) as tf.Tensor, 1 / 6).dataSync();
      counts.forEach((n) => expect(n).to.be.closeTo(Math.round(n), 1e-5));
    });
    tf.dispose([x, y]);
  });

  it("sets that of chosen layers alone", async () => {
    const { model, spikes, filter } = build();
    const [x, y] = [waves([2, 5, 3]), waves([2, 5, 3], 1)];
    await model.fit(x, y, { epochs: 1, callbacks: nengo.dtSchedule(() => 0.2, { layers: ["spikes"] }) });
    expect([spikes.dt, filter.dt]).to.deep.equal([0.2, 0.5]);
    await model.fit(x, y, { epochs: 1, callbacks: nengo.dtSchedule(() => 0.3, { layers: [filter] }) });
    expect([spikes.dt, filter.dt]).to.deep.equal([0.2, 0.3]);
    tf.dispose([x, y]);
  });

  it("refuses models and layers without a dt, and values that are none", async () => {
    const plain = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [5, 3] })] });
    plain.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = [waves([2, 5, 3]), waves([2, 5, 3], 1)];
    const failure = (model: tf.LayersModel, callbacks: nengo.DtSchedule): Promise<string> =>
      model.fit(x, y, { epochs: 1, callbacks }).then(
        () => "",
        (e: Error) => e.message,
      );
    expect(
      await failure(
        plain,
        nengo.dtSchedule(() => 1),
      ),
    ).to.match(/dtSchedule\.layers: expected layers of the model with a dt/);
    expect(
      await failure(
        build().model,
        nengo.dtSchedule(() => 1, { layers: ["nothing"] }),
      ),
    ).to.match(/none of them: "nothing"/);
    expect(
      await failure(
        build().model,
        nengo.dtSchedule(() => 0),
      ),
    ).to.match(/dtSchedule\.schedule: expected a finite number > 0/);
    expect(() => nengo.dtSchedule(3 as never)).to.throw(nengo.ValidationError, /schedule/);
    tf.dispose([x, y]);
  });
});
