import { expect } from "chai";
import fc from "fast-check";
import type { ConvolutionGeometry, ConvolveOperator, Role } from "../../../src/ir/operators.ts";
import type { Signal } from "../../../src/ir/signal.ts";
import { range } from "../../../src/ir/signal.ts";
import { RandomState } from "../../../src/math/random.ts";
import { expectClose } from "../../support/numbers.ts";
import { feedOf, items, perItem, programOf, recordOf, run, shared, variants, type Running } from "../../support/programs.ts";

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const arange = (n: number, scale = 1): number[] => Array.from({ length: n }, (_, i) => i * scale);

const sizes = (g: ConvolutionGeometry): { input: number; filter: number; output: number } => ({
  input: count(g.inputSpatial) * g.inputChannels,
  filter: (count(g.kernel) * g.inputChannels * g.outputChannels) / g.groups,
  output: count(g.outputSpatial) * g.outputChannels,
});

type Place = "input" | "filter" | "output";

/** One step of a mode: from two of input, filter and output (`[item][element]`; one row for all: shared) the third. */
function convolve(
  geometry: ConvolutionGeometry,
  mode: ConvolveOperator["mode"],
  given: Partial<Record<Place, readonly (readonly number[])[]>>,
  options: Running & { role?: Role; sharedTarget?: boolean } = {},
): number[][] {
  const { batch = 1, role = "set", sharedTarget = false } = options;
  const size = sizes(geometry);
  const target: Place = mode === "forward" ? "output" : mode === "inputAdjoint" ? "input" : "filter";
  const isShared = (place: Place): boolean => (place === target ? sharedTarget : batch > 1 && given[place]!.length === 1);
  const signal = (place: Place): Signal =>
    isShared(place)
      ? shared(place, place === target ? arange(size[place], 0) : given[place]![0])
      : place === target && role === "inc"
        ? perItem(place, arange(size[place]))
        : perItem(place, size[place]);
  const signals = { input: signal("input"), filter: signal("filter"), output: signal("output") };
  const fed = (["input", "filter", "output"] as const).filter((place) => place !== target && !isShared(place));
  const { records } = run(
    programOf([
      ...fed.map((place) => feedOf(signals[place])),
      {
        kind: "convolve",
        origin: "convolve",
        mode,
        geometry,
        input: range(signals.input),
        filter: range(signals.filter),
        output: range(signals.output),
        role,
      },
      recordOf(signals[target], "target"),
    ]),
    1,
    { ...options, feeds: Object.fromEntries(fed.map((place) => [place, items(batch, (b) => [given[place]![b]])])) },
  );
  return records["target"].map((rows) => rows[0]);
}

const image: ConvolutionGeometry = {
  inputSpatial: [4, 4],
  outputSpatial: [2, 2],
  inputChannels: 1,
  outputChannels: 2,
  kernel: [3, 3],
  strides: [1, 1],
  padding: [0, 0],
  groups: 1,
  channelsLast: true,
};

