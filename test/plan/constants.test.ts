import { expect } from "chai";
import { add, constant, input, mul } from "../../src/expr/expr.ts";
import type { ElementwiseOperator, Operator, Role } from "../../src/ir/operators.ts";
import { operand, range, type Signal } from "../../src/ir/signal.ts";
import { constantCopy, identityProduct, zeroIncrement } from "../../src/plan/constants.ts";
import { simplify } from "../../src/plan/simplify.ts";
import { feedOf, perItem, programOf, recordOf, shared, weights, whole } from "../support/programs.ts";

const none: ReadonlySet<Signal> = new Set();
const copy = (from: Signal, to: Signal, role: Role): Operator => ({
  kind: "copy",
  origin: `${from.name}->${to.name}`,
  source: whole(from),
  target: whole(to),
  role,
});
const elementwise = (
  inputs: Readonly<Record<string, Signal>>,
  to: Signal,
  role: Role,
  expr = mul(input("w"), input("x")),
): ElementwiseOperator => ({
  kind: "elementwise",
  origin: `product ${to.name}`,
  shape: [3],
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, s]) => [name, operand(range(s), s.size === 1)])),
  constants: {},
  outputs: [{ operand: operand(range(to)), role, expr }],
  differentiable: true,
});
const matmul = (w: Signal, x: Signal, y: Signal): Operator => ({
  kind: "matmul",
  origin: "matmul",
  weights: { signal: w, offset: 0, strides: [3, 1] },
  x: range(x),
  y: range(y),
  role: "inc",
  spikes: false,
});
const [a, b, zero] = [perItem("a", 3), perItem("b", 3), perItem("zero", 3)];
const nine = (value: number): number[] => Array.from({ length: 9 }, () => value);

describe("zeroIncrement", () => {
  const left = (operators: readonly Operator[], results = none): number => zeroIncrement(operators, results).length;

  it("leaves out what adds a constant zero", () => {
    expect(left([feedOf(a), copy(zero, a, "inc")])).to.equal(1);
    expect(left([matmul(shared("w", nine(1)), zero, a)])).to.equal(0);
    expect(left([feedOf(b), matmul(shared("w", nine(0)), b, a)])).to.equal(1);
    expect(left([elementwise({}, a, "inc", constant(0))])).to.equal(0);
  });

  it("keeps an operator's other outputs", () => {
    const op = elementwise({ x: b }, a, "inc", constant(0));
    const two = { ...op, outputs: [...op.outputs, { operand: operand(range(b)), role: "set" as const, expr: add(input("x"), 1) }] };
    const [kept] = zeroIncrement([two], none) as [ElementwiseOperator];
    expect(kept.outputs.map((o) => o.role)).to.deep.equal(["set"]);
  });

  it("keeps what is written, set from outside, a parameter or no increment", () => {
    expect(left([feedOf(zero), copy(zero, a, "inc")])).to.equal(2);
    expect(left([copy(zero, a, "inc")], new Set([zero]))).to.equal(1);
    expect(left([feedOf(b), matmul(weights("w", nine(0)), b, a)])).to.equal(2);
    expect(left([copy(zero, a, "set")])).to.equal(1);
  });
});

describe("identityProduct", () => {
  const one = shared("one", [1]);
  const kindOf = (op: Operator, results = none): string => identityProduct([feedOf(b), op], results)[1].kind;

  it("makes a copy of a product with a constant 1", () => {
    const [, made] = identityProduct([feedOf(b), elementwise({ w: one, x: b }, a, "inc")], none);
    expect(made).to.deep.equal({ ...copy(b, a, "inc"), origin: "product a" });
    expect(kindOf(elementwise({ w: b, x: one }, a, "set"))).to.equal("copy");
  });

  it("keeps products with other constants, parameters and sums over items", () => {
    expect(kindOf(elementwise({ w: shared("two", [2]), x: b }, a, "set"))).to.equal("elementwise");
    expect(kindOf(elementwise({ w: weights("w", [1]), x: b }, a, "set"))).to.equal("elementwise");
    expect(kindOf(elementwise({ w: one, x: b }, shared("sum", [0, 0, 0]), "inc"))).to.equal("elementwise");
    expect(kindOf(elementwise({ w: one, x: b }, a, "set"), new Set([one]))).to.equal("elementwise");
  });
});

describe("constantCopy", () => {
  const [c, same] = [perItem("c", [1, 2, 3]), perItem("same", [1, 2, 3])];

  it("leaves out a copy of a constant into what holds it from the start", () => {
    expect(constantCopy([copy(c, same, "set"), recordOf(same)], none).map((o) => o.kind)).to.deep.equal(["record"]);
  });

  it("keeps it where anything could differ", () => {
    for (const operators of [
      [copy(c, a, "set")],
      [copy(c, same, "inc")],
      [feedOf(c), copy(c, same, "set")],
      [copy(c, same, "set"), copy(a, same, "inc")],
      [copy(weights("p", [1, 2, 3]), same, "set")],
    ]) {
      expect(constantCopy(operators, none)).to.deep.equal(operators);
    }
    expect(constantCopy([copy(c, same, "set")], new Set([same]))).to.have.length(1);
  });

  it("is applied with the others", () => {
    const { length } = simplify(programOf([feedOf(a), copy(c, same, "set"), copy(zero, a, "inc"), recordOf(same), recordOf(a)]));
    // The clock, the feed and two records.
    expect(length).to.equal(4);
  });
});
