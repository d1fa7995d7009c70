import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import type { Engine, RunOptions } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { WasmEngine } from "../../src/engines/wasm/engine.ts";
import type { Phase } from "../../src/neurons/neuronType.ts";
import { planProgram, type Plan } from "../../src/plan/plan.ts";
import { exactData, makeNetwork, networkSpecs, randomPrograms } from "../support/arbitraries.ts";
import { feedsOf } from "../support/programs.ts";
import { expectSameBits, runInParts } from "../support/runs.ts";

function expectSameRun(plan: Plan, engine: Engine, batch: number, nSteps: number, feeds?: RunOptions["feeds"]): void {
  const items = Array.from({ length: batch }, (_, b) => b);
  const [got, wanted] = [engine, referenceEngine].map((one) => runInParts(one, plan, "float64", items, [nSteps], feeds));
  expectSameBits(got, wanted);
}

describe("the wasm engine gives the bits of the reference engine (float64)", () => {
  // Executables are freed, so that the next ones find memory that is not zero.
  const engine = new WasmEngine();

  it("on random programs of all operators that move and add", () => {
    fc.assert(
      fc.property(randomPrograms, fc.constantFrom(1, 2, 3), fc.integer({ min: 0, max: 1000 }), ({ program, fed }, batch, seed) => {
        expectSameRun(planProgram(program), engine, batch, 6, feedsOf(exactData(fed, { seed, batch, nSteps: 6 })));
      }),
      { seed: 51, numRuns: 1000 },
    );
  });

  it("on random networks of all neuron types", () => {
    fc.assert(
      fc.property(networkSpecs(), fc.constantFrom<Phase>("inference", "training"), fc.constantFrom(1, 1, 2, 3), (spec, phase, batch) => {
        const plan = planProgram(buildNetwork(makeNetwork(spec).net).program(phase));
        expectSameRun(plan, engine, batch, 40);
      }),
      { seed: 52, numRuns: 600, interruptAfterTimeLimit: 15000 },
    );
  });
});
