import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { abs, constant, evaluate, float64, input, mul, sub, type Expr } from "../../src/expr/index.ts";
import { fromList, toList } from "../../src/expr/list.ts";
import * as neurons from "../../src/neurons/index.ts";
import { asSurrogate } from "../../src/neurons/surrogates/asSurrogate.ts";
import * as surrogates from "../../src/neurons/surrogates/index.ts";
import type { DistanceSurrogate } from "../../src/neurons/surrogates/surrogate.ts";
import { declaredContract } from "../support/declared.ts";

const { Arctan, Boxcar, CustomSurrogate, FastSigmoid, SoftLIF, StraightThrough } = surrogates;

/** Options of at least one object of every class. */
const examples: Readonly<Record<string, readonly object[]>> = {
  Arctan: [{}, { steepness: 3, peak: 0.5 }],
  Boxcar: [{}, { halfWidth: 0.1, peak: 5 }],
  CustomSurrogate: [{ derivative: ["max", 0, ["sub", 1, ["abs", "distance"]]] }, { derivative: 0.5 }],
  FastSigmoid: [{}, { steepness: 10, peak: 0.3 }],
  SoftLIF: [{}, { sigma: 0.02 }],
  StraightThrough: [{}, { peak: 2 }],
};

const slopeAt = (surrogate: DistanceSurrogate, distance: number): number =>
  evaluate([surrogate.at(input("distance"))], { distance }, float64)[0];

/** Area under a slope between -reach and reach, by the midpoint rule. */
const area = (surrogate: DistanceSurrogate, reach: number, n = 20_000): number => {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += slopeAt(surrogate, reach * ((2 * (k + 0.5)) / n - 1));
  return (sum * 2 * reach) / n;
};

