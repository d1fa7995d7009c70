import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { composedSpikes, spikes } from "../../src/engines/tfjs/spikes.ts";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { fixture } from "../support/fixtures.ts";
import { onBackends, waves } from "./support.ts";

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}
interface Run {
  readonly output: Numbers;
  readonly states: Numbers[];
  readonly dx: Numbers;
}
interface Case {
  readonly name: string;
  readonly activation: string;
  readonly dt: number;
  readonly x: Numbers;
  readonly v: Numbers;
  readonly cotangent: Numbers;
  readonly aware: { readonly training: Run; readonly inference: Run };
  readonly unaware: { readonly training: Run; readonly inference: Run };
}

const { cases } = fixture<{ cases: Case[] }>("keras-spiking/spikingActivation.json");
const long = cases.find((c) => c.name === "long") as unknown as Case & Run;
const tensor = ({ shape, data }: Numbers): tf.Tensor => tf.tensor(data, shape);

/** What a layer gives, as in the fixtures. */
function run(layer: nengo.layers.SpikingActivation, { x, v, cotangent }: Case, training: boolean): Run {
  const numbers = (t: tf.Tensor): Numbers => ({ shape: t.shape, data: Array.from(t.dataSync()) });
  let result: Run | undefined;
  tf.tidy(() => {
    const call = (input: tf.Tensor): tf.Tensor[] => layer.call([input, tensor(v)], training ? { training } : {}) as tf.Tensor[];
    const [output, ...states] = call(tensor(x));
    const dx = tf.grad((input) => tf.sum(tf.mul(call(input)[0], tensor(cotangent))))(tensor(x));
    result = { output: numbers(output), states: states.map(numbers), dx: numbers(dx) };
  });
  return result!;
}

/** Sums over time of `[batch, steps, ...]`. */
const cumulated = ({ shape, data }: Numbers): number[] =>
  tf.tidy(() => {
    const [batch, steps] = shape;
    return Array.from(tf.cumsum(tf.transpose(tf.tensor3d(data, [batch, steps, data.length / batch / steps]), [0, 2, 1]), 2).dataSync());
  });

/** The loop in float32, as KerasSpiking runs it: counts of one unit. */
function loop(rates: ArrayLike<number>, v0: number, dt: number): number[] {
  let v = Math.fround(v0);
  return Array.from(rates, (a) => {
    v = Math.fround(v + Math.fround(Math.fround(a) * Math.fround(dt)));
    const n = Math.floor(v);
    v = Math.fround(v - n);
    return n;
  });
}

