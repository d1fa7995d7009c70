import { expect } from "chai";
import * as distributions from "../../src/distributions/index.ts";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { MAXINT, RandomState } from "../../src/math/random.ts";
import * as synapses from "../../src/synapses/index.ts";
import * as processes from "../../src/processes/index.ts";
import type { Process } from "../../src/processes/process.ts";
import { declaredContract, make } from "../support/declared.ts";
import { fixture } from "../support/fixtures.ts";
import { expectClose, expectSame } from "../support/numbers.ts";

const { PresentInput, WhiteNoise, WhiteSignal } = processes;

interface Case {
  readonly type: string;
  readonly options: { readonly seed?: number };
  readonly steps: number;
  readonly d: number | null;
  readonly dt: number;
  readonly seed: number | null;
  readonly rows: number[] | null;
  readonly values: number[][];
}

const { cases } = fixture<{ cases: Case[] }>("nengo/processes.json");

describe("processes", () => {
  describe("contract", () => {
    declaredContract(
      processes,
      {
        Table: [
          {
            values: [
              [1, 2],
              [3, 4],
            ],
          },
          { values: [[1], [2]], defaultDt: 0.002 },
        ],
        BrownNoise: [{}, { dist: { type: "Uniform", low: 0, high: 1 }, seed: 4 }],
        FilteredNoise: [
          {},
          { synapse: { type: "Alpha", tau: 0.01 }, scale: false, defaultSizeOut: 2 },
          { synapse: null, dist: { type: "Uniform", low: 0, high: 1 } },
        ],
        Piecewise: [
          { data: { 0: 1, 0.5: -1 } },
          { data: { "-0.5": [1, 2], 0.002: [3, 4], 1: [0, 0] }, interpolation: "linear", defaultDt: 0.002 },
        ],
        PresentInput: [
          {
            inputs: [
              [1, 2],
              [3, 4],
            ],
            presentationTime: 0.1,
          },
          { inputs: [1, 2], presentationTime: 0.1, defaultDt: 0.002, seed: 3 },
        ],
        WhiteNoise: [{}, { dist: { type: "Uniform", low: 0, high: 1 }, scale: false, seed: 1, defaultSizeOut: 2 }],
        WhiteSignal: [
          { period: 1, high: 5 },
          { period: 1, high: 5, rms: 0.3, y0: 0, seed: 2, defaultDt: 0.002, defaultSizeOut: 3 },
        ],
      },
      { ...distributions, ...synapses },
    );
  });

  describe("outputs, as Nengo's", () => {
    for (const { type, options, steps, d, dt, seed, rows, values } of cases) {
      const process = make<Process>({ ...distributions, ...synapses, ...processes }, type, options);
      const size = d ?? process.defaultSizeOut;
      const picked = (data: Float64Array): number[] =>
        (rows ?? Array.from({ length: steps }, (_, k) => k)).flatMap((k) => Array.from(data.subarray(k * size, (k + 1) * size)));
      const title = `${type}(${JSON.stringify(options)})${d === null ? "" : `, size ${d}`}, dt ${dt}`;

      it(`${title}, step by step`, () => {
        const out = process.runSteps(steps, { d: size, dt, ...(seed === null ? {} : { seed }) });
        expect(out.shape).to.deep.equal([steps, size]);
        expectClose(picked(out.data), values.flat(), 1e-12);
      });

      const rng = (): RandomState =>
        seed === null ? new RandomState(options.seed ?? 0) : new RandomState(new RandomState(seed).randint(0, MAXINT));
      const table = process.makeTable({ sizeIn: 0, sizeOut: size, dt, state: {}, rng: rng() });
      if (table === null) continue;
      it(`${title}, as a table`, () => {
        const { rows: height, data, mode, offset } = table;
        expect(mode).to.equal("cyclic");
        expect(data.length).to.equal(height * size);
        const all = new Float64Array(steps * size);
        for (let k = 1; k <= steps; k++) {
          const row = (k + offset) % height;
          all.set(data.subarray(row * size, (row + 1) * size), (k - 1) * size);
        }
        expectClose(picked(all), values.flat(), 1e-12);
      });
    }
  });

  describe("WhiteSignal", () => {
    const table = (signal: InstanceType<typeof WhiteSignal>, dt = 0.001, seed = 0): Float64Array =>
      signal.makeTable({ sizeIn: 0, sizeOut: 1, dt, state: {}, rng: new RandomState(seed) }).data;

    it("has a mean of 0 and, over many seeds, the root mean square asked for", () => {
      let power = 0;
      for (let seed = 0; seed < 40; seed++) {
        const data = table(new WhiteSignal({ period: 0.5, high: 100, rms: 0.3 }), 0.001, seed);
        expect(data.reduce((a, b) => a + b, 0)).to.be.closeTo(0, 1e-10);
        power += data.reduce((a, b) => a + b * b, 0) / data.length / 40;
      }
      expect(Math.sqrt(power)).to.be.closeTo(0.3, 0.01);
    });

    it("starts at the value nearest to y0", () => {
      const data = table(new WhiteSignal({ period: 1, high: 10, y0: 0.1 }));
      for (const v of data) expect(Math.abs(data[1] - 0.1)).to.be.at.most(Math.abs(v - 0.1));
    });

    it("refuses frequencies that are too low or too high", () => {
      expect(() => new WhiteSignal({ period: 1, high: 0.5 })).to.throw(
        ValidationError,
        "WhiteSignal.high: expected at least 1 / period = 1 Hz, got 0.5. Raise high or period",
      );
      expect(() => table(new WhiteSignal({ period: 1, high: 501 }))).to.throw(
        ValidationError,
        "WhiteSignal.high: expected at most half the sampling frequency, 500 Hz for dt = 0.001, got 501. Lower high or dt.",
      );
      expect(() => new WhiteSignal({ period: 1, high: 500 }).runSteps(2)).not.to.throw();
      expect(() => new WhiteSignal({ period: 1, high: 5, rms: 0 })).to.throw(
        ValidationError,
        "WhiteSignal.rms: expected a finite number > 0, got 0.",
      );
      expect(() => new WhiteSignal({ period: 1, high: 5, y0: [1] as never })).to.throw(
        ValidationError,
        "WhiteSignal.y0: expected a finite number, got [1].",
      );
    });
  });

  describe("WhiteNoise", () => {
    it("has no table, since every step draws", () => {
      expect(new WhiteNoise().makeTable({ sizeIn: 0, sizeOut: 1, dt: 0.001, state: {}, rng: new RandomState(0) })).to.equal(null);
    });

    it("refuses what is no distribution", () => {
      expect(() => new WhiteNoise({ dist: 1 as never })).to.throw(ValidationError, "WhiteNoise.dist: expected a distribution, got 1.");
    });
  });

  describe("PresentInput", () => {
    const context = { sizeIn: 0, dt: 0.001, state: {}, rng: new RandomState(0) };

    it("has the size of a row", () => {
      expect(
        new PresentInput({
          inputs: [
            [
              [1, 2],
              [3, 4],
            ],
          ],
          presentationTime: 1,
        }).defaultSizeOut,
      ).to.equal(4);
      expect(new PresentInput({ inputs: [1, 2, 3], presentationTime: 1 }).defaultSizeOut).to.equal(1);
    });

    it("looks rows up where presentations never come out even, or there are many", () => {
      const uneven = new PresentInput({ inputs: [1, 2, 3], presentationTime: 0.001 * Math.SQRT2 });
      expect(uneven.makeTable({ ...context, sizeOut: 1 })).to.equal(null);
      expectSame(uneven.runSteps(6).data, [1, 1, 2, 3, 3, 1]);
      const large = new PresentInput({ inputs: { shape: [1000, 100], data: new Float64Array(100000) }, presentationTime: 0.1 });
      expect(large.makeTable({ ...context, sizeOut: 100 })).to.equal(null);
    });

    it("refuses rows of the wrong size, no rows, and no time", () => {
      const two = new PresentInput({ inputs: [[1, 2]], presentationTime: 1 });
      expect(() => two.makeTable({ ...context, sizeOut: 3 })).to.throw(
        ShapeError,
        "PresentInput.inputs: expected rows of 3 numbers, the size of the output, got 2.",
      );
      expect(() => two.makeStep({ ...context, sizeOut: 3 })).to.throw(ShapeError);
      expect(() => new PresentInput({ inputs: [], presentationTime: 1 })).to.throw(
        ShapeError,
        "PresentInput.inputs: expected an array [count, ...shape] of at least one row, got shape [0].",
      );
      expect(() => new PresentInput({ inputs: [[1]], presentationTime: 0 })).to.throw(
        ValidationError,
        "PresentInput.presentationTime: expected a finite number > 0, got 0.",
      );
    });
  });
});
