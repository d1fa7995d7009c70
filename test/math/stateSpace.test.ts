import { expect } from "chai";
import fc from "fast-check";
import { ValidationError } from "../../src/errors.ts";
import { multiply } from "../../src/math/linalg.ts";
import { RandomState } from "../../src/math/random.ts";
import {
  DISCRETIZATIONS,
  discretize,
  fromTransferFunction,
  matrixExponential,
  type Discretization,
  type StateSpace,
} from "../../src/math/stateSpace.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose, expectRelative, expectSame, expectUlps } from "../support/numbers.ts";

interface Parts {
  readonly A: number[];
  readonly B: number[];
  readonly C: number[];
  readonly D: number;
}

const expected = fixture<{
  exponential: { n: number; matrix: number[][]; exponential: number[][] }[];
  systems: { num: number[]; den: number[]; dt: number; method: Discretization; continuous: Parts; discrete: Parts }[];
}>("nengo/linalg.json");

const largest = (values: Iterable<number>): number => Math.max(...Array.from(values, Math.abs), 0);

function expectSystem(got: StateSpace, wanted: Parts, tolerance: number): void {
  for (const part of ["A", "B", "C"] as const) expectClose(got[part], wanted[part], tolerance * largest(wanted[part]), part);
  expectClose([got.D], [wanted.D], tolerance * Math.abs(wanted.D), "D");
}

describe("stateSpace", () => {
  for (const { num, den, dt, method, continuous, discrete } of expected.systems) {
    it(`makes [${num.join(", ")}] / [${den.join(", ")}] discrete by ${method} as SciPy does`, () => {
      const system = fromTransferFunction(num, den);
      expect(system.order).to.equal(continuous.B.length);
      expectSystem(system, continuous, 0);
      expectSystem(discretize(system, dt, method), discrete, 1e-14);
    });
  }

  it("gives a lowpass a decay of exp(-dt / tau) and a gain of 1 minus that, within 1 ulp", () => {
    for (const tau of [0.001, 0.002, 0.005, 0.007, 0.01, 0.02, 0.1, 3, 1e-4]) {
      const { A, B, C, D } = discretize(fromTransferFunction([1], [tau, 1]), 0.001, "zoh");
      expectUlps(A, [Math.exp(-0.001 / tau)], 1, `a for tau = ${tau},`);
      expectUlps([B[0] * C[0]], [-Math.expm1(-0.001 / tau)], 1, `b for tau = ${tau},`);
      expect(D).to.equal(0);
    }
  });

  it("strips leading zeros, and makes a gain alone of a constant", () => {
    for (const method of DISCRETIZATIONS) {
      const gain = discretize(fromTransferFunction([0, 0, 3], [0, 2]), 0.001, method);
      expect(gain.order).to.equal(0);
      expect(gain.D).to.equal(1.5);
    }
    expectSame(fromTransferFunction([1e-15, 0, 2], [1, 3]).C, [2]);
  });

  it("keeps the response to a constant", () => {
    // y = C (I - A)^-1 B + D must be num(0) / den(0), whatever the method.
    fc.assert(
      fc.property(
        fc.constantFrom(...DISCRETIZATIONS),
        fc.double({ min: 0.002, max: 0.2, noNaN: true }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        (method, tau, gain) => {
          const { A, B, C, D } = discretize(fromTransferFunction([gain], [tau, 1]), 0.001, method);
          expectRelative([(C[0] * B[0]) / (1 - A[0]) + D], [gain], 1e-12);
        },
      ),
      { seed: 5 },
    );
  });

  it("refuses what is no proper transfer function", () => {
    expect(() => fromTransferFunction([1, 0, 0], [1, 1], "LinearFilter")).to.throw(
      ValidationError,
      "LinearFilter.num: expected a degree of at most 1, that of den, got 2.",
    );
    expect(() => fromTransferFunction([1], [0, 0], "LinearFilter")).to.throw(
      ValidationError,
      "LinearFilter.den: expected a polynomial other than 0, got [0, 0].",
    );
  });

  it("takes matrix exponentials as SciPy does", () => {
    for (const { n, matrix, exponential } of expected.exponential) {
      const wanted = exponential.flat();
      expectClose(matrixExponential(Float64Array.from(matrix.flat()), n), wanted, 2e-14 * largest(wanted));
    }
  });

  it("takes matrix exponentials whose product with that of the opposite is 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(), (n, seed) => {
        const a = new RandomState(seed).normals(n * n);
        const one = multiply(
          matrixExponential(a, n),
          matrixExponential(
            a.map((v) => -v),
            n,
          ),
          n,
          n,
          n,
        );
        expectClose(
          one,
          Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
          1e-9,
        );
      }),
      { seed: 6 },
    );
  });
});
