import { expect } from "chai";
import * as distributions from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { evaluate, float64, inputsOf, type Expr } from "../../src/expr/index.ts";
import * as neurons from "../../src/neurons/index.ts";
import { NeuronType, rateSlope, type GainBias } from "../../src/neurons/neuronType.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import { RandomState } from "../../src/math/random.ts";
import { declaredContract, make } from "../support/declared.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { runNeurons } from "../support/simulate.ts";

const { Direct, Izhikevich, LIF, LIFRate, RectifiedLinear, RegularSpiking, Sigmoid, SoftLIFRate, SpikingRectifiedLinear, Tanh } = neurons;

const uniform = { type: "Uniform", low: 0.2, high: 0.4, integer: false };
/** Options of at least one object of every class. */
const examples: Readonly<Record<string, readonly object[]>> = {
  ClippedReLU: [{ maxValue: 240 }, { maxValue: 300, amplitude: 0.3 }],
  Direct: [{}],
  ELU: [{}, { alpha: 1.6733, amplitude: 1.0507 }],
  LIF: [
    {},
    { tauRc: 0.03, tauRef: 0.004, minVoltage: -0.5, amplitude: 0.5 },
    { tauRef: 0 },
    { initialState: { voltage: uniform, refractoryTime: [0, 0.001] } },
  ],
  LIFRate: [{}, { tauRc: 0.05, tauRef: 0.001, amplitude: 2 }],
  RectifiedLinear: [{}, { amplitude: 0.3 }],
  SpikingRectifiedLinear: [{}, { amplitude: 0.3 }, { initialState: { voltage: [0.5] } }],
  AdaptiveLIF: [{}, { tauN: 0.1, incN: 0.05, tauRc: 0.03, minVoltage: -1, amplitude: 0.5, initialState: { adaptation: [0.1] } }],
  AdaptiveLIFRate: [{}, { tauN: 0.1, incN: 0, tauRef: 0.001, amplitude: 2 }],
  Izhikevich: [{}, { tauRecovery: 0.1, coupling: 0.25, resetVoltage: -50, resetRecovery: 2 }],
  LeakyReLU: [{}, { negativeSlope: 0.1, amplitude: 2 }],
  PoissonSpiking: [{ baseType: { type: "LIFRate" } }, { baseType: { type: "Tanh" }, amplitude: 0.5 }],
  RegularSpiking: [
    { baseType: { type: "LIFRate", tauRef: 0.001 } },
    { baseType: { type: "AdaptiveLIFRate" }, amplitude: 0.5, initialState: { voltage: uniform } },
  ],
  Sigmoid: [{}, { tauRef: 0.001 }],
  SoftLIFRate: [{}, { sigma: 0.02, tauRc: 0.05 }, { sigma: 20 }],
  SpikingLeakyReLU: [{}, { negativeSlope: 0, amplitude: 0.3 }],
  SquaredReLU: [{}, { amplitude: 0.3 }],
  StochasticSpiking: [{ baseType: { type: "LIFRate" } }, { baseType: { type: "LeakyReLU" }, amplitude: 2 }],
  Tanh: [{}, { tauRef: 0.01 }],
};
const registry = { ...distributions, ...neurons };

/** Below, near, at and above thresholds, tiny and large. */
const CURRENTS = [-1e6, -5, -1, -1e-300, -0, 0, 1e-300, 0.5, 1 - 2 ** -53, 1, 1 + 2 ** -52, 1 + 1e-9, 1.5, 10, 1e6];

/** Values of an expression of a neuron type that uses no state. */
const curve = (type: NeuronType, expr: Expr): number[] => CURRENTS.map((J) => evaluate([expr], { J, ...type.constants }, float64)[0]);

/** The same currents at every step. */
const repeated = (nSteps: number, currents: readonly number[]): NdArray => ({
  shape: [nSteps, currents.length],
  data: Float64Array.from({ length: nSteps * currents.length }, (_, k) => currents[k % currents.length]),
});

