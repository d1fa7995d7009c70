import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import * as nengo from "../../src/index.ts";
import type { FilterLayer } from "../../src/layers/filters/filterLayer.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose } from "../support/numbers.ts";
import { expectGradient, onBackends, wave, waves } from "./support.ts";
import { reloaded } from "../support/saving.ts";

const [BATCH, STEPS, UNITS] = [2, 7, 3];
const dt = 0.01;
const taus = [0.02, 0.05, 0.3];
const levels = [0.5, 0, -1];

/** An initializer of tf.initializers that gives fixed values: those of a constant, scaled. */
const given = (values: readonly number[]) => {
  const initializer = tf.initializers.zeros();
  initializer.apply = () => tf.tensor([...values]);
  return initializer;
};

/** The first-order filter, step by step in tf ops. */
function lowpassByOps(x: tf.Tensor, logTau: tf.Tensor, level: tf.Tensor): tf.Tensor {
  const keep = tf.exp(tf.div(-dt, tf.exp(logTau)));
  let y: tf.Tensor = tf.tile(tf.reshape(level, [1, -1]), [x.shape[0], 1]);
  const steps = tf.unstack(x, 1).map((step) => (y = tf.add(tf.mul(keep, y), tf.mul(tf.sub(1, keep), step))));
  return tf.stack(steps, 1);
}

/** The second-order filter, likewise: states z (the slope) and y (neighbours of a pole of second order at -1 / tau). */
function alphaByOps(x: tf.Tensor, logTau: tf.Tensor, level: tf.Tensor): tf.Tensor {
  const tau = tf.exp(logTau);
  const d = tf.div(dt, tau);
  const e = tf.exp(tf.neg(d));
  let z: tf.Tensor = tf.zeros([x.shape[0], x.shape[2]!]);
  let y: tf.Tensor = tf.tile(tf.reshape(level, [1, -1]), [x.shape[0], 1]);
  const steps = tf.unstack(x, 1).map((step) => {
    const slope = tf.mul(e, tf.add(tf.mul(tf.sub(1, d), z), tf.mul(tf.div(d, tau), tf.sub(step, y))));
    const decay = tf.mul(e, tf.add(1, d));
    y = tf.add(tf.mul(e, tf.mul(dt, z)), tf.add(tf.mul(decay, y), tf.mul(tf.sub(1, decay), step)));
    z = slope;
    return y;
  });
  return tf.stack(steps, 1);
}

/** Gradients of a weighted sum of outputs with respect to input and weights of a model layer -> all at once. */
function gradients(f: (x: tf.Tensor, logTau: tf.Tensor, level: tf.Tensor) => tf.Tensor, args: tf.Tensor[]): Float32Array[] {
  const scalar = (...given: tf.Tensor[]): tf.Scalar => {
    const y = f(given[0], given[1], given[2]);
    return tf.sum(tf.mul(y, waves(y.shape, 3)));
  };
  return tf
    .grads(scalar)(args)
    .map((g) => g.dataSync<"float32">());
}

/** A layer as a function of its input and weights. */
function withWeights(layer: FilterLayer, x: tf.Tensor, logTau: tf.Tensor, level: tf.Tensor): tf.Tensor {
  const variables = layer.weights as unknown as { val: tf.Variable; read(): tf.Tensor }[];
  const reads = variables.map((v) => v.read.bind(v));
  variables.forEach((v, k) => (v.read = () => [logTau, level][k]));
  const y = layer.apply(x) as tf.Tensor;
  variables.forEach((v, k) => (v.read = reads[k]));
  return y;
}

