import { expect } from "chai";
import fc from "fast-check";
import type { Distribution } from "../../src/distributions/distribution.ts";
import * as distributions from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { MAXINT, RandomState } from "../../src/math/random.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose, expectRelative, expectSame } from "../support/numbers.ts";

const {
  Choice,
  CosineSimilarity,
  Exponential,
  Gaussian,
  Glorot,
  He,
  PDF,
  QuasirandomSequence,
  Samples,
  ScatteredHypersphere,
  SqrtBeta,
  SubvectorLength,
  TruncatedNormal,
  Uniform,
  UniformHypersphere,
  VarianceScaling,
} = distributions;

interface Case {
  readonly type: string;
  readonly options: object;
  readonly n: number;
  readonly d: number | null;
  readonly seed: number;
  /** Which points are in `values`; null: all. */
  readonly rows: number[] | null;
  readonly exact: boolean;
  readonly values: number[];
  /** The generator's next seed. */
  readonly after: number;
}

interface Functions extends Record<"x" | "cdf" | "pdf" | "p" | "ppf", number[]> {
  readonly type: string;
  readonly options: object;
}

const expected = fixture<{ samples: Case[]; functions: Functions[] }>("nengo/distributions.json");

const norms = (points: Float64Array, d: number): number[] =>
  Array.from({ length: points.length / d }, (_, i) => Math.hypot(...points.subarray(i * d, (i + 1) * d)));

