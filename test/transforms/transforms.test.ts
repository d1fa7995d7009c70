import { expect } from "chai";
import fc from "fast-check";
import * as distributions from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Signal, range } from "../../src/ir/signal.ts";
import { MAXINT, RandomState } from "../../src/math/random.ts";
import { asTransform } from "../../src/transforms/asTransform.ts";
import { columnMajor } from "../../src/transforms/dense.ts";
import * as transforms from "../../src/transforms/index.ts";
import type { Convolution as ConvolutionType } from "../../src/transforms/convolution.ts";
import type { Transform } from "../../src/transforms/transform.ts";
import { Network } from "../../src/network/index.ts";
import { expectNetworkGradient } from "../support/gradients.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose } from "../support/numbers.ts";
import { runOperators } from "../support/simulate.ts";

const { Convolution, ConvolutionTranspose, Dense, NoTransform, Sparse, SparseMatrix } = transforms;

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
const last = (...shape: number[]): object => ({ shape, channelsLast: true });
const image = { nFilters: 2, kernelSize: [2] };
Object.assign(examples, {
  Convolution: [
    { ...image, inputShape: last(4, 2), strides: [1] },
    { nFilters: 1, inputShape: { shape: [1, 3, 3], channelsLast: false }, channelsLast: false, padding: "same" },
    { ...image, inputShape: last(4, 2), strides: [2], groups: 2, init: [[[1, 2]], [[3, 4]]] },
    { ...image, inputShape: last(5, 2), strides: [1], dilations: [3] },
    { nFilters: 2, inputShape: last(3, 3, 3, 1), kernelSize: [2, 2, 2], strides: [1, 1, 1] },
  ],
  ConvolutionTranspose: [
    { ...image, inputShape: last(4, 2), strides: [1] },
    { ...image, inputShape: last(4, 2), strides: [2], outputShape: { shape: [9, 2], channelsLast: true } },
  ],
  NoTransform: [{ sizeIn: 3 }],
  Sparse: [
    {
      shape: [2, 3],
      indices: [
        [0, 1],
        [1, 2],
      ],
      init: 2,
    },
    {
      shape: [2, 3],
      indices: [
        [0, 1],
        [1, 2],
      ],
      init: { type: "Uniform", low: -1, high: 1 },
    },
    { shape: [2, 3], init: { type: "SparseMatrix", shape: [2, 3], indices: [[1, 1]], data: [3] } },
  ],
  SparseMatrix: [
    {
      shape: [2, 3],
      indices: [
        [0, 1],
        [1, 2],
      ],
      data: [1, 2],
    },
  ],
});
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

/** A convolution as a sum over everything. */
function direct({ geometry: g }: ConvolutionType, kernel: Float64Array, x: Float64Array): Float64Array {
  const all = (shape: readonly number[]): number[][] =>
    shape.reduce<number[][]>((heads, size) => heads.flatMap((head) => Array.from({ length: size }, (_, k) => [...head, k])), [[]]);
  const flat = (at: readonly number[], shape: readonly number[]): number => at.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
  const index = (at: readonly number[], channel: number, spatial: readonly number[], channels: number): number =>
    g.channelsLast ? flat(at, spatial) * channels + channel : channel * spatial.reduce((a, b) => a * b, 1) + flat(at, spatial);
  const [groupIn, groupOut] = [g.inputChannels / g.groups, g.outputChannels / g.groups];
  const out = new Float64Array(g.outputSpatial.reduce((a, b) => a * b, g.outputChannels));
  for (const o of all(g.outputSpatial))
    for (const k of all(g.kernel)) {
      const i = o.map((v, axis) => v * g.strides[axis] + k[axis] * (g.dilations?.[axis] ?? 1) - g.padding[axis]);
      if (i.some((v, axis) => v < 0 || v >= g.inputSpatial[axis])) continue;
      for (let f = 0; f < g.outputChannels; f++)
        for (let c = 0; c < groupIn; c++)
          out[index(o, f, g.outputSpatial, g.outputChannels)] +=
            x[index(i, Math.floor(f / groupOut) * groupIn + c, g.inputSpatial, g.inputChannels)] *
            kernel[(flat(k, g.kernel) * groupIn + c) * g.outputChannels + f];
    }
  return out;
}

