import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import type { Dtype, Engine, Executable, Floats, RunOptions } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import { WasmEngine } from "../../src/engines/wasm/engine.ts";
import type { Phase } from "../../src/neurons/neuronType.ts";
import { planProgram, type Plan } from "../../src/plan/plan.ts";
import { exactData, makeNetwork, networkSpecs, randomPrograms } from "../support/arbitraries.ts";
import { expectSame } from "../support/numbers.ts";
import { feedsOf } from "../support/programs.ts";

interface Ran {
  readonly records: ReadonlyMap<string, Floats>;
  readonly memory: ReadonlyMap<string, Floats>;
}

function runWith(engine: Engine, plan: Plan, dtype: Dtype, batch: number, nSteps: number, feeds?: RunOptions["feeds"]): Ran {
  const executable: Executable = engine.prepare(plan, { dtype, batch });
  const state = executable.initialState();
  const items = Array.from({ length: batch }, (_, b) => b);
  const records = executable.run({
    nSteps,
    state,
    streams: makeStreams(plan.program, 6, items),
    ...(feeds === undefined ? {} : { feeds }),
  });
  const memory = plan.layout.signals.map((s, k): [string, Floats] => [
    `${k} ${s.name}`,
    s.perItem ? executable.read(state, s) : executable.getShared(s),
  ]);
  executable.dispose();
  return { records: new Map([...records].map(([slot, { data }]) => [slot, data])), memory: new Map(memory) };
}

function expectSameRun(plan: Plan, engine: Engine, batch: number, nSteps: number, feeds?: RunOptions["feeds"]): void {
  const wanted = runWith(referenceEngine, plan, "float64", batch, nSteps, feeds);
  const got = runWith(engine, plan, "float64", batch, nSteps, feeds);
  for (const kind of ["records", "memory"] as const) {
    expect([...got[kind].keys()]).to.deep.equal([...wanted[kind].keys()]);
    for (const [name, values] of wanted[kind]) expectSame(got[kind].get(name)!, values, `${kind} ${name}`);
  }
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
