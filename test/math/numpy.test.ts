import { expect } from "chai";
import { interp, linspace, previousFloat, searchsorted } from "../../src/math/numpy.ts";
import { fixture } from "../support/fixtures.ts";
import { expectSame } from "../support/numbers.ts";

const expected = fixture<{
  interp: { xp: number[]; fp: number[]; x: number[]; y: number[] };
  searchsorted: { a: number[]; v: number[]; index: number[] };
  linspace: [start: number, stop: number, count: number, values: number[]][];
  previousFloat: [x: number, below: number][];
}>("nengo/random.json");

describe("numpy", () => {
  it("interpolates as NumPy does, also outside and at repeated points", () => {
    const { xp, fp, x, y } = expected.interp;
    expectSame(
      x.map((v) => interp(v, xp, fp)),
      y,
    );
  });

  it("finds the first place from the left", () => {
    const { a, v, index } = expected.searchsorted;
    expectSame(
      v.map((value) => searchsorted(a, value)),
      index,
    );
    expect(searchsorted([], 1)).to.equal(0);
  });

  it("spaces numbers evenly", () => {
    for (const [start, stop, count, values] of expected.linspace) expectSame(linspace(start, stop, count), values);
  });

  it("finds the float64 below", () => {
    for (const [x, below] of expected.previousFloat) expectSame([previousFloat(x)], [below]);
    expect(previousFloat(Infinity)).to.equal(Number.MAX_VALUE);
    expect(previousFloat(-Infinity)).to.equal(-Infinity);
    expect(previousFloat(NaN)).to.be.NaN;
  });
});
