import { expect } from "chai";
import { add, input } from "../../src/expr/expr.ts";
import type { ElementwiseOperator, Operator, Role } from "../../src/ir/operators.ts";
import { operand, range, type Signal } from "../../src/ir/signal.ts";
import { resetThenIncrement, simplify, unmodifiedReset, unusedResult } from "../../src/plan/simplify.ts";
import { feedOf, perItem, programOf, recordOf, shared, whole } from "../support/programs.ts";

const none: ReadonlySet<Signal> = new Set();
const [a, b, c] = ["a", "b", "c"].map((n) => perItem(n, 3)) as [Signal, Signal, Signal];
const reset = (s: Signal, value: number | Float64Array = 0, length = s.size): Operator => ({
  kind: "set",
  origin: `reset ${s.name}`,
  target: range(s, 0, length),
  value,
});
const copy = (from: Signal, to: Signal, role: Role = "inc", index: number[] | null = null): Operator => ({
  kind: "copy",
  origin: `${from.name}->${to.name}`,
  source: whole(from),
  target: whole(to, index),
  role,
});
const elementwise = (to: Signal, role: Role, strides = [1]): ElementwiseOperator => ({
  kind: "elementwise",
  origin: `elementwise ${to.name}`,
  shape: strides.map(() => 3),
  inputs: { x: { signal: a, offset: 0, strides: strides.map((_, i) => (i === 0 ? 1 : 0)) } },
  constants: {},
  outputs: [{ operand: { signal: to, offset: 0, strides }, role, expr: add(input("x"), 1) }],
  differentiable: true,
});
const kinds = (operators: readonly Operator[]): string[] =>
  operators.map((op) => `${op.origin}${"role" in op ? ` ${op.role}` : op.kind === "elementwise" ? ` ${op.outputs[0].role}` : ""}`);

describe("resetThenIncrement", () => {
  const simplified = (...operators: Operator[]): string[] => kinds(resetThenIncrement(operators, none));

  it("lets the first increment that covers the signal set it", () => {
    expect(simplified(reset(b), copy(a, b), copy(c, b))).to.deep.equal(["a->b set", "c->b inc"]);
    expect(simplified(reset(b), elementwise(b, "inc"), copy(a, b, "inc", [0, 1, 2]))).to.deep.equal(["elementwise b set", "a->b inc"]);
    const w = shared("w", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const matmul: Operator = {
      kind: "matmul",
      origin: "matmul",
      weights: { signal: w, offset: 0, strides: [3, 1] },
      x: range(a),
      y: range(b),
      role: "inc",
      spikes: false,
    };
    expect(simplified(reset(b), matmul)).to.deep.equal(["matmul set"]);
  });

  it("leaves resets to another value, of a part, or whose first increment does not cover the whole", () => {
    for (const operators of [
      [reset(b, 1), copy(a, b)],
      [reset(b, Float64Array.of(0, 0, 0)), copy(a, b)],
      [reset(b, 0, 2), copy(a, b)],
      [reset(b), copy(a, b, "inc", [2, 1, 1])],
      [reset(b), copy(a, b, "inc", [0, 1, 2]), copy(c, b)],
      [reset(b), elementwise(b, "inc", [1, 0])],
      [reset(b), elementwise(b, "inc", [0])],
      [reset(b), reset(b), copy(a, b)],
    ]) {
      expect(simplified(...operators)).to.deep.equal(kinds(operators));
    }
  });

  it("leaves sums over the batch", () => {
    const s = shared("s", [0, 0, 0]);
    const operators = [reset(s), copy(a, s)];
    expect(simplified(...operators)).to.deep.equal(kinds(operators));
    const outer = [reset(s), elementwise(s, "inc")];
    expect(simplified(...outer)).to.deep.equal(kinds(outer));
  });
});

describe("unmodifiedReset", () => {
  const simplified = (operators: Operator[], results = none): string[] => kinds(unmodifiedReset(operators, results));

  it("leaves out what sets a signal to the value that it keeps anyway", () => {
    const seven = perItem("seven", [7, 7]);
    expect(simplified([reset(b), reset(seven, 7), copy(b, a, "set")])).to.deep.equal(["b->a set"]);
  });

  it("keeps resets of what is written otherwise, or starts as something else", () => {
    const [seven, two] = [perItem("seven", [7, 7]), perItem("two", 2)];
    for (const operators of [[reset(b), copy(a, b)], [reset(seven, 0)], [reset(two, 1)], [reset(b), copy(a, b, "update")]]) {
      expect(simplified(operators)).to.deep.equal(kinds(operators));
    }
  });

  it("keeps resets of what may be written from outside", () => {
    expect(simplified([reset(b)], new Set([b]))).to.deep.equal(["reset b"]);
  });
});

describe("unusedResult", () => {
  const simplified = (operators: Operator[], results = none): string[] => kinds(unusedResult(operators, results));

  it("leaves out what nobody reads, step by step backwards", () => {
    expect(simplified([feedOf(a), copy(a, b, "set"), copy(b, c, "set"), elementwise(c, "inc")])).to.deep.equal([]);
    expect(simplified([feedOf(a), copy(a, b, "set"), elementwise(c, "set"), recordOf(b)])).to.deep.equal([
      "feed a",
      "a->b set",
      "record b",
    ]);
  });

  it("keeps what is read one step later", () => {
    const delayed = [copy(a, b, "update"), copy(b, c, "set"), recordOf(c)];
    expect(simplified(delayed)).to.deep.equal(kinds(delayed));
    const other = [copy(b, c, "set"), recordOf(c), copy(a, b, "update"), feedOf(a)];
    expect(simplified(other)).to.deep.equal(kinds(other));
  });

  it("keeps results, and functions of the user with what they read", () => {
    expect(simplified([feedOf(a), copy(a, b, "set"), copy(a, c, "set")], new Set([c]))).to.deep.equal(["feed a", "a->c set"]);
    const host: Operator = {
      kind: "host",
      origin: "host",
      call: { kind: "function", call: () => [0] },
      inputs: [range(b)],
      outputs: [],
      slot: null,
    };
    expect(simplified([feedOf(a), copy(a, b, "set"), copy(a, c, "set"), host])).to.deep.equal(["feed a", "a->b set", "host"]);
  });
});

describe("simplify", () => {
  it("applies all of them", () => {
    const operators = [
      reset(b),
      copy(a, b),
      reset(c),
      { ...elementwise(a, "set"), inputs: { x: operand(range(c)) } },
      recordOf(b),
      reset(perItem("nobody", 1)),
    ];
    expect(kinds(simplify(programOf(operators)))).to.deep.equal(["time", "a->b set", "elementwise a set", "record b"]);
  });
});
