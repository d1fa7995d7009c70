import { expect } from "chai";
import { input, mul } from "../../src/expr/expr.ts";
import type { Operator } from "../../src/ir/operators.ts";
import { operand, range, Signal } from "../../src/ir/signal.ts";
import { splitStages } from "../../src/plan/stages.ts";

const signal = (name: string): Signal => new Signal(name, { shape: [1], perItem: true });
const scale = (from: Signal, to: Signal, role: "set" | "inc" | "update" = "set"): Operator => ({
  kind: "elementwise",
  origin: `${from.name} -> ${to.name}`,
  shape: [1],
  inputs: { x: operand(range(from)) },
  constants: {},
  outputs: [{ operand: operand(range(to)), role, expr: mul(2, input("x")) }],
  differentiable: true,
});
const tensor = (from: Signal, to: Signal): Operator => ({
  kind: "tensor",
  origin: `tensor ${to.name}`,
  node: {},
  x: range(from),
  y: range(to),
});
const record = (of: Signal): Operator => ({ kind: "record", origin: of.name, source: range(of), slot: of.name, period: 1 });
const feed = (to: Signal): Operator => ({ kind: "feed", origin: to.name, target: range(to), slot: to.name, stream: null });
const split = (...operators: Operator[]): ReturnType<typeof splitStages> => splitStages({ dt: 0.001, streams: [], results: [], operators });

/** Kinds of the stages, with what each program records of the program's own. */
function outline(stages: ReturnType<typeof splitStages>): string[] {
  return (stages.kind === "cyclic" ? stages.segments : stages.stages).map((stage) => {
    if (stage.kind === "tensor") return `tensor ${stage.y.signal.name}`;
    const own = stage.program.operators.flatMap((op) => (op.kind === "record" && !op.slot.startsWith("cross:") ? [op.slot] : []));
    return `program fed ${stage.fed.map((c) => c.signal.name).join()} records ${own.join()} hands on ${stage.recorded.map((c) => c.signal.name).join()}`;
  });
}

describe("splitStages", () => {
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(signal) as [Signal, Signal, Signal, Signal, Signal];

  it("leaves a program without tensor nodes whole", () => {
    expect(outline(split(feed(a), scale(a, b), record(b)))).to.deep.equal(["program fed  records b hands on "]);
  });

  it("puts what depends on a tensor node after it, and everything else before", () => {
    const stages = split(feed(a), scale(a, b), tensor(b, c), scale(c, d), record(b), record(d));
    expect(stages.kind).to.equal("feedForward");
    expect(outline(stages)).to.deep.equal(["program fed  records b hands on b", "tensor c", "program fed c records d hands on "]);
  });

  it("keeps all writers of a signal in one stage, the last that any of them needs", () => {
    const stages = split(feed(a), tensor(a, b), scale(a, c), scale(b, c, "inc"), record(c));
    expect(outline(stages)).to.deep.equal(["program fed  records  hands on a", "tensor b", "program fed a,b records c hands on "]);
  });

  it("hands the value before the update to readers of an updated signal in later stages", () => {
    const stages = split(feed(a), scale(a, b, "update"), tensor(a, c), scale(c, d), scale(b, d, "inc"), record(d));
    const [first] = stages.kind === "feedForward" ? stages.stages : [];
    if (first?.kind !== "program") throw new Error("no first stage");
    const handed = first.program.operators.find((op) => op.kind === "record" && op.source.signal.name === "before b");
    expect(handed).to.not.equal(undefined);
  });

  it("chains tensor nodes", () => {
    expect(outline(split(feed(a), tensor(a, b), tensor(b, c), record(c)))).to.deep.equal([
      "program fed  records  hands on a",
      "tensor b",
      "tensor c",
      "program fed c records c hands on ",
    ]);
  });

  it("finds loops over steps, and cuts them into segments without state", () => {
    const stages = split(feed(a), scale(e, b), scale(a, b, "inc"), tensor(b, c), scale(c, d), scale(d, e, "update"), record(d));
    expect(stages.kind).to.equal("cyclic");
    if (stages.kind === "cyclic") expect(stages.through).to.deep.equal(["tensor c"]);
    expect(outline(stages)).to.deep.equal(["program fed e records  hands on b", "tensor c", "program fed c records d hands on e"]);
    const programs = stages.kind === "cyclic" ? stages.segments.flatMap((s) => (s.kind === "program" ? s.program.operators : [])) : [];
    expect(programs.some((op) => op.kind === "elementwise" && op.outputs.some((o) => o.role === "update"))).to.equal(false);
  });
});
