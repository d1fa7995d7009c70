import { spawnSync } from "node:child_process";
import { expect } from "chai";
import fc from "fast-check";
import { BuildError } from "../../src/errors.ts";
import * as plain from "../../src/math/linalg.ts";
import { hasKernels } from "../../src/math/linalgKernels.ts";
import { alikeColumns } from "../../src/math/alikeColumns.ts";
import { choleskyFactor, columnGram, columnProducts, product } from "../../src/math/normalEquations.ts";
import { RandomState } from "../../src/math/random.ts";
import { expectSame } from "../support/numbers.ts";

/** Rows, columns, other columns; more than a chunk (64) and a slab (512) of rows now and then. */
const sizes = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 70 }), fc.integer({ min: 500, max: 1100 })),
  n: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 70 }), fc.integer({ min: 126, max: 200 })),
  m: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(),
  /** Share of zeros, as of neurons that do not fire. */
  zeros: fc.constantFrom(0, 0.5, 0.8, 0.95),
});

function matrix(rng: RandomState, size: number, zeros: number): Float64Array {
  const values = rng.normals(size);
  const silent = rng.uniforms(size);
  return values.map((v, k) => (silent[k] < zeros ? 0 : v * 100));
}

describe("normal equations", () => {
  it("run as WebAssembly here", () => {
    expect(hasKernels(0)).to.be.true;
    expect(hasKernels(2 ** 33)).to.be.false;
  });

  it("have the bits of the plain routines", () => {
    fc.assert(
      fc.property(sizes, ({ rows, n, m, seed, zeros }) => {
        const rng = new RandomState(seed);
        const a = matrix(rng, rows * n, zeros);
        const b = matrix(rng, rows * m, 0);
        const gram = columnGram(a, rows, n);
        expectSame(gram, plain.rowGram(plain.transpose(a, rows, n), n, rows));
        expectSame(product(a, gram, rows, n, n), plain.multiply(a, gram, rows, n, n));
        expectSame(columnProducts(a, b, rows, n, m), plain.multiply(plain.transpose(a, rows, n), b, n, rows, m));
        for (let i = 0; i < n; i++) gram[i * n + i] += 1e4 * rows;
        expectSame(choleskyFactor(gram, n), plain.cholesky(gram, n));
      }),
      { seed: 5, numRuns: 120 },
    );
  });

  it("are the plain routines where there is no WebAssembly", () => {
    const script = `
      delete globalThis.WebAssembly;
      const { choleskyFactor, columnGram, columnProducts } = await import(${JSON.stringify(new URL("../../src/math/normalEquations.js", import.meta.url).href)});
      const a = Float64Array.from({ length: 200 * 130 }, (_, k) => Math.max(0, Math.sin(k * k)));
      const gram = columnGram(a, 200, 130);
      for (let i = 0; i < 130; i++) gram[131 * i] += 200;
      const [one, two] = [1, 2].map((m) => columnProducts(a, a.slice(0, 200 * m), 200, 130, m));
      console.log(JSON.stringify([gram, choleskyFactor(gram, 130), one, two].map((x) => Array.from(x))));`;
    const of = (text: string): string => {
      const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", text], {
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      });
      expect(status, stderr).to.equal(0);
      return stdout;
    };
    const without = of(script);
    expect(without.length).to.be.greaterThan(100_000);
    expect(of(script.replace("delete globalThis.WebAssembly;", "")) === without).to.be.true;
  });

  it("say the same of a matrix that is not positive definite", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), fc.nat(), (n, at) => {
        const bad = at % n;
        const a = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) !== 0 ? 0.25 : k === bad * (n + 1) ? -3 : 2 * n));
        const message = (action: () => unknown): string => {
          try {
            action();
          } catch (error) {
            expect(error).to.be.instanceOf(BuildError);
            return (error as Error).message;
          }
          return "no error";
        };
        const expected = message(() => plain.cholesky(a, n));
        expect(expected).to.contain(`row ${bad}`);
        expect(message(() => choleskyFactor(a, n))).to.equal(expected);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  it("are compiled from what stands in assembly/linalg", function () {
    this.timeout(60_000);
    const { status, stderr } = spawnSync(process.execPath, ["assembly/linalg/compile.mjs", "--check"], { encoding: "utf8" });
    expect(status, stderr).to.equal(0);
  });
});

describe("alikeColumns", () => {
  const half = (rows: number, n: number): Float64Array =>
    // Neurons of one dimension: they fire above or below a point.
    Float64Array.from({ length: rows * n }, (_, k) => {
      const [x, j] = [(2 * Math.floor(k / n)) / rows - 1, k % n];
      return Math.max(0, (j % 2 === 0 ? x : -x) + (j / n) * 0.9);
    });

  it("names every column once, four that fire in the same rows side by side", () => {
    const [rows, n] = [200, 41];
    const a = half(rows, n);
    const order = alikeColumns(a, rows, n)!;
    expect([...order].filter((j) => j >= 0).sort((x, y) => x - y)).to.deep.equal(Array.from({ length: n }, (_, j) => j));
    expect(order.length).to.equal(44);
    let filled = 0;
    for (let t = 0; t < order.length; t += 4) {
      const panel = [...order.subarray(t, t + 4)].filter((j) => j >= 0);
      for (let p = 0; p < rows; p++) filled += Number(panel.some((j) => a[p * n + j] !== 0));
    }
    const alone = a.filter((v) => v !== 0).length / 4;
    expect(filled).to.be.lessThan(1.25 * alone);
  });

  it("gives none where few numbers are 0, or one is not finite", () => {
    expect(alikeColumns(new Float64Array(2000).fill(1), 20, 100)).to.equal(null);
    const a = half(20, 100);
    a[5] = Infinity;
    expect(alikeColumns(a, 20, 100)).to.equal(null);
  });
});
