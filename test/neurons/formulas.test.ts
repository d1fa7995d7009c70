import { expect } from "chai";
import { evaluate, float64 } from "../../src/expr/index.ts";
import { AdaptiveLIF, AdaptiveLIFRate, Izhikevich, LeakyReLU, LIFRate, SoftLIFRate, SpikingLeakyReLU } from "../../src/neurons/index.ts";
import { rateSlope, type NeuronType } from "../../src/neurons/neuronType.ts";
import { vjp } from "../../src/expr/derivative.ts";
import { constant } from "../../src/expr/expr.ts";
import { expectClose } from "../support/numbers.ts";
import { runNeurons } from "../support/simulate.ts";

const slopes = (type: NeuronType, J: readonly number[]): number[] =>
  J.map((v) => evaluate([rateSlope(type.dynamics.rate!)], { J: v, ...type.constants }, float64)[0]);
const steps = (data: number[]) => ({ dt: 0.001, input: { shape: [data.length, 1], data: Float64Array.from(data) } });

describe("neuron types by their formulas", () => {
  describe("SoftLIFRate", () => {
    // Rates and slopes computed from the formula in float64; see also Hunsberger & Eliasmith (2015).
    const table: [number, number, number, number, number, number, number][] = [
      [0, 32.6109, 13.9045, 4.03141, 3.25036, 0.92572, 0.856957],
      [0.9, 48.2246, 20.8507, 13.9115, 32.2205, 5.54599, 30.6509],
      [1, 50.3473, 21.5989, 17.6297, 41.9335, 11.3835, 92.1978],
      [1.1, 52.5436, 22.3235, 22.1881, 48.4488, 20.0266, 72.3271],
      [2, 75.0588, 27.115, 63.0402, 39.7386, 63.04, 39.7404],
      [10, 243.476, 13.1715, 243.474, 13.1733, 243.474, 13.1733],
    ];
    it("has the rates and slopes of the formula", () => {
      [1, 0.1, 0.02].forEach((sigma, k) => {
        const type = new SoftLIFRate({ sigma });
        const J = table.map(([current]) => current);
        const rates = type.rates(Float64Array.from(J));
        const got = slopes(type, J);
        table.forEach((row, i) => {
          expect(rates[i], `rate at ${J[i]}`).to.be.closeTo(row[1 + 2 * k], 1e-5 * row[1 + 2 * k]);
          expect(got[i], `slope at ${J[i]}`).to.be.closeTo(row[2 + 2 * k], 1e-5 * row[2 + 2 * k]);
        });
      });
    });

    it("has neither a gap nor a step where the form for low currents takes over", () => {
      const type = new SoftLIFRate({ sigma: 0.01 });
      const J = Float64Array.from({ length: 401 }, (_, k) => 1 - 0.6 + k * 1e-3);
      const rates = type.rates(J);
      for (let k = 1; k < J.length; k++) expect(rates[k]).to.be.greaterThan(rates[k - 1]);
      const edge = type.rates(Float64Array.of(0.6 - 1e-12, 0.6 + 1e-12));
      expect(edge[1] / edge[0] - 1).to.be.within(0, 1e-9);
      expectClose(type.rates(Float64Array.of(5)), new LIFRate().rates(Float64Array.of(5)), 1e-9);
    });
  });

  describe("LeakyReLU", () => {
    it("has another slope below threshold", () => {
      const type = new LeakyReLU({ negativeSlope: 0.2, amplitude: 2 });
      expect(Array.from(type.rates(Float64Array.of(-10, 0, 10)))).to.deep.equal([-4, 0, 20]);
      expect(slopes(type, [-1, 0, 1])).to.deep.equal([0.4, 0, 2]);
    });

    it("spikes with either sign, and keeps the rest", () => {
      const type = new SpikingLeakyReLU({ negativeSlope: 0.5, amplitude: 2 });
      const { output, state } = runNeurons(type, { voltage: [0] }, steps([1500, 600, -3000, -1000, -2000]));
      expect(Array.from(output.data)).to.deep.equal([2000, 2000, -2000, -0, -2000]);
      expectClose(state["voltage"].data, [0.5, 0.1, -0.4, -0.9, -0.9], 1e-12);
    });
  });

  describe("adaptation", () => {
    it("lowers the output towards the rate with the current less the adaptation", () => {
      const type = new AdaptiveLIFRate({ tauN: 0.05, incN: 0.01 });
      const { output, state } = runNeurons(type, {}, steps(new Array<number>(2000).fill(4)));
      const [last, adaptation] = [output.data.at(-1)!, state["adaptation"].data.at(-1)!];
      expect(output.data[0]).to.equal(type.rates(Float64Array.of(4))[0]);
      expect(last).to.be.lessThan(output.data[0]);
      expectClose([adaptation], [0.01 * last], 1e-9);
      expectClose([last], type.rates(Float64Array.of(4 - adaptation)), 1e-9);
    });

    it("runs in training too, in place of spikes", () => {
      const currents = Array.from({ length: 50 }, (_, k) => 3 + Math.sin(k));
      const spiking = new AdaptiveLIF({ tauN: 0.05, incN: 0.02 });
      const rate = runNeurons(new AdaptiveLIFRate({ tauN: 0.05, incN: 0.02 }), {}, steps(currents));
      const trained = runNeurons(spiking, { voltage: [0.3] }, { ...steps(currents), phase: "training" });
      expect(trained.output).to.deep.equal(rate.output);
      expect(trained.state["adaptation"]).to.deep.equal(rate.state["adaptation"]);
      expect(trained.state["voltage"].data.every((v) => v === 0.3)).to.equal(true);
    });
  });

  describe("Izhikevich", () => {
    const type = new Izhikevich();
    const { dynamics, constants } = type;
    const at = (J: number, voltage: number, recovery: number) => ({ J, voltage, recovery, dt: 0.001, ...constants });

    it("has the slope of a fast sigmoid at a spike, whose area is the spike", () => {
      const [slope] = vjp([dynamics.output], [constant(1)], ["J"]);
      const slopeAt = (J: number): number => evaluate([slope], at(J, -10, 0), float64)[0];
      // In a step of 1 ms the voltage moves by the current, in mV.
      const charged = (J: number): number => -10 + 0.04 * 100 - 50 + 140 + J;
      for (const J of [-20, 0, 20]) expect(slopeAt(J)).to.be.closeTo(50 / (1 + 0.1 * Math.abs(charged(J) - 30)) ** 2, 1e-9);
      let area = 0;
      for (let J = -29.5; J < 1e5; J++) area += evaluate([slope], at(J, -60, 0), float64)[0];
      // From -60 mV a current of -30 leaves the voltage 136 mV below threshold: what is missing of the area is 500 / 14.6.
      expect(area).to.be.closeTo(1000 - 500 / 14.6, 1);
    });

    it("has the derivatives of its voltage below threshold", () => {
      for (const [name, from] of [
        ["J", 5],
        ["voltage", -60],
        ["recovery", -10],
      ] as const) {
        for (const output of ["voltage", "recovery"] as const) {
          const [slope] = vjp([dynamics.state[output]], [constant(1)], [name]);
          const point = at(5, -60, -10);
          const value = (x: number): number => evaluate([dynamics.state[output]], { ...point, [name]: x }, float64)[0];
          const difference = (value(from + 1e-4) - value(from - 1e-4)) / 2e-4;
          expect(evaluate([slope], point, float64)[0], `${output} by ${name}`).to.be.closeTo(difference, 1e-6);
        }
      }
    });
  });
});
