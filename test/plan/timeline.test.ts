import { expect } from "chai";
import { add, input, mul } from "../../src/expr/expr.ts";
import type { ElementwiseOperator, Operator, Role } from "../../src/ir/operators.ts";
import { operand, range, type Signal } from "../../src/ir/signal.ts";
import { components } from "../../src/plan/components.ts";
import { timelineOf, type Timeline } from "../../src/plan/timeline.ts";
import { feedOf, perItem, shared, whole } from "../support/programs.ts";

const combined = (origin: string, from: readonly Signal[], to: Signal, role: Role): ElementwiseOperator => ({
  kind: "elementwise",
  origin,
  shape: [to.size],
  inputs: Object.fromEntries(from.map((s, k) => [`x${k}`, operand(range(s))])),
  constants: {},
  outputs: [{ operand: operand(range(to)), role, expr: from.map((_, k) => input(`x${k}`)).reduce((a, b) => add(mul(a, 2), b)) }],
  differentiable: true,
});
const copied = (origin: string, from: Signal, to: Signal, role: Role, index: readonly number[] | null = null): Operator => ({
  kind: "copy",
  origin,
  source: whole(from, index),
  target: whole(to, index),
  role,
});

/** Names of what runs in loops and at once, stretch by stretch. */
const named = ({ stretches }: Timeline): { loop: string[]; carried: string[]; atOnce: string[] }[] =>
  stretches.map(({ loop, carried, atOnce }) => ({
    loop: loop.map((op) => op.origin),
    carried: [...carried].map((s) => s.name),
    atOnce: atOnce.map((a) => (a.kind === "shift" ? `shift ${a.signal.name}` : a.operator.origin)),
  }));
const timeline = (operators: readonly Operator[], recorded: readonly Signal[] = []): ReturnType<typeof named> =>
  named(timelineOf(operators, new Set(recorded)));

describe("components of a graph", () => {
  it("come in an order in which edges lead on", () => {
    // 0 -> 1 <-> 2 -> 3, 4 alone with an edge to itself and to 0
    const { order, of } = components([[1], [2], [1, 3], [], [4, 0]]);
    expect(order.map((c) => [...c].sort())).to.deep.equal([[4], [0], [1, 2], [3]]);
    expect([...of]).to.deep.equal([1, 2, 2, 3, 0]);
  });

  it("are found in a chain as deep as one likes", () => {
    const n = 100000;
    expect(components(Array.from({ length: n }, (_, k) => (k + 1 < n ? [k + 1] : [0]))).order.length).to.equal(1);
  });
});

describe("the timeline of a program", () => {
  const [u, a, b, y] = ["u", "a", "b", "y"].map((name) => perItem(name, 2)) as [Signal, Signal, Signal, Signal];

  it("has no loop where nothing depends on its own past", () => {
    expect(timeline([copied("to y", a, y, "set"), copied("to a", u, a, "set"), feedOf(u)])).to.deep.equal([
      { loop: [], carried: [], atOnce: ["feed u", "to a", "to y"] },
    ]);
  });

  it("shifts what is only updated: a delay is no loop", () => {
    const [{ loop, atOnce }] = timeline([feedOf(u), copied("delay", u, a, "update"), copied("to y", a, y, "set")]);
    expect(loop).to.deep.equal([]);
    expect(atOnce).to.deep.equal(["feed u", "delay", "shift a", "to y"]);
  });

  it("runs a filter step by step, what leads to it before and what it leads to after", () => {
    expect(
      timeline([feedOf(u), copied("to a", u, a, "set"), combined("filter", [a, b], b, "update"), copied("to y", b, y, "set")]),
    ).to.deep.equal([
      { loop: [], carried: [], atOnce: ["feed u", "to a"] },
      { loop: ["filter"], carried: ["b"], atOnce: ["to y"] },
    ]);
  });

  it("runs loops together that do not wait for each other", () => {
    const [c, d] = [perItem("c", 2), perItem("d", 2)];
    const got = timeline([
      feedOf(u),
      combined("first", [u, a], a, "set"),
      combined("second", [u, b], b, "update"),
      combined("third", [a, c], c, "update"),
      copied("to d", c, d, "set"),
    ]);
    expect(got.map((s) => s.loop)).to.deep.equal([[], ["first", "second"], ["third"]]);
    expect(got[2].atOnce).to.deep.equal(["to d"]);
  });

  it("keeps what is added to a sum over steps, and what is set of it, in its loop", () => {
    const sum = perItem("sum", 2);
    const got = timeline([feedOf(u), copied("a part", u, sum, "set", [0]), copied("adds", u, sum, "inc")]);
    expect(got.map((s) => s.loop)).to.deep.equal([[], ["a part", "adds"]]);
    // Where all of it is set, nothing is left of the step before.
    expect(timeline([feedOf(u), copied("all", u, sum, "set"), copied("adds", u, sum, "inc")]).map((s) => s.loop)).to.deep.equal([[]]);
  });

  it("calls several users' functions step by step, since they may know of each other, and one at once", () => {
    const called = (origin: string, to: Signal): Operator => ({
      kind: "host",
      origin,
      call: { kind: "function", call: (t) => [t] },
      inputs: [],
      outputs: [{ range: range(to), role: "set" }],
      slot: null,
    });
    expect(timeline([called("f", a), called("g", b)]).map((s) => s.loop)).to.deep.equal([[], ["f", "g"]]);
    expect(timeline([called("f", a)]).map((s) => s.loop)).to.deep.equal([[]]);
  });

  it("adds to shared signals at once, unless someone looks at them in between", () => {
    const w = shared("w", [0, 0]);
    const operators = [feedOf(u), copied("gradient", u, w, "inc")];
    expect(timeline(operators)).to.deep.equal([{ loop: [], carried: [], atOnce: ["feed u", "gradient"] }]);
    expect(timeline(operators, [w])).to.deep.equal([{ loop: ["feed u", "gradient"], carried: ["u"], atOnce: [] }]);
  });

  it("refuses tensor nodes", () => {
    const node = { kind: "tensor", origin: "TensorNode t", node: {}, x: null, y: range(a) } as const;
    expect(() => timeline([node])).to.throw("TensorNode t: expected a program without tensor nodes, got one.");
  });
});
