import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { buildNetwork } from "../../../src/build/build.ts";
import type { Phase } from "../../../src/neurons/neuronType.ts";
import { makeNetwork, networkSpecs, randomPrograms, type NetworkSpec } from "../../support/arbitraries.ts";
import { expectNear, forward, gradients, kernelRunner, opsRunner, type Case } from "./support.ts";

describe("programs as tf operations", () => {
  before(() => tf.setBackend("cpu"));

  it("give the numbers of the reference engine on random programs", () => {
    fc.assert(
      fc.property(randomPrograms, fc.constantFrom(1, 2, 3), fc.integer({ min: 0, max: 1000 }), ({ program, fed }, batch, seed) => {
        const c: Case = { program, nSteps: 5, batch, feeds: Object.fromEntries(fed.map((f) => [f.slot, f.size])), seed, exact: true };
        expectNear(forward(opsRunner(c), c).records, forward(kernelRunner(c), c).records, 0, "record");
      }),
      { seed: 61, numRuns: 150, interruptAfterTimeLimit: 20000 },
    );
  });

  it("give the gradients of kernels on random programs", () => {
    fc.assert(
      fc.property(randomPrograms, fc.constantFrom(1, 2, 3), fc.integer({ min: 0, max: 1000 }), ({ program, fed }, batch, seed) => {
        const c: Case = { program, nSteps: 4, batch, feeds: Object.fromEntries(fed.map((f) => [f.slot, f.size])), seed };
        const [got, wanted] = [gradients(opsRunner(c), c), gradients(kernelRunner(c), c)];
        expectNear(got.gradients, wanted.gradients, 1e-5, "gradient");
      }),
      { seed: 62, numRuns: 60, interruptAfterTimeLimit: 20000 },
    );
  });

  const caseOf = (spec: NetworkSpec, phase: Phase, batch: number, nSteps: number): Case => {
    const built = buildNetwork(makeNetwork(spec).net);
    return {
      program: built.program(phase),
      nSteps,
      batch,
      scale: 0.7,
      seed: spec.seed,
      parameters: built.parameters.map((p) => p.signal),
      feeds: Object.fromEntries([...built.inputs.values()].map(({ slot, signal }) => [slot, signal.size])),
    };
  };

  it("run random networks of all neuron types", () => {
    fc.assert(
      fc.property(networkSpecs(), fc.constantFrom<Phase>("inference", "training"), fc.constantFrom(1, 2), (spec, phase, batch) => {
        const c = caseOf(spec, phase, batch, 12);
        expectNear(forward(opsRunner(c), c).records, forward(kernelRunner(c), c).records, 1e-4, "record");
      }),
      { seed: 63, numRuns: 60, interruptAfterTimeLimit: 20000 },
    );
  });

  it("give the gradients of kernels on random networks", () => {
    fc.assert(
      fc.property(networkSpecs(), fc.constantFrom(1, 2), (spec, batch) => {
        const c = caseOf(spec, "training", batch, 8);
        const [got, wanted] = [gradients(opsRunner(c), c), gradients(kernelRunner(c), c)];
        expectNear(got.gradients, wanted.gradients, 1e-4, "gradient");
      }),
      { seed: 64, numRuns: 40, interruptAfterTimeLimit: 20000 },
    );
  });
});