/** Sizes of a convolution over 1 to 3 axes. */
const convolutions = fc
  .record({
    axes: fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 5 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    groups: fc.integer({ min: 1, max: 2 }),
    channels: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.constantFrom("valid" as const, "same" as const),
    channelsLast: fc.boolean(),
  })
  .filter(({ axes, padding }) => padding === "same" || axes.every(({ size, kernel, dilation }) => (kernel - 1) * dilation < size))
  .map(({ axes, groups, channels: [cIn, cOut], padding, channelsLast }) => {
    const spatial = axes.map(({ size }) => size);
    const inputShape = { shape: channelsLast ? [...spatial, cIn * groups] : [cIn * groups, ...spatial], channelsLast };
    return {
      nFilters: cOut * groups,
      inputShape,
      kernelSize: axes.map(({ kernel }) => kernel),
      strides: axes.map(({ stride }) => stride),
      padding,
      channelsLast,
      groups,
      dilations: axes.map(({ dilation }) => dilation),
    };
  });

describe("transforms", () => {
  describe("convolutions of 1 to 3 axes", () => {
    it("are sums over the kernel", () => {
      fc.assert(
        fc.property(convolutions, (options) => {
          const transform = new Convolution(options);
          const kernel = transform.sample(new RandomState(0)).data;
          const x = new RandomState(1).normals(transform.sizeIn);
          expectClose(applied(transform, [Array.from(x)])[0], direct(transform, kernel, x), 1e-12);
        }),
        { seed: 5, numRuns: 150 },
      );
    });

    it("are transposed by ConvolutionTranspose: <y, C x> = <C^T y, x>", () => {
      fc.assert(
        fc.property(
          convolutions.filter(({ groups, dilations }) => groups === 1 && dilations.every((d) => d === 1)),
          ({ groups: _g, dilations: _d, ...options }) => {
            const forward = new Convolution(options);
            const [cIn, cOut] = forward.kernelShape.slice(-2) as [number, number];
            const kernel = forward.sample(new RandomState(0));
            const swapped = Float64Array.from({ length: kernel.data.length }, (_, k) => {
              const [tap, rest] = [Math.floor(k / (cIn * cOut)), k % (cIn * cOut)];
              return kernel.data[tap * cIn * cOut + (rest % cIn) * cOut + Math.floor(rest / cIn)];
            });
            const back = new ConvolutionTranspose({
              ...options,
              nFilters: cIn,
              inputShape: forward.outputShape,
              outputShape: forward.inputShape,
              init: { shape: [...options.kernelSize, cOut, cIn], data: swapped },
            });
            const [x, y] = [new RandomState(1).normals(forward.sizeIn), new RandomState(2).normals(forward.sizeOut)];
            const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, v, k) => sum + v * b[k], 0);
            expect(dot(y, applied(forward, [Array.from(x)])[0])).to.be.closeTo(dot(applied(back, [Array.from(y)])[0], x), 1e-10);
          },
        ),
        { seed: 6, numRuns: 100 },
      );
    });

    it("are refused where sizes do not fit", () => {
      const base = { nFilters: 4, inputShape: [5, 5, 3] };
      expect(() => new Convolution({ nFilters: 4, inputShape: [5, 5] })).to.throw(
        ShapeError,
        "Convolution.kernelSize: expected 1 number, one a spatial axis of inputShape, got 2.",
      );
      expect(() => new Convolution({ nFilters: 4, inputShape: [5] })).to.throw(
        ValidationError,
        "Convolution.inputShape: expected sizes of 1 to 3 spatial axes and of the channels",
      );
      expect(() => new Convolution({ ...base, groups: 2 })).to.throw(
        ValidationError,
        "Convolution.groups: expected a number that divides the channels of the input (3) and nFilters (4), got 2.",
      );
      expect(() => new Convolution({ ...base, kernelSize: [6, 6] })).to.throw(
        ValidationError,
        "Convolution.kernelSize[0]: expected at most 5, the size of the input, with valid padding, got 6.",
      );
      expect(() => new Convolution({ ...base, init: [1, 2] })).to.throw(
        ShapeError,
        "Convolution.init: expected a kernel [3, 3, 3, 4], got [2].",
      );
      expect(() => new Convolution({ ...base, padding: "full" as never })).to.throw(
        ValidationError,
        'Convolution.padding: expected one of "valid", "same"',
      );
      expect(() => new Convolution({ ...base, kernelSize: 3 as never })).to.throw(
        ValidationError,
        "Convolution.kernelSize: expected a list of sizes, got 3.",
      );
      expect(() => new Convolution({ ...base, channelsLast: false, inputShape: { shape: [3, 5, 5], channelsLast: true } })).to.throw(
        ValidationError,
        "expected a shape with channelsLast false, as the transform's, got true",
      );
      const up = { nFilters: 4, inputShape: [5, 6, 3], strides: [2, 2] };
      expect(() => new ConvolutionTranspose({ ...up, outputShape: [20, 13, 4] })).to.throw(
        ValidationError,
        "ConvolutionTranspose.outputShape: expected sizes whose convolution has those of the input, [5, 6], got [20, 13], whose convolution has [9, 6].",
      );
      expect(() => new ConvolutionTranspose({ ...up, outputShape: [12, 13, 5] })).to.throw(
        ShapeError,
        "ConvolutionTranspose.outputShape: expected 4 channels, as nFilters, got 5.",
      );
      expect(new ConvolutionTranspose(up).outputShape).to.deep.equal({ shape: [11, 13, 4], channelsLast: true });
    });
  });

  describe("sparse ones", () => {
    it("hold the entries that are not 0, drawn in their order", () => {
      const transform = new Sparse({
        shape: [3, 4],
        indices: [
          [0, 1],
          [2, 3],
          [2, 0],
        ],
        init: new distributions.Uniform({ low: 0, high: 1 }),
      });
      expectClose(transform.sample(new RandomState(0)).data, [0.5488135039273248, 0.7151893663724195, 0.6027633760716439], 0);
      expectClose(applied(transform, [[1, 10, 100, 1000]])[0], [5.488135039273248, 0, 0.6027633760716439 + 715.1893663724195], 1e-12);
      expect(transform.matrix.toDense([1, 2, 3])).to.deep.equal({
        shape: [3, 4],
        data: Float64Array.of(0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 2),
      });
    });

    it("are refused where they make no matrix", () => {
      expect(() => new Sparse({ shape: [3, 4] })).to.throw(
        ValidationError,
        "Sparse.indices: expected a list of [row, column], or a SparseMatrix as init, got neither.",
      );
      expect(
        () =>
          new Sparse({
            shape: [3, 4],
            indices: [
              [0, 1],
              [5, 1],
            ],
          }),
      ).to.throw(ValidationError, "SparseMatrix.indices[1]: expected a row from 0 to 2, got 5.");
      expect(() => new Sparse({ shape: [3, 4], indices: [[0, 1]], init: [1, 2] })).to.throw(
        ShapeError,
        "SparseMatrix.data: expected a number or a list of 1, one an entry",
      );
      expect(() => new Sparse({ shape: [3, 4], indices: [0, 1] })).to.throw(
        ShapeError,
        "SparseMatrix.indices: expected a list of at least one [row, column], got shape [2].",
      );
      const matrix = new SparseMatrix({ shape: [2, 2], indices: [[0, 0]], data: 1 });
      expect(() => new Sparse({ shape: [3, 4], init: matrix })).to.throw(ShapeError, "Sparse.init: expected a matrix [3, 4], got [2, 2].");
      expect(() => new Sparse({ shape: [2, 2], indices: [[0, 0]], init: matrix })).to.throw(
        ValidationError,
        "Sparse.indices: expected none where init is a SparseMatrix",
      );
    });
  });

  it("have gradients that agree with differences: weights and input", () => {
    const rng = { init: new distributions.Uniform({ low: -1, high: 1 }) };
    const all = [
      new Sparse({
        shape: [4, 6],
        indices: [
          [0, 1],
          [2, 3],
          [2, 0],
          [3, 3],
        ],
        ...rng,
      }),
      new Convolution({ nFilters: 2, inputShape: [3, 2], kernelSize: [2], strides: [1] }),
      new Convolution({
        nFilters: 2,
        inputShape: { shape: [2, 3], channelsLast: false },
        channelsLast: false,
        groups: 2,
        kernelSize: [2],
        strides: [1],
        padding: "same",
      }),
      new ConvolutionTranspose({ nFilters: 3, inputShape: [3, 2], kernelSize: [2], strides: [2] }),
      new Dense({ shape: [4, 6], ...rng }),
    ];
    for (const transform of all) {
      const net = new Network({ seed: 1 });
      const source = net.node(new Float64Array(6));
      const target = net.node({ sizeIn: transform.sizeOut });
      net.connect(source, target, { transform, synapse: 0.002 });
      net.probe(target);
      expectNetworkGradient(net, 4);
    }
  });

  it("NoTransform is none", () => {
    const net = new Network({ seed: 1 });
    const [a, b] = [net.node([1, 2]), net.node({ sizeIn: 2 })];
    expect(net.connect(a, b, { transform: new NoTransform({ sizeIn: 2 }) }).transform).to.equal(null);
    expect(() => net.connect(a, b, { transform: new NoTransform({ sizeIn: 3 }) })).to.throw(ShapeError, "expected a transform from size 2");
  });

  describe("contract", () => {
    declaredContract(transforms, examples, distributions);

    for (const [name, all] of Object.entries(examples)) {
      // These hold no weights, or are no transforms.
      if (name === "NoTransform" || name === "SparseMatrix") continue;
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
