import { expect } from "chai";
import fc from "fast-check";
import { integerPower } from "../../src/math/integerPower.ts";

/** A float64 as `[integer, exponent]`: integer * 2^exponent. */
function parts(x: number): [bigint, number] {
  let exponent = 0;
  while (!Number.isInteger(x)) [x, exponent] = [x * 2, exponent - 1];
  return [BigInt(x), exponent];
}

/** The float64 nearest to x^k, by whole numbers. */
function exactPower(x: number, k: number): number {
  const [m, e] = parts(x);
  let whole = m ** BigInt(k);
  let exponent = e * k;
  const surplus = whole.toString(2).length - 53;
  if (surplus > 0) {
    const rest = whole & ((1n << BigInt(surplus)) - 1n);
    const half = 1n << BigInt(surplus - 1);
    whole >>= BigInt(surplus);
    if (rest > half || (rest === half && whole % 2n === 1n)) whole++;
    exponent += surplus;
  }
  return Number(whole) * 2 ** exponent;
}

describe("integerPower", () => {
  it("is the number nearest to the power", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), fc.integer({ min: 0, max: 200 }), (x, k) => {
        expect(integerPower(x, k)).to.equal(exactPower(x, k));
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  it("has 1 and the number itself", () => {
    expect([integerPower(0.3, 0), integerPower(0.3, 1), integerPower(3, 4)]).to.deep.equal([1, 0.3, 81]);
  });
});
