import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { ShapeError } from "../../src/errors.ts";
import { expectClose } from "../support/numbers.ts";
import { DTYPES, as, expectAsOnCpu, floats, values, withCompletedWasm } from "./support.ts";

describe("sums of the completed wasm backend", () => {
  withCompletedWasm();

  it("go over any axes", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.constantFrom(...DTYPES),
        async (axes, keep, dtype) => {
          const shape = axes.map(([size]) => size);
          const over = axes.flatMap(([, summed], axis) => (summed ? [axis] : []));
          await expectAsOnCpu(() => tf.sum(values(shape, dtype), over, keep));
          if (dtype === "float32" && shape.every((size) => size > 0)) await expectAsOnCpu(() => tf.mean(values(shape, dtype), over, keep));
        },
      ),
      { numRuns: 150 },
    ));

  it("are exact to rounding over many rows, also from the back", async () => {
    await tf.setBackend("wasm");
    const got = tf.tidy(() => tf.fill([70001, 5], 0.1).sum(0).dataSync());
    for (const sum of got) expect(sum).to.be.closeTo(70001 * Math.fround(0.1), 0.001);
    for (const shape of [
      [129, 6],
      [2, 67, 9],
      [3, 130, 2, 4],
    ]) {
      await expectAsOnCpu(() => tf.sum(floats(shape), 0));
      await expectAsOnCpu(() => tf.sum(floats(shape), -2));
      await expectAsOnCpu(() => tf.mean(floats(shape), [0, 1]));
    }
  });

  it("have gradients", async () => {
    await expectAsOnCpu(() => tf.grad((x) => tf.sum(x, 0).square().sum())(floats([5, 6])));
    await expectAsOnCpu(() => tf.grad((x) => tf.mean(x, 1).square().sum())(floats([2, 5, 6])));
  });
});

describe("unsortedSegmentSum of the completed wasm backend", () => {
  withCompletedWasm();

  it("sums rows as on cpu, identifiers that are not there left out", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1, max: 6 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(...DTYPES),
        (ids, inner, segments, dtype) =>
          expectAsOnCpu(
            () => tf.unsortedSegmentSum(values([ids.length, ...inner], dtype), tf.tensor1d(ids, "int32"), segments),
            2e-6,
            false,
          ),
      ),
      { numRuns: 100 },
    ));

  it("has the dtype of its input, and int32 for bool", async () => {
    await tf.setBackend("wasm");
    const ids = tf.tensor1d([0, 0, 1], "int32");
    for (const [dtype, wanted] of [
      ["float32", "float32"],
      ["int32", "int32"],
      ["bool", "int32"],
    ] as const)
      expect(tf.unsortedSegmentSum(tf.tensor1d([1, 1, 1], dtype), ids, 2)).to.deep.include({ dtype: wanted });
    expect(tf.unsortedSegmentSum(tf.tensor1d([2 ** 25, 1, 1], "int32"), ids, 2).arraySync()).to.deep.equal([2 ** 25 + 1, 1]);
  });

  it("takes empty tensors", () => expectAsOnCpu(() => tf.unsortedSegmentSum(floats([0, 3]), tf.tensor1d([], "int32"), 2)));

  it("is the gradient of gather and of itself", async () => {
    const ids = () => tf.tensor1d([3, 0, 0, 1], "int32");
    for (const axis of [0, 1, 2])
      await expectAsOnCpu(() =>
        tf.grad((x) =>
          tf
            .gather(x, ids(), axis)
            .mul(floats([4, 4, 4].with(axis, 4), 2))
            .sum(),
        )(floats([4, 4, 4])),
      );
    await expectAsOnCpu(() =>
      tf.grad((x) =>
        tf
          .gather(
            x,
            tf.tensor2d(
              [
                [1, 0],
                [2, 2],
              ],
              [2, 2],
              "int32",
            ),
          )
          .square()
          .sum(),
      )(floats([3, 5])),
    );
    await expectAsOnCpu(() => tf.grad((x) => tf.unsortedSegmentSum(x, ids(), 4).square().sum())(floats([4, 3])));
  });

  it("refuses identifiers that do not fit", async () => {
    await tf.setBackend("wasm");
    const two = tf.tensor1d([0, 1], "int32");
    for (const ids of [two, as<tf.Tensor1D>(tf.zeros([3, 2], "int32"))])
      expect(() => tf.unsortedSegmentSum(tf.ones([3, 2]), ids, 2)).to.throw(
        ShapeError,
        /expected shape \[3\], an identifier for each row of x/,
      );
  });
});

