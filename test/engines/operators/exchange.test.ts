import { expect } from "chai";
import { SimulationError } from "../../../src/errors.ts";
import { recordedRows, table } from "../../../src/engines/engine.ts";
import { makeStreams } from "../../../src/engines/streams.ts";
import type { Stream, StreamMaker } from "../../../src/ir/program.ts";
import { range } from "../../../src/ir/signal.ts";
import type { RandomState } from "../../../src/math/random.ts";
import { planProgram } from "../../../src/plan/plan.ts";
import type { ProcessStep, ProcessTable } from "../../../src/processes/process.ts";
import { feedOf, items, perItem, programOf, recordOf, run, shared, variants } from "../../support/programs.ts";

const stream = (make: (rng: RandomState) => ProcessTable | ProcessStep): Stream => ({
  origin: "process",
  seed: { kind: "draw" },
  maker: { kind: "process", make } satisfies StreamMaker,
});
const rows = (mode: ProcessTable["mode"], offset: number) =>
  stream(() => ({ rows: 3, data: Float64Array.of(10, 11, 20, 21, 30, 31), mode, offset }));

for (const { name, ...variant } of variants) {
  const { batch, dtype } = variant;
  describe(`feed (${name})`, () => {
    const x = perItem("x", [5, 6]);

    it("takes row k of the data at the run's k-th step, in every run", () => {
      const executable = variant.engine.prepare(planProgram(programOf([feedOf(x), recordOf(x)])), variant);
      const state = executable.initialState();
      for (const base of [0, 50]) {
        const data = items(batch, (b) => [0, 1, 2].map((k) => [base + 10 * b + k, -k]));
        const records = executable.run({ nSteps: 3, state, feeds: new Map([["x", table(Float64Array.from(data.flat(2)), 3, 2)]]) });
        expect([...records.get("x")!.data]).to.deep.equal(data.flat(2).map((v) => v));
      }
      expect(state.step).to.equal(6);
    });

    it("reads tables by their strides: one for all items, backwards", () => {
      const executable = variant.engine.prepare(planProgram(programOf([feedOf(x), recordOf(x)])), variant);
      const data = Float64Array.of(99, 1, 2, 3, 4, 5, 6);
      const records = executable.run({
        nSteps: 3,
        state: executable.initialState(),
        feeds: new Map([["x", { data, offset: 5, itemStride: 0, stepStride: -2 }]]),
      });
      expect([...records.get("x")!.data]).to.deep.equal(items(batch, () => [5, 6, 3, 4, 1, 2]).flat());
    });

    it("keeps the value where nothing is fed", () => {
      expect(run(programOf([feedOf(x), recordOf(x)]), 2, variant).records["x"]).to.deep.equal(
        items(batch, () => [
          [5, 6],
          [5, 6],
        ]),
      );
    });

    it("goes round a cyclic table", () => {
      const program = programOf([feedOf(x, null, 0), recordOf(x)], { streams: [rows("cyclic", 1)] });
      // Step k has row k + 1.
      expect(run(program, 4, variant).records["x"]).to.deep.equal(
        items(batch, () => [
          [30, 31],
          [10, 11],
          [20, 21],
          [30, 31],
        ]),
      );
    });

    it("holds the last row of a table", () => {
      const program = programOf([feedOf(x, null, 0), recordOf(x)], { streams: [rows("hold", -1)] });
      expect(run(program, 5, variant).records["x"]).to.deep.equal(
        items(batch, () => [
          [10, 11],
          [20, 21],
          [30, 31],
          [30, 31],
          [30, 31],
        ]),
      );
    });

    it("calls a step function with the time, one for each item", () => {
      let made = 0;
      const make = (): ProcessStep => {
        const own = made++;
        let calls = 0;
        return (t, input) => [t * 512 + input.length, own + 100 * ++calls];
      };
      const program = programOf([feedOf(x, null, 0), recordOf(x)], { streams: [stream(make)], dt: 1 / 512 });
      expect(run(program, 3, variant).records["x"]).to.deep.equal(
        items(batch, (b) => [
          [1, b + 100],
          [2, b + 200],
          [3, b + 300],
        ]),
      );
    });

    it("prefers data to its stream", () => {
      const program = programOf([feedOf(x, "slot", 0), recordOf(x)], { streams: [rows("hold", 0)] });
      expect(
        run(program, 1, { ...variant, feeds: { slot: items(batch, (b) => [[b, -b]]) } }).records["x"].map((r) => r[0].map((v) => v + 0)),
      ).to.deep.equal(items(batch, (b) => [b, 0 - b]));
    });

    it("says who failed and when, and puts the state back", () => {
      const [state, plus] = [perItem("state", [1]), perItem("one", [1])];
      const step: ProcessStep = (t) => {
        if (t > 0.0025) throw new TypeError("no more");
        return [0, 0];
      };
      const program = programOf(
        [
          { ...feedOf(x, null, 0), origin: "noise of a" },
          { kind: "copy", origin: "count", source: { ...range(plus), index: null }, target: { ...range(state), index: null }, role: "inc" },
          recordOf(x),
          recordOf(state),
        ],
        { streams: [stream(() => step)] },
      );
      const executable = variant.engine.prepare(planProgram(program), variant);
      const resident = executable.initialState();
      const streams = makeStreams(
        program,
        0,
        items(batch, (b) => b),
      );
      executable.run({ nSteps: 2, state: resident, streams });
      const other = executable.copyState(resident);
      for (const state_ of [resident, other]) {
        expect(() => executable.run({ nSteps: 2, state: state_, streams })).to.throw(
          SimulationError,
          /^noise of a at step 3 \(t = 0\.003 s\)(, item 0)?: a user's function threw TypeError: no more$/,
        );
        expect(state_.step).to.equal(2);
        expect([...executable.read(state_, state)]).to.deep.equal(items(batch, () => 3));
      }
    });

    it("wants as many numbers as there are", () => {
      const of = (value: ArrayLike<number> | number) => () =>
        run(programOf([feedOf(x, null, 0), recordOf(x)], { streams: [stream(() => () => value)] }), 1, variant);
      expect(of([1])).to.throw(SimulationError, "expected a step function that returns 2 numbers, got 1");
      expect(of(1)).to.throw(SimulationError, "expected a step function that returns 2 numbers, got 1");
    });

    it("asks for streams that were not given", () => {
      const program = programOf([feedOf(x, null, 0), recordOf(x)], { streams: [rows("hold", 0)] });
      const executable = variant.engine.prepare(planProgram(program), variant);
      expect(() => executable.run({ nSteps: 1, state: executable.initialState() })).to.throw(SimulationError, "makeStreams");
    });
  });

  describe(`record and time (${name})`, () => {
    const clock = perItem("clock", 1);
    const tick = {
      kind: "host",
      origin: "clock",
      call: { kind: "function", call: (t: number) => [t] },
      inputs: [],
      outputs: [{ range: range(clock), role: "set" }],
      slot: null,
    } as const;

    it("counts time in steps of dt", () => {
      expect(run(programOf([tick, recordOf(clock)], { dt: 0.25 }), 3, variant).records["clock"]).to.deep.equal(
        items(batch, () => [[0.25], [0.5], [0.75]]),
      );
    });

    it("records whenever the step is less than one past a multiple of the period", () => {
      const program = programOf([tick, recordOf(clock, "slow", 2.5), recordOf(clock, "third", 3), recordOf(clock, "all")], { dt: 1 });
      const executable = variant.engine.prepare(planProgram(program), variant);
      const state = executable.initialState();
      const slow: number[] = [];
      const third: number[] = [];
      for (const nSteps of [1, 3, 5, 4]) {
        const records = executable.run({ nSteps, state });
        for (const [slot, list] of [
          ["slow", slow],
          ["third", third],
        ] as const) {
          const { data, rows: n } = records.get(slot)!;
          expect(data.length).to.equal(n * batch);
          list.push(...data.subarray(0, n));
        }
        expect(records.get("all")!.rows).to.equal(nSteps);
      }
      expect(slow).to.deep.equal([3, 5, 8, 10, 13]);
      expect(third).to.deep.equal([3, 6, 9, 12]);
    });

    it("records shared signals for every item, and parts of signals", () => {
      const [s, p] = [shared("s", [1, 2, 3]), perItem("p", [4, 5, 6])];
      const part = { ...recordOf(p), source: range(p, 1, 2) };
      const { records } = run(programOf([recordOf(s), part]), 1, variant);
      expect(records).to.deep.equal({ s: items(batch, () => [[1, 2, 3]]), p: items(batch, () => [[5, 6]]) });
    });

    it("writes where it is told to", () => {
      const executable = variant.engine.prepare(planProgram(programOf([tick, recordOf(clock)], { dt: 1 })), variant);
      const data = dtype === "float64" ? new Float64Array(4 * batch) : new Float32Array(4 * batch);
      // Last step first, after an empty place.
      const into = new Map([["clock", { data, offset: 3, itemStride: 4, stepStride: -1 }]]);
      expect(executable.run({ nSteps: 3, state: executable.initialState(), into }).has("clock")).to.equal(false);
      expect([...data]).to.deep.equal(items(batch, () => [0, 3, 2, 1]).flat());
    });
  });
}

describe("recordedRows", () => {
  it("counts rows of a run that begins anywhere", () => {
    expect(recordedRows(0, 10, 2.5)).to.equal(4);
    expect(recordedRows(3, 2, 2.5)).to.equal(1);
    expect(recordedRows(5, 2, 2.5)).to.equal(0);
    expect(recordedRows(7, 4, 1)).to.equal(4);
  });
});