describe("distributions", () => {
  describe("contract", () => {
    declaredContract(distributions, {
      Choice: [
        { options: [1, 2] },
        {
          options: [
            [1, 0],
            [0, 1],
          ],
          weights: [1, 3],
        },
      ],
      CosineSimilarity: [{ dimensions: 4 }],
      Exponential: [{ scale: 0.15 }, { scale: 0.15, shift: 0.2, high: 1 }],
      Gaussian: [{ mean: 1, std: 2 }],
      Glorot: [{}, { scale: 2, distribution: "normal" }],
      He: [{}, { scale: 2, distribution: "uniform" }],
      PDF: [{ x: [0, 1], p: [0.25, 0.75] }],
      QuasirandomSequence: [{}],
      Samples: [{ samples: [1, 2, 3] }, { samples: [[1], [2]] }],
      ScatteredHypersphere: [{}, { surface: true, minMagnitude: 0.1, base: { type: "Uniform", low: 0, high: 1 }, method: "tfww" }],
      SqrtBeta: [{ n: 3 }, { n: 3, m: 2 }],
      SubvectorLength: [{ dimensions: 3 }, { dimensions: 8, subdimensions: 2 }],
      TruncatedNormal: [{}, { mean: 1, stddev: 2, limit: 3 }],
      Uniform: [
        { low: -1, high: 0.9 },
        { low: 0, high: 5, integer: true },
      ],
      UniformHypersphere: [{}, { surface: true, minMagnitude: 0.5 }],
      VarianceScaling: [{}, { scale: 2, mode: "fanIn", distribution: "normal" }],
    });
  });

  describe("samples, as Nengo's", () => {
    for (const { type, options, n, d, seed, rows, exact, values, after } of expected.samples) {
      it(`${type}(${JSON.stringify(options)}), ${n} of ${d === null ? "numbers" : `${d} dimensions`}, seed ${seed}${exact ? ", bit for bit" : ""}`, () => {
        const rng = new RandomState(seed);
        const drawn = make<Distribution>(distributions, type, options).sample(n, d, rng);
        const width = drawn.length / n;
        const got = rows === null ? drawn : rows.flatMap((i) => Array.from(drawn.subarray(i * width, (i + 1) * width)));
        if (exact) expectSame(got, values);
        else expectClose(got, values, 1e-12);
        expect(rng.randint(0, MAXINT)).to.equal(after);
      });
    }
  });

  describe("samples, as NengoDL's", () => {
    const { samples } = fixture<{ samples: Case[] }>("nengodl/distributions.json");
    for (const { type, options, n, d, seed, values, after } of samples) {
      it(`${type}(${JSON.stringify(options)}), ${n} of ${d === null ? "numbers" : `${d} dimensions`}`, () => {
        const rng = new RandomState(seed);
        const distribution = make<Distribution>(distributions, type, options);
        // NengoDL does not make up for the tails that it cuts off.
        const shape = "distribution" in distribution ? distribution.distribution : null;
        const factor = shape === "normal" ? 0.87962566103423978 : 1;
        expectClose(
          distribution.sample(n, d, rng).map((v) => v * factor),
          values,
          1e-14,
        );
        expect(rng.randint(0, MAXINT)).to.equal(after);
      });
    }
  });

  describe("probabilities, as Nengo's", () => {
    for (const { type, options, x, cdf, pdf, p, ppf } of expected.functions) {
      it(`${type}(${JSON.stringify(options)})`, () => {
        const distribution = make<InstanceType<typeof SqrtBeta>>(distributions, type, options);
        expectClose(
          x.map((v) => distribution.cdf(v)),
          cdf,
          1e-13,
          "cdf",
        );
        expectRelative(
          x.map((v) => distribution.pdf(v)),
          pdf,
          1e-12,
          "pdf",
        );
        expectClose(
          p.map((v) => distribution.ppf(v)),
          ppf,
          1e-13,
          "ppf",
        );
      });
    }

    it("are 0 or 1 outside the range", () => {
      const length = new SubvectorLength({ dimensions: 5 });
      expect([length.pdf(-0.1), length.pdf(1), length.cdf(1), length.cdf(2), length.cdf(0)]).to.deep.equal([0, 0, 1, 1, 0]);
      const cosine = new CosineSimilarity({ dimensions: 5 });
      expect([cosine.cdf(-1), cosine.cdf(0), cosine.cdf(1), cosine.pdf(1)]).to.deep.equal([0, 0.5, 1, 0]);
    });
  });

  describe("laws", () => {
    const drawing = { n: fc.integer({ min: 1, max: 40 }), d: fc.integer({ min: 1, max: 9 }), seed: fc.nat() };
    const check = (property: (arguments_: { n: number; d: number; seed: number }) => void): void =>
      fc.assert(fc.property(fc.record(drawing), property), { seed: 7, numRuns: 60 });

    it("points of a surface have length 1", () => {
      for (const make of [
        () => new UniformHypersphere({ surface: true }),
        ...(["sct-approx", "sct", "tfww"] as const).map((method) => () => new ScatteredHypersphere({ surface: true, method })),
      ]) {
        check(({ n, d, seed }) => expectClose(norms(make().sample(n, d, new RandomState(seed)), d), new Float64Array(n).fill(1), 1e-13));
      }
    });

    it("points of a ball are as long as asked for", () => {
      for (const make of [
        () => new UniformHypersphere({ minMagnitude: 0.5 }),
        ...(["sct-approx", "sct", "tfww"] as const).map((method) => () => new ScatteredHypersphere({ minMagnitude: 0.5, method })),
      ]) {
        check(({ n, d, seed }) => {
          for (const length of norms(make().sample(n, d, new RandomState(seed)), d)) expect(length).to.be.within(0.5 - 1e-13, 1 + 1e-13);
        });
      }
    });

    it("a quasirandom sequence fills the cube evenly", () => {
      check(({ n, d, seed }) => {
        const points = new QuasirandomSequence().sample(n, d, new RandomState(seed));
        expect(points.length).to.equal(n * d);
        for (const v of points) expect(v).to.be.at.least(0).and.below(1);
      });
      const points = new QuasirandomSequence().sample(1000, 2, new RandomState(0));
      const lower = Array.from({ length: 1000 }, (_, i) => points[2 * i] < 0.5 && points[2 * i + 1] < 0.5).filter(Boolean).length;
      // Independent draws would stray by about 14.
      expect(lower).to.be.within(247, 253);
    });

    it("scattered points are even in every direction", () => {
      for (const method of ["sct-approx", "sct", "tfww"] as const) {
        for (const d of [2, 3, 4, 7]) {
          const n = 2000;
          const points = new ScatteredHypersphere({ surface: true, method }).sample(n, d, new RandomState(d));
          for (let i = 0; i < d; i++) {
            for (let j = 0; j <= i; j++) {
              let moment = 0;
              for (let k = 0; k < n; k++) moment += (points[k * d + i] * points[k * d + j]) / n;
              expect(moment, `${method}, d = ${d}`).to.be.closeTo(i === j ? 1 / d : 0, 0.01);
            }
          }
        }
      }
    });

    it("integers come from the whole range and nowhere else", () => {
      const drawn = new Uniform({ low: -2, high: 3, integer: true }).sample(200, null, new RandomState(0));
      expect(new Set(drawn)).to.deep.equal(new Set([-2, -1, 0, 1, 2]));
    });

    it("weights have the variance that they are said to have", () => {
      const variance = (distribution: Distribution, n: number, d: number): number =>
        distribution.sample(n, d, new RandomState(1)).reduce((sum, w) => sum + w * w, 0) / (n * d);
      // Of 60 000 draws the variance strays by half a percent.
      for (const distribution of ["uniform", "normal"] as const) {
        for (const [mode, fan] of [
          ["fanIn", 200],
          ["fanOut", 300],
          ["fanAvg", 250],
        ] as const)
          expect(variance(new VarianceScaling({ mode, distribution, scale: 2 }), 300, 200) * fan).to.be.closeTo(2, 0.05);
        expect(variance(new Glorot({ distribution }), 300, 200) * 250).to.be.closeTo(1, 0.025);
        expect(variance(new He({ distribution, scale: Math.SQRT2 }), 300, 200) * 200).to.be.closeTo(2, 0.05);
      }
    });

    it("a truncated normal stays within its limit", () => {
      const drawn = new TruncatedNormal({ mean: 5, stddev: 2, limit: 0.1 }).sample(500, 2, new RandomState(0));
      for (const v of drawn) expect(v).to.be.within(4.9, 5.1);
      expect(new Set(drawn).size).to.equal(1000);
    });

    it("the same seed gives the same points", () => {
      for (const distribution of [
        new ScatteredHypersphere(),
        new Gaussian({ mean: 0, std: 1 }),
        new CosineSimilarity({ dimensions: 4 }),
        new Exponential({ scale: 1 }),
      ]) {
        expectSame(distribution.sample(20, 3, new RandomState(5)), distribution.sample(20, 3, new RandomState(5)));
      }
    });

    it("samples are copies", () => {
      const fixed = new Samples({ samples: [1, 2] });
      fixed.sample(2, null, new RandomState(0))[0] = 9;
      expectSame(fixed.sample(2, null, new RandomState(0)), [1, 2]);
    });

    it("no bound of an exponential is Infinity too", () => {
      expect(new Exponential({ scale: 1, high: Infinity }).equals(new Exponential({ scale: 1 }))).to.equal(true);
    });
  });

  describe("errors", () => {
    const rng = new RandomState(0);
    const cases: [name: string, make: () => unknown, type: typeof ValidationError, message: string][] = [
      [
        "integer bounds",
        () => new Uniform({ low: 0.5, high: 3, integer: true }),
        ValidationError,
        "Uniform.low: expected an integer, got 0.5.",
      ],
      [
        "integer order",
        () => new Uniform({ low: 3, high: 3, integer: true }),
        ValidationError,
        "Uniform.high: expected a finite number > 3 ",
      ],
      ["missing bound", () => new Uniform({ low: 0 } as never), ValidationError, "Uniform.high: expected a finite number, got undefined."],
      ["std", () => new Gaussian({ mean: 0, std: 0 }), ValidationError, "Gaussian.std: expected a finite number > 0, got 0."],
      [
        "limit",
        () => new TruncatedNormal({ stddev: 2, limit: 0 }),
        ValidationError,
        "TruncatedNormal.limit: expected a finite number >= 0.002, got 0.",
      ],
      [
        "mode",
        () => new VarianceScaling({ mode: "fan_in" as never }),
        ValidationError,
        'VarianceScaling.mode: expected one of "fanIn", "fanOut", "fanAvg", got "fan_in".',
      ],
      [
        "shape of weights",
        () => new He({ distribution: "gaussian" as never }),
        ValidationError,
        'He.distribution: expected one of "uniform", "normal", got "gaussian".',
      ],
      ["scale", () => new Exponential({ scale: 0 }), ValidationError, "Exponential.scale: expected a finite number > 0, got 0."],
      [
        "minMagnitude",
        () => new UniformHypersphere({ minMagnitude: 1 }),
        ValidationError,
        "UniformHypersphere.minMagnitude: expected a finite number >= 0 and < 1, got 1.",
      ],
      [
        "points without dimensions",
        () => new UniformHypersphere().sample(3, null, rng),
        ValidationError,
        "UniformHypersphere.sample: expected an integer, got null.",
      ],
      [
        "a rotation that would take hours",
        () => new ScatteredHypersphere().sample(2, 16_000, rng),
        ValidationError,
        "ScatteredHypersphere.sample: expected at most 2048 dimensions, got 16000. The random rotation would take hours.",
      ],
      [
        "points of no dimension",
        () => new QuasirandomSequence().sample(3, 0, rng),
        ValidationError,
        "QuasirandomSequence.sample: expected a finite number >= 1, got 0.",
      ],
      [
        "method",
        () => new ScatteredHypersphere({ method: "best" as never }),
        ValidationError,
        'ScatteredHypersphere.method: expected one of "sct-approx", "sct", "tfww", got "best".',
      ],
      [
        "base",
        () => new ScatteredHypersphere({ base: 3 as never }),
        ValidationError,
        "ScatteredHypersphere.base: expected a distribution, got 3.",
      ],
      [
        "number of weights",
        () => new Choice({ options: [1, 2], weights: [1] }),
        ShapeError,
        "Choice.weights: expected 2 numbers, one an option, got shape [1].",
      ],
      [
        "negative weight",
        () => new Choice({ options: [1, 2], weights: [1, -1] }),
        ValidationError,
        "Choice.weights: expected no negative number, got -1.",
      ],
      [
        "zero weights",
        () => new Choice({ options: [1, 2], weights: [0, 0] }),
        ValidationError,
        "Choice.weights: expected at least one number above 0, got only zeros.",
      ],
      [
        "no options",
        () => new Choice({ options: [] }),
        ShapeError,
        "Choice.options: expected [count] numbers or [count, d] points, at least one, got shape [0].",
      ],
      [
        "dimensions of options",
        () => new Choice({ options: [[1], [-1]] }).sample(3, 2, rng),
        ShapeError,
        "Choice.options: expected points of 2 dimensions, shape [count, 2], got shape [2, 1].",
      ],
      [
        "numbers as points",
        () => new Choice({ options: [1, 2] }).sample(3, 1, rng),
        ShapeError,
        "Choice.options: expected points of 1 dimension, shape [count, 1], got shape [2].",
      ],
      [
        "points as numbers",
        () => new Choice({ options: [[1, 2]] }).sample(3, null, rng),
        ShapeError,
        "Choice.options: expected plain numbers, got shape [1, 2].",
      ],
      [
        "number of samples",
        () => new Samples({ samples: [1, 2] }).sample(3, null, rng),
        ShapeError,
        "Samples.samples: expected shape [3], as asked for, got shape [2].",
      ],
      [
        "size of samples",
        () => new Samples({ samples: [[1, 2]] }).sample(1, null, rng),
        ShapeError,
        "Samples.samples: expected shape [1], as asked for, got shape [1, 2].",
      ],
      [
        "rank of samples",
        () => new Samples({ samples: [[[1]]] }),
        ShapeError,
        "Samples.samples: expected [n] numbers or [n, d] points, got shape [1, 1, 1].",
      ],
      [
        "sum of probabilities",
        () => new PDF({ x: [0, 1], p: [0.5, 0.75] }),
        ValidationError,
        "PDF.p: expected probabilities whose sum is 1, got a sum of 1.25.",
      ],
      ["number of probabilities", () => new PDF({ x: [0, 1], p: [1] }), ShapeError, "PDF.p: expected 2 numbers, as many as x has, got 1."],
      ["degrees of freedom", () => new SqrtBeta({ n: -1 }), ValidationError, "SqrtBeta.n: expected a finite number >= 0, got -1."],
      [
        "draws without freedom",
        () => new SqrtBeta({ n: 0 }).sample(1, null, rng),
        ValidationError,
        "SqrtBeta.n: expected at least 1 to draw from, got 0.",
      ],
      [
        "subdimensions",
        () => new SubvectorLength({ dimensions: 2, subdimensions: 4 }),
        ValidationError,
        "SubvectorLength.subdimensions: expected a finite number >= 0 and <= 2, got 4.",
      ],
      [
        "dimensions",
        () => new CosineSimilarity({ dimensions: 0 }),
        ValidationError,
        "CosineSimilarity.dimensions: expected a finite number >= 1, got 0.",
      ],
    ];
    for (const [name, act, type, message] of cases) it(name, () => expect(act).to.throw(type, message));
  });

  describe("points of many dimensions, where small errors grow", () => {
    interface Points {
      readonly d: number;
      readonly seed: number;
      readonly n: number;
      readonly every: number;
      readonly some: number[];
    }
    const points = fixture<{ sequences: Points[]; spheres: Points[] }>("nengo/points.json");
    const some = (distribution: Distribution, { d, seed, n, every }: Points): Float64Array =>
      distribution.sample(n, d, new RandomState(seed)).filter((_, k) => k % every === 0);

    for (const wanted of points.sequences)
      it(`a sequence of ${wanted.d} dimensions is Nengo's, bit for bit`, () =>
        expectSame(some(new QuasirandomSequence(), wanted), wanted.some));
    for (const wanted of points.spheres)
      it(`a ball of ${wanted.d} dimensions (seed ${wanted.seed})`, () =>
        expectClose(some(new ScatteredHypersphere(), wanted), wanted.some, 2e-13));
  });
});