describe("einsum of the completed wasm backend", () => {
  withCompletedWasm();
  const SIZES: Record<string, number> = { i: 2, j: 3, k: 4, l: 5, m: 1, n: 2 };
  const shape = (letters: string): number[] => [...letters].map((letter) => SIZES[letter]);
  const operands = (equation: string, dtype: (typeof DTYPES)[number]): tf.Tensor[] =>
    equation
      .split("->")[0]
      .split(",")
      .map((letters, k) => values(shape(letters), dtype, k + 1));

  /** The sum over all letters, term by term: cpu refuses some equations and gives others a wrong shape. */
  function byDefinition(equation: string, tensors: readonly tf.Tensor[]): { shape: number[]; data: number[] } {
    const [terms, result] = equation.split("->");
    const letters = [...new Set(terms.replace(",", ""))];
    const place = (index: Map<string, number>, of: string): number =>
      [...of].reduce((at, l) => at * SIZES[l] + (index.get(l) as number), 0);
    const inputs = terms.split(",").map((term, k) => ({ term, data: tensors[k].dataSync() }));
    const data = new Array<number>(tf.util.sizeFromShape(shape(result))).fill(0);
    const count = tf.util.sizeFromShape(shape(letters.join("")));
    for (let k = 0; k < count; k++) {
      let rest = k;
      const index = new Map<string, number>();
      for (const l of letters) {
        index.set(l, rest % SIZES[l]);
        rest = Math.floor(rest / SIZES[l]);
      }
      data[place(index, result)] += inputs.reduce((product, { term, data: values }) => product * values[place(index, term)], 1);
    }
    return { shape: shape(result), data };
  }

  async function check(equation: string, dtype: (typeof DTYPES)[number] = "float32"): Promise<void> {
    await tf.setBackend("wasm");
    tf.tidy(() => {
      const tensors = operands(equation, dtype);
      const got = tf.einsum(equation, ...tensors);
      const wanted = byDefinition(equation, tensors);
      expect(got.shape, equation).to.deep.equal(wanted.shape);
      expectClose(got.dataSync(), wanted.data, 1e-5, equation);
    });
  }

  it("is as on cpu", async () => {
    for (const equation of ["ij,jk->ik", "ij,kj->ki", "i,i->", "i,j->ij", "ij->ji", "ij->", "ij->i", "ij->j", "nij->nji"])
      await check(equation);
    for (const equation of ["nij,njk->nik", "ijk,jl->ikl", "ijkl,jn->kn", "ij,ij->ij", "ij,ij->j", "ij,k->jk", "m,i->im", "ijk,lkn->jlin"])
      await check(equation);
    for (const equation of ["ij,jk->ik", "ij->i", "i,j->ji", "ijk,kj->i"]) await check(equation, "int32");
  });

  it("is that sum at random", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(..."ijklmn"), { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom("a", "b", "both"), { minLength: 6, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        async (letters, owners, kept, turns) => {
          const turn = (list: string[], by: number): string =>
            [...list.slice(by % (list.length || 1)), ...list.slice(0, by % (list.length || 1))].join("");
          const of = (who: string): string[] => letters.filter((_, k) => owners[k] === who || owners[k] === "both");
          const [a, b] = [of("a"), of("b")];
          if (a.length === 0 || b.length === 0) return;
          await check(
            `${turn(a, turns[0])},${turn(b, turns[1])}->${turn(
              letters.filter((_, k) => kept[k]),
              turns[2],
            )}`,
          );
        },
      ),
      { numRuns: 100 },
    ));

  it("leaves its inputs alone", async () => {
    await tf.setBackend("wasm");
    const x = floats([2, 3]);
    const same = tf.einsum("ij->ij", x);
    x.dispose();
    expect(same.arraySync()).to.deep.equal(tf.tidy(() => floats([2, 3]).arraySync()));
    same.dispose();
  });
});