describe("filter layers", () => {
  onBackends(() => {
    for (const [name, make, byOps] of [
      ["lowpass", nengo.layers.lowpass, lowpassByOps],
      ["alpha", nengo.layers.alpha, alphaByOps],
    ] as const) {
      it(`${name} and its gradients, all at once, are those of single steps`, () => {
        tf.tidy(() => {
          const layer = make({ tau: given(taus), initialLevel: given(levels), dt });
          const args = [waves([BATCH, STEPS, UNITS], 1), tf.tensor(taus.map(Math.log)), tf.tensor(levels)];
          layer.apply(args[0]);
          const f = (x: tf.Tensor, logTau: tf.Tensor, level: tf.Tensor): tf.Tensor => withWeights(layer, x, logTau, level);
          const [x, logTau, level] = args;
          expectClose(f(x, logTau, level).dataSync(), byOps(x, logTau, level).dataSync(), 1e-5);
          const [got, wanted] = [gradients(f, args), gradients(byOps, args)];
          ["x", "logTau", "initialLevel"].forEach((what, k) => expectGradient(got[k], wanted[k], 1e-4, what));
          layer.dispose();
        });
      });
    }

    it("train between dense layers, and keep their time constants when saved", async () => {
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 4, inputShape: [null, 3], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }));
      model.add(nengo.layers.lowpass({ tau: 0.05, dt }));
      model.add(nengo.layers.alpha({ tau: 0.05, dt, initialLevel: 0.3, tied: true }));
      model.add(nengo.layers.linearFilter({ num: [1], den: [0.0004, 0.04, 1], dt }));
      model.add(tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }));
      model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
      const [x, y] = [waves([4, 12, 3], 1), waves([4, 12, 2], 2)];
      const { history } = await model.fit(x, y, { epochs: 20, verbose: 0, shuffle: false });
      expect(history["loss"].at(-1)).to.be.lessThan(history["loss"][0] as number);
      const filters = model.layers.slice(1, 4) as unknown as FilterLayer[];
      expect(filters.map((l) => l.countParams())).to.deep.equal([8, 5, 8]);
      filters.forEach((layer, k) => {
        for (const tau of layer.tau) expect(Math.abs(tau / [0.05, 0.05, 1][k] - 1)).to.be.greaterThan(1e-3);
      });
      await expectNoLeaks(() => model.fit(x, y, { epochs: 1, verbose: 0, shuffle: false }), "fit");
      const again = await reloaded(model);
      const outputs = [model, again].map((m) => (m.predict(x) as tf.Tensor).dataSync());
      expect(outputs[0]).to.deep.equal(outputs[1]);
      model.dispose();
      again.dispose();
    });

    it("find the time constants that a signal was filtered with", async () => {
      const x = tf.tidy(() => tf.cumsum(waves([4, 40, UNITS], 1), 1));
      const teacher = nengo.layers.lowpass({ tau: given(taus), dt });
      const y = teacher.apply(x) as tf.Tensor;
      const model = tf.sequential();
      const student = nengo.layers.lowpass({ tau: 0.1, dt, inputShape: [null, UNITS] });
      model.add(student);
      model.compile({ optimizer: tf.train.adam(0.1), loss: "meanSquaredError" });
      await model.fit(x, y, { epochs: 150, verbose: 0, shuffle: false });
      student.tau.forEach((tau, k) => expect(tau / taus[k]).to.be.closeTo(1, 0.02));
      model.dispose();
      teacher.dispose();
      tf.dispose([x, y]);
    });

    it("chunks of a stateful layer are one run, for every kind of filter", () => {
      for (const make of [
        () => nengo.layers.alpha({ tau: 0.03, dt, stateful: true }),
        () => nengo.layers.linearFilter({ synapse: new nengo.Triangle({ t: 0.035 }), dt, stateful: true }),
        () => nengo.layers.linearFilter({ num: [1, 2], den: [0.1, 1], dt, stateful: true, initialLevel: 2 }),
        () => nengo.layers.linearFilter({ num: [0.5], den: [1, -0.5], analog: false, dt, stateful: true }),
        () => nengo.layers.linearFilter({ num: [1], den: [0.1, 1], method: "bilinear", dt, stateful: true }),
      ]) {
        tf.tidy(() => {
          const layer = make();
          const x = waves([BATCH, STEPS, 2, 2], 5);
          const whole = layer.apply(x) as tf.Tensor;
          layer.resetStates();
          const parts = tf.split(x, [3, 1, 3], 1).map((part) => layer.apply(part) as tf.Tensor);
          expectClose(tf.concat(parts, 1).dataSync(), whole.dataSync(), 1e-6);
          layer.dispose();
        });
      }
    });
  });

  it("are the library's synapses, without the step of delay that a network adds", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          ...[
            new nengo.Lowpass({ tau: 0.05 }),
            new nengo.Alpha({ tau: 0.02 }),
            new nengo.LinearFilter({ num: [1, 20], den: [0.1, 1, 10] }),
            new nengo.LinearFilter({ num: [1], den: [0.1, 1], method: "euler" }),
            new nengo.LinearFilter({ num: [2], den: [4] }),
            new nengo.Triangle({ t: 0.04 }),
          ],
        ),
        fc.integer({ min: 1, max: 30 }),
        (synapse, steps) => {
          const x = wave(steps * 2, 1);
          const wanted = synapse.filt({ shape: [steps, 2], data: Float64Array.from(x) }, { dt });
          tf.tidy(() => {
            const layer = nengo.layers.linearFilter({ synapse, dt });
            expectClose(
              (layer.apply(tf.tensor(x, [1, steps, 2])) as tf.Tensor).dataSync(),
              wanted.data,
              2e-6 * Math.max(1, ...wanted.data),
            );
            layer.dispose();
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("do nothing in fit where applyDuringTraining is false", () => {
    tf.tidy(() => {
      const layer = nengo.layers.lowpass({ tau: 0.05, dt, applyDuringTraining: false });
      const x = waves([BATCH, STEPS, UNITS], 1);
      expect((layer.apply(x, { training: true }) as tf.Tensor).dataSync()).to.deep.equal(x.dataSync());
      expect((layer.apply(x) as tf.Tensor).dataSync()).to.not.deep.equal(x.dataSync());
      expect(layer.trainableWeights).to.have.length(0);
      layer.dispose();
    });
  });

  it("give only the last step, and the states, where asked to; states may be given", () => {
    tf.tidy(() => {
      const x = waves([BATCH, STEPS, UNITS], 1);
      const all = nengo.layers.lowpass({ tau: 0.05, dt }).apply(x) as tf.Tensor;
      const layer = nengo.layers.lowpass({ tau: 0.05, dt, returnSequences: false, returnState: true });
      const symbols = layer.apply(tf.input({ shape: [null, UNITS] })) as tf.SymbolicTensor[];
      expect(symbols.map((s) => s.shape)).to.deep.equal([
        [null, UNITS],
        [null, UNITS],
      ]);
      const [last, state] = layer.apply(x) as tf.Tensor[];
      const wanted = tf.slice(all, [0, STEPS - 1, 0], [BATCH, 1, UNITS]).dataSync();
      expect(last.dataSync()).to.deep.equal(wanted);
      expect(state.dataSync()).to.deep.equal(wanted);
      const [first, second] = tf.split(x, [3, 4], 1);
      const [, between] = layer.apply(first) as tf.Tensor[];
      expectClose((layer.apply([second, between]) as tf.Tensor[])[0].dataSync(), wanted, 1e-6);
      // In a functional model as tfjs's recurrent layers take them.
      const [input, start] = [tf.input({ shape: [null, UNITS] }), tf.input({ shape: [UNITS] })];
      const filter = nengo.layers.lowpass({ tau: 0.05, dt, returnSequences: false });
      const outputs = filter.apply(input, { initialState: [start] }) as tf.SymbolicTensor;
      const model = tf.model({ inputs: [input, start], outputs });
      expectClose((model.predict([second, between]) as tf.Tensor).dataSync(), wanted, 1e-6);
    });
  });

  it("take no leaks, masks, wrong shapes or time constants", async () => {
    const { lowpass, linearFilter } = nengo.layers;
    const x = waves([BATCH, STEPS, UNITS]);
    const layer = lowpass({ tau: 0.05, name: "smooth" });
    await expectNoLeaks(() => (layer.apply(x) as tf.Tensor).dispose());
    expect(() => lowpass({ tau: 0 })).to.throw(nengo.ValidationError, "tau: expected time constants > 0");
    expect(() => lowpass({ tau: NaN, name: "slow" })).to.throw(nengo.ValidationError, 'NengoLowpass "slow".tau');
    expect(() => lowpass({ tau: given([0.1, -1, 2]) }).apply(x)).to.throw(nengo.ValidationError, "got -1");
    expect(() => lowpass({ tau: "long" as unknown as number })).to.throw(nengo.ValidationError, "an initializer");
    expect(() => lowpass({ tau: 1, dt: 0 })).to.throw(nengo.ValidationError, "dt");
    expect(() => layer.apply(waves([BATCH, UNITS]))).to.throw(nengo.ShapeError, '"smooth"');
    expect(() => lowpass({ tau: 1 }).apply(waves([BATCH, UNITS]))).to.throw(nengo.ShapeError, "nengo.layers.repeat");
    expect(() => layer.apply(waves([BATCH, STEPS, UNITS + 1]))).to.throw(nengo.ShapeError, `${UNITS + 1}`);
    expect(() => layer.apply(waves([BATCH, 0, UNITS]))).to.throw(nengo.ShapeError, "at least one step");
    expect(() => layer.apply([x, waves([BATCH + 1, UNITS])])).to.throw(nengo.ShapeError, "states");
    expect(() => layer.apply(x, { mask: tf.ones([BATCH, STEPS]) })).to.throw(nengo.ValidationError, "mask");
    expect(() => layer.resetStates()).to.throw(nengo.ValidationError, "stateful");
    expect(() => linearFilter({ synapse: 0.1, num: [1] })).to.throw(nengo.ValidationError, "both");
    expect(() => linearFilter({ synapse: null })).to.throw(nengo.ValidationError, "null");
    expect(() => linearFilter({ synapse: new nengo.Triangle({ t: 0.01 }), timeScale: 2 })).to.throw(nengo.ValidationError, "timeScale");
    expect(() => linearFilter({ synapse: new nengo.Triangle({ t: 0.01 }), initialLevel: 2 })).to.throw(
      nengo.ValidationError,
      "initialLevel",
    );
    layer.dispose();
    x.dispose();
  });
});
