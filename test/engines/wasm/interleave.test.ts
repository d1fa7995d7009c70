import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../../src/build/build.ts";
import { interleave } from "../../../src/engines/wasm/interleave.ts";
import { WasmEngine } from "../../../src/engines/wasm/engine.ts";
import { referenceEngine } from "../../../src/engines/reference/engine.ts";
import { makeStreams } from "../../../src/engines/streams.ts";
import type { Operator } from "../../../src/ir/operators.ts";
import { accesses } from "../../../src/ir/operators.ts";
import { range, type Signal } from "../../../src/ir/signal.ts";
import { Network } from "../../../src/network/index.ts";
import { planProgram } from "../../../src/plan/plan.ts";
import type { Group } from "../../../src/plan/schedule.ts";
import { WhiteNoise } from "../../../src/processes/index.ts";
import { makeNetwork, networkSpecs, randomPrograms } from "../../support/arbitraries.ts";
import { feedOf, perItem, programOf, recordOf, whole } from "../../support/programs.ts";
import { expectSame } from "../../support/numbers.ts";

/** An array of ensembles with feedback by way of one Node, noise and a user's function. */
function arrayOf(count: number, n: number): Network {
  const net = new Network({ seed: 1 });
  const [input, output] = [
    net.node((t: number) => Array.from({ length: count }, (_, i) => Math.sin(9 * t + i))),
    net.node({ sizeIn: count }),
  ];
  for (let k = 0; k < count; k++) {
    const e = net.ensemble(n, 1, { nEvalPoints: 40, ...(k % 3 === 0 ? { noise: new WhiteNoise({ scale: false }) } : {}) });
    net.connect(input.at(k), e);
    net.connect(output.at(k), e, { transform: 0.3 });
    net.connect(e, output.at(k), { function: (x) => x[0] ** 2 });
    if (k % 4 === 0) net.probe(e.neurons, { synapse: 0.01 });
  }
  net.probe(output, { synapse: 0.01 });
  return net;
}

const flat = (groups: readonly Group[]): Operator[] => groups.flatMap((g) => [...g.operators]);

/** No operator may pass another if one of them writes what the other touches. */
function expectSameOrder(before: readonly Group[], after: readonly Group[]): void {
  const place = new Map(flat(after).map((op, k) => [op, k]));
  const all = flat(before).map((op) => ({ op, ...accesses(op) }));
  expect(place.size).to.equal(all.length);
  const hit = (a: { signal: object; from: number; to: number }[], b: { signal: object; from: number; to: number }[]): boolean =>
    a.some((p) => b.some((q) => p.signal === q.signal && p.from < q.to && q.from < p.to));
  all.forEach((a, k) => {
    const writes = [...a.sets, ...a.incs, ...a.updates];
    for (const b of all.slice(k + 1)) {
      const others = [...b.sets, ...b.incs, ...b.updates];
      if (hit(writes, [...others, ...b.reads]) || hit([...a.reads], others)) expect(place.get(b.op)).to.be.above(place.get(a.op)!);
    }
  });
}

describe("interleave", () => {
  it("runs an ensemble's operators together, and only as long as there is work for many of them", () => {
    const { groups } = planProgram(buildNetwork(arrayOf(12, 20)).program("inference"));
    const small = interleave(groups, () => 100);
    expect(small).to.equal(groups);
    const after = interleave(groups, (signal) => signal.size * 16384);
    expect(after.length).to.be.above(groups.length);
    expectSameOrder(groups, after);
    // Encoders, neurons and decoders of the first chunk before those of the second.
    const neurons = after.flatMap((g, k) => (g.operators.some((op) => op.origin.startsWith("SimNeurons")) ? [k] : []));
    expect(neurons.length).to.be.above(1);
    const between = after.slice(neurons[0], neurons[1]).flatMap((g) => g.operators.map((op) => op.origin));
    expect(between.some((origin) => /^DotInc Connection from Ensemble/.test(origin))).to.equal(true);
    expect(between.some((origin) => /^DotInc Ensemble .*scaledEncoders/.test(origin))).to.equal(true);
  });

  it("keeps the order of a sum of which only the last term belongs to something large", () => {
    const [fed, large, sum] = [perItem("fed", 1), perItem("large", 2), perItem("sum", 1)];
    const copy = (source: ReturnType<typeof whole>, target: Signal, role: "set" | "inc"): Operator => {
      return { kind: "copy", origin: "copy", source, target: whole(target), role };
    };
    const program = programOf([
      feedOf(fed),
      copy(whole(fed, [0, 0]), large, "set"),
      { kind: "set", origin: "reset", target: range(sum), value: 0 },
      ...[whole(fed), whole(fed), whole(fed), whole(large, [1])].map((source) => copy(source, sum, "inc")),
      recordOf(sum),
    ]);
    const { groups } = planProgram(program);
    const after = interleave(groups, (signal) => (signal === large ? 1 << 23 : 64));
    expect(after).to.not.equal(groups);
    expectSameOrder(groups, after);
  });

  it("keeps the order of what touches the same, on random programs and networks", () => {
    const big = (signal: { readonly size: number }): number => (signal.size > 1 ? 1 << 23 : 64);
    fc.assert(
      fc.property(randomPrograms, ({ program }) => {
        const { groups } = planProgram(program);
        expectSameOrder(groups, interleave(groups, big));
      }),
      { seed: 81, numRuns: 1500 },
    );
    fc.assert(
      fc.property(networkSpecs(), (spec) => {
        const { groups } = planProgram(buildNetwork(makeNetwork(spec).net).program("inference"));
        expectSameOrder(groups, interleave(groups, big));
      }),
      { seed: 82, numRuns: 60 },
    );
  });

  it("changes no bit", () => {
    const plan = planProgram(buildNetwork(arrayOf(40, 50)).program("inference"));
    const batch = 120;
    const items = Array.from({ length: batch }, (_, b) => b);
    const [wanted, got] = [referenceEngine, new WasmEngine()].map((engine) => {
      const executable = engine.prepare(plan, { dtype: "float64", batch });
      return executable.run({ nSteps: 8, state: executable.initialState(), streams: makeStreams(plan.program, 2, items) });
    });
    // Large enough to be interleaved.
    expect(40 * 50 * batch * 8 * 5).to.be.above(1 << 23);
    for (const [slot, { data }] of wanted) expectSame(got.get(slot)!.data, data, slot);
  });
});
