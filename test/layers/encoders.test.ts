import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectGradient, onBackends, wave, waves } from "./support.ts";
import { reloaded } from "../support/saving.ts";

const { rateEncoder, latencyEncoder, deltaEncoder, populationEncoder } = nengo.layers;
const run = (layer: tf.layers.Layer, x: tf.Tensor): tf.Tensor => layer.apply(x) as tf.Tensor;
const unit = (shape: number[]): tf.Tensor => tf.add(tf.mul(waves(shape), 0.45), 0.5);

/** Every encoder for items of three features, over four steps. */
const encoders: Readonly<Record<string, (name?: string) => tf.layers.Layer>> = {
  rate: (name = "encoder") => rateEncoder({ steps: 4, seed: 3, dt: 0.1, name }),
  poisson: (name = "encoder") => rateEncoder({ steps: 4, seed: 3, dt: 0.1, distribution: "poisson", name }),
  latency: (name = "encoder") => latencyEncoder({ steps: 4, dt: 0.1, name }),
  population: (name = "encoder") => populationEncoder({ steps: 4, units: 5, low: 0, width: 0.3, name }),
};

describe("encoders", () => {
  onBackends(() => {
    for (const [name, make] of Object.entries(encoders)) {
      it(`${name}: trains first and between layers, is saved and loaded, leaks nothing`, async () => {
        for (const first of [true, false]) {
          const layers = [
            ...(first ? [] : [tf.layers.dense({ units: 3, inputShape: [3], activation: "sigmoid" })]),
            make(first ? "first" : "between"),
            tf.layers.dense({ units: 2 }),
          ];
          const input = tf.input({ shape: [3] });
          const output = layers.reduce((t, layer) => layer.apply(t) as tf.SymbolicTensor, input);
          const model = tf.model({ inputs: input, outputs: output });
          expect(output.shape).to.deep.equal([null, 4, ...(name === "population" ? [3, 2] : [2])]);
          model.compile({ optimizer: tf.train.sgd(1e-4), loss: "meanSquaredError" });
          const [x, y] = [unit([6, 3]), waves([6, ...(output.shape.slice(1) as number[])], 1)];
          const before = model.getWeights().map((w) => w.dataSync().slice());
          await expectNoLeaks(() => model.fit(x, y, { epochs: 1, shuffle: false }), "fit");
          // Biases of the last layer move in any case; the kernel before the encoder by its gradient alone.
          expect(model.getWeights()[0].dataSync(), "first kernel").not.to.deep.equal(before[0]);
          const saved = await reloaded(model);
          const [a, b] = [model.predict(x) as tf.Tensor, saved.predict(x) as tf.Tensor];
          expect(Array.from(b.dataSync())).to.deep.equal(Array.from(a.dataSync()));
          tf.dispose([x, y, a, b]);
          model.dispose();
          saved.dispose();
        }
      });
    }

    it("rate: spikes come at the rate, the same for the same seed, and an item's do not depend on the others", () => {
      tf.tidy(() => {
        const x = tf.tensor2d([[0.02, 0.5, 1.5, -1], [0.1, 0.3, 0.7, 0.9]]); // prettier-ignore
        const layer = rateEncoder({ steps: 4000, maxRate: 80, dt: 0.01, seed: 7 });
        const [y, again] = [run(layer, x), run(layer, x)];
        expect(y.shape).to.deep.equal([2, 4000, 4]);
        expect(Array.from(new Set(y.dataSync())).sort()).to.deep.equal([0, 100]);
        expect(y.dataSync()).to.deep.equal(again.dataSync());
        const rates = Array.from(tf.mean(y, 1).dataSync());
        [1.6, 40, 100, 0, 8, 24, 56, 72].forEach((rate, k) => {
          const p = rate / 100;
          // Five standard deviations of a binomial mean.
          expect(Math.abs(rates[k] - rate), `rate ${rate}`).to.be.at.most(5 * 100 * Math.sqrt((p * (1 - p)) / 4000) + 1e-3);
        });
        const alone = run(layer, x.slice(0, 1));
        expect(alone.dataSync()).to.deep.equal(y.slice(0, 1).dataSync());
        const other = run(rateEncoder({ steps: 4000, maxRate: 80, dt: 0.01 }), x);
        expect(other.dataSync()).not.to.deep.equal(y.dataSync());
      });
    });

    it("rate: Poisson counts have mean and variance of the rate", () => {
      tf.tidy(() => {
        const layer = rateEncoder({ steps: 5000, maxRate: 100, dt: 0.01, seed: 1, distribution: "poisson" });
        const counts = tf.mul(run(layer as never, tf.tensor2d([[2.5]])), 0.01);
        const { mean, variance } = tf.moments(counts);
        expect(mean.dataSync()[0]).to.be.closeTo(2.5, 0.12);
        expect(variance.dataSync()[0]).to.be.closeTo(2.5, 0.3);
      });
    });

    it("rate: the gradient is that of the limited rate", () => {
      tf.tidy(() => {
        const layer = rateEncoder({ steps: 3, maxRate: 40, dt: 0.01, seed: 0 });
        const g = tf.grad((x: tf.Tensor) => tf.sum(run(layer as never, x)))(tf.tensor2d([[-1, 0.5, 2.4, 2.6]]));
        expect(Array.from(g.dataSync()).map((v) => Math.round(v))).to.deep.equal([0, 120, 120, 0]);
      });
    });

    it("rate: chunks of a stateful layer are one run", () => {
      tf.tidy(() => {
        const x = unit([2, 6, 3]);
        const whole = run(rateEncoder({ seed: 5 }) as never, x).dataSync();
        const layer = rateEncoder({ seed: 5, stateful: true });
        const parts = tf.concat([run(layer as never, x.slice([0, 0], [2, 2])), run(layer as never, x.slice([0, 2], [2, 4]))], 1);
        expect(parts.dataSync()).to.deep.equal(whole);
        layer.resetStates();
        expect(run(layer as never, x).dataSync()).to.deep.equal(whole);
      });
    });

    it("latency: times by the formulas, one spike a value", () => {
      tf.tidy(() => {
        const values = [1, 0.5, 0.2, 0.02, 0.005];
        const times = (options: Partial<nengo.layers.LatencyEncoderArgs>): number[] => {
          const y = run(latencyEncoder({ steps: 11, dt: 0.1, ...options }), tf.tensor2d([values]));
          const data = y.dataSync();
          return values.map((_, u) => {
            const at = Array.from({ length: 11 }, (_, t) => data[t * values.length + u]).flatMap((v, t) => (v === 0 ? [] : [[t, v]]));
            expect(at.length).to.be.at.most(1);
            at.forEach(([, v]) => expect(v).to.be.closeTo(10, 1e-5));
            return at[0]?.[0] ?? -1;
          });
        };
        expect(times({ kind: "linear" })).to.deep.equal([0, 5, 8, 10, 10]);
        expect(times({ kind: "linear", tau: 0.4 })).to.deep.equal([0, 2, 3, 4, 4]);
        expect(times({ kind: "linear", clip: true })).to.deep.equal([0, 5, 8, 10, -1]);
        const log = values.map((x) => Math.log(x / (x - 0.01)));
        expect(times({ tau: 1, clip: true })).to.deep.equal([...log.slice(0, 4).map((t) => Math.min(10, Math.round(t / 0.1))), -1]);
        expect(times({ tau: 10 })).to.deep.equal([...log.slice(0, 4).map((t) => Math.min(10, Math.round((10 * t) / 0.1))), 10]);
        const [first, last] = [log[0], Math.log(0.0100001 / 1e-7)];
        const scaled = log.slice(0, 4).map((t) => Math.round((10 * (t - first)) / (last - first)));
        expect(times({})).to.deep.equal([...scaled, 10]);
      });
    });

    it("latency: the gradient moves the spike", () => {
      tf.tidy(() => {
        const layer = latencyEncoder({ steps: 5, dt: 0.1, kind: "linear" });
        const weights = tf.tensor3d([[[1], [4], [9], [16], [30]]]);
        // 0.5 spikes at step 2: its neighbours are worth 16 and 4, a tenth of a second later 6 / dt more; time falls by 0.4 s a unit.
        const g = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(run(layer as never, x), weights)))(tf.tensor2d([[0.5]]));
        expect(g.dataSync()[0]).to.be.closeTo(((16 - 4) / 2 / 0.1 / 0.1) * -0.4, 1e-3);
      });
    });

    it("delta: spikes where the signal changes, with states, chunks and gradient", () => {
      tf.tidy(() => {
        const x = tf.tensor3d([0, 0.3, 0.35, 0.5, 0.1, 0.1], [1, 6, 1]);
        const spikes = (options: nengo.layers.DeltaEncoderArgs): number[] =>
          Array.from(run(deltaEncoder({ dt: 0.5, ...options }) as never, x).dataSync());
        expect(spikes({})).to.deep.equal([0, 2, 0, 2, 0, 0]);
        expect(spikes({ offSpikes: true })).to.deep.equal([0, 2, 0, 2, -2, 0]);
        expect(spikes({ threshold: 0.2, offSpikes: true })).to.deep.equal([0, 2, 0, 0, -2, 0]);
        const layer = deltaEncoder({ dt: 0.5, stateful: true, offSpikes: true });
        const parts = [x.slice([0, 0], [1, 4]), x.slice([0, 4], [1, 2])].flatMap((part) =>
          Array.from(run(layer as never, part).dataSync()),
        );
        expect(parts).to.deep.equal(spikes({ offSpikes: true }));
        const weights = wave(6, 2);
        const gradient = (offSpikes: boolean): number[] =>
          Array.from(
            tf
              .grad((v: tf.Tensor) =>
                tf.sum(tf.mul(run(deltaEncoder({ dt: 0.5, offSpikes }) as never, v), tf.tensor3d(weights, [1, 6, 1]))),
              )(x)
              .dataSync(),
          );
        // Of sum_t w_t (x_t - x_{t-1}) / (threshold dt), without off-spikes only where x rises.
        const part = (t: number, all: boolean): number => (all || [1, 2, 3].includes(t) ? weights[t] : 0);
        for (const all of [true, false])
          expectGradient(
            gradient(all),
            Array.from({ length: 6 }, (_, t) => (part(t, all) - (t < 5 ? part(t + 1, all) : 0)) / 0.05),
            1e-5,
            "x",
          );
      });
    });

    it("population: Gaussian tuning curves, with their gradient", () => {
      tf.tidy(() => {
        const layer = populationEncoder({ units: 3, steps: 2 });
        const y = run(layer, tf.tensor2d([[-1, 0.5]]));
        expect(y.shape).to.deep.equal([1, 2, 2, 3]);
        const curve = (x: number): number[] => [-1, 0, 1].map((c) => 100 * Math.exp(-((x - c) ** 2) / 2));
        const wanted = [...curve(-1), ...curve(0.5)];
        y.dataSync().forEach((v, i) => expect(v).to.be.closeTo(wanted[i % 6], 1e-3));
        const g = tf.grad((x: tf.Tensor) => tf.sum(tf.slice(run(layer as never, x), [0, 0, 0, 2], [1, 1, 1, 1])))(tf.tensor2d([[0.5, 0]]));
        expect(g.dataSync()[0]).to.be.closeTo(0.5 * curve(0.5)[2], 1e-3);
      });
    });

    it("take any number of steps where the input has them", () => {
      tf.tidy(() => {
        for (const layer of [rateEncoder(), deltaEncoder(), populationEncoder({ units: 2 })]) {
          const input = tf.input({ shape: [null, 2, 3] });
          const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
          for (const steps of [1, 4])
            expect((model.predict(unit([2, steps, 2, 3])) as tf.Tensor).shape.slice(0, 4)).to.deep.equal([2, steps, 2, 3]);
          model.dispose();
        }
      });
    });
  });

  it("name the layer in errors", () => {
    const bad: [() => unknown, RegExp][] = [
      [() => rateEncoder({ maxRate: 0 }), /NengoRateEncoder "[^"]+"\.maxRate/],
      [() => rateEncoder({ distribution: "gamma" as "poisson" }), /\.distribution: expected one of "bernoulli", "poisson"/],
      [() => rateEncoder({ steps: 0 }), /\.steps/],
      [() => rateEncoder({ dt: 0 }), /\.dt/],
      [() => rateEncoder({ seed: -1 }), /\.seed/],
      [() => latencyEncoder({} as never), /NengoLatencyEncoder "[^"]+"\.steps: expected a number of steps/],
      [() => latencyEncoder({ steps: 3, threshold: 1 }), /\.threshold/],
      [() => latencyEncoder({ steps: 3, tau: 0 }), /\.tau/],
      [() => deltaEncoder({ threshold: 0 }), /NengoDeltaEncoder "[^"]+"\.threshold/],
      [() => populationEncoder({ units: 1 }), /NengoPopulationEncoder "[^"]+"\.units/],
      [() => populationEncoder({ units: 3, low: 1 }), /\.high: expected a number above low \(1\)/],
      [() => deltaEncoder().apply(tf.input({ shape: [3] })), /expected an input \[batch, steps, ...features\]/],
    ];
    for (const [make, message] of bad) expect(make).to.throw(nengo.ValidationError, message);
  });
});
