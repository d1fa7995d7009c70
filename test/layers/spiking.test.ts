// Longer than most: every way of differentiating spikes is compared with one that is written differently.
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { spikingProgram, type SpikingProgramOptions } from "../../src/layers/neurons/spikingProgram.ts";
import { asSurrogate } from "../../src/neurons/surrogates/asSurrogate.ts";
import { Objective } from "../support/gradients.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { expectGradient, onBackends, waves } from "./support.ts";

const { add, detach, div, gt, input, mul, select, sub } = nengo.expr;
const dt = 0.001;

const lifRate = new nengo.LIFRate();
/** Types with the scale of the currents that make them fire. */
const types: readonly (readonly [nengo.NeuronType, number])[] = [
  [new nengo.LIF({ amplitude: 0.5 }), 3],
  [new nengo.LIF({ minVoltage: -1, initialState: { voltage: [0.25] } }), 5],
  [new nengo.AdaptiveLIF({ tauN: 0.05, incN: 0.02 }), 4],
  [new nengo.Izhikevich(), 20],
  [new nengo.SpikingRectifiedLinear(), 400],
  [new nengo.SpikingLeakyReLU(), 400],
  [new nengo.RegularSpiking({ baseType: lifRate }), 4],
  [new nengo.RegularSpiking({ baseType: new nengo.AdaptiveLIFRate() }), 4],
  [new nengo.LIFRate(), 3],
  [new nengo.AdaptiveLIFRate(), 3],
  [new nengo.Tanh(), 2],
];

/** A type whose step is a JavaScript function: an integrator that fires at 1. */
class HostIntegrator extends nengo.HostNeuronType {
  static override readonly type: string = "HostIntegrator";
  static override readonly parameters: readonly string[] = ["initialState"];
  constructor() {
    super({});
    Object.freeze(this);
  }
  override get spiking() {
    return true;
  }
  override get defaultState() {
    return { voltage: new nengo.Choice({ options: [0] }) };
  }
  override step(seconds: number, J: Float64Array, output: Float64Array, { voltage }: Readonly<Record<string, Float64Array>>): void {
    for (let i = 0; i < J.length; i++) {
      voltage[i] += J[i] * seconds;
      output[i] = voltage[i] >= 1 ? 1 / seconds : 0;
      if (voltage[i] >= 1) voltage[i] = 0;
    }
  }
}

const BETA = 0.8;
const voltage = input("voltage");
/** As snnTorch's Leaky, reset by subtraction: v' = beta v + J - reset, where reset is 1 after v > 1 and not differentiated. */
const charged = sub(add(mul(BETA, voltage), input("J")), detach(gt(voltage, 1)));

/** Leaky integrate-and-fire neurons in whole steps, with spikes of height 1, or (`reads`) the voltage itself as output. */
class Leaky extends nengo.NeuronType {
  static override readonly type: string = "Leaky";
  static override readonly parameters: readonly string[] = ["reads", "says", "initialState"];
  readonly reads: boolean;
  readonly says: boolean;
  constructor({ reads = false, says = true }: { reads?: boolean; says?: boolean } = {}) {
    super({ reads, says });
    this.reads = reads;
    this.says = says;
    Object.freeze(this);
  }
  override get spiking() {
    return !this.reads;
  }
  override get dynamics(): nengo.Dynamics {
    return {
      output: this.reads ? charged : select(gt(charged, 1), 1, 0),
      state: { voltage: charged },
      rate: null,
      ...(this.says ? { spike: { distance: sub(charged, 1), height: div(1, 1) } } : {}),
    };
  }
  override get constants() {
    return {};
  }
  override get defaultState() {
    return { voltage: new nengo.Choice({ options: [0] }) };
  }
}
nengo.registerType(Leaky);

