import { expect } from "chai";
import * as distributions from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Signal, range } from "../../src/ir/signal.ts";
import { MAXINT, RandomState } from "../../src/math/random.ts";
import { asTransform } from "../../src/transforms/asTransform.ts";
import { columnMajor } from "../../src/transforms/dense.ts";
import * as transforms from "../../src/transforms/index.ts";
import type { Transform } from "../../src/transforms/transform.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose } from "../support/numbers.ts";
import { runOperators } from "../support/simulate.ts";

const { Dense } = transforms;

/** Options of at least one object of every class. */
const examples: Readonly<Record<string, readonly object[]>> = {
  Dense: [
    { shape: [2, 2] },
    { shape: [2, 2], init: 3 },
    { shape: [2, 2], init: [1, -2] },
    {
      shape: [2, 3],
      init: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
    { shape: [2, 3], init: { type: "Uniform", low: -1, high: 1 } },
  ],
};
const registry = { ...distributions, ...transforms };

const { cases } = fixture<{ cases: { init: object; shape: [number, number]; seed: number; weights: ArrayJSON; after: number }[] }>(
  "nengo/transforms.json",
);

/** What a transform adds to a signal for every row of x. */
function applied(transform: Transform, rows: readonly (readonly number[])[]): number[][] {
  const weights = transform.sample(new RandomState(0));
  const signal = new Signal("weights", {
    shape: weights.shape,
    perItem: false,
    initial: weights.shape.length === 2 ? columnMajor(weights) : weights.data,
  });
  const y = new Signal("y", { shape: [transform.sizeOut], perItem: true });
  const input = { shape: [rows.length, transform.sizeIn], data: Float64Array.from(rows.flat()) };
  const [result] = runOperators(
    (x) => [
      { kind: "set", origin: "reset", target: range(y), value: 0.5 },
      ...transform.lower({ weights: signal, x: range(x), y: range(y), spikes: false, origin: "test" }),
    ],
    [y],
    { dt: 0.001, input },
  );
  return rows.map((_, k) => Array.from(result.data.subarray(k * y.size, (k + 1) * y.size), (v) => v - 0.5));
}

describe("transforms", () => {
  describe("contract", () => {
    declaredContract(transforms, examples, distributions);

    for (const [name, all] of Object.entries(examples)) {
      for (const options of all) {
        it(`${name} ${JSON.stringify(options)} is linear and has its sizes`, () => {
          const transform = make<Transform>(registry, name, options);
          const unit = (j: number): number[] => Array.from({ length: transform.sizeIn }, (_, k) => (k === j ? 1 : 0));
          const columns = applied(
            transform,
            unit(0).map((_, j) => unit(j)),
          );
          const x = unit(0).map((_, j) => 0.25 * j - 2);
          const [y] = applied(transform, [x]);
          expect(y).to.have.length(transform.sizeOut);
          expectClose(
            y,
            y.map((_, i) => x.reduce((sum, v, j) => sum + v * columns[j][i], 0)),
            1e-12,
          );
        });
      }
    }
  });

  describe("Dense", () => {
    it("scales by a number, scales each component by a vector, or is a matrix [sizeOut, sizeIn]", () => {
      const x = [[1, -2]];
      expect(applied(new Dense({ shape: [2, 2] }), x)).to.deep.equal([[1, -2]]);
      expect(applied(new Dense({ shape: [2, 2], init: 3 }), x)).to.deep.equal([[3, -6]]);
      expect(applied(new Dense({ shape: [2, 2], init: [2, 0.5] }), x)).to.deep.equal([[2, -1]]);
      expect(
        applied(
          new Dense({
            shape: [3, 2],
            init: [
              [1, 0],
              [1, 1],
              [0, 4],
            ],
          }),
          x,
        ),
      ).to.deep.equal([[1, -1, -8]]);
    });

    it("knows its sizes and its rank", () => {
      const sizes = ({ sizeOut, sizeIn, rank }: InstanceType<typeof Dense>): number[] => [sizeOut, sizeIn, rank];
      expect(sizes(new Dense({ shape: [2, 2] }))).to.deep.equal([2, 2, 0]);
      expect(sizes(new Dense({ shape: [2, 2], init: [1, 2] }))).to.deep.equal([2, 2, 1]);
      expect(sizes(new Dense({ shape: [1, 3], init: [[1, 2, 3]] }))).to.deep.equal([1, 3, 2]);
      expect(sizes(new Dense({ shape: [4, 3], init: new distributions.Uniform({ low: 0, high: 1 }) }))).to.deep.equal([4, 3, 2]);
    });

    it("refuses numbers that do not fit its shape", () => {
      const dense = (shape: unknown, init: unknown) => () => new Dense({ shape, init } as never);
      expect(dense([2, 3], 1)).to.throw(ShapeError, "Dense.init: expected a matrix [2, 3], got a number.");
      expect(dense([2, 2], [1, 2, 3])).to.throw(
        ShapeError,
        "Dense.init: expected a number, a vector of length 2 or a matrix [2, 2], got shape [3].",
      );
      expect(
        dense(
          [2, 3],
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
        ),
      ).to.throw(ShapeError, "Dense.init: expected a matrix [2, 3], got shape [3, 2].");
      expect(dense([2, 2], [[[1]]])).to.throw(ShapeError, "got shape [1, 1, 1].");
      expect(dense([2, 2], [[1, 2], [3]])).to.throw(ShapeError, "Dense.init: expected rows of equal length 2, got [3].");
      expect(dense([2, 2], [1, NaN])).to.throw(ValidationError, "Dense.init: expected finite numbers, got NaN at position 1.");
      expect(dense([2], 1)).to.throw(ValidationError, "Dense.shape: expected [sizeOut, sizeIn], got [2].");
      expect(dense(undefined, 1)).to.throw(ValidationError, "Dense.shape: expected [sizeOut, sizeIn], got undefined.");
      expect(dense([0, 2], 1)).to.throw(ValidationError, "Dense.shape[0]: expected a finite number >= 1, got 0.");
      expect(dense([2, 1.5], 1)).to.throw(ValidationError, "Dense.shape[1]: expected an integer, got 1.5.");
    });

    for (const { init, shape, seed, weights, after } of cases) {
      it(`draws as Nengo does: ${JSON.stringify(init)}, shape [${shape.join(", ")}]`, () => {
        const rng = new RandomState(seed);
        const drawn = make<InstanceType<typeof Dense>>(registry, "Dense", { shape, init }).sample(rng);
        expect(drawn.shape).to.deep.equal(weights.shape);
        expectClose(drawn.data, weights.data, 1e-15);
        expect(rng.randint(0, MAXINT)).to.equal(after);
      });
    }
  });

  describe("asTransform", () => {
    const sizes = { sizeMid: 2, sizeOut: 3, owner: "Connection" };
    const square = { sizeMid: 2, sizeOut: 2, owner: "Connection" };

    it("makes a Dense of numbers and distributions", () => {
      const uniform = new distributions.Uniform({ low: 0, high: 1 });
      expect(asTransform(2, square)!.equals(new Dense({ shape: [2, 2], init: 2 }))).to.equal(true);
      expect(asTransform(Float32Array.of(1, 2), square)!.equals(new Dense({ shape: [2, 2], init: [1, 2] }))).to.equal(true);
      expect(
        asTransform({ shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }, sizes)!.equals(
          new Dense({
            shape: [3, 2],
            init: [
              [1, 2],
              [3, 4],
              [5, 6],
            ],
          }),
        ),
      ).to.equal(true);
      expect(asTransform(uniform, sizes)!.equals(new Dense({ shape: [3, 2], init: uniform }))).to.equal(true);
    });

    it("leaves transforms and null as they are", () => {
      const own = new Dense({
        shape: [3, 2],
        init: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      });
      expect(asTransform(own, sizes)).to.equal(own);
      expect(asTransform(null, square)).to.equal(null);
    });

    it("refuses what does not lead from one size to the other", () => {
      const from = "from size 2 (pre, after the function) to size 3 (post)";
      expect(() => asTransform(null, sizes)).to.throw(
        ShapeError,
        `Connection.transform: expected equal sizes where there is no transform, got a connection ${from}. Give a transform of shape [3, 2], or mend the function or the slices.`,
      );
      expect(() => asTransform(new Dense({ shape: [2, 2] }), sizes)).to.throw(
        ShapeError,
        `Connection.transform: expected a transform ${from}, got one from 2 to 2.`,
      );
      expect(() => asTransform(1, sizes)).to.throw(
        ShapeError,
        `Connection.transform: expected a matrix [3, 2] for a connection ${from}, got a number.`,
      );
      expect(() => asTransform([1, 2, 3], sizes)).to.throw(ShapeError, "got shape [3].");
      expect(() =>
        asTransform(
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          sizes,
        ),
      ).to.throw(ShapeError, "got shape [2, 3].");
      expect(() => asTransform([1, 2, 3], square)).to.throw(
        ShapeError,
        "Connection.transform: expected a matrix [2, 2], a vector of length 2 or a number for a connection from size 2",
      );
      expect(() => asTransform([[[1]]], { ...square, sizeMid: 1, sizeOut: 1 })).to.throw(ShapeError, "got shape [1, 1, 1].");
    });

    it("refuses what is no transform", () => {
      for (const [value, got] of [
        ["2", '"2"'],
        [undefined, "undefined"],
        [{}, "an object"],
        [() => 1, "a function"],
        [true, "true"],
      ] as const) {
        expect(() => asTransform(value, square), got).to.throw(
          ValidationError,
          `Connection.transform: expected a number, vector, matrix, distribution, transform or null, got ${got}`,
        );
      }
      expect(() => asTransform([[1, "2"]], square)).to.throw(ValidationError, 'Connection.transform: expected numbers, got "2".');
    });
  });
});
