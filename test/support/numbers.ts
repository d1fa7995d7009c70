import { expect } from "chai";

/** Equal bit for bit (and so for NaN and -0). */
export function expectSame(got: ArrayLike<number>, wanted: ArrayLike<number>, what = "value"): void {
  expect(got.length, `number of ${what}s`).to.equal(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    if (!Object.is(got[i], wanted[i])) expect.fail(`${what} ${i}: expected ${wanted[i]}, got ${got[i]}`);
}

/** Every number within `absolute` of the wanted one. */
export function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>, absolute: number, what = "value"): void {
  expect(got.length, `number of ${what}s`).to.equal(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    if (!(Math.abs(got[i] - wanted[i]) <= absolute)) expect.fail(`${what} ${i}: expected ${wanted[i]} within ${absolute}, got ${got[i]}`);
}

/** Every number within `relative` of the wanted one, relative to each. */
export function expectRelative(got: ArrayLike<number>, wanted: ArrayLike<number>, relative: number, what = "value"): void {
  expect(got.length, `number of ${what}s`).to.equal(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    if (!(Math.abs(got[i] - wanted[i]) <= relative * Math.abs(wanted[i])))
      expect.fail(`${what} ${i}: expected ${wanted[i]} within ${relative} of it, got ${got[i]}`);
  }
}

/** Every number within `count` units in the last place. */
export function expectUlps(got: ArrayLike<number>, wanted: ArrayLike<number>, count: number, what = "value"): void {
  expect(got.length, `number of ${what}s`).to.equal(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const apart = ordinal(got[i]) - ordinal(wanted[i]);
    if (apart > count || apart < -count)
      expect.fail(`${what} ${i}: expected ${wanted[i]} within ${count} ulp, got ${got[i]}, ${apart} ulp away`);
  }
}

/** Position of a float64 among all, counted from 0: neighbours differ by 1. */
function ordinal(x: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(Math.abs(x)).buffer)[0];
  return x < 0 ? -bits : bits;
}