/** Values and gradients (of the input, and of initial states where these have any) of a weighted sum of what a layer gives. */
function run(layer: nengo.layers.Spiking, x: tf.Tensor, states: tf.Tensor[], kwargs = {}, ofStates = true) {
  const call = (...all: tf.Tensor[]): tf.Tensor =>
    [layer.apply(all.length === 1 ? all[0] : all, kwargs) as tf.Tensor | tf.Tensor[]].flat()[0];
  let result: { y: Float32Array; gradients: Float32Array[] } | undefined;
  tf.tidy(() => {
    const y = call(x, ...states);
    const [wanted, fixed] = ofStates ? [[x, ...states], []] : [[x], states];
    const gradients = tf.grads((...all: tf.Tensor[]) => tf.sum(tf.mul(call(...all, ...fixed), waves(y.shape, 3))))(wanted);
    result = { y: y.dataSync<"float32">(), gradients: gradients.map((g) => g.dataSync<"float32">()) };
  });
  return result!;
}

describe("Spiking", () => {
  onBackends(() => {
    for (const [neuronType, scale] of types) {
      it(`runs ${String(neuronType)} as a network does, from the voltages that it draws`, async () => {
        const [steps, units] = [60, 5];
        const net = new nengo.Network({ seed: 1 });
        const source = net.node(new Array(units).fill(0));
        const ensemble = net.ensemble(units, 1, { neuronType, seed: 8, gain: new Array(units).fill(1), bias: new Array(units).fill(0) });
        net.connect(source, ensemble.neurons, { synapse: null });
        const probe = net.probe(ensemble.neurons);
        const x = tf.tidy(() => tf.mul(tf.add(waves([1, steps, units]), 0.8), scale));
        const sim = new nengo.Simulator(net, { dtype: "float32", progressBar: false });
        await sim.runSteps(steps, { data: [[source, x]] });
        // The network draws states by the ensemble's seed + 1.
        const layer = nengo.layers.spiking({ neuronType, seed: 9 });
        const y = tf.tidy(() => (layer.apply(x) as tf.Tensor).dataSync());
        expect(Array.from(y)).to.deep.equal(Array.from(sim.data.get(probe).data));
        expect(y.some((v) => v !== 0)).to.equal(true);
        layer.dispose();
        sim.close();
        x.dispose();
      });
    }

    it("has gain and bias in the current, which train where wanted", async () => {
      const x = waves([2, 6, 3]);
      const layer = nengo.layers.spiking({
        neuronType: new nengo.RectifiedLinear(),
        gain: 3,
        bias: -0.5,
        trainGain: true,
        trainBias: true,
      });
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 3, inputShape: [null, 3] as never, weights: [tf.mul(waves([3, 3]), 0.3), tf.fill([3], 0.5)] }));
      model.add(layer);
      const rates = tf.tidy(() =>
        [model.predict(x) as tf.Tensor, tf.relu(tf.sub(tf.mul(model.layers[0].apply(x) as tf.Tensor, 3), 0.5))].map((t) => t.dataSync()),
      );
      expectClose(rates[0], rates[1], 1e-5);
      model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
      const y = tf.ones([2, 6, 3]);
      const before = await model.trainOnBatch(x, y);
      for (let k = 0; k < 10; k++) await model.trainOnBatch(x, y);
      expect(await model.trainOnBatch(x, y)).to.be.lessThan(before as number);
      const [gain, bias] = layer.getWeights().map((w) => Array.from(w.dataSync()));
      expect(gain.every((v) => v !== 3)).to.equal(true);
      expect(bias.every((v) => v !== -0.5)).to.equal(true);
      model.dispose();
      tf.dispose([x, y]);
    });

    it("with a threshold's slope has the gradients of LIF composed of tf ops, through all states", () => {
      for (const name of ["fastSigmoid", "arctan", "boxcar", "straightThrough"] as const) {
        const [batch, steps, units] = [2, 25, 3];
        tf.tidy(() => {
          // Currents high enough for several spikes, and so for refractory periods that end within steps.
          const x = tf.mul(tf.add(waves([batch, steps, units]), 1.2), 12);
          const states = [tf.abs(waves([batch, units], 1)), tf.mul(tf.abs(waves([batch, units], 2)), 0.002)];
          const layer = nengo.layers.spiking({ neuronType: new nengo.LIF({ tauRef: 0.0025 }), gradient: name });
          const got = run(layer, x, states);
          const slope = asSurrogate(name, "x") as nengo.DistanceSurrogate;
          const byOps = (...all: tf.Tensor[]): tf.Tensor => lifByOps(all[0], all[1], all[2], 0.02, 0.0025, slope);
          expectClose(got.y, byOps(x, ...states).dataSync(), 1e-3, name);
          expect(got.y.filter((v) => v > 0).length).to.be.greaterThan(20);
          const wanted = tf.grads((...all: tf.Tensor[]) => tf.sum(tf.mul(byOps(...all), waves([batch, steps, units], 3))))([x, ...states]);
          ["x", "voltage", "refractoryTime"].forEach((what, k) =>
            expectGradient(got.gradients[k], wanted[k].dataSync(), 2e-4, `${what}, ${name}`),
          );
          layer.dispose();
        });
      }
    });

    it("with a type of one's own gives the bits of backpropagation through time, written by hand", () => {
      const [batch, steps, units] = [2, 30, 4];
      tf.tidy(() => {
        const x = waves([batch, steps, units]);
        const v0 = waves([batch, units], 1);
        const layer = nengo.layers.spiking({ neuronType: new Leaky(), gradient: new nengo.FastSigmoid({ steepness: 2 }), dt: 1 });
        const got = run(layer, x, [v0]);
        const wanted = leakyByHand(x.dataSync(), v0.dataSync(), waves([batch, steps, units], 3).dataSync(), { batch, steps, units });
        expect(Array.from(got.y)).to.deep.equal(Array.from(wanted.y));
        expectSame(got.gradients[0], wanted.dx, "gradient of x");
        expectSame(got.gradients[1], wanted.dv, "gradient of the voltage");
        layer.dispose();
      });
    });

    it("stops gradients at the borders of windows, and at every step without states", () => {
      const [batch, steps, units] = [2, 11, 3];
      tf.tidy(() => {
        const x = tf.mul(tf.add(waves([batch, steps, units]), 1), 5);
        const states = [tf.abs(waves([batch, units], 1)), tf.zeros([batch, units])];
        const make = (throughState: boolean | number): nengo.layers.Spiking =>
          nengo.layers.spiking({ neuronType: new nengo.LIF(), gradient: "fastSigmoid", throughState, returnState: true });
        /** Every window by itself, its states being what the one before left. */
        const parts = (window: number): number[] => {
          const layer = make(true);
          layer.build(x.shape);
          const weights = waves([batch, steps, units], 3);
          const out: tf.Tensor[] = [];
          let before = states;
          for (let from = 0; from < steps; from += window) {
            const length = Math.min(window, steps - from);
            const part = (t: tf.Tensor): tf.Tensor => tf.slice(t, [0, from, 0], [batch, length, units]);
            const given = before;
            out.push(tf.grad((p) => tf.sum(tf.mul((layer.call([p, ...given], {}) as tf.Tensor[])[0], part(weights))))(part(x)));
            before = (layer.call([part(x), ...given], {}) as tf.Tensor[]).slice(1);
          }
          return Array.from(tf.concat(out, 1).dataSync());
        };
        const whole = run(make(true), x, states).gradients;
        for (const window of [1, 4, 5]) {
          const got = run(make(window), x, states);
          expectClose(got.gradients[0], parts(window), 1e-4 * Math.max(...whole[0].map(Math.abs)), `window ${window}`);
          expect(Array.from(got.gradients[0])).to.not.deep.equal(Array.from(whole[0]));
        }
        expect(Array.from(run(make(steps), x, states).gradients[0])).to.deep.equal(Array.from(whole[0]));
        const without = run(make(false), x, states);
        expectClose(without.gradients[0], parts(1), 1e-4 * Math.max(...whole[0].map(Math.abs)), "no states");
        expect(without.gradients[1].every((d) => d === 0)).to.equal(true);
        expect(Array.from(without.y)).to.deep.equal(Array.from(run(make(true), x, states).y));
      });
    });

    it("draws noise by its seed, anew without one, and goes on where it was when stateful", () => {
      const neuronType = new nengo.PoissonSpiking({ baseType: new nengo.RectifiedLinear() });
      const x = tf.fill([2, 40, 3], 300);
      const y = (layer: nengo.layers.Spiking, input: tf.Tensor = x): number[] =>
        tf.tidy(() => Array.from((layer.apply(input) as tf.Tensor).dataSync()));
      const make = (more: object = {}): nengo.layers.Spiking => nengo.layers.spiking({ neuronType, ...more });
      const seeded = make({ seed: 3 });
      const whole = y(seeded);
      expect(y(seeded)).to.deep.equal(whole);
      expect(y(make({ seed: 4 }))).to.not.deep.equal(whole);
      const free = make();
      expect(y(free)).to.not.deep.equal(y(free));
      // Items do not share their noise.
      expect(whole.slice(0, 120)).to.not.deep.equal(whole.slice(120));
      const stateful = make({ seed: 3, stateful: true });
      const chunks = [0, 15].map((from) => tf.tidy(() => y(stateful, tf.slice(x, [0, from, 0], [2, from === 0 ? 15 : 25, 3]))));
      const joined = [0, 1].flatMap((b) => [...chunks[0].slice(b * 45, (b + 1) * 45), ...chunks[1].slice(b * 75, (b + 1) * 75)]);
      expect(joined).to.deep.equal(whole);
      stateful.resetStates();
      expect(tf.tidy(() => y(stateful))).to.deep.equal(whole);
      [seeded, free, stateful].forEach((layer) => layer.dispose());
      x.dispose();
    });

    it("runs its rate inside fit, or spikes with spikingAwareTraining", () => {
      const x = tf.tidy(() => tf.mul(tf.add(waves([1, 30, 3]), 1), 2));
      const states = [tf.zeros([1, 3]), tf.zeros([1, 3])];
      const make = (more: object): nengo.layers.Spiking => nengo.layers.spiking({ neuronType: new nengo.LIF(), ...more });
      const rates = run(nengo.layers.spiking({ neuronType: new nengo.LIFRate() }), x, []);
      const spikes = run(make({}), x, states);
      const training = { training: true };
      expect(run(make({}), x, states, training, false).y).to.deep.equal(rates.y);
      expect(run(make({ spikingAwareTraining: true }), x, states, training).y).to.deep.equal(spikes.y);
      expect(run(make({ gradient: "fastSigmoid" }), x, states, training).y).to.deep.equal(spikes.y);
      expect(run(make({ gradient: "softLIF" }), x, states, training).y).to.deep.equal(spikes.y);
      expect(run(make({ gradient: "fastSigmoid", spikingAwareTraining: false }), x, states, training, false).y).to.deep.equal(rates.y);
      // "rate": the slope of the rate at every step, whatever is run.
      expectClose(spikes.gradients[0], rates.gradients[0], 1e-4 * Math.max(...rates.gradients[0].map(Math.abs)), "slope of the rate");
      // Adaptation goes on in training, voltages stay.
      const adaptive = nengo.layers.spiking({ neuronType: new nengo.AdaptiveLIF(), returnState: true });
      const after = tf.tidy(() => {
        adaptive.build(x.shape);
        const [, ...all] = adaptive.call([x, tf.fill([1, 3], 0.25), tf.zeros([1, 3]), tf.zeros([1, 3])], training) as tf.Tensor[];
        return all.map((s) => Array.from(s.dataSync()));
      });
      expect(after[0]).to.deep.equal([0.25, 0.25, 0.25]);
      expect(after[2].every((a) => a > 0)).to.equal(true);
      tf.dispose([x, ...states]);
    });

    it("runs types whose step is a JavaScript function, without gradients", () => {
      tf.tidy(() => {
        const x = tf.mul(tf.abs(waves([2, 20, 3])), 400);
        const layer = nengo.layers.spiking({ neuronType: new HostIntegrator() });
        const { y, gradients } = run(layer, x, [tf.zeros([2, 3])]);
        const data = x.dataSync();
        let v = 0;
        for (let k = 0; k < 20; k++) {
          v += data[k * 3] * dt;
          expect(y[k * 3]).to.equal(v >= 1 ? 1000 : 0);
          if (v >= 1) v = 0;
        }
        expect(gradients[0].every((d) => d === 0)).to.equal(true);
        layer.dispose();
      });
    });
  });

  describe("on a backend without kernels of ours", () => {
    before(async () => {
      await tf.setBackend("cpu");
      const Backend = tf.backend().constructor as new () => tf.KernelBackend;
      tf.copyRegisteredKernels("cpu", "spiking-test");
      tf.registerBackend("spiking-test", () => new Backend());
    });
    after(async () => {
      await tf.setBackend("cpu");
      tf.removeBackend("spiking-test");
    });

    for (const [what, args] of [
      ["a slope of the distance", { neuronType: new nengo.LIF(), gradient: "fastSigmoid", gain: 2, bias: 0.5 }],
      ["windows", { neuronType: new nengo.LIF(), gradient: "arctan", throughState: 4 }],
      ["no states", { neuronType: new nengo.LIF(), gradient: "boxcar", throughState: false }],
      ["the slope of the rate", { neuronType: new nengo.LIF() }],
      ["spikes of rates", { neuronType: new nengo.RegularSpiking({ baseType: lifRate }), gradient: "straightThrough" }],
      ["spikes drawn at random", { neuronType: new nengo.PoissonSpiking({ baseType: lifRate }) }],
    ] as const) {
      it(`runs as tf operations, with the same spikes and gradients: ${what}`, async () => {
        const results: ReturnType<typeof run>[] = [];
        for (const backend of ["cpu", "spiking-test"]) {
          await tf.setBackend(backend);
          const x = tf.tidy(() => tf.mul(tf.abs(waves([2, 12, 3])), 6));
          results.push(run(nengo.layers.spiking({ ...args, seed: 1 }), x, []));
          x.dispose();
        }
        const [kernel, ops] = results;
        expectClose(ops.y, kernel.y, 1e-6 * Math.max(...kernel.y), "output");
        expectGradient(ops.gradients[0], kernel.gradients[0], 2e-5, "the input");
      });
    }

    it("runs spikingActivation as tf operations", async () => {
      const results: number[][] = [];
      for (const backend of ["cpu", "spiking-test"]) {
        await tf.setBackend(backend);
        const x = waves([2, 70, 3]);
        const layer = nengo.layers.spikingActivation({ activation: "relu", dt: 0.25, seed: 1 });
        results.push(tf.tidy(() => Array.from((layer.apply(x) as tf.Tensor).dataSync())));
        x.dispose();
      }
      expect(results[1]).to.deep.equal(results[0]);
    });
  });

  const base: Omit<SpikingProgramOptions, "neuronType"> = {
    owner: "x",
    units: 3,
    dt,
    phase: "inference",
    surrogate: null,
    throughState: true,
    gain: { trains: true },
    bias: { trains: true },
  };

  for (const [neuronType, scale] of [
    [new nengo.LIFRate(), 4],
    [new nengo.SoftLIFRate({ sigma: 0.2 }), 4],
    [new nengo.AdaptiveLIFRate({ tauN: 0.02, incN: 0.01 }), 4],
    [new nengo.Sigmoid(), 3],
    [new nengo.Tanh(), 3],
    [new Leaky({ reads: true }), 0.4],
  ] as const) {
    it(`${String(neuronType)} has the gradient of differences in float64: input, gain, bias and states`, () => {
      const { program, states, parameters } = spikingProgram({ ...base, neuronType });
      const objective = new Objective({
        program,
        nSteps: 6,
        batch: 2,
        feeds: { x: 3 },
        parameters,
        states: [...states.values()],
        scale,
        seed: 5,
      });
      objective.checkElements({ h: 1e-6, relative: 1e-5 });
    });
  }

  it("of one step does not change with dt's schedule", () => {
    const layer = nengo.layers.spiking({ neuronType: new nengo.SpikingRectifiedLinear(), seed: 1 });
    const x = tf.fill([1, 100, 2], 50);
    const count = (): number => tf.tidy(() => (tf.sum(layer.apply(x) as tf.Tensor).dataSync()[0] * layer.dt) / 2);
    const counts = [0.001, 0.01, 0.1, 0.02, 0.05, 0.001].map((seconds) => {
      layer.dt = seconds;
      return count();
    });
    [5, 50, 500, 100, 250, 5].forEach((n, k) => expect(counts[k]).to.be.closeTo(n, 1));
    expect(counts[5]).to.equal(counts[0]);
    layer.dispose();
    x.dispose();
  });

  it("keeps neuron type, slope, windows and weights in its config", () => {
    const layer = nengo.layers.spiking({
      neuronType: new nengo.RegularSpiking({ baseType: new nengo.LIFRate({ tauRc: 0.03 }), initialState: { voltage: [0.5] } }),
      gradient: (distance) => nengo.expr.max(0, sub(1, nengo.expr.abs(distance))),
      throughState: 7,
      gain: 2,
      trainBias: true,
      spikingAwareTraining: false,
    });
    const again = nengo.layers.Spiking.fromConfig(
      nengo.layers.Spiking,
      JSON.parse(JSON.stringify(layer.getConfig())) as never,
    ) as nengo.layers.Spiking;
    expect(again.neuronType.equals(layer.neuronType)).to.equal(true);
    expect(again.surrogate!.equals(layer.surrogate)).to.equal(true);
    expect(again.throughState).to.equal(7);
    expect(again.spikingAwareTraining).to.equal(false);
    expect(again.getConfig()).to.deep.equal(layer.getConfig());
  });

  it("refuses slopes that a type cannot have, and says what it lacks", () => {
    const make = (args: object): nengo.layers.Spiking => nengo.layers.spiking({ name: "s", ...args } as never);
    const lif = new nengo.LIF();
    for (const [args, message] of [
      [{ neuronType: 3 }, 'NengoSpiking "s".neuronType: expected a neuron type such as new nengo.LIF(), got 3.'],
      [{ neuronType: lif, gradient: "steep" }, 'NengoSpiking "s".gradient: expected one of "rate"'],
      [
        { neuronType: new nengo.Tanh(), gradient: "boxcar" },
        'NengoSpiking "s".gradient: expected "rate" for Tanh, which has no spikes, got Boxcar.',
      ],
      [
        { neuronType: new Leaky({ says: false }), gradient: "boxcar" },
        'NengoSpiking "s".gradient: expected "rate" for Leaky, whose dynamics do not say where the threshold is, got Boxcar. Add spike: {distance, height} to its dynamics',
      ],
      [{ neuronType: new HostIntegrator(), gradient: "boxcar" }, 'NengoSpiking "s".gradient: expected no gradient for HostIntegrator'],
      [
        { neuronType: lif, throughState: true },
        'NengoSpiking "s".throughState: expected false for the gradient "rate" of LIF, which knows no states, got true. Choose a slope of the distance',
      ],
      [{ neuronType: lif, gradient: "softLIF", throughState: 5 }, "for the gradient SoftLIF of LIF"],
      [{ neuronType: lif, gradient: "boxcar", throughState: 0 }, 'NengoSpiking "s".throughState: expected a finite number >= 1, got 0.'],
      [{ neuronType: lif, gain: Number.NaN }, 'NengoSpiking "s".gain: expected a finite number or an initializer'],
    ] as const)
      expect(() => make(args)).to.throw(nengo.ValidationError, message);
    expect(() =>
      tf.tidy(() => make({ neuronType: new nengo.LIF({ initialState: { voltage: [0, 0.5] } }) }).apply(tf.zeros([1, 2, 3])) as tf.Tensor),
    ).to.throw(nengo.ShapeError, 'NengoSpiking "s".initialState.voltage: expected 3 numbers, one a unit, got 2.');
  });
});

