import { expect } from "chai";
import fc from "fast-check";
import { BuildError } from "../../src/errors.ts";
import { cholesky, choleskySolve, multiply, rowGram, solve, transpose } from "../../src/math/linalg.ts";
import { polarFactor } from "../../src/math/svd.ts";
import { RandomState } from "../../src/math/random.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose, expectSame } from "../support/numbers.ts";

interface System {
  readonly n: number;
  readonly columns: number;
  readonly matrix: number[][];
  readonly right: number[][];
  readonly factor: number[][];
  readonly solution: number[][];
}

const expected = fixture<{
  gram: { rows: number; columns: number; seed: number; sum: number; trace: number; first: number[]; last: number[] }[];
  definite: System[];
  general: System[];
  polar: { n: number; seed: number; factor: number[][] }[];
}>("nengo/linalg.json");

const flat = (rows: number[][]): Float64Array => Float64Array.from(rows.flat());
const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
const sizes = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }), fc.nat());

describe("linalg", () => {
  it("multiplies and transposes", () => {
    const a = Float64Array.of(1, 2, 3, 4, 5, 6);
    expectSame(transpose(a, 2, 3), [1, 4, 2, 5, 3, 6]);
    expectSame(multiply(a, Float64Array.of(1, 0, 0, 1, -1, 2), 2, 3, 2), [-2, 8, -2, 17]);
  });

  it("makes Gram matrices as NumPy does", () => {
    for (const { rows, columns, seed, sum, trace, first, last } of expected.gram) {
      const gram = rowGram(new RandomState(seed).normals(rows * columns), rows, columns);
      expectClose(gram.subarray(0, first.length), first, 1e-12);
      expectClose(gram.subarray((rows - 1) * rows, (rows - 1) * rows + last.length), last, 1e-12);
      const total = gram.reduce((a, b) => a + b, 0);
      expectClose(
        [total, multiply(identity(rows), gram, rows, rows, rows).reduce((t, v, i) => (i % (rows + 1) === 0 ? t + v : t), 0)],
        [sum, trace],
        1e-9,
      );
    }
  });

  it("makes Gram matrices that equal the product with the transpose", () => {
    fc.assert(
      fc.property(sizes, ([rows, columns, seed]) => {
        const a = new RandomState(seed).normals(rows * columns);
        expectClose(rowGram(a, rows, columns), multiply(a, transpose(a, rows, columns), rows, columns, rows), 1e-13 * columns);
      }),
      { seed: 2 },
    );
  });

  it("factors and solves definite systems as NumPy does", () => {
    for (const { n, columns, matrix, right, factor, solution } of expected.definite) {
      const l = cholesky(flat(matrix), n);
      expectClose(l, factor.flat(), 1e-13);
      expectClose(choleskySolve(l, flat(right), n, columns), solution.flat(), 1e-13);
    }
  });

  it("gives a factor whose Gram matrix is the matrix again", () => {
    fc.assert(
      fc.property(sizes, ([n, extra, seed]) => {
        const matrix = rowGram(new RandomState(seed).normals(n * (n + extra)), n, n + extra);
        const l = cholesky(matrix, n);
        expectClose(rowGram(l, n, n), matrix, 1e-12);
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(l[i * n + j]).to.equal(0);
      }),
      { seed: 3 },
    );
  });

  it("refuses a matrix that is not positive definite", () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).to.throw(
      BuildError,
      "cholesky: expected a positive definite matrix, got a pivot of -3 in row 1.",
    );
    expect(() => cholesky(Float64Array.of(NaN), 1)).to.throw(BuildError, "got a pivot of NaN in row 0");
  });

  it("solves general systems as NumPy does, also with a zero in front", () => {
    for (const { n, columns, matrix, right, solution } of expected.general)
      expectClose(solve(flat(matrix), flat(right), n, columns), solution.flat(), 1e-12);
  });

  it("refuses a singular matrix", () => {
    expect(() => solve(Float64Array.of(1, 2, 2, 4), Float64Array.of(1, 1), 2, 1)).to.throw(
      BuildError,
      "solve: expected a matrix that can be inverted, got a pivot of 0 in column 1.",
    );
  });

  it("finds the orthogonal factor that NumPy's SVD gives", () => {
    for (const { n, seed, factor } of expected.polar)
      expectClose(polarFactor(new RandomState(seed).normals(n * n), n), factor.flat(), 1e-13, `polar factor of ${n} x ${n}`);
  });

  it("finds an orthogonal factor Q with Q^T M symmetric and definite", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (n, seed) => {
        const m = new RandomState(seed).normals(n * n);
        const q = polarFactor(m, n);
        expectClose(rowGram(q, n, n), identity(n), 1e-13);
        const p = multiply(transpose(q, n, n), m, n, n, n);
        expectClose(p, transpose(p, n, n), 1e-12);
        cholesky(
          p.map((v, i) => v + (i % (n + 1) === 0 ? 1e-9 : 0)),
          n,
        );
      }),
      { seed: 4 },
    );
  });

  it("keeps accuracy where singular values differ by many orders", () => {
    // Rotation by 0.3 times a stretch by 1 and 1e-13.
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    expectClose(polarFactor(Float64Array.of(c, -s * 1e-13, s, c * 1e-13), 2), [c, -s, s, c], 1e-13);
  });
});
