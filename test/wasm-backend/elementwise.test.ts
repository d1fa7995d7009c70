import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { DTYPES, expectAsOnCpu, floats, numbers, values, withCompletedWasm } from "./support.ts";

/** Each function in float64, where it is defined, and how many units in the last place the float32 result may be off. */
const FUNCTIONS: Record<string, { exact: (x: number) => number; ulps: number }> = {
  exp: { exact: Math.exp, ulps: 2 },
  expm1: { exact: Math.expm1, ulps: 3 },
  tanh: { exact: Math.tanh, ulps: 3 },
  sigmoid: { exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), ulps: 4 },
  log: { exact: Math.log, ulps: 2 },
  log1p: { exact: Math.log1p, ulps: 4 },
  softplus: { exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), ulps: 4 },
  elu: { exact: (x) => (x < 0 ? Math.expm1(x) : x), ulps: 3 },
  selu: { exact: (x) => (x < 0 ? 1.7580993408473768 * Math.expm1(x) : 1.0507009873554805 * x), ulps: 4 },
  sqrt: { exact: Math.sqrt, ulps: 0.51 },
  rsqrt: { exact: (x) => 1 / Math.sqrt(x), ulps: 1.5 },
};
type Name = "exp" | "expm1" | "tanh" | "sigmoid" | "log" | "log1p" | "softplus" | "elu" | "selu" | "sqrt" | "rsqrt";
const NAMES = Object.keys(FUNCTIONS) as Name[];

/** Those that tfjs refuses for other dtypes. */
const needFloat: Partial<Record<Name, true>> = { tanh: true, sigmoid: true, log: true, elu: true, sqrt: true, rsqrt: true };

/** Size of a unit in the last place of a float32 near x. */
function ulp(x: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(x))));
  return 2 ** (exponent - 23);
}

/** Every magnitude of float32, both signs, zeros, infinities, NaN and the ends of ranges. */
const POINTS: readonly number[] = (() => {
  const points = [0, -0, Infinity, -Infinity, NaN, 1, -1, 88.72, 88.73, -87.4, -103.9, -104.1, 3.4e38, 1e-45, -1e-45, 1.17549435e-38];
  for (let exponent = -44; exponent <= 38; exponent++)
    for (const m of [1, 1.7, 3.1, 5.3, 8.9]) points.push(m * 10 ** exponent, -m * 10 ** exponent);
  for (let k = -4000; k <= 4000; k++) points.push(k / 37);
  return points.map(Math.fround);
})();

describe("functions of the completed wasm backend", () => {
  withCompletedWasm();

  for (const name of NAMES)
    it(`${name} is right over the whole range`, async () => {
      await tf.setBackend("wasm");
      const { exact, ulps } = FUNCTIONS[name];
      const got = tf.tidy(() => tf[name](tf.tensor1d(Float32Array.from(POINTS))).dataSync());
      POINTS.forEach((x, k) => {
        const wanted = exact(x);
        const rounded = Math.fround(wanted);
        const error = Math.abs(got[k] - wanted);
        const near = Number.isFinite(rounded) && Number.isFinite(got[k]) ? error <= ulps * ulp(wanted) : Object.is(got[k], rounded);
        if (!near) expect.fail(`${name}(${x}): expected ${wanted}, got ${got[k]}, ${error / ulp(wanted)} ulp away`);
      });
    });

  it("are the same for every length and dtype", async () => {
    for (const name of NAMES) {
      for (const size of [0, 1, 2, 3, 4, 5, 7, 8, 19]) await expectAsOnCpu(() => tf[name](floats([size]).abs()));
      for (const shape of [[], [2, 3], [2, 1, 3, 2]]) await expectAsOnCpu(() => tf[name](floats(shape).abs()));
      for (const dtype of DTYPES)
        await expectAsOnCpu(() => {
          const x = values([9], dtype);
          const safe = dtype === "bool" ? x : x.abs(); // tfjs's abs reads truth values wrongly
          // cpu gives float32 of exp only, and whole numbers of others
          return tf.getBackend() === "cpu" || name in needFloat ? tf[name](safe.toFloat()) : tf[name](safe);
        });
    }
  });

  it("have gradients", async () => {
    for (const name of NAMES)
      await expectAsOnCpu(() =>
        tf.grad((x) =>
          tf[name](x)
            .mul(floats([13], 2))
            .sum(),
        )(floats([13]).abs().add(0.1)),
      );
  });
});

const COMPARISONS = ["less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual", "maximum", "minimum"] as const;

describe("comparisons of the completed wasm backend", () => {
  withCompletedWasm();
  const few = (shape: number[], seed: number): tf.Tensor => tf.round(floats(shape, seed).mul(2)); // many are equal

  for (const name of COMPARISONS)
    it(`${name} works for every length, dtype and broadcast`, async () => {
      for (const size of [0, 1, 3, 4, 15, 16, 17, 35]) await expectAsOnCpu(() => tf[name](few([size], 1), few([size], 2)));
      for (const [a, b] of [
        [[5, 7], []],
        [[], [5, 7]],
        [[5, 7], [1]],
        [[1, 1], [19]],
        [[5, 7], [7]],
        [
          [5, 1],
          [1, 7],
        ],
        [[], []],
        [[1], [1, 1]],
      ])
        await expectAsOnCpu(() => tf[name](few(a, 1), few(b, 2)));
      for (const dtype of ["float32", "int32"] as const)
        await expectAsOnCpu(() => tf[name](values([19], dtype, 1), values([19], dtype, 2)));
      const special = [NaN, 0, -0, Infinity, -Infinity, 1];
      await expectAsOnCpu(() => tf[name](tf.tensor(special).reshape([6, 1]).tile([1, 6]), tf.tensor(special).reshape([1, 6]).tile([6, 1])));
      await expectAsOnCpu(() => tf[name](tf.tensor(special), tf.scalar(NaN)));
    });

  it("where and the logic of truth values", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(40), fc.nat(9), async (size, seed) => {
        await expectAsOnCpu(() => tf.where(values([size], "bool", seed), floats([size], seed + 1), floats([size], seed + 2)));
        await expectAsOnCpu(() => tf.where(values([size], "bool", seed), values([size], "int32", 1), values([size], "int32", 2)));
        await expectAsOnCpu(() => tf.logicalAnd(values([size], "bool", seed), values([size], "bool", seed + 1)));
        await expectAsOnCpu(() => tf.logicalOr(values([size], "bool", seed), values([size], "bool", seed + 1)));
      }),
      { numRuns: 40 },
    ));

  it("have the gradients of clipping, and of maximum and minimum", async () => {
    const x = () => tf.tensor(numbers(37));
    await expectAsOnCpu(() => tf.grad((v) => tf.clipByValue(v, -0.5, 0.5).square().sum())(x()));
    await expectAsOnCpu(() =>
      tf.grads((a, b) =>
        tf
          .maximum(a, b)
          .sub(tf.minimum(a, tf.scalar(0.2)))
          .square()
          .sum(),
      )([x(), floats([37], 2)]),
    );
    await expectAsOnCpu(() =>
      tf.grads((a, b) =>
        tf
          .where(values([37], "bool"), a, b)
          .square()
          .sum(),
      )([x(), floats([37], 2)]),
    );
  });
});