/** LIF in tf ops, a step after the other: voltage, refractory time within the step, reset; the spike has a given slope. */
function lifByOps(
  x: tf.Tensor,
  v0: tf.Tensor,
  r0: tf.Tensor,
  tauRc: number,
  tauRef: number,
  surrogate: nengo.DistanceSurrogate,
): tf.Tensor {
  const slopeOf = (d: tf.Tensor): tf.Tensor =>
    tf.tensor(
      Array.from(d.dataSync(), (distance) => nengo.expr.evaluate([surrogate.at(input("distance"))], { distance }, nengo.expr.float64)[0]),
      d.shape,
    );
  const spikeOf = tf.customGrad((...args: unknown[]) => {
    const [distance, save] = args as [tf.Tensor, (t: tf.Tensor[]) => void];
    save([distance]);
    return {
      value: tf.div(tf.step(distance), dt),
      gradFunc: (dy: tf.Tensor, [d]: tf.Tensor[]) => tf.mul(dy, tf.div(slopeOf(d), dt)),
    };
  });
  const constant = (t: tf.Tensor, f: (t: tf.Tensor) => tf.Tensor): tf.Tensor =>
    tf.customGrad((a) => ({ value: f(a as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) }))(t);
  let [v, r] = [v0, r0];
  const outputs = tf.unstack(x, 1).map((J) => {
    const remaining = tf.sub(r, dt);
    const active = tf.clipByValue(tf.sub(dt, remaining), 0, dt);
    const integrated = tf.sub(J, tf.mul(tf.sub(J, v), tf.exp(tf.neg(tf.div(active, tauRc)))));
    const distance = tf.sub(integrated, 1);
    const spiked = constant(distance, tf.step);
    const silent = constant(distance, (d) => tf.sub(1, tf.step(d)));
    // Where there is no spike the logarithm is of a harmless number.
    const ratio = tf.div(tf.mul(distance, spiked), tf.add(tf.mul(tf.sub(J, 1), spiked), silent));
    const late = tf.add(dt + tauRef, tf.mul(tauRc, tf.log1p(tf.neg(ratio))));
    v = tf.mul(tf.relu(integrated), silent);
    r = tf.add(tf.mul(late, spiked), tf.mul(remaining, silent));
    return spikeOf(distance);
  });
  return tf.stack(outputs, 1);
}