describe("convolve", () => {
  // Vectors of Nengo's transforms (reference/nengo.md 5.5).
  for (const { name, ...variant } of variants) {
    const many = (row: readonly number[]): number[][] => items(variant.batch, () => [...row]);
    const closeTo = (got: number[][], wanted: readonly number[]): void => {
      expect(got).to.have.length(variant.batch);
      for (const row of got) expectClose(row, wanted, variant.dtype === "float64" ? 1e-13 : 1e-5);
    };
    it(`gives Nengo's valid convolution (${name})`, () => {
      closeTo(
        convolve(image, "forward", { input: many(arange(16)), filter: [arange(18, 0.1)] }, variant),
        [51.6, 56.1, 58.8, 64.2, 80.4, 88.5, 87.6, 96.6],
      );
    });
    it(`gives Nengo's convolution with padding and strides (${name})`, () => {
      closeTo(
        convolve({ ...image, strides: [2, 2] }, "forward", { input: many(arange(16)), filter: [arange(18, 0.1)] }, variant),
        [51.6, 56.1, 37.2, 41.1, 37.4, 44.0, 22.6, 27.6],
      );
    });
    it(`gives Nengo's grouped convolution (${name})`, () => {
      const grouped = { ...image, inputSpatial: [2, 2], outputSpatial: [1, 1], inputChannels: 2, kernel: [2, 2], groups: 2 };
      closeTo(convolve(grouped, "forward", { input: many(arange(8)), filter: [arange(8)] }, variant), [56, 84]);
    });
    it(`gives Nengo's convolution of one axis (${name})`, () => {
      const line = {
        inputSpatial: [5],
        outputSpatial: [3],
        inputChannels: 1,
        outputChannels: 1,
        kernel: [3],
        strides: [1],
        padding: [0],
        groups: 1,
        channelsLast: true,
      };
      closeTo(convolve(line, "forward", { input: many(arange(5)), filter: [[1, 2, 3]] }, variant), [8, 14, 20]);
    });
    it(`gives Nengo's transposed convolution (${name})`, () => {
      const transposed = { ...image, inputSpatial: [3, 3], outputSpatial: [2, 2], outputChannels: 1, strides: [2, 2], padding: [1, 1] };
      closeTo(
        convolve(transposed, "inputAdjoint", { output: many([1, 2, 3, 4]), filter: [arange(9)] }, variant),
        [4, 11, 8, 10, 26, 18, 12, 27, 16],
      );
      const larger = { ...transposed, inputSpatial: [4, 4], padding: [0, 0] };
      closeTo(
        convolve(larger, "inputAdjoint", { output: many([1, 2, 3, 4]), filter: [arange(9)] }, variant),
        [0, 1, 2, 2, 3, 4, 11, 8, 6, 10, 26, 18, 9, 12, 27, 16],
      );
    });
    it(`adds to what is there (${name})`, () => {
      const wanted = [51.6, 56.1, 58.8, 64.2, 80.4, 88.5, 87.6, 96.6].map((v, i) => v + i);
      closeTo(convolve(image, "forward", { input: many(arange(16)), filter: [arange(18, 0.1)] }, { ...variant, role: "inc" }), wanted);
    });
  }

  const axis = fc.record({
    size: fc.integer({ min: 1, max: 5 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    padding: fc.integer({ min: 0, max: 2 }),
    extra: fc.integer({ min: 0, max: 1 }),
  });
  const geometry: fc.Arbitrary<ConvolutionGeometry> = fc
    .record({
      axes: fc.array(axis, { minLength: 1, maxLength: 2 }),
      groups: fc.integer({ min: 1, max: 2 }),
      groupIn: fc.integer({ min: 1, max: 2 }),
      groupOut: fc.integer({ min: 1, max: 2 }),
      channelsLast: fc.boolean(),
    })
    .map(({ axes, groups, groupIn, groupOut, channelsLast }) => ({
      inputSpatial: axes.map((a) => a.size),
      outputSpatial: axes.map((a) => Math.max(1, Math.floor((a.size + a.padding - a.kernel) / a.stride) + 1) + a.extra),
      kernel: axes.map((a) => a.kernel),
      strides: axes.map((a) => a.stride),
      padding: axes.map((a) => a.padding),
      inputChannels: groups * groupIn,
      outputChannels: groups * groupOut,
      groups,
      channelsLast,
    }));
  const rows = (rng: RandomState, batch: number, n: number): number[][] => items(batch, () => [...rng.normals(n)]);
  const inner = (a: readonly number[][], b: readonly number[][]): number =>
    a.reduce((sum, row, i) => sum + row.reduce((s, v, k) => s + v * b[i][k], 0), 0);

  it("has modes that are each other's adjoints, with shared and with own filters", () => {
    fc.assert(
      fc.property(geometry, fc.integer({ min: 0, max: 1000 }), fc.constantFrom(1, 3), (g, seed, batch) => {
        const rng = new RandomState(seed);
        const size = sizes(g);
        const [x, y, w] = [rows(rng, batch, size.input), rows(rng, batch, size.output), rows(rng, batch, size.filter)];
        const forward = inner(y, convolve(g, "forward", { input: x, filter: w }, { batch }));
        const close = (value: number): void => void expect(value).to.be.closeTo(forward, 1e-10 * (1 + Math.abs(forward)) * 10);
        close(inner(convolve(g, "inputAdjoint", { output: y, filter: w }, { batch }), x));
        close(inner(convolve(g, "filterAdjoint", { output: y, input: x }, { batch }), w));
        // A filter that all items share receives the sum over items.
        const one = [w[0]];
        const sum = inner(y, convolve(g, "forward", { input: x, filter: one }, { batch }));
        const d = convolve(g, "filterAdjoint", { output: y, input: x }, { batch, sharedTarget: true });
        expect(inner([d[0]], one)).to.be.closeTo(sum, 1e-9 * (1 + Math.abs(sum)));
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  it("means the same with channels first and channels last", () => {
    const transposed = (image: readonly number[], positions: number, channels: number): number[] =>
      Array.from({ length: channels * positions }, (_, i) => image[(i % positions) * channels + Math.floor(i / positions)]);
    fc.assert(
      fc.property(geometry, fc.integer({ min: 0, max: 1000 }), (g, seed) => {
        const rng = new RandomState(seed);
        const size = sizes(g);
        const [x, w] = [[...rng.normals(size.input)], [...rng.normals(size.filter)]];
        const lastOut = convolve({ ...g, channelsLast: true }, "forward", { input: [x], filter: [w] })[0];
        const firstOut = convolve({ ...g, channelsLast: false }, "forward", {
          input: [transposed(x, count(g.inputSpatial), g.inputChannels)],
          filter: [w],
        })[0];
        expect(firstOut).to.deep.equal(transposed(lastOut, count(g.outputSpatial), g.outputChannels));
      }),
      { seed: 12, numRuns: 60 },
    );
  });
});