describe("SpikingActivation", () => {
  onBackends(() => {
    for (const c of cases.filter((one) => one !== long)) {
      for (const aware of [true, false]) {
        for (const training of [true, false]) {
          it(`is KerasSpiking's: ${c.name}, spikingAwareTraining ${aware}, ${training ? "training" : "inference"}`, () => {
            const layer = nengo.layers.spikingActivation({
              activation: c.activation,
              dt: c.dt,
              spikingAwareTraining: aware,
              returnState: true,
            });
            layer.build(c.x.shape);
            const wanted = c[aware ? "aware" : "unaware"][training ? "training" : "inference"];
            const got = run(layer, c, training);
            expect(got.output.shape).to.deep.equal(wanted.output.shape);
            const scale = Math.max(...wanted.output.data.map(Math.abs));
            // The sums are float32 there, and nothing in these fixtures is near enough to a whole number for that to count.
            expectClose(got.output.data, wanted.output.data, 1e-6 * scale, "output");
            expect(got.states.map((s) => s.shape)).to.deep.equal(wanted.states.map((s) => s.shape));
            expectClose(got.states[0].data, wanted.states[0].data, 1e-5, "voltage");
            expectClose(got.dx.data, wanted.dx.data, 2e-6, "gradient");
          });
        }
      }
    }

    it("counts as KerasSpiking to within one spike over 400 steps, whose sums are float32", () => {
      const layer = nengo.layers.spikingActivation({ activation: long.activation, dt: long.dt });
      layer.build(long.x.shape);
      const output = tf.tidy(() => Array.from((layer.call([tensor(long.x), tensor(long.v)], {}) as tf.Tensor).dataSync()));
      const [got, wanted] = [cumulated({ shape: long.x.shape, data: output }), cumulated(long.output)];
      let differ = 0;
      got.forEach((n, i) => {
        expect(Math.abs(n - wanted[i]), `count ${i}`).to.be.at.most(1);
        if (n !== wanted[i]) differ++;
      });
      expect(differ).to.be.at.most(got.length / 1000);
    });

    it("counts as the loop in float32 to within one spike, for many rates and steps", () => {
      const [units, steps] = [40, 1000];
      const rng = new nengo.RandomState(3);
      const [rates, v0] = [Float32Array.from(rng.uniforms(steps * units, -1, 2)), Float32Array.from(rng.uniforms(units, 0, 1))];
      for (const dt of [1, 0.25, 0.001]) {
        const output = tf.tidy(() =>
          spikes(tf.tensor3d(rates, [1, steps, units]), tf.tensor2d(v0, [1, units]), dt).output.dataSync(),
        ) as Float32Array;
        for (let i = 0; i < units; i++) {
          let [a, b] = [0, 0];
          const column = Array.from({ length: steps }, (_, k) => rates[k * units + i]);
          loop(column, v0[i], dt).forEach((n, k) => {
            a += n;
            b += Math.round(output[k * units + i] * dt);
            expect(Math.abs(a - b), `counts of unit ${i} up to step ${k}, dt ${dt}`).to.be.at.most(1);
          });
        }
      }
    });

    it("of many steps counts what float64 says, where sums in float32 go astray", () => {
      // 0.1 in float32 is a little more than 0.1; over 30000 steps float32 loses spikes, float64 does not.
      const steps = 30000;
      const output = tf.tidy(() =>
        spikes(tf.fill<tf.Rank.R3>([1, steps, 1], 0.1), tf.zeros<tf.Rank.R2>([1, 1]), 1).output.dataSync(),
      ) as Float32Array;
      expect(output.reduce((a, b) => a + b, 0)).to.equal(Math.floor(steps * Math.fround(0.1)));
    });

    it("composed of tf ops, as on other backends, gives the same spikes, voltage and gradient", () => {
      const [batch, steps, units] = [3, 150, 5];
      const shape: [number, number, number] = [batch, steps, units];
      tf.tidy(() => {
        const x = tf.mul<tf.Tensor3D>(waves(shape), 3);
        const v = tf.abs<tf.Tensor2D>(waves([batch, units], 1) as tf.Tensor2D);
        const weights = waves(shape, 2);
        for (const dt of [1, 0.1]) {
          const [ours, composed] = [spikes, composedSpikes].map((f) => {
            const forward = f(x, v, dt);
            const [dx, dv] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
              tf.sum(tf.mul(f(a as tf.Tensor3D, b as tf.Tensor2D, dt).output, weights)),
            )([x, v]);
            return [forward.output, forward.voltage, dx, dv].map((t) => Array.from(t.dataSync()));
          });
          const counts = (values: number[]): number[] => cumulated({ shape, data: values.map((n) => Math.round(n * dt)) });
          const [a, b] = [counts(ours[0]), counts(composed[0])];
          a.forEach((n, i) => expect(Math.abs(n - b[i])).to.be.at.most(1));
          expect(a.filter((n, i) => n !== b[i]).length).to.be.at.most(a.length / 500);
          expectClose(composed[1], ours[1], 1e-4, "voltage");
          expect(composed[2]).to.deep.equal(ours[2]);
          expect(composed[3]).to.deep.equal(ours[3]);
          expectClose(ours[2], Array.from(weights.dataSync()), 0, "gradient");
        }
      });
    });

    it("composed of tf ops leaks nothing", async () => {
      const [x, v] = [waves([2, 70, 3]) as tf.Tensor3D, tf.zeros<tf.Rank.R2>([2, 3])];
      await expectNoLeaks(() => tf.dispose(tf.tidy(() => Object.values(composedSpikes(x, v, 1)) as tf.Tensor[])), "the forward pass");
      await expectNoLeaks(
        () =>
          tf
            .grad((a) => tf.sum(composedSpikes(a as tf.Tensor3D, v, 1).output))(x)
            .dispose(),
        "the gradient",
      );
      tf.dispose([x, v]);
    });

    it("in the limit of long steps is the activation", () => {
      const layer = nengo.layers.spikingActivation({ activation: "sigmoid", dt: 1e5, seed: 1 });
      tf.tidy(() => {
        const x = waves([2, 4, 3]);
        expectClose((layer.apply(x) as tf.Tensor).dataSync(), tf.sigmoid(x).dataSync(), 1.1e-5);
      });
    });

    it("takes any activation layer, with its weights, and any function", () => {
      tf.tidy(() => {
        const x = tf.mul(waves([2, 6, 3]), 2);
        const v = tf.zeros([2, 3]);
        const counts = (activation: nengo.layers.ActivationLike): number[] => {
          const layer = nengo.layers.spikingActivation({ activation, dt: 1 });
          layer.build(x.shape);
          return Array.from((layer.call([x, v], {}) as tf.Tensor).dataSync());
        };
        const leaky = counts((t) => tf.leakyRelu(t, 0.25));
        expect(counts(tf.layers.leakyReLU({ alpha: 0.25 }))).to.deep.equal(leaky);
        const prelu = tf.layers.prelu({ alphaInitializer: tf.initializers.constant({ value: 0.25 }) as never });
        expect(counts(prelu)).to.deep.equal(leaky);
        expect(leaky).to.not.deep.equal(counts("relu"));
        expect(counts(tf.layers.reLU({ maxValue: 1 }))).to.deep.equal(counts((t) => tf.clipByValue(t, 0, 1)));
      });
    });

    it("trains the weights of its activation", async () => {
      const layer = nengo.layers.spikingActivation({ activation: tf.layers.prelu(), dt: 1, inputShape: [null, 3] as never });
      const model = tf.sequential({ layers: [layer] });
      expect(model.trainableWeights).to.have.length(1);
      model.compile({ optimizer: tf.train.sgd(1), loss: "meanSquaredError" });
      const before = layer.getWeights()[0].dataSync();
      const [x, y] = [waves([4, 5, 3]), tf.ones([4, 5, 3])];
      await model.trainOnBatch(x, y);
      const after = layer.getWeights()[0].dataSync();
      expect(Array.from(after)).to.not.deep.equal(Array.from(before));
      model.dispose();
      tf.dispose([x, y]);
    });
  });

  it("draws the same voltages at every call with a seed, other ones without, and its dt may be set", () => {
    const x = waves([2, 6, 3]);
    const counts = (layer: nengo.layers.SpikingActivation): number[] => tf.tidy(() => Array.from((layer.apply(x) as tf.Tensor).dataSync()));
    const seeded = nengo.layers.spikingActivation({ activation: "relu", dt: 1, seed: 5 });
    expect(counts(seeded)).to.deep.equal(counts(seeded));
    expect(counts(nengo.layers.spikingActivation({ activation: "relu", dt: 1, seed: 5 }))).to.deep.equal(counts(seeded));
    expect(counts(nengo.layers.spikingActivation({ activation: "relu", dt: 1, seed: 6 }))).to.not.deep.equal(counts(seeded));
    const free = nengo.layers.spikingActivation({ activation: "relu", dt: 1 });
    expect(counts(free)).to.not.deep.equal(counts(free));
    const [before] = [counts(seeded)];
    seeded.dt = 0.5;
    expect(Math.max(...counts(seeded))).to.equal(2);
    seeded.dt = 1;
    expect(counts(seeded)).to.deep.equal(before);
    x.dispose();
  });

  it("starts at a given voltage: with half a spike counts are rounded, not rounded down", () => {
    const rates = [0.1, 0.24, 0.26, 0.3, 0.49];
    const counts = (initialVoltage: number): number[] =>
      tf.tidy(() => {
        const layer = nengo.layers.spikingActivation({ activation: "relu", dt: 1, initialVoltage });
        const y = layer.apply(tf.mul(tf.ones([1, 2, 5]), rates)) as tf.Tensor;
        expect((layer.getConfig() as { initialVoltage: number }).initialVoltage).to.equal(initialVoltage);
        return Array.from(tf.sum(y, 1).dataSync());
      });
    expect(counts(0)).to.deep.equal(rates.map((r) => Math.floor(2 * r)));
    expect(counts(0.5)).to.deep.equal(rates.map((r) => Math.round(2 * r)));
    expect(counts(1)).to.deep.equal(rates.map((r) => Math.ceil(2 * r)));
    for (const bad of [-0.1, 1.1, NaN, "a"])
      expect(() => nengo.layers.spikingActivation({ activation: "relu", initialVoltage: bad as number })).to.throw(
        nengo.ValidationError,
        "initialVoltage",
      );
  });

  it("saves functions by their registered names only", () => {
    const bent = (x: tf.Tensor): tf.Tensor => tf.square(x);
    const layer = nengo.layers.spikingActivation({ activation: bent, name: "bent" });
    expect(() => layer.getConfig()).to.throw(
      nengo.ValidationError,
      'NengoSpikingActivation "bent".activation: expected a function with a name, to be saved, got function bent. Call nengo.registerFunction',
    );
    nengo.registerFunction("spikingActivationTest.bent", bent);
    const again = nengo.layers.SpikingActivation.fromConfig(
      nengo.layers.SpikingActivation,
      layer.getConfig(),
    ) as nengo.layers.SpikingActivation;
    tf.tidy(() => {
      const [x, v] = [waves([1, 9, 2]), tf.zeros([1, 2])];
      const [a, b] = [layer, again].map((one) => {
        one.dt = 1;
        one.build(x.shape);
        return Array.from((one.call([x, v], {}) as tf.Tensor).dataSync());
      });
      expect(b).to.deep.equal(a);
    });
  });

  it("refuses what is no activation, and activations that change the shape", () => {
    const make = (activation: unknown): nengo.layers.SpikingActivation =>
      nengo.layers.spikingActivation({ activation: activation as never, name: "a" });
    expect(() => make("rellu")).to.throw(
      nengo.ValidationError,
      'NengoSpikingActivation "a".activation: expected an activation\'s name such as "relu", an activation layer, or a function of tensors, got "rellu".',
    );
    expect(() => make(3)).to.throw(nengo.ValidationError, "got 3");
    expect(() => make(tf.layers.dense({ units: 4 })).build([null, 5, 3])).to.throw(
      nengo.ShapeError,
      'NengoSpikingActivation "a".activation: expected an activation that keeps the shape [rows, 3], got [rows, 4].',
    );
    expect(() => tf.tidy(() => make((x: tf.Tensor) => tf.sum(x)).apply(tf.zeros([1, 2, 3])) as tf.Tensor)).to.throw(
      nengo.ShapeError,
      "got [rows]",
    );
  });
});