describe("surrogates", () => {
  describe("contract", () => declaredContract(surrogates, examples));

  it("have the documented peak at the threshold, fall off on both sides alike, and have the documented area", () => {
    for (const peak of [1, 0.4]) {
      for (const [surrogate, wanted, reach, tail] of [
        [new FastSigmoid({ steepness: 10, peak }), (2 * peak) / 10, 20, (2 * peak) / (10 * (1 + 10 * 20))],
        [new Arctan({ steepness: 3, peak }), (2 * peak) / 3, 20, (2 * peak) / (((Math.PI * 3) / 2) ** 2 * 20)],
        [new Boxcar({ halfWidth: 0.25, peak }), 2 * peak * 0.25, 1, 0],
      ] as const) {
        expect(slopeAt(surrogate, 0), surrogate.type).to.equal(peak);
        for (const d of [0.01, 0.2, 0.3, 3]) {
          expect(slopeAt(surrogate, d)).to.equal(slopeAt(surrogate, -d));
          expect(slopeAt(surrogate, d)).to.be.at.most(peak);
        }
        // The area beyond the reach is added.
        expect(area(surrogate, reach) + tail, surrogate.type).to.be.closeTo(wanted, 2e-3 * wanted);
      }
      expect(slopeAt(new StraightThrough({ peak }), -7)).to.equal(peak);
    }
    expect(slopeAt(new FastSigmoid({ steepness: 10 }), 0.1)).to.equal(0.25);
    expect(slopeAt(new Arctan({ steepness: 3 }), 2 / (Math.PI * 3))).to.equal(0.5);
  });

  it("are also known by names, expressions and functions", () => {
    expect(asSurrogate("rate", "x")).to.equal(null);
    expect(asSurrogate("fastSigmoid", "x")).to.deep.equal(new FastSigmoid());
    expect(asSurrogate("softLIF", "x")).to.deep.equal(new SoftLIF());
    const triangle = (distance: Expr): Expr => sub(1, abs(distance));
    const own = new CustomSurrogate({ derivative: triangle });
    expect(asSurrogate(triangle, "x")!.equals(own)).to.equal(true);
    expect(asSurrogate(triangle(input("distance")), "x")!.equals(own)).to.equal(true);
    expect(slopeAt(own, -0.25)).to.equal(0.75);
    expect(() => asSurrogate("fastSigmoidd", "L")).to.throw(
      ValidationError,
      'L.gradient: expected one of "rate", "arctan", "boxcar", "fastSigmoid", "softLIF", "straightThrough", a surrogate',
    );
    expect(() => new CustomSurrogate({ derivative: (d) => mul(d, input("J")) })).to.throw(
      ValidationError,
      'CustomSurrogate.derivative: expected an expression of input("distance"), or a function that makes one, got one of J.',
    );
    expect(() => new CustomSurrogate({ derivative: "distance" })).to.throw(ValidationError, "CustomSurrogate.derivative");
    expect(() => new CustomSurrogate({ derivative: ["abs", "distance", 3] })).to.throw(ValidationError, "[operation, ...operands]");
  });

  it("need a threshold, or the constants of LIF", () => {
    expect(() => new FastSigmoid().slopeFor(new neurons.PoissonSpiking({ baseType: new neurons.LIFRate() }), "Layer")).to.throw(
      ValidationError,
      'Layer.gradient: expected "rate" for PoissonSpiking, whose dynamics do not say where the threshold is, got FastSigmoid. Spikes drawn at random have no threshold.',
    );
    expect(() => new SoftLIF().slopeFor(new neurons.SpikingRectifiedLinear(), "Layer")).to.throw(
      ValidationError,
      "Layer.gradient: expected a neuron type with tauRc, tauRef and amplitude for SoftLIF, got SpikingRectifiedLinear without tauRc, tauRef.",
    );
  });

  it("SoftLIF is the slope of the smooth rate of the type's own constants", () => {
    const type = new neurons.LIF({ tauRc: 0.03, tauRef: 0.001, amplitude: 0.7 });
    const { of, slope } = new SoftLIF({ sigma: 0.2 }).slopeFor(type, "x");
    expect(of).to.equal(input("J"));
    const soft = new neurons.SoftLIFRate({ tauRc: 0.03, tauRef: 0.001, amplitude: 0.7, sigma: 0.2 });
    for (const J of [0.5, 1, 1.2, 3]) {
      const h = 1e-6;
      const [up, down] = [...soft.rates(Float64Array.of(J + h, J - h))] as [number, number];
      expect(evaluate([slope], { J, ...type.constants }, float64)[0]).to.be.closeTo((up - down) / (2 * h), 1e-6 * Math.abs(up));
    }
  });

  it("expressions are the same after JSON", () => {
    const all = [
      constant(-2.5),
      input("a"),
      ...Object.values(new neurons.LIF().dynamics.state),
      new neurons.Izhikevich().dynamics.output,
      new neurons.SoftLIFRate().dynamics.output,
    ];
    for (const expr of all) expect(fromList(JSON.parse(JSON.stringify(toList(expr))))).to.equal(expr);
    expect(() => fromList(["nonsense", 1])).to.throw(ValidationError);
    expect(() => fromList({})).to.throw(ValidationError);
  });

  /** Types with a threshold; a state from which a range of currents crosses it. */
  const states: Readonly<
    Record<string, readonly [neurons: InstanceType<typeof neurons.LIF> | object, Record<string, number>, number, number]>
  > = {
    LIF: [new neurons.LIF({ amplitude: 0.5 }), { voltage: 0.9, refractoryTime: 0 }, -5, 10],
    AdaptiveLIF: [new neurons.AdaptiveLIF(), { voltage: 0.9, refractoryTime: 0, adaptation: 0.7 }, -5, 10],
    Izhikevich: [new neurons.Izhikevich(), { voltage: -20, recovery: -3 }, -100, 200],
    SpikingRectifiedLinear: [new neurons.SpikingRectifiedLinear({ amplitude: 2 }), { voltage: 0.3 }, -2000, 4000],
    SpikingLeakyReLU: [new neurons.SpikingLeakyReLU(), { voltage: 0.3 }, -9000, 4000],
    RegularSpiking: [new neurons.RegularSpiking({ baseType: new neurons.Tanh() }), { voltage: 0.3 }, -3000, 3000],
  };

  for (const [name, Class] of Object.entries(neurons)) {
    const has = states[name];
    it(`${name} ${has === undefined ? "has no threshold" : "says where its threshold is: the output jumps by a spike's height where the distance passes 0"}`, () => {
      if (has === undefined) {
        const options = { baseType: new neurons.LIFRate() };
        const type = new (Class as new (o: object) => neurons.LIF)(
          Class.prototype instanceof neurons.RegularSpiking || ["PoissonSpiking", "StochasticSpiking"].includes(name) ? options : {},
        );
        expect(type.dynamics.spike).to.equal(undefined);
        expect(type.spiking && !type.draws).to.equal(false);
        return;
      }
      const [given, state, low, high] = has;
      const { dynamics, constants } = given as neurons.LIF;
      const { distance, height } = dynamics.spike!;
      const n = 5_000;
      let [jumps, before]: [number, readonly number[] | null] = [0, null];
      for (let k = 0; k <= n; k++) {
        const J = low + 1 / Math.PI + ((high - low) * k) / n;
        const now = evaluate([distance, dynamics.output, height], { J, dt: 0.001, ...state, ...constants }, float64);
        if (before !== null) {
          const crosses = before[0] <= 0 && now[0] > 0 && now[0] - before[0] < 0.5;
          const [wanted, jump] = [crosses ? now[2] : 0, now[1] - before[1]];
          expect(jump, `jump at J = ${J}, distance ${before[0]} to ${now[0]}`).to.be.closeTo(wanted, 1e-9 * now[2]);
          if (crosses) jumps++;
        }
        before = now;
      }
      expect(jumps).to.be.greaterThan(0);
    });
  }
});
