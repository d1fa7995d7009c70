import { expect } from "chai";
import fc from "fast-check";
import * as elementary from "../../src/math/elementary.ts";
import { fixture } from "../support/fixtures.ts";

/** Made by test/fixtures/elementary/generate.py: `y` is correctly rounded, `rest` the true value minus y in ulps. */
type Table = Record<"exp" | "expm1" | "log" | "log1p" | "tanh" | "sigmoid", Record<string, { x: number[]; y: number[]; rest: number[] }>>;

const { exp, expm1, log, log1p, tanh, sigmoid } = elementary;
const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

function next(x: number, steps = 1): number {
  float[0] = Math.abs(x);
  bits[0] += BigInt(steps);
  return x < 0 ? -float[0] : float[0];
}
const ulp = (y: number): number => next(Math.abs(y)) - Math.abs(y);

describe("elementary", () => {
  const table = fixture<Table>("elementary/elementary.json");
  for (const [name, regimes] of Object.entries(table)) {
    for (const [regime, { x, y, rest }] of Object.entries(regimes)) {
      it(`${name} is within 1 ulp: ${regime}`, () => {
        expect(x).to.have.length.above(100);
        const f = elementary[name as keyof Table];
        const errors = x.map((v, i) => (f(v) === y[i] ? Math.abs(rest[i]) : Math.abs((f(v) - y[i]) / ulp(y[i]) - rest[i])));
        const worst = errors.reduce((w, e, i) => (e > errors[w] || Number.isNaN(e) ? i : w), 0);
        expect(errors[worst], `at ${x[worst]}`).to.be.below(0.85);
      });
    }
  }

  const special: [keyof Table, number, number][] = [
    ["exp", 0, 1],
    ["exp", -0, 1],
    ["exp", -Infinity, 0],
    ["exp", Infinity, Infinity],
    ["exp", 709.782712893384, 1.7976931348622732e308],
    ["exp", 709.7827128933841, Infinity],
    ["exp", -745.13, 5e-324],
    ["exp", -745.14, 0],
    ["exp", -1e9, 0],
    ["exp", 1e9, Infinity],
    ["expm1", 0, 0],
    ["expm1", -0, -0],
    ["expm1", 5e-324, 5e-324],
    ["expm1", -Infinity, -1],
    ["expm1", -40, -1],
    ["expm1", Infinity, Infinity],
    ["expm1", 800, Infinity],
    ["log", 1, 0],
    ["log", 0, -Infinity],
    ["log", -0, -Infinity],
    ["log", -1, NaN],
    ["log", -Infinity, NaN],
    ["log", Infinity, Infinity],
    ["log", 5e-324, -744.4400719213812],
    ["log", Number.MAX_VALUE, 709.782712893384],
    ["log1p", 0, 0],
    ["log1p", -0, -0],
    ["log1p", -5e-324, -5e-324],
    ["log1p", -1, -Infinity],
    ["log1p", -1.5, NaN],
    ["log1p", -Infinity, NaN],
    ["log1p", Infinity, Infinity],
    ["log1p", Number.MAX_VALUE, 709.782712893384],
    ["tanh", 0, 0],
    ["tanh", -0, -0],
    ["tanh", 5e-324, 5e-324],
    ["tanh", Infinity, 1],
    ["tanh", -Infinity, -1],
    ["tanh", 25, 1],
    ["tanh", -25, -1],
    ["sigmoid", 0, 0.5],
    ["sigmoid", -0, 0.5],
    ["sigmoid", Infinity, 1],
    ["sigmoid", -Infinity, 0],
    ["sigmoid", 50, 1],
    ["sigmoid", -745.13, 5e-324],
    ["sigmoid", -800, 0],
  ];
  for (const [name, x, y] of special) {
    it(`${name}(${Object.is(x, -0) ? "-0" : x}) is ${Object.is(y, -0) ? "-0" : y}`, () =>
      expect(elementary[name](x)).to.satisfy((v: number) => Object.is(v, y)));
  }

  for (const name of ["exp", "expm1", "log", "log1p", "tanh", "sigmoid"] as const) {
    const f = elementary[name];
    it(`${name} of NaN is NaN`, () => expect(f(NaN)).to.be.NaN);

    it(`${name} does not fall`, () => {
      const low = name === "log" ? 0 : name === "log1p" ? -1 : -750;
      const one = fc.oneof(
        fc.double({ min: low, max: 750, noNaN: true }),
        fc.double({ min: Math.max(low, -2), max: 2, noNaN: true }),
        fc.constantFrom(...table[name].edges.x),
      );
      fc.assert(
        fc.property(one, fc.integer({ min: 1, max: 2 ** 20 }), (x, steps) => {
          const [a, b] = x < 0 ? [f(Math.max(low, next(x, steps))), f(x)] : [f(x), f(next(x, steps))];
          // Results are within 1 ulp each, so that those of close neighbours may change places, by one unit at most.
          return a <= b || a - b <= ulp(b);
        }),
        { seed: 1, numRuns: 5000 },
      );
      const grid = Array.from({ length: 20001 }, (_, i) => (name === "log" ? i / 500 : name === "log1p" ? -1 + i / 500 : -40 + i / 250));
      grid.forEach((x, i) => expect(f(x)).to.be.at.least(i === 0 ? -Infinity : f(grid[i - 1])));
    });
  }

  it("tanh is odd and stays within 1; sigmoid(x) + sigmoid(-x) is 1", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (x) => {
        expect(tanh(-x)).to.equal(-tanh(x));
        expect(Math.abs(tanh(x))).to.be.at.most(1);
        expect(sigmoid(x) + sigmoid(-x)).to.be.closeTo(1, 2.3e-16);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it("inverts: log(exp(x)), log1p(expm1(x))", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 300, noNaN: true }), fc.double({ min: -0.5, max: 30, noNaN: true }), (x, y) => {
        expect(log(exp(x))).to.be.closeTo(x, 2.3e-16 * Math.max(1, Math.abs(x)));
        expect(log1p(expm1(y))).to.be.closeTo(y, 4e-16 * Math.abs(y) + 1e-322);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});
