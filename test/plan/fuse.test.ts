import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import { add, input, mul, sub } from "../../src/expr/expr.ts";
import type { ElementwiseOperator, Operator, Role } from "../../src/ir/operators.ts";
import { operand, range, type Operand, type Signal } from "../../src/ir/signal.ts";
import { Network } from "../../src/network/index.ts";
import { fuse } from "../../src/plan/fuse.ts";
import { layOut } from "../../src/plan/layout.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { schedule } from "../../src/plan/schedule.ts";
import { simplify } from "../../src/plan/simplify.ts";
import { Lowpass } from "../../src/synapses/index.ts";
import { exactData, randomPrograms } from "../support/arbitraries.ts";
import { feedOf, perItem, plainPlan, programOf, recordOf, runPlan, whole } from "../support/programs.ts";

const [x, y] = [input("x"), input("y")];
const at = (signal: Signal): Operand => operand(range(signal));
const op = (
  from: Readonly<Record<string, Signal>>,
  to: Signal,
  expr = add(mul(x, 2), 1),
  role: Role = "set",
  place: Operand = at(to),
): ElementwiseOperator => ({
  kind: "elementwise",
  origin: `-> ${to.name}`,
  shape: [3],
  inputs: Object.fromEntries(Object.entries(from).map(([name, s]) => [name, at(s)])),
  constants: {},
  outputs: [{ operand: place, role, expr }],
  differentiable: true,
});
const copy = (from: Signal, to: Signal, role: Role = "set"): Operator => ({
  kind: "copy",
  origin: `${from.name}->${to.name}`,
  source: whole(from),
  target: whole(to),
  role,
});
const kinds = (operators: readonly Operator[]): string[] => operators.map((o) => o.origin);
const signals = (): [Signal, Signal, Signal, Signal] =>
  ["a", "b", "c", "d"].map((n) => perItem(n, [1, 2, 3])) as [Signal, Signal, Signal, Signal];

describe("fuse", () => {
  it("makes one operator of two, of which one reads what the other sets, and of chains of them", () => {
    const [a, b, c, d] = signals();
    const all = [feedOf(a), op({ x: a }, b), op({ x: b, y: a }, c, sub(x, y)), op({ x: c }, d), recordOf(d)];
    const fused = fuse(all);
    expect(kinds(fused)).to.deep.equal(["feed a", "-> b, -> c, -> d", "record d"]);
    const run = (operators: readonly Operator[]) =>
      runPlan(plainPlan(programOf(operators)), 2, {
        feeds: {
          a: [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
          ],
        },
      }).records["d"];
    expect(run(fused)).to.deep.equal(run(all));
    expect(run(fused)).to.deep.equal([
      [
        [5, 7, 9],
        [11, 13, 15],
      ],
    ]);
  });

  it("keeps names apart that mean two things", () => {
    const [a, b, c] = signals();
    const first = { ...op({ x: a }, b, mul(x, input("k"))), constants: { k: 2 } };
    const second = { ...op({ y: b, x: a }, c, add(mul(y, input("k")), x)), constants: { k: 10 } };
    const [both] = fuse([first, second]) as [ElementwiseOperator];
    expect(both.constants).to.deep.equal({ k: 2, "k'": 10 });
    expect(Object.keys(both.inputs)).to.deep.equal(["x", "x'"]);
    const { records } = runPlan(plainPlan(programOf([both, recordOf(c)])), 1);
    expect(records["c"]).to.deep.equal([[[21, 42, 63]]]);
  });

  it("leaves operators whose elements do not correspond, that increment, or that write the same", () => {
    const [a, b, c] = signals();
    const reversed: Operand = { signal: b, offset: 2, strides: [-1] };
    for (const [first, second] of [
      [op({ x: a }, b, mul(x, 2), "set", reversed), op({ x: b }, c)],
      [op({ x: a }, b, mul(x, 2), "inc"), op({ x: b }, c)],
      [op({ x: a }, b), { ...op({ x: b }, c), shape: [2] }],
      [op({ x: a }, b), op({ x: b }, b, x, "update")],
    ] as const) {
      expect(kinds(fuse([first, second]))).to.deep.equal(kinds([first, second]));
    }
  });

  it("leaves two between which something must run", () => {
    const [a, b, c, d] = signals();
    // b -> c by a copy, and the second needs both.
    const between = [op({ x: a }, b), copy(b, c), op({ x: b, y: c }, d, sub(x, y))];
    expect(kinds(fuse(between))).to.deep.equal(kinds(between));
    // What the second updates is read by something that comes after the first.
    const [e, state] = [perItem("e", 3), perItem("state", 3)];
    const late = [op({ x: a }, b), copy(b, e), { ...op({ x: e, y: state }, c, add(x, y)) }, op({ x: b }, state, x, "update")];
    expect(() => schedule(fuse(late))).not.to.throw();
    expect(kinds(fuse(late)).some((o) => o.includes("-> b, -> state"))).to.equal(false);
  });

  it("makes no cycle of two pairs that wait for each other", () => {
    const [a, b, c, d] = signals();
    const [p, q] = [perItem("p", 3), perItem("q", 3)];
    // First pair a -> b -> c, second pair a -> d -> p; c needs d and p needs b, each by a copy.
    const [bCopy, dCopy] = [perItem("b'", 3), perItem("d'", 3)];
    const crossed = [
      op({ x: a }, b),
      op({ x: a }, d),
      copy(b, bCopy),
      copy(d, dCopy),
      op({ x: b, y: dCopy }, c, sub(x, y)),
      op({ x: d, y: bCopy }, p, sub(x, y)),
      op({ x: c, y: p }, q, sub(x, y)),
      recordOf(q),
    ];
    expect(() => schedule(fuse(crossed))).not.to.throw();
  });

  it("puts neurons and a filter of their spikes together", () => {
    const net = new Network({ seed: 0 });
    const ensembles = [net.ensemble(5, 1), net.ensemble(7, 1)];
    for (const e of ensembles) net.probe(e.neurons, { synapse: new Lowpass({ tau: 0.01 }) });
    const { groups } = planProgram(buildNetwork(net).program("inference"));
    const neurons = groups.filter((g) => g.kind === "elementwise");
    expect(neurons).to.have.length(1);
    expect(neurons[0].operators.map((o) => o.origin)).to.deep.equal(
      ensembles.map((_, k) => `SimNeurons Ensemble ensembles[${k}], SimProcess Lowpass of Probe of Ensemble ensembles[${k}].neurons`),
    );
  });

  it("changes no value of random programs", () => {
    let fewer = 0;
    fc.assert(
      fc.property(randomPrograms, fc.integer({ min: 0, max: 1000 }), ({ program, fed }, seed) => {
        const operators = simplify(program);
        const fused = fuse(operators);
        if (fused.length < operators.length) fewer++;
        const feeds = exactData(fed, { seed, batch: 1, nSteps: 5 });
        // In the scheduler's order, and not planned again, which would fuse both.
        const run = (list: readonly Operator[]) => runPlan({ ...plainPlan(program), ...layOut(schedule(list)) }, 5, { feeds }).records;
        expect(run(fused)).to.deep.equal(run(operators));
      }),
      { seed: 61, numRuns: 300 },
    );
    expect(fewer).to.be.above(100);
  });
});
