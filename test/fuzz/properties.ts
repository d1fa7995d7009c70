import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import { table, type Dtype, type Floats, type Table } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { WasmEngine } from "../../src/engines/wasm/engine.ts";
import { RandomState } from "../../src/math/random.ts";
import { SimulationError } from "../../src/errors.ts";
import { Sigmoid, SoftLIFRate, Tanh } from "../../src/neurons/index.ts";
import type { Phase } from "../../src/neurons/neuronType.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { exactData, randomPrograms } from "../support/arbitraries.ts";
import { caseOf, Objective } from "../support/gradients.ts";
import { expectSame } from "../support/numbers.ts";
import { feedsOf } from "../support/programs.ts";
import { expectSameBits, runInParts, type Ran } from "../support/runs.ts";
import { makeRich, richSpecs } from "./richNetworks.ts";

/** Freed executables leave memory that is not zero to the next ones. */
const wasm = new WasmEngine();
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const phases = fc.constantFrom<Phase>("inference", "training");

/** Runs a plan in parts of these lengths; null where a Node was given numbers beyond all bounds, which it refuses. */
function runIn(...run: Parameters<typeof runInParts>): Ran | null {
  try {
    return runInParts(...run);
  } catch (error) {
    if (error instanceof SimulationError && error.message.includes("expected finite numbers")) return null;
    throw error;
  }
}

const areFinite = (all: Iterable<Floats>): boolean => [...all].every((values) => values.every(Number.isFinite));
const isBounded = (ran: Ran | null): ran is Ran => ran !== null && areFinite(ran.memory.values());

/**
 * Same bits, unless values have grown beyond all bounds: whether a column of zero is skipped or multiplied by NaN is free. Both runs must
 * show it then, so that a simulator stops.
 */
function expectSameRun(got: Ran | null, wanted: Ran | null): void {
  expect(isBounded(got), "finite values").to.equal(isBounded(wanted));
  if (isBounded(got) && isBounded(wanted)) expectSameBits(got, wanted);
}

function plan(spec: Parameters<typeof makeRich>[0], phase: Phase) {
  const built = buildNetwork(makeRich(spec).net);
  const feeds = (items: readonly number[], nSteps: number): Map<string, Table> =>
    new Map(
      [...built.inputs.values()].map(({ slot, signal: { size } }, k) => {
        const rows = items.flatMap((item) => [...new RandomState(1000 * k + item).uniforms(nSteps * size, -1, 1)]);
        return [slot, table(Float64Array.from(rows), nSteps, size)];
      }),
    );
  return { plan: planProgram(built.program(phase)), feeds };
}

/** What must hold of every random network and program, each to be tried with new numbers for as long as there is time. */
export const properties: Readonly<Record<string, () => fc.IRawProperty<unknown>>> = {
  "wasm float64 is reference float64, to the bit: networks": () =>
    fc.property(richSpecs(), phases, fc.constantFrom(1, 1, 2, 3, 5), fc.boolean(), (spec, phase, batch, fed) => {
      const { plan: p, feeds } = plan(spec, phase);
      const items = range(batch);
      const data = fed ? feeds(items, 40) : undefined;
      expectSameRun(runIn(wasm, p, "float64", items, [40], data), runIn(referenceEngine, p, "float64", items, [40], data));
    }),
  "wasm float64 is reference float64, to the bit: programs": () =>
    fc.property(randomPrograms, fc.constantFrom(1, 2, 3, 5), fc.nat(1000), ({ program, fed }, batch, seed) => {
      const p = planProgram(program);
      const feeds = feedsOf(exactData(fed, { seed, batch, nSteps: 6 }));
      expectSameRun(runIn(wasm, p, "float64", range(batch), [6], feeds), runIn(referenceEngine, p, "float64", range(batch), [6], feeds));
    }),
  "parts of a run are one run, to the bit": () =>
    fc.property(
      richSpecs(),
      phases,
      fc.constantFrom<Dtype>("float64", "float32"),
      fc.constantFrom(1, 2, 4),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 4 }),
      (spec, phase, dtype, batch, parts) => {
        const { plan: p, feeds } = plan(spec, phase);
        const [items, nSteps] = [range(batch), parts.reduce((a, b) => a + b)];
        const data = feeds(items, nSteps);
        expectSameRun(runIn(wasm, p, dtype, items, parts, data), runIn(wasm, p, dtype, items, [nSteps], data));
      },
    ),
  "an item of a batch is a run by itself, to the bit": () =>
    fc.property(
      richSpecs(),
      phases,
      fc.constantFrom<Dtype>("float64", "float32"),
      fc.constantFrom(2, 3, 5, 8),
      (spec, phase, dtype, batch) => {
        // In float32 the one sum over a vector that there is, RLS's, runs lane by lane where an item is alone.
        const parts = dtype === "float64" ? spec.parts : spec.parts.filter(({ kind }) => kind !== "RLS");
        const { plan: p, feeds } = plan({ ...spec, parts }, phase);
        const all = runIn(wasm, p, dtype, range(batch), [25], feeds(range(batch), 25));
        const singles = range(batch).map((item) => runIn(wasm, p, dtype, [item], [25], feeds([item], 25)));
        expect(isBounded(all), "finite values").to.equal(singles.every(isBounded));
        if (all === null) return;
        for (const item of [0, batch - 1]) {
          const single = singles[item];
          if (!isBounded(single)) continue;
          for (const [slot, data] of single.records)
            expectSame(all.records.get(slot)!.subarray(item * data.length, (item + 1) * data.length), data, `${slot}, item ${item}`);
        }
      },
    ),
  "gradients of the wasm engine are the reference engine's, to the bit, with checkpoints too": () =>
    fc.property(
      richSpecs({ choices: { differentiable: true }, most: 20 }),
      fc.constantFrom(1, 2, 3),
      fc.boolean(),
      (spec, batch, parts) => {
        const built = buildNetwork(makeRich(spec, { differentiable: true }).net);
        const objective = new Objective({ ...caseOf(built, { nSteps: 9, batch }), ...(parts ? { tapeLimit: 0 } : {}) });
        const { feeds, parameters, states } = objective.gradients({}, [referenceEngine]).gradients;
        // Beyond all bounds infinity times a column of zero may be skipped or not.
        if ([feeds, parameters, states].every((all) => areFinite(all.values()))) objective.gradients();
      },
    ),
  "gradients are numeric differences: smooth networks": () => {
    const types = [new Sigmoid(), new Tanh(), new SoftLIFRate({ sigma: 0.2 })];
    const choices = { types, noise: false, differentiable: true };
    return fc.property(richSpecs({ choices, most: 8 }), (spec) => {
      const smooth = { ...spec, parts: spec.parts.filter(({ kind }) => !["host", "PES", "RLS", "Voja", "BCM", "Oja"].includes(kind)) };
      const built = buildNetwork(makeRich(smooth, choices).net);
      new Objective(caseOf(built, { nSteps: 5 })).checkDirections({ relative: 1e-5 });
    });
  },
};
