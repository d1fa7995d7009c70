import { expect } from "chai";
import { makeStreams } from "../../../src/engines/streams.ts";
import { SimulationError } from "../../../src/errors.ts";
import type { HostOperator, Role } from "../../../src/ir/operators.ts";
import type { Stream } from "../../../src/ir/program.ts";
import { range, type Range, type Signal } from "../../../src/ir/signal.ts";
import { RandomState } from "../../../src/math/random.ts";
import { planProgram } from "../../../src/plan/plan.ts";
import type { ProcessStep } from "../../../src/processes/process.ts";
import { feedOf, feedsOf, items, perItem, programOf, recordOf, run, variants } from "../../support/programs.ts";

type Call = (t: number, inputs: readonly Float64Array[]) => readonly (ArrayLike<number> | number)[];

const host = (
  call: Call,
  inputs: readonly Range[],
  outputs: readonly (readonly [Signal, Role])[],
  slot: string | null = null,
): HostOperator => ({
  kind: "host",
  origin: "the function",
  call: { kind: "function", call },
  inputs,
  outputs: outputs.map(([signal, role]) => ({ range: range(signal), role })),
  slot,
});

for (const { name, ...variant } of variants) {
  const { batch } = variant;
  const x = perItem("x", 3);
  const feeds = { x: items(batch, (b) => [1, 2, 3].map((k) => [k, 10 * b, -k])) };

  describe(`host (${name})`, () => {
    it("is called once an item and step, in order, with time and inputs", () => {
      const y = perItem("y", 1);
      const calls: unknown[] = [];
      const call: Call = (t, inputs) => {
        calls.push([t, inputs.map((input) => [...input])]);
        return [calls.length];
      };
      const { records } = run(
        programOf([feedOf(x), host(call, [range(x, 1, 2), range(x, 0, 1)], [[y, "set"]]), recordOf(y)], { dt: 0.5 }),
        3,
        { ...variant, feeds },
      );
      expect(calls).to.deep.equal([1, 2, 3].flatMap((k) => items(batch, (b) => [0.5 * k, [[10 * b, -k], [k]]])));
      expect(records["y"]).to.deep.equal(items(batch, (b) => [0, 1, 2].map((k) => [k * batch + b + 1])));
    });

    it("has several outputs with roles", () => {
      const [set, added, updated, seen] = [perItem("set", 2), perItem("added", [100]), perItem("updated", [-1, -1]), perItem("seen", 1)];
      const call: Call = (_t, [input]) => [[input[0], input[1]], 1, Float32Array.of(input[0], 5)];
      const { records } = run(
        programOf([
          feedOf(x),
          host(
            call,
            [range(x)],
            [
              [set, "set"],
              [added, "inc"],
              [updated, "update"],
            ],
          ),
          {
            kind: "copy",
            origin: "see",
            source: { ...range(updated, 0, 1), index: null },
            target: { ...range(seen), index: null },
            role: "set",
          },
          ...[set, added, updated, seen].map((s) => recordOf(s)),
        ]),
        3,
        { ...variant, feeds },
      );
      expect(records["set"]).to.deep.equal(items(batch, (b) => [1, 2, 3].map((k) => [k, 10 * b])));
      expect(records["added"]).to.deep.equal(items(batch, () => [[101], [102], [103]]));
      expect(records["updated"]).to.deep.equal(
        items(batch, () => [
          [1, 5],
          [2, 5],
          [3, 5],
        ]),
      );
      expect(records["seen"]).to.deep.equal(items(batch, () => [[-1], [1], [2]]));
    });

    it("gets copies", () => {
      const y = perItem("y", 1);
      const kept: Float64Array[] = [];
      const call: Call = (_t, [input]) => {
        kept.push(input);
        input.fill(99);
        return [0];
      };
      const { records } = run(programOf([feedOf(x), host(call, [range(x)], [[y, "set"]]), recordOf(x), recordOf(y)]), 3, {
        ...variant,
        feeds,
      });
      expect(records["x"]).to.deep.equal(feeds.x);
      expect(new Set(kept).size).to.equal(3 * batch);
    });

    it("is left out where its slot has data", () => {
      const y = perItem("y", 2);
      let called = 0;
      const program = programOf([host(() => [[++called, 0]], [], [[y, "set"]], "node"), recordOf(y)]);
      expect(
        run(program, 2, {
          ...variant,
          feeds: {
            node: items(batch, (b) => [
              [b, 1],
              [b, 2],
            ]),
          },
        }).records["y"],
      ).to.deep.equal(
        items(batch, (b) => [
          [b, 1],
          [b, 2],
        ]),
      );
      expect(called).to.equal(0);
      run(program, 2, variant);
      expect(called).to.equal(2 * batch);
    });

    it("calls the step function that a stream made for the item", () => {
      const y = perItem("y", 2);
      const make = (rng: RandomState): ProcessStep => {
        const own = rng.uniform();
        let sum = 0;
        return (t, input) => [own, (sum += input[0] * t)];
      };
      const stream: Stream = { origin: "process", seed: { kind: "draw" }, maker: { kind: "process", make } };
      const operator: HostOperator = {
        kind: "host",
        origin: "process",
        call: { kind: "stream", stream: 0 },
        inputs: [range(x)],
        outputs: [{ range: range(y), role: "set" }],
        slot: null,
      };
      const { records } = run(programOf([feedOf(x), operator, recordOf(y)], { streams: [stream], dt: 1 }), 3, {
        ...variant,
        feeds,
        seed: 17,
      });
      const round = variant.dtype === "float32" ? Math.fround : (v: number): number => v;
      // Item b's generator is seeded with the first draw of one seeded with 17 + b.
      const own = (b: number): number => round(new RandomState(new RandomState(17 + b).randint(0, 2147483647)).uniform());
      expect(records["y"]).to.deep.equal(items(batch, (b) => [1, 5, 14].map((sum) => [own(b), sum])));
    });

    it("says who failed and when, and puts the state back", () => {
      const [y, count, one] = [perItem("y", 1), perItem("count", [0]), perItem("one", [1])];
      const cause = new RangeError("too far");
      let fail = true;
      const call: Call = (t, [input]) => {
        if (fail && t > 0.0015 && (batch === 1 || input[1] === 10)) throw cause;
        return [t];
      };
      const program = programOf([
        feedOf(x),
        { kind: "copy", origin: "count", source: { ...range(one), index: null }, target: { ...range(count), index: null }, role: "inc" },
        host(call, [range(x)], [[y, "set"]]),
        recordOf(y),
        recordOf(count),
      ]);
      const executable = variant.engine.prepare(planProgram(program), variant);
      const states = [executable.initialState(), executable.initialState()];
      const streams = makeStreams(
        program,
        0,
        items(batch, (b) => b),
      );
      for (const state of states) {
        fail = true;
        const before = [...state.memory];
        let error: unknown = null;
        try {
          executable.run({ nSteps: 3, state, feeds: feedsOf(feeds), streams });
        } catch (thrown) {
          error = thrown;
        }
        expect(error).to.be.instanceOf(SimulationError);
        expect((error as Error).message).to.equal(
          `the function at step 2 (t = 0.002 s)${batch > 1 ? ", item 1" : ""}: a user's function threw RangeError: too far`,
        );
        expect((error as Error).cause).to.equal(cause);
        expect([...state.memory]).to.deep.equal(before);
        expect(state.step).to.equal(0);
        // It goes on as if nothing had been.
        fail = false;
        expect([...executable.run({ nSteps: 3, state, feeds: feedsOf(feeds), streams }).get("count")!.data]).to.deep.equal(
          items(batch, () => [1, 2, 3]).flat(),
        );
      }
    });

    it("passes on what the library itself complains about", () => {
      const y = perItem("y", 1);
      const call: Call = () => {
        throw new SimulationError("Node: expected finite numbers, got NaN.");
      };
      expect(() => run(programOf([host(call, [], [[y, "set"]]), recordOf(y)]), 1, variant)).to.throw(
        SimulationError,
        /^the function at step 1 \(t = 0\.001 s\)(, item 0)?: Node: expected finite numbers, got NaN\.$/,
      );
    });
  });

  describe(`draw (${name})`, () => {
    const generator: Stream = { origin: "draws", seed: { kind: "object", seed: 40 }, maker: { kind: "generator" } };
    const round = variant.dtype === "float32" ? Math.fround : (v: number): number => v;
    /** The generator of item b, found in the program's own streams. */
    const rngOf = (program: Parameters<typeof makeStreams>[0], b: number): RandomState =>
      (makeStreams(program, 5, [b]).sources[0][0] as { rng: RandomState }).rng;

    it("draws uniforms, element by element and step by step", () => {
      const y = perItem("y", 3);
      const program = programOf(
        [{ kind: "draw", origin: "draw", distribution: "uniform", parameter: null, target: range(y), stream: 0 }, recordOf(y)],
        { streams: [generator] },
      );
      const { records } = run(program, 4, { ...variant, seed: 5 });
      const wanted = items(batch, (b) => {
        const rng = b === 0 ? new RandomState(41) : rngOf(program, b);
        return [1, 2, 3, 4].map(() => [...rng.uniforms(3)].map(round));
      });
      expect(records["y"]).to.deep.equal(wanted);
    });

    it("draws Poisson counts of the given means", () => {
      const y = perItem("y", 3);
      const means = { x: items(batch, (b) => [0, 1].map((k) => [0, 3 + k, 20 + b])) };
      const program = programOf(
        [
          feedOf(x),
          { kind: "draw", origin: "draw", distribution: "poisson", parameter: range(x), target: range(y), stream: 0 },
          recordOf(y),
        ],
        { streams: [generator] },
      );
      const { records } = run(program, 2, { ...variant, seed: 5, feeds: means });
      const wanted = items(batch, (b) => {
        const rng = b === 0 ? new RandomState(41) : rngOf(program, b);
        return means.x[b].map((row) => row.map((mean) => rng.poisson(mean)));
      });
      expect(records["y"]).to.deep.equal(wanted);
    });

    it("goes on where it was in the next run", () => {
      const y = perItem("y", 2);
      const program = programOf(
        [{ kind: "draw", origin: "draw", distribution: "uniform", parameter: null, target: range(y), stream: 0 }, recordOf(y)],
        { streams: [generator] },
      );
      const executable = variant.engine.prepare(planProgram(program), variant);
      const [a, b] = [executable.initialState(), executable.initialState()];
      const all = items(batch, (k) => k);
      const [once, twice] = [makeStreams(program, 5, all), makeStreams(program, 5, all)];
      const whole = executable.run({ nSteps: 3, state: a, streams: once }).get("y")!;
      executable.run({ nSteps: 2, state: b, streams: twice });
      const rest = executable.run({ nSteps: 1, state: b, streams: twice }).get("y")!;
      expect([...rest.data]).to.deep.equal(items(batch, (k) => [...whole.data.subarray(k * 6 + 4, k * 6 + 6)]).flat());
    });
  });
}