describe("neuron types", () => {
  describe("contract", () => {
    declaredContract(neurons, examples, { ...distributions, ...neurons });

    for (const [name, all] of Object.entries(examples)) {
      for (const options of all) {
        describe(`${name} ${JSON.stringify(options)}`, () => {
          const type = make<NeuronType>(registry, name, options);
          const { dynamics, constants, defaultState } = type;

          it("is written in its current, the time step, its states and its constants alone", () => {
            expect(Object.keys(dynamics.state)).to.deep.equal(Object.keys(defaultState));
            const own = ["J", "dt", ...Object.keys(defaultState), ...Object.keys(constants)];
            expect(new Set(own).size).to.equal(own.length);
            const known = type.draws ? [...own, "drawn"] : own;
            expect(known).to.include.members(inputsOf([dynamics.output, ...Object.values(dynamics.state)]));
            if (dynamics.training !== undefined)
              expect(own).to.include.members(inputsOf([dynamics.training.output, ...Object.values(dynamics.training.state)]));
            if (dynamics.rate !== null)
              expect(["J", ...Object.keys(constants)]).to.include.members(inputsOf([dynamics.rate, rateSlope(dynamics.rate)]));
            for (const value of Object.values(constants)) expect(Number.isFinite(value)).to.equal(true);
          });

          const { rate } = dynamics;
          if (rate !== null) {
            it("has rates that are numbers, and negative only where it says so", () => {
              const rates = curve(type, rate);
              expect(rates.every(Number.isFinite)).to.equal(true);
              expect(type.rates(Float64Array.from(CURRENTS)).some((r) => r < 0)).to.equal(type.negative);
              // What turns rates into spikes passes rates on, and is fitted to those of its base type.
              if (type.baseType === null) expectSame(type.rates(Float64Array.from(CURRENTS)), rates, "rate");
              else {
                const base = type.baseType.rates(Float64Array.from(CURRENTS));
                expectSame(type.rates(Float64Array.from(CURRENTS)), base, "rate");
                expectSame(
                  rates,
                  CURRENTS.map((J) => constants["amplitude"] * J),
                  "rate passed on",
                );
              }
            });

            it("has a slope of the rate that is never NaN, and that agrees with differences", () => {
              const slopes = curve(type, rateSlope(rate));
              expect(slopes.every(Number.isFinite)).to.equal(true);
              const rateAt = (J: number): number => evaluate([rate], { J, ...constants }, float64)[0];
              for (const J of [-5, 0.5, 1.5, 10]) {
                const h = 1e-6;
                const difference = (rateAt(J + h) - rateAt(J - h)) / (2 * h);
                const slope = evaluate([rateSlope(rate)], { J, ...constants }, float64)[0];
                expect(slope, `at ${J}`).to.be.closeTo(difference, 1e-6 * Math.max(1, Math.abs(difference)));
              }
            });
          } else {
            it("has rates that are numbers, never negative", () => {
              const rates = type.rates(Float64Array.from(CURRENTS));
              expect(rates.every((r) => Number.isFinite(r) && r >= 0)).to.equal(true);
              expect(rates.at(-1)).to.be.greaterThan(0);
            });
          }

          if (type.spiking && rate !== null && dynamics.training === undefined) {
            it("runs its rate in training, and keeps its states then", () => {
              const input = repeated(3, CURRENTS);
              const initial = Object.fromEntries(Object.keys(defaultState).map((key) => [key, CURRENTS.map((_, i) => i / 100)]));
              const { output, state } = runNeurons(type, initial, { dt: 0.001, input, phase: "training" });
              const rates = curve(type, rate);
              expectSame(output.data, [...rates, ...rates, ...rates], "rate");
              for (const [key, values] of Object.entries(initial)) expectSame(state[key].data, [...values, ...values, ...values], key);
            });
          } else if (!type.spiking || rate === null) {
            it("runs in training as it does else", () => {
              const options = { dt: 0.001, input: repeated(5, CURRENTS) };
              const [inference, training] = (["inference", "training"] as const).map((phase) =>
                runNeurons(type, {}, { ...options, phase }),
              );
              expect(training).to.deep.equal(inference);
            });
          }

          if (!type.draws) {
            it("stays finite at any current, over many steps", () => {
              const { output, state } = runNeurons(type, {}, { dt: 0.001, input: repeated(50, CURRENTS) });
              for (const { data } of [output, ...Object.values(state)]) expect(data.every(Number.isFinite)).to.equal(true);
            });
          }

          if (type instanceof Direct) return;

          if (type.baseType === null && !(type instanceof SoftLIFRate) && !(type instanceof Izhikevich)) {
            it("reaches its maximum rate at 1 and its intercept where it starts, and turns both back", () => {
              // A sigmoid's gain is positive only above half its highest rate, and it never starts.
              const half = type instanceof Sigmoid ? 0.5 / type.tauRef : 0;
              const top = type instanceof Tanh ? 0.24 / type.tauRef : 240;
              const maxRates = Float64Array.from([20, 100, 190, 240], (r) => half + (r * (half > 0 ? half : top)) / (half > 0 ? 250 : 240));
              const intercepts = Float64Array.of(-0.95, -0.3, 0.1, 0.8);
              const amplitude = constants["amplitude"] ?? 1;
              const { gain, bias } = type.gainBias(maxRates, intercepts);
              expect(gain.every((g) => g > 0)).to.equal(true);
              const at = (x: (i: number) => number): Float64Array => type.rates(gain.map((g, i) => g * x(i) + bias[i]));
              expectClose(
                at(() => 1),
                maxRates.map((r) => r * amplitude),
                1e-9,
                "rate at 1",
              );
              const below = at((i) => intercepts[i] - 1e-6);
              if (half > 0) for (const rate of below) expect(rate).to.be.lessThan(half);
              else if (type.negative) for (const rate of below) expect(rate).to.be.lessThan(0);
              else expectSame(below, [0, 0, 0, 0], "rate below the intercept");
              for (const rate of at((i) => intercepts[i] + 1e-6)) expect(rate).to.be.greaterThan(half);
              const back = type.maxRatesIntercepts(gain, bias);
              expectClose(back.maxRates, maxRates, 1e-9, "maximum rate");
              expectClose(back.intercepts, intercepts, 1e-12, "intercept");
            });
          }

          // What is left of a step after a spike is lost where the refractory time ends within it, here as in Nengo.
          if (!type.spiking || type.draws || rate === null || dynamics.training !== undefined || (constants["tauRef"] ?? Infinity) < 0.001)
            return;

          it("fires at its rate, within a spike in a second", () => {
            const rates = [0, 1, 3.7, 20, 77.7, 140, 199.3];
            const { gain, bias } = type.gainBias(
              Float64Array.from(rates, (r) => Math.max(r, 1)),
              new Float64Array(rates.length),
            );
            // Rates themselves, for what turns rates into spikes.
            const J = rates.map((r, i) => (type.baseType !== null ? r : r === 0 ? (type.negative ? 0 : -1) : gain[i] + bias[i]));
            const nSteps = 1000;
            const input = { shape: [nSteps, J.length], data: Float64Array.from({ length: nSteps * J.length }, (_, k) => J[k % J.length]) };
            const rng = new RandomState(0);
            const initial = { voltage: rates.map(() => rng.uniform()) };
            const { output } = runNeurons(type, initial, { dt: 0.001, input });
            rates.forEach((rate, i) => {
              let sum = 0;
              for (let k = 0; k < nSteps; k++) sum += output.data[k * rates.length + i];
              expect(Math.abs((sum * 0.001) / constants["amplitude"] - rate), `spikes at ${rate} Hz`).to.be.at.most(1);
            });
          });
        });
      }
    }
  });

  describe("parameters", () => {
    it("have Nengo's defaults", () => {
      expect(new LIF().toJSON()).to.deep.equal({ type: "LIF", tauRc: 0.02, tauRef: 0.002, minVoltage: 0, amplitude: 1, initialState: {} });
      expect(new LIFRate().toJSON()).to.deep.equal({ type: "LIFRate", tauRc: 0.02, tauRef: 0.002, amplitude: 1, initialState: {} });
      expect(new RectifiedLinear().toJSON()).to.deep.equal({ type: "RectifiedLinear", amplitude: 1, initialState: {} });
      expect(new SpikingRectifiedLinear().toJSON()).to.deep.equal({ type: "SpikingRectifiedLinear", amplitude: 1, initialState: {} });
    });

    it("are checked", () => {
      expect(() => new LIF({ tauRc: 0 })).to.throw(ValidationError, "LIF.tauRc: expected a finite number > 0, got 0.");
      expect(() => new LIFRate({ tauRef: -0.001 })).to.throw(ValidationError, "LIFRate.tauRef: expected a finite number >= 0, got -0.001.");
      expect(() => new LIF({ minVoltage: 0.1 })).to.throw(ValidationError, "LIF.minVoltage: expected a finite number <= 0, got 0.1.");
      expect(() => new RectifiedLinear({ amplitude: NaN })).to.throw(
        ValidationError,
        "RectifiedLinear.amplitude: expected a finite number > 0, got NaN.",
      );
      expect(() => new LIFRate({ minVoltage: 0 } as never)).to.throw(
        ValidationError,
        "LIFRate.minVoltage: expected one of tauRc, tauRef, amplitude, initialState",
      );
    });

    it("make unequal objects where they differ", () => {
      expect(new LIF().equals(new LIF({ tauRc: 0.02 }))).to.equal(true);
      expect(new LIF().equals(new LIF({ tauRc: 0.021 }))).to.equal(false);
      expect(new LIF().equals(new LIFRate())).to.equal(false);
      expect(new LIF({ initialState: { voltage: [0.1] } }).equals(new LIF({ initialState: { voltage: [0.2] } }))).to.equal(false);
    });
  });

  describe("initial states", () => {
    it("are those of the type unless given, in the order of the type", () => {
      const some = new LIF({ initialState: { refractoryTime: 0.001 } });
      expect(Object.keys(some.state)).to.deep.equal(["voltage", "refractoryTime"]);
      expect(some.state["voltage"]).to.equal(new LIF().defaultState["voltage"]);
      expect(some.state["refractoryTime"]).to.deep.equal({ shape: [1], data: Float64Array.of(0.001) });
    });

    it("may be null, which is none, as in files", () => {
      expect(new LIF({ initialState: null }).equals(new LIF())).to.equal(true);
    });

    it("are refused where the type has no such state, or they are no numbers", () => {
      expect(() => new LIF({ initialState: { adaptation: [0] } })).to.throw(
        ValidationError,
        'LIF.initialState: expected one of voltage, refractoryTime, got "adaptation".',
      );
      expect(() => new LIF({ initialState: { toString: [0] } })).to.throw(ValidationError, 'got "toString"');
      expect(() => new LIFRate({ initialState: { voltage: [0] } })).to.throw(
        ValidationError,
        'LIFRate.initialState: expected no state, got "voltage".',
      );
      expect(() => new LIF({ initialState: { voltage: [[0], [1, 2]] as never } })).to.throw(
        ShapeError,
        "LIF.initialState.voltage: expected rows of equal length 1",
      );
      expect(() => new LIF({ initialState: { voltage: [NaN] } })).to.throw(
        ValidationError,
        "LIF.initialState.voltage: expected finite numbers, got NaN at position 0.",
      );
    });
  });

  describe("LIF", () => {
    it("refuses rates that the refractory time does not allow", () => {
      const [rates, zero] = [Float64Array.of(100, 500), new Float64Array(2)];
      for (const type of [new LIF(), new LIFRate()]) {
        expect(() => type.gainBias(rates, zero)).to.throw(
          ValidationError,
          `${type.type}.maxRates: expected rates below 1 / tauRef = 500 Hz, got 500. Lower the ensemble's maxRates or tauRef.`,
        );
      }
      expect(() => new LIF().gainBias(Float64Array.of(NaN), zero)).to.throw(ValidationError, "got NaN");
      expect(new LIF({ tauRef: 0 }).gainBias(Float64Array.of(5000), zero).gain[0]).to.be.greaterThan(0);
    });

    it("stays silent for the refractory time, and goes no lower than minVoltage", () => {
      const nSteps = 30;
      const data = Float64Array.from({ length: nSteps * 2 }, (_, k) => (k % 2 === 0 ? 1e4 : -1e4));
      const { output, state } = runNeurons(
        new LIF({ tauRef: 0.005, minVoltage: -0.25 }),
        { voltage: [0, 0] },
        { dt: 0.001, input: { shape: [nSteps, 2], data } },
      );
      const spikes = Array.from({ length: nSteps }, (_, k) => output.data[2 * k] / 1000);
      expect(spikes.join("")).to.equal("100001000010000100001000010000");
      for (let k = 0; k < nSteps; k++) expect(state["voltage"].data[2 * k + 1]).to.equal(-0.25);
    });
  });

  describe("SpikingRectifiedLinear", () => {
    it("fires several spikes a step where its rate is above 1 / dt", () => {
      const { output } = runNeurons(
        new SpikingRectifiedLinear({ amplitude: 2 }),
        { voltage: [0] },
        { dt: 0.001, input: { shape: [4, 1], data: new Float64Array(4).fill(2500) } },
      );
      expect(Array.from(output.data)).to.deep.equal([4000, 6000, 4000, 6000]);
    });
  });

  describe("rates to spikes", () => {
    it("need a base type that fits", () => {
      expect(() => new RegularSpiking({} as never)).to.throw(
        ValidationError,
        "RegularSpiking.baseType: expected a neuron type such as new LIFRate(), got undefined.",
      );
      const nested = new RegularSpiking({ baseType: new LIFRate() });
      expect(() => new neurons.PoissonSpiking({ baseType: nested })).to.throw(
        ValidationError,
        "expected a neuron type without a base type",
      );
      expect(() => new RegularSpiking({ baseType: new LIF() })).to.throw(
        ValidationError,
        "RegularSpiking.baseType: expected a neuron type whose states have other names, got LIF, which has a state voltage too.",
      );
      expect(new RegularSpiking({ baseType: new neurons.AdaptiveLIFRate() }).probeable).to.deep.equal([
        "output",
        "rateOut",
        "voltage",
        "adaptation",
      ]);
      expect(new neurons.PoissonSpiking({ baseType: new Tanh() }).negative).to.equal(true);
    });
  });

  describe("a search for gain and bias", () => {
    /** Fires at any current. */
    class Restless extends RectifiedLinear {
      static override readonly type: string = "Restless";
      override rates(J: Float64Array): Float64Array {
        return J.map(() => 10);
      }
      override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
        return NeuronType.prototype.gainBias.call(this, maxRates, intercepts);
      }
    }
    it("says what it does not find", () => {
      expect(() => new Izhikevich().gainBias(Float64Array.of(2000), Float64Array.of(0))).to.throw(
        ValidationError,
        "Izhikevich.maxRates: expected rates that the neuron type reaches, got 2000 Hz. Lower the ensemble's maxRates.",
      );
      expect(() => new Restless().gainBias(Float64Array.of(5), Float64Array.of(0))).to.throw(
        ValidationError,
        "Restless.maxRates: expected a neuron type that some current leaves silent, got rates above 0 at all currents.",
      );
    });
  });

  describe("Direct", () => {
    it("has no neurons to probe, and no gain, bias or rates", () => {
      const direct: NeuronType = new Direct();
      expect(direct.probeable).to.deep.equal([]);
      const none = new Float64Array(0);
      expect(() => direct.gainBias(none, none)).to.throw(
        ValidationError,
        "Direct.gainBias: expected a neuron type with neurons, got Direct mode. Direct ensembles have no gain, bias or rates.",
      );
      expect(() => direct.maxRatesIntercepts(none, none)).to.throw(
        ValidationError,
        "Direct.maxRatesIntercepts: expected a neuron type with neurons",
      );
    });
  });
});
