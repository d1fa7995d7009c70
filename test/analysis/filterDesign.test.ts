import { expect } from "chai";
import fc from "fast-check";
import { filterDesign, ShapeError, ValidationError } from "../../src/index.ts";
import type { Discretization } from "../../src/math/stateSpace.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose } from "../support/numbers.ts";

interface Case {
  readonly num: number[];
  readonly den: number[];
  readonly ss: ArrayJSON[];
  readonly tf: { num: number[]; den: number[] };
  readonly zpk: { zeros: [number, number][]; poles: [number, number][]; gain: number };
  readonly zpkTf: { num: number[]; den: number[] };
  readonly discrete: { method: Discretization; ss: ArrayJSON[] }[];
}
const { cases } = fixture<{ cases: Case[] }>("nengo/filterDesign.json");
const { cont2discrete, normalize, ss2tf, ss2zpk, tf2ss, tf2zpk, zpk2ss, zpk2tf } = filterDesign;

const largest = (values: ArrayLike<number>): number => Math.max(1, ...Array.from(values, Math.abs));
/** Without leading zeros, which do not matter. */
const trimmed = (values: ArrayLike<number>): number[] => {
  const all = Array.from(values);
  while (all.length > 1 && Math.abs(all[0]) < 1e-12 * largest(all)) all.shift();
  return all;
};
const near = (roots: readonly filterDesign.ZerosPolesGain["zeros"][number][], wanted: readonly [number, number][]): void => {
  expect(roots).to.have.length(wanted.length);
  // A root that is there twice is found to half the digits.
  for (const [re, im] of wanted)
    expect(Math.min(...roots.map((r) => Math.hypot(r.re - re, r.im - im)))).to.be.below(1e-6 * Math.max(1, Math.hypot(re, im)));
};

describe("filterDesign, as Nengo's", () => {
  for (const { num, den, ss, tf, zpk, zpkTf, discrete } of cases) {
    describe(`${JSON.stringify(num)} / ${JSON.stringify(den)}`, () => {
      const system = tf2ss(num, den);

      it("states", () => {
        [system.A, system.B, system.C, system.D].forEach(({ shape, data }, k) => {
          if (system.A.data.length > 0 && k < 3) expect(shape).to.deep.equal(ss[k].shape);
          if (system.A.data.length > 0 || k === 3) expectClose(data, ss[k].data, 1e-12 * largest(ss[k].data));
        });
      });

      it("polynomials of states", () => {
        const found = ss2tf(system);
        expectClose(trimmed(found.num), trimmed(tf.num), 1e-10 * largest(tf.num));
        expectClose(found.den, tf.den, 1e-10 * largest(tf.den));
      });

      it("zeros, poles and gain", () => {
        for (const found of [tf2zpk(num, den), ss2zpk(zpk2ss(tf2zpk(num, den)))]) {
          near(found.zeros, zpk.zeros);
          near(found.poles, zpk.poles);
          expect(found.gain).to.be.closeTo(zpk.gain, 1e-10 * largest([zpk.gain]));
        }
        const back = zpk2tf(tf2zpk(num, den));
        expectClose(back.num, zpkTf.num, 1e-9 * largest(zpkTf.num));
        expectClose(back.den, zpkTf.den, 1e-9 * largest(zpkTf.den));
      });

      for (const { method, ss: wanted } of discrete) {
        it(`steps, ${method}`, () => {
          const made = cont2discrete(system, 0.01, method);
          [made.A, made.B, made.C, made.D].forEach(({ data }, k) => expectClose(data, wanted[k].data, 1e-12 * largest(wanted[k].data)));
        });
      }
    });
  }

  it("finds the roots that a polynomial was made of", () => {
    const real = fc.integer({ min: -50, max: 50 }).map((k) => k / 10);
    fc.assert(
      fc.property(fc.uniqueArray(real, { minLength: 1, maxLength: 6 }), (reals) => {
        const zeros = reals.map((re) => ({ re, im: 0 }));
        const poles = reals.flatMap((re, k) => [
          { re, im: k + 1 },
          { re, im: -k - 1 },
        ]);
        const { num, den } = zpk2tf({ zeros, poles, gain: 2 });
        const found = tf2zpk(num, den);
        near(
          found.zeros,
          zeros.map(({ re }) => [re, 0]),
        );
        near(
          found.poles,
          poles.map(({ re, im }) => [re, im]),
        );
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it("normalizes", () => {
    const { num, den } = normalize([0, 2, 4], [0, 4, 8, 2]);
    expect([Array.from(num), Array.from(den)]).to.deep.equal([
      [0.5, 1],
      [1, 2, 0.5],
    ]);
  });

  it("says what makes no filter", () => {
    expect(() => tf2ss([1, 2, 3], [1, 2])).to.throw(ValidationError, "tf2ss.num: expected a degree of at most 1");
    expect(() => normalize([1], [0])).to.throw(ValidationError, "normalize.den: expected a polynomial other than 0");
    expect(() => tf2ss([[1]], [1])).to.throw(ShapeError, "tf2ss.num: expected a list of at least one coefficient");
    expect(() => ss2tf({ A: [[1]], B: [1], C: [[1]], D: [[0]] })).to.throw(ShapeError, "ss2tf.B: expected shape [1, 1], got [1].");
    expect(() => zpk2tf({ zeros: [], poles: [{ re: 1, im: 2 }], gain: 1 })).to.throw(
      ValidationError,
      "zpk2tf.poles: expected complex numbers in conjugate pairs",
    );
    expect(() => cont2discrete(tf2ss([1], [1, 1]), 0.1, "tustin" as never)).to.throw(ValidationError, "cont2discrete.method");
    expect(() => cont2discrete(tf2ss([1], [1, 1]), 0)).to.throw(ValidationError, "cont2discrete.dt");
  });
});
