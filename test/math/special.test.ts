import { betaFunction, betainc, betaincinv, logGamma } from "../../src/math/special.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose, expectRelative, expectUlps } from "../support/numbers.ts";

type Triple = [x: number, a: number, b: number, value: number];
const expected = fixture<{
  betainc: Triple[];
  betaincinv: Triple[];
  logGamma: [number, number][];
  betaFunction: [number, number, number][];
}>("nengo/linalg.json");

describe("special functions, as SciPy's", () => {
  it("regularised incomplete beta and its inverse", () => {
    expectRelative(
      expected.betainc.map(([x, a, b]) => betainc(x, a, b)),
      expected.betainc.map((row) => row[3]),
      1e-14,
    );
    expectRelative(
      expected.betaincinv.map(([p, a, b]) => betaincinv(p, a, b)),
      expected.betaincinv.map((row) => row[3]),
      1e-14,
    );
  });

  it("the arcsine distribution, close to both ends", () => {
    const { x, ...values } = fixture<{ arcsine: Record<"x" | "betainc" | "betaincinv", number[]> }>("nengo/points.json").arcsine;
    expectUlps(
      x.map((v) => betainc(v, 0.5, 0.5)),
      values.betainc,
      2,
    );
    expectUlps(
      x.map((v) => betaincinv(v, 0.5, 0.5)),
      values.betaincinv,
      2,
    );
  });

  it("logarithm of the gamma function", () => {
    for (const [x, value] of expected.logGamma) expectClose([logGamma(x)], [value], 4e-15 * Math.max(1, Math.abs(value)), `logGamma(${x})`);
  });

  it("beta function", () => {
    expectRelative(
      expected.betaFunction.map(([a, b]) => betaFunction(a, b)),
      expected.betaFunction.map((row) => row[2]),
      5e-14,
    );
  });
});
