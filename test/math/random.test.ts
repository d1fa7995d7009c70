import { expect } from "chai";
import fc from "fast-check";
import { ValidationError } from "../../src/errors.ts";
import { MAXINT, RandomState } from "../../src/math/random.ts";
import { fixture } from "../support/fixtures.ts";
import { expectRelative, expectSame, expectUlps } from "../support/numbers.ts";

interface Draws {
  readonly seed: number;
  readonly u32: number[];
  readonly u32Xor: number;
  readonly seeds: number[];
  readonly randint: number[];
  readonly uniform: number[];
  readonly uniformRange: number[];
  readonly normal: number[];
  readonly exponential: number[];
  readonly gamma: Record<string, number[]>;
  readonly beta: [a: number, b: number, values: number[]][];
  readonly poisson: Record<string, number[]>;
  readonly shuffle: number[];
  readonly shuffleRows: number[][];
  readonly mixed: number[];
}

const { states } = fixture<{ states: Draws[] }>("nengo/random.json");

describe("RandomState", () => {
  for (const expected of states) {
    describe(`with seed ${expected.seed}, as NumPy's`, () => {
      const draw = (count: number, one: (rng: RandomState) => number): number[] => {
        const rng = new RandomState(expected.seed);
        return Array.from({ length: count }, () => one(rng));
      };

      it("gives the same words over several regenerations", () => {
        const words = draw(2000, (rng) => rng.u32());
        expectSame(
          [0, 1, 2, 3, 622, 623, 624, 625, 1247, 1248, 1999].map((i) => words[i]),
          expected.u32,
        );
        expect(words.reduce((a, b) => (a ^ b) >>> 0)).to.equal(expected.u32Xor);
      });

      it("gives the same integers", () => {
        expectSame(
          draw(100, (rng) => rng.randint(0, MAXINT)),
          expected.seeds,
        );
        expectSame(
          draw(100, (rng) => rng.randint(-3, 7)),
          expected.randint,
        );
      });

      it("gives the same uniforms", () => {
        expectSame(
          draw(100, (rng) => rng.uniform()),
          expected.uniform,
        );
        expectSame(
          draw(100, (rng) => rng.uniform(-1, 0.9)),
          expected.uniformRange,
        );
        expectSame(new RandomState(expected.seed).uniforms(100, -1, 0.9), expected.uniformRange);
      });

      it("gives the same gaussians and exponentials within 1 ulp", () => {
        expectUlps(
          draw(100, (rng) => rng.normal()),
          expected.normal,
          1,
        );
        expectUlps(new RandomState(expected.seed).normals(100), expected.normal, 1);
        // One ulp of the logarithm, another of the product.
        expectUlps(
          draw(100, (rng) => rng.exponential(0.15)),
          expected.exponential,
          2,
        );
      });

      it("gives the same gamma and beta variates", () => {
        for (const [shape, values] of Object.entries(expected.gamma))
          expectRelative(
            draw(50, (rng) => rng.gamma(Number(shape))),
            values,
            1e-14,
            `gamma(${shape})`,
          );
        for (const [a, b, values] of expected.beta)
          expectRelative(
            draw(50, (rng) => rng.beta(a, b)),
            values,
            a < 0.01 ? 1e-11 : 1e-14,
            `beta(${a}, ${b})`,
          );
      });

      it("gives the same Poisson variates", () => {
        for (const [lam, values] of Object.entries(expected.poisson))
          expectSame(
            draw(100, (rng) => rng.poisson(Number(lam))),
            values,
            `poisson(${lam})`,
          );
      });

      it("shuffles the same way", () => {
        const numbers = Float64Array.from({ length: 100 }, (_, i) => i);
        new RandomState(expected.seed).shuffleRows(numbers, 1);
        expectSame(numbers, expected.shuffle);
        const rows = Float64Array.from({ length: 60 }, (_, i) => i);
        new RandomState(expected.seed).shuffleRows(rows, 3);
        expectSame(rows, expected.shuffleRows.flat());
      });

      it("keeps the second gaussian of a pair through other draws", () => {
        const rng = new RandomState(expected.seed);
        expectUlps([rng.normal(), rng.uniform(), rng.randint(0, 100), rng.normal(), rng.normal()], expected.mixed, 1);
      });
    });
  }

  it("draws nothing where there is no choice", () => {
    const [rng, untouched] = [new RandomState(3), new RandomState(3)];
    expect(rng.randint(5, 6)).to.equal(5);
    expect(rng.poisson(0)).to.equal(0);
    expect(rng.gamma(0)).to.equal(0);
    expect(rng.u32()).to.equal(untouched.u32());
  });

  it("takes the full range of 32 bits, unmasked", () => {
    const [rng, words] = [new RandomState(9), new RandomState(9)];
    for (let i = 0; i < 20; i++) expect(rng.randint(-5, 2 ** 32 - 5)).to.equal(words.u32() - 5);
  });

  it("stays inside the bounds of randint", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, low, range) => {
        const value = new RandomState(seed).randint(low, low + range);
        expect(value)
          .to.be.at.least(low)
          .and.below(low + range);
        expect(Number.isInteger(value)).to.equal(true);
      }),
      { seed: 1 },
    );
  });

  it("refuses seeds and bounds that NumPy refuses", () => {
    for (const seed of [-1, 2 ** 32, 0.5, NaN])
      expect(() => new RandomState(seed)).to.throw(ValidationError, /^RandomState\.seed: expected an integer in 0\.\.2\^32-1, got /);
    const rng = new RandomState(0);
    expect(() => rng.randint(3, 3)).to.throw(
      ValidationError,
      "RandomState.randint: expected integers low < high, at most 2^32 apart, got 3 and 3.",
    );
    expect(() => rng.randint(0, 2 ** 33)).to.throw(ValidationError, "RandomState.randint");
    expect(() => rng.randint(0.5, 3)).to.throw(ValidationError, "RandomState.randint");
  });
});
