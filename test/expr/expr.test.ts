import { expect } from "chai";
import fc from "fast-check";
import { ValidationError } from "../../src/errors.ts";
import {
  add,
  constant,
  detach,
  div,
  evaluate,
  exp,
  expm1,
  float64,
  gt,
  input,
  inputsOf,
  log,
  max,
  min,
  mul,
  neg,
  not,
  or,
  select,
  sign,
  sub,
  substitute,
  tanh,
  toString,
  valueOf,
  withDerivative,
} from "../../src/expr/index.ts";
import type { Expr } from "../../src/expr/index.ts";
import { expressions, number } from "./arbitrary.ts";

const [x, y] = [input("x"), input("y")];

describe("expr", () => {
  it("shares structurally equal expressions", () => {
    const make = (): Expr =>
      select(gt(input("x"), 1), add(mul(input("x"), 2), exp(input("y"))), withDerivative(detach(input("y")), input("x"), 3));
    expect(make()).to.equal(make());
    expect(add(x, y)).to.not.equal(add(y, x));
    expect(constant(0)).to.not.equal(constant(-0));
    expect(constant(NaN)).to.equal(constant(0 / 0));
  });

  it("is immutable, and ids grow from operands to users", () => {
    const e = add(mul(x, 3), 4);
    expect(e).to.satisfy(Object.isFrozen);
    expect(e.id).to.be.above(mul(x, 3).id);
  });

  it("folds constants and what keeps every bit", () => {
    expect(add(2, mul(3, 4))).to.equal(constant(14));
    expect(mul(x, 1)).to.equal(x);
    expect(mul(1, x)).to.equal(x);
    expect(div(x, 1)).to.equal(x);
    expect(sub(x, 0)).to.equal(x);
    expect(neg(neg(x))).to.equal(x);
    expect(select(1, x, y)).to.equal(x);
    expect(select(0, x, y)).to.equal(y);
  });

  it("leaves what would change the sign of zero or a NaN", () => {
    for (const e of [add(x, 0), add(0, x), sub(x, -0), mul(x, 0), sub(x, x), div(0, x)])
      expect(e.op).to.not.equal("const").and.not.equal("input");
  });

  it("means the same as JavaScript's own operators", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const value = (e: Expr): number => evaluate([e], { x: a, y: b }, float64)[0];
        const same = (e: Expr, v: number): void => void expect(value(e)).to.satisfy((got: number) => Object.is(got, v));
        same(add(x, y), a + b);
        same(sub(x, y), a - b);
        same(mul(x, y), a * b);
        same(div(x, y), a / b);
        same(sign(x), Math.sign(a));
        same(not(x), a === 0 ? 1 : 0);
        same(or(x, y), a !== 0 || b !== 0 ? 1 : 0);
        same(min(x, y), b < a ? b : a);
        same(max(x, y), a < b ? b : a);
        same(select(x, 3, y), a !== 0 ? 3 : b);
      }),
      { seed: 1 },
    );
  });

  it("lists inputs, those that only derivatives read included", () => {
    expect(inputsOf([add(x, withDerivative(1, input("z"), y))])).to.have.members(["x", "y", "z"]);
    expect(inputsOf([constant(1)])).to.deep.equal([]);
  });

  it("substitutes inputs", () => {
    const e = add(mul(x, y), withDerivative(x, y, tanh(x)));
    expect(substitute(e, { x: constant(2), y: input("z") })).to.equal(add(mul(2, input("z")), withDerivative(2, input("z"), tanh(2))));
    expect(substitute(e, { other: y })).to.equal(e);
  });

  it("gives the forward value alone", () => {
    expect(valueOf(add(detach(x), withDerivative(mul(y, 2), x, 5)))).to.equal(add(x, mul(y, 2)));
  });

  it("lists shared parts once", () => {
    const shared = mul(x, 2);
    expect(toString(add(exp(shared), shared))).to.equal("t0 = mul(x, 2)\nadd(exp(t0), t0)");
    expect(toString(neg(x))).to.equal("neg(x)");
  });

  it("refuses what is no expression", () => {
    expect(() => add(x, undefined as unknown as number)).to.throw(ValidationError, "an expression or a number");
  });
});

describe("evaluate", () => {
  it("evaluates shared parts once, and a branch only where it is taken", () => {
    let calls = 0;
    const counting = {
      ...float64,
      unary: {
        ...float64.unary,
        expm1: (a: number): number => (calls++, float64.unary.expm1(a)),
        log: (): number => {
          throw new Error("not taken");
        },
      },
    };
    const e = expm1(x);
    expect(evaluate([add(e, e), e, select(gt(x, 1), log(x), e)], { x: 0.5 }, counting)).to.deep.equal([
      2 * Math.expm1(0.5),
      Math.expm1(0.5),
      Math.expm1(0.5),
    ]);
    expect(calls).to.equal(1);
  });

  it("agrees with folding of constants", () => {
    fc.assert(
      fc.property(expressions(["x", "y"]), number, number, (outputs, a, b) => {
        const values = evaluate(outputs, { x: a, y: b }, float64);
        outputs.forEach((e, k) => {
          const folded = valueOf(substitute(e, { x: constant(a), y: constant(b) }));
          expect(folded).to.equal(constant(values[k]));
        });
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it("names an input that is missing", () => {
    expect(() => evaluate([add(x, y)], { x: 1 }, float64)).to.throw(ValidationError, "evaluate.y: expected a value for this input");
    expect(() => evaluate([input("toString")], {}, float64)).to.throw(ValidationError);
  });
});