/** Forward and backward pass of {@link Leaky} with a fast sigmoid of steepness 2, every operation rounded to float32. */
function leakyByHand(
  x: ArrayLike<number>,
  v0: ArrayLike<number>,
  dy: ArrayLike<number>,
  { batch, steps, units }: { batch: number; steps: number; units: number },
): { y: Float32Array; dx: Float32Array; dv: Float32Array } {
  const f = Math.fround;
  const [y, dx, dv] = [new Float32Array(x.length), new Float32Array(x.length), new Float32Array(v0.length)];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < units; i++) {
      const at = (k: number): number => (b * steps + k) * units + i;
      const v = [v0[b * units + i]];
      for (let k = 0; k < steps; k++) {
        const reset = v[k] > 1 ? 1 : 0;
        v.push(f(f(f(f(BETA) * v[k]) + x[at(k)]) - reset));
        y[at(k)] = v[k + 1] > 1 ? 1 : 0;
      }
      // d loss / d v of step k: by its own spike, and by the next voltage.
      let g = 0;
      for (let k = steps - 1; k >= 0; k--) {
        const width = f(1 + f(2 * Math.abs(f(v[k + 1] - 1))));
        g = f(f(dy[at(k)] * f(1 / f(width * width))) + f(f(BETA) * g));
        dx[at(k)] = g;
      }
      dv[b * units + i] = f(f(BETA) * g);
    }
  }
  return { y, dx, dv };
}
