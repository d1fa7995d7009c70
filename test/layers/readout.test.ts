import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectGradient, onBackends, waves } from "./support.ts";

const { readout } = nengo.layers;
const read = (args: nengo.layers.ReadoutArgs, x: tf.Tensor): number[] => Array.from((readout(args).apply(x) as tf.Tensor).dataSync());

describe("layers.readout", () => {
  onBackends(() => {
    it("reads mean, last, count, max and first spike, from a delay on", () => {
      tf.tidy(() => {
        // Two units over five steps of 0.1 s.
        const x = tf.tensor3d([0, 10, 10, 0, 0, 0, 20, 10, 0, 0], [1, 5, 2]);
        const near = (args: nengo.layers.ReadoutArgs, wanted: number[]): void =>
          read({ dt: 0.1, ...args }, x).forEach((v, i) => expect(v, JSON.stringify(args)).to.be.closeTo(wanted[i], 1e-5));
        near({}, [6, 4]);
        near({ delay: 0.2 }, [20 / 3, 10 / 3]);
        near({ kind: "last" }, [0, 0]);
        near({ kind: "count" }, [3, 2]);
        near({ kind: "count", delay: 0.3 }, [2, 1]);
        near({ kind: "max" }, [20, 10]);
        near({ kind: "firstSpike" }, [0.2, 0.1]);
        near({ kind: "firstSpike", delay: 0.2 }, [0.2, 0.2]);
        near({ kind: "firstSpike", delay: 0.4 }, [0.2, 0.2]); // none: a step after the end
      });
    });

    it("keeps feature axes", () => {
      tf.tidy(() => {
        for (const kind of ["mean", "last", "count", "max", "firstSpike"] as const) {
          const layer = readout({ kind });
          expect(layer.computeOutputShape([null, null, 2, 3])).to.deep.equal([null, 2, 3]);
          expect((layer.apply(waves([4, 5, 2, 3])) as tf.Tensor).shape).to.deep.equal([4, 2, 3]);
        }
      });
    });

    it("first spike: the gradient is that of the expected time", () => {
      tf.tidy(() => {
        const dt = 0.5;
        const trains = [
          [0, 0, 1, 0, 1, 0],
          [0, 0, 0, 0, 0, 0],
          [1, 1, 0, 0, 0, 0],
          [0, 0, 0, 0, 0, 1],
        ];
        // Expected time of the first spike for probabilities p of each step.
        const expected = (p: number[]): number =>
          p.reduce(([time, alive], q) => [time + dt * alive * (1 - q), alive * (1 - q)], [dt, 1])[0];
        for (const train of trains) {
          const x = tf.tensor3d(
            train.map((s) => s / dt),
            [1, 6, 1],
          );
          expect(read({ kind: "firstSpike", dt }, x)[0]).to.be.closeTo(expected(train), 1e-6);
          const got = tf
            .grad((v: tf.Tensor) => tf.sum(readout({ kind: "firstSpike", dt }).apply(v) as tf.Tensor))(x)
            .dataSync();
          const h = 1e-6;
          const wanted = train.map((_, k) => {
            const moved = (d: number): number[] => train.map((p, i) => (i === k ? p + d : p));
            return ((expected(moved(h)) - expected(moved(-h))) / (2 * h)) * dt;
          });
          expectGradient(got, wanted, 1e-5, `train ${train.join("")}`);
        }
      });
    });

    it("trains between layers and is saved", async () => {
      for (const kind of ["mean", "last", "count", "max", "firstSpike"] as const) {
        const model = tf.sequential({
          layers: [
            tf.layers.dense({ units: 4, inputShape: [5, 3] }),
            readout({ kind, dt: 0.1, ...(kind === "last" ? {} : { delay: 0.1 }) }),
            tf.layers.dense({ units: 2 }),
          ],
        });
        model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
        const [x, y] = [waves([6, 5, 3]), waves([6, 2], 2)];
        const before = model.getWeights()[0].dataSync().slice();
        await expectNoLeaks(() => model.fit(x, y, { epochs: 1, shuffle: false }), "fit");
        expect(model.getWeights()[0].dataSync(), kind).not.to.deep.equal(before);
        const again = (await tf.models.modelFromJSON(JSON.parse(model.toJSON() as string) as never))
          .layers[1] as unknown as nengo.layers.Readout;
        expect(again.getConfig()).to.deep.equal(model.layers[1].getConfig());
        tf.dispose([x, y]);
        model.dispose();
      }
    });
  });

  it("refuses what it cannot read", () => {
    expect(() => readout({ kind: "median" as "mean" })).to.throw(nengo.ValidationError, /NengoReadout "[^"]+"\.kind/);
    expect(() => readout({ kind: "last", delay: 1 })).to.throw(nengo.ValidationError, /\.delay/);
    expect(() => readout({ dt: 0 })).to.throw(nengo.ValidationError, /\.dt/);
    expect(() => readout().apply(tf.input({ shape: [] }))).to.throw(nengo.ShapeError, /\[batch, steps/);
    expect(() => tf.tidy(() => readout({ delay: 0.005 }).apply(tf.zeros([1, 5, 1])) as tf.Tensor)).to.throw(
      nengo.ShapeError,
      /more than 5 steps/,
    );
    const masked = tf.sequential({ layers: [tf.layers.masking({ inputShape: [3, 2] }), readout()] });
    expect(() => tf.tidy(() => masked.predict(tf.zeros([1, 3, 2])))).to.throw(nengo.ValidationError, /mask/);
  });
});
