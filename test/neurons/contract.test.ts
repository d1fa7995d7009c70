import { expect } from "chai";
import * as distributions from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { evaluate, float64, inputsOf } from "../../src/expr/index.ts";
import * as neurons from "../../src/neurons/index.ts";
import { rateSlope, type NeuronType } from "../../src/neurons/neuronType.ts";
import { RandomState } from "../../src/math/random.ts";
import { declaredContract, make } from "../support/declared.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { runNeurons } from "../support/simulate.ts";

const { Direct, LIF, LIFRate, RectifiedLinear, SpikingRectifiedLinear } = neurons;

const uniform = { type: "Uniform", low: 0.2, high: 0.4, integer: false };
/** Options of at least one object of every class. */
const examples: Readonly<Record<string, readonly object[]>> = {
  Direct: [{}],
  LIF: [
    {},
    { tauRc: 0.03, tauRef: 0.004, minVoltage: -0.5, amplitude: 0.5 },
    { tauRef: 0 },
    { initialState: { voltage: uniform, refractoryTime: [0, 0.001] } },
  ],
  LIFRate: [{}, { tauRc: 0.05, tauRef: 0.001, amplitude: 2 }],
  RectifiedLinear: [{}, { amplitude: 0.3 }],
  SpikingRectifiedLinear: [{}, { amplitude: 0.3 }, { initialState: { voltage: [0.5] } }],
};
const registry = { ...distributions, ...neurons };

/** Below, near, at and above thresholds, tiny and large. */
const CURRENTS = [-1e6, -5, -1, -1e-300, -0, 0, 1e-300, 0.5, 1 - 2 ** -53, 1, 1 + 2 ** -52, 1 + 1e-9, 1.5, 10, 1e6];

/** Values of an expression of a neuron type that uses no state. */
const curve = (type: NeuronType, expr: NeuronType["dynamics"]["rate"]): number[] =>
  CURRENTS.map((J) => evaluate([expr], { J, ...type.constants }, float64)[0]);

describe("neuron types", () => {
  describe("contract", () => {
    declaredContract(neurons, examples, distributions);

    for (const [name, all] of Object.entries(examples)) {
      for (const options of all) {
        describe(`${name} ${JSON.stringify(options)}`, () => {
          const type = make<NeuronType>(registry, name, options);
          const { dynamics, constants, defaultState } = type;

          it("is written in its current, the time step, its states and its constants alone", () => {
            expect(Object.keys(dynamics.state)).to.deep.equal(Object.keys(defaultState));
            const known = ["J", "dt", ...Object.keys(defaultState), ...Object.keys(constants)];
            expect(new Set(known).size).to.equal(known.length);
            expect(known).to.include.members(inputsOf([dynamics.output, ...Object.values(dynamics.state)]));
            expect(["J", ...Object.keys(constants)]).to.include.members(inputsOf([dynamics.rate, rateSlope(dynamics)]));
            for (const value of Object.values(constants)) expect(Number.isFinite(value)).to.equal(true);
          });

          it("has rates that are numbers, and negative only where it says so", () => {
            const rates = curve(type, dynamics.rate);
            expect(rates.every(Number.isFinite)).to.equal(true);
            expect(rates.some((r) => r < 0)).to.equal(type.negative);
            expectSame(type.rates(Float64Array.from(CURRENTS)), rates, "rate");
          });

          it("has a slope of the rate that is never NaN, and that agrees with differences", () => {
            const slopes = curve(type, rateSlope(dynamics));
            expect(slopes.every(Number.isFinite)).to.equal(true);
            const rateAt = (J: number): number => type.rates(Float64Array.of(J))[0];
            for (const J of [-5, 0.5, 1.5, 10]) {
              const h = 1e-6;
              const difference = (rateAt(J + h) - rateAt(J - h)) / (2 * h);
              const slope = evaluate([rateSlope(dynamics)], { J, ...constants }, float64)[0];
              expect(slope, `at ${J}`).to.be.closeTo(difference, 1e-6 * Math.max(1, Math.abs(difference)));
            }
          });

          it("runs its rate in training, and keeps its states then", () => {
            const input = {
              shape: [3, CURRENTS.length],
              data: Float64Array.from({ length: 3 * CURRENTS.length }, (_, k) => CURRENTS[k % CURRENTS.length]),
            };
            const initial = Object.fromEntries(Object.keys(defaultState).map((key) => [key, CURRENTS.map((_, i) => i / 100)]));
            const { output, state } = runNeurons(type, initial, { dt: 0.001, input, phase: "training" });
            const rates = curve(type, dynamics.rate);
            expectSame(output.data, [...rates, ...rates, ...rates], "rate");
            for (const [key, values] of Object.entries(initial)) expectSame(state[key].data, [...values, ...values, ...values], key);
          });

          if (type instanceof Direct) return;

          it("reaches its maximum rate at 1 and its intercept where it starts, and turns both back", () => {
            const [maxRates, intercepts] = [Float64Array.of(20, 100, 190, 240), Float64Array.of(-0.95, -0.3, 0.1, 0.8)];
            const amplitude = constants["amplitude"];
            const { gain, bias } = type.gainBias(maxRates, intercepts);
            expect(gain.every((g) => g > 0)).to.equal(true);
            const at = (x: (i: number) => number): Float64Array => type.rates(gain.map((g, i) => g * x(i) + bias[i]));
            expectClose(
              at(() => 1),
              maxRates.map((r) => r * amplitude),
              1e-9,
              "rate at 1",
            );
            expectSame(
              at((i) => intercepts[i] - 1e-6),
              [0, 0, 0, 0],
              "rate below the intercept",
            );
            for (const rate of at((i) => intercepts[i] + 1e-6)) expect(rate).to.be.greaterThan(0);
            const back = type.maxRatesIntercepts(gain, bias);
            expectClose(back.maxRates, maxRates, 1e-9, "maximum rate");
            expectClose(back.intercepts, intercepts, 1e-12, "intercept");
          });

          // What is left of a step after a spike is lost where the refractory time ends within it, here as in Nengo.
          if (!type.spiking || (constants["tauRef"] ?? Infinity) < 0.001) return;

          it("fires at its rate, within a spike in a second", () => {
            const rates = [0, 1, 3.7, 20, 77.7, 140, 199.3];
            const { gain, bias } = type.gainBias(
              Float64Array.from(rates, (r) => Math.max(r, 1)),
              new Float64Array(rates.length),
            );
            const J = rates.map((r, i) => (r === 0 ? -1 : gain[i] + bias[i]));
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
