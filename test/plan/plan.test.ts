import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import type { Executable } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import { planProgram, type Plan } from "../../src/plan/plan.ts";
import { exactData, makeNetwork, networkSpecs, randomPrograms } from "../support/arbitraries.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { plainPlan, runPlan } from "../support/programs.ts";

describe("planProgram", () => {
  it("simplifies, orders and merges random programs without changing a number", () => {
    let [merged, simplified] = [0, 0];
    fc.assert(
      fc.property(randomPrograms, fc.constantFrom(1, 3), ({ program, fed }, batch) => {
        const nSteps = 7;
        const feeds = exactData(fed, { seed: 4, batch, nSteps });
        const plan = planProgram(program);
        const planned = plan.groups.reduce((sum, g) => sum + g.operators.length, 0);
        if (plan.groups.length < planned) merged++;
        if (planned < program.operators.length) simplified++;
        // 0 and -0 are not told apart: 0 + -0 is 0, and what is set instead of added to 0 stays -0.
        const positive = (records: Readonly<Record<string, number[][][]>>) =>
          Object.fromEntries(Object.entries(records).map(([slot, r]) => [slot, r.map((rows) => rows.map((row) => row.map((v) => v + 0)))]));
        expect(positive(runPlan(plan, nSteps, { batch, feeds }).records)).to.deep.equal(
          positive(runPlan(plainPlan(program), nSteps, { batch, feeds }).records),
        );
      }),
      { seed: 21, numRuns: 300 },
    );
    expect(merged).to.be.above(200);
    expect(simplified).to.be.above(100);
  });

  const recordsOf = (plan: Plan, nSteps: number, batch: number): Map<string, Float64Array> => {
    const executable: Executable = referenceEngine.prepare(plan, { dtype: "float64", batch });
    const streams = makeStreams(
      plan.program,
      3,
      Array.from({ length: batch }, (_, b) => b),
    );
    return new Map(
      [...executable.run({ nSteps, state: executable.initialState(), streams })].map(([slot, { data }]) => [slot, data as Float64Array]),
    );
  };

  it("gives merged operators of random networks the bits that each has alone", () => {
    fc.assert(
      fc.property(networkSpecs(), fc.constantFrom(1, 3), (spec, batch) => {
        const plan = planProgram(buildNetwork(makeNetwork(spec).net).program("inference"));
        const alone = plainPlan(
          plan.program,
          plan.groups.flatMap((g) => g.operators),
        );
        const [got, wanted] = [recordsOf(plan, 20, batch), recordsOf(alone, 20, batch)];
        expect([...got.keys()].sort()).to.deep.equal([...wanted.keys()].sort());
        for (const [slot, data] of wanted) expectSame(got.get(slot)!, data, slot);
      }),
      { seed: 22, numRuns: 100 },
    );
  });

  it("keeps what rate networks compute in the program's own order, up to rounding of sums", () => {
    fc.assert(
      fc.property(networkSpecs({ noise: false }), (spec) => {
        const program = buildNetwork(makeNetwork(spec, { recurrent: false }).net).program("training");
        const [got, wanted] = [recordsOf(planProgram(program), 20, 2), recordsOf(plainPlan(program), 20, 2)];
        for (const [slot, data] of wanted) {
          const scale = data.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
          expectClose(got.get(slot)!, data, 1e-12 * scale, slot);
        }
      }),
      { seed: 23, numRuns: 60 },
    );
  });
});
