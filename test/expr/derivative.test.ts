import { expect } from "chai";
import fc from "fast-check";
import { ValidationError } from "../../src/errors.ts";
import {
  VectorProgram,
  abs,
  add,
  constant,
  detach,
  div,
  evaluate,
  exp,
  float64,
  floor,
  gt,
  input,
  log,
  log1p,
  max,
  min,
  mul,
  neg,
  select,
  sqrt,
  sub,
  tanh,
  vjp,
  withDerivative,
} from "../../src/expr/index.ts";
import type { Expr } from "../../src/expr/index.ts";
import { smoothExpressions } from "./arbitrary.ts";

const [x, y] = [input("x"), input("y")];
const at = (e: Expr, env: Record<string, number>): number => evaluate([e], env, float64)[0];
const derivative = (e: Expr, name: string): Expr => vjp([e], [constant(1)], [name])[0];

describe("vjp", () => {
  it("agrees with central differences", () => {
    let compared = 0;
    // Off the round numbers, at which kinks would lie.
    const value = fc.integer({ min: -1500, max: 1500 });
    fc.assert(
      fc.property(smoothExpressions(["x", "y"]), value, value, (outputs, a, b) => {
        const env = { x: (a + 0.3137) / 1000, y: (b + 0.6473) / 1000 };
        const weights = outputs.map((_, k) => constant(0.7 - k));
        const whole = (e: Record<string, number>): number => evaluate(outputs, e, float64).reduce((sum, v, k) => sum + v * (0.7 - k), 0);
        const gradient = vjp(outputs, weights, ["x", "y"]).map((g) => at(g, env));
        (["x", "y"] as const).forEach((name, k) => {
          const difference = (h: number): number =>
            (whole({ ...env, [name]: env[name] + h }) - whole({ ...env, [name]: env[name] - h })) / (2 * h);
          const oneSided = (h: number): number => (whole({ ...env, [name]: env[name] + h }) - whole(env)) / h;
          const [coarse, fine] = [difference(2e-5), difference(1e-5)];
          // A jump or kink within reach: no derivative to compare with.
          const differ = (p: number, q: number): number => Math.abs(p - q) / (1 + Math.abs(p));
          if (differ(fine, coarse) > 1e-6 || differ(oneSided(2e-5), oneSided(-2e-5)) > 1e-3) return;
          compared++;
          // The difference of the two estimates tells their error.
          expect(gradient[k]).to.be.closeTo(fine, 1e-8 * (1 + Math.abs(fine)) + 3 * Math.abs(coarse - fine));
        });
      }),
      { seed: 1, numRuns: 1500 },
    );
    expect(compared).to.be.above(2500);
  });

  it("is exactly 0 where a branch with a pole is not taken", () => {
    const rate = select(gt(x, 1), div(1, add(0.002, mul(0.02, log1p(div(1, sub(x, 1)))))), 0);
    const slope = derivative(rate, "x");
    const inputs = Float64Array.of(1, 0.5, -3, 0, 1, 1.5, NaN, -Infinity);
    const out = new Float64Array(8);
    for (const tuning of [{}, { compactBelow: 1 }, { compactBelow: 0 }, { smallBranch: 1e9 }]) {
      new VectorProgram([{ expr: slope, accumulate: false }], ["x"], [], "float64", tuning).run(8, [inputs], [0], [out], [0]);
      inputs.forEach((v, i) => expect(out[i], `${v}`).to.equal(at(slope, { x: v })));
      for (const i of [0, 1, 2, 3, 4, 6, 7]) expect(out[i]).to.equal(0);
      expect(out[5]).to.be.above(0);
    }
  });

  it("guards an infinite slope inside a branch, also through parts shared with the outside", () => {
    const root = sqrt(x);
    expect(at(derivative(add(select(gt(x, 0), root, 0), x), "x"), { x: 0 })).to.equal(1);
    expect(at(derivative(add(select(gt(x, 0), log(x), 0), mul(x, x)), "x"), { x: -2 })).to.equal(-4);
    // The square root is shared by two selects on the same condition, and by nothing else.
    const both = add(select(gt(x, 0), root, 0), select(gt(x, 0), mul(root, 3), x));
    expect(at(derivative(both, "x"), { x: 0 })).to.equal(1);
    expect(at(derivative(both, "x"), { x: 4 })).to.equal(1);
    // Nested branches.
    const nested = select(gt(x, 0), select(gt(y, 0), div(1, mul(x, y)), x), 0);
    expect(at(derivative(nested, "x"), { x: 2, y: 0 })).to.equal(1);
    expect(at(derivative(nested, "y"), { x: 2, y: 0 })).to.equal(0);
    expect(at(derivative(nested, "x"), { x: 0, y: 0 })).to.equal(0);
  });

  it("knows a condition again, however it is nested", () => {
    const [bad, good] = [mul(x, sqrt(neg(y))), mul(x, log(y))];
    const c = gt(y, 0);
    const twice = select(c, mul(add(x, select(c, good, bad)), log(y)), bad);
    const within = add(select(c, good, bad), select(gt(x, 0), select(c, x, mul(bad, 2)), 0));
    for (const e of [twice, within]) {
      for (const name of ["x", "y"]) {
        for (const value of [2, -2])
          expect(at(derivative(e, name), { x: 0.5, y: value }), `${name} at ${value}`).to.satisfy(Number.isFinite);
      }
    }
  });

  it("keeps clipped arguments out of min and max", () => {
    expect(at(derivative(max(sqrt(x), 1), "x"), { x: 0 })).to.equal(0);
    expect(at(derivative(min(log(x), -5), "x"), { x: 2 })).to.equal(0);
  });

  it("gives ties of min and max to the first argument", () => {
    for (const f of [min, max]) {
      expect(at(derivative(f(x, y), "x"), { x: 2, y: 2 })).to.equal(1);
      expect(at(derivative(f(x, y), "y"), { x: 2, y: 2 })).to.equal(0);
    }
    expect(at(derivative(max(x, y), "y"), { x: 1, y: 2 })).to.equal(1);
    expect(at(derivative(min(x, y), "y"), { x: 1, y: 2 })).to.equal(0);
  });

  it("passes nothing through steps, conditions and detach", () => {
    for (const e of [floor(mul(x, 3)), gt(x, 1), select(x, 2, 3), detach(mul(x, x)), constant(4), y])
      expect(derivative(e, "x")).to.equal(constant(0));
    expect(derivative(mul(gt(x, 1), 1000), "x")).to.equal(constant(0));
    expect(at(derivative(mul(detach(x), x), "x"), { x: 3 })).to.equal(3);
    expect(at(derivative(abs(x), "x"), { x: 0 })).to.equal(0);
  });

  it("uses the derivative that is given", () => {
    const surrogate = withDerivative(gt(x, 1), mul(x, 2), exp(neg(abs(sub(x, 1)))));
    expect(at(surrogate, { x: 1.5 })).to.equal(1);
    expect(at(derivative(surrogate, "x"), { x: 1 })).to.equal(2);
    expect(derivative(withDerivative(mul(x, x), y, 3), "x")).to.equal(constant(0));
    expect(derivative(withDerivative(mul(x, x), y, 3), "y")).to.equal(constant(3));
  });

  it("sums over outputs and repeats, and drops zero cotangents", () => {
    const cotangents = [input("g"), constant(2), constant(0)];
    const [dx, dz] = vjp([mul(x, y), x, exp(x)], cotangents, ["x", "z"]);
    expect(at(dx, { x: 1, y: 5, g: 10 })).to.equal(52);
    expect(dz).to.equal(constant(0));
    expect(at(vjp([x, x], [constant(1), constant(2)], ["x"])[0], { x: 0 })).to.equal(3);
    expect(vjp([], [], ["x"])).to.deep.equal([constant(0)]);
  });

  it("stays small where forward differentiation would grow", () => {
    let e = x;
    for (let k = 0; k < 200; k++) e = tanh(add(e, mul(e, y)));
    expect(derivative(e, "x").id - e.id).to.be.below(200 * 12);
  });

  it("refuses a wrong number of cotangents", () => {
    expect(() => vjp([x, y], [constant(1)], ["x"])).to.throw(ValidationError, "vjp.cotangents");
  });
});
