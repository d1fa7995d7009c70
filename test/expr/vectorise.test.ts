import { expect } from "chai";
import fc from "fast-check";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import {
  VectorProgram,
  add,
  div,
  eq,
  evaluate,
  exp,
  expm1,
  float64,
  gt,
  input,
  log,
  log1p,
  max,
  min,
  mul,
  neg,
  select,
  sub,
  valueOf,
} from "../../src/expr/index.ts";
import type { Arithmetic, Expr, Lanes, VectorTuning } from "../../src/expr/index.ts";
import { schedule } from "../../src/expr/schedule.ts";
import { expressions, number } from "./arbitrary.ts";

const names = ["x", "y", "u", "w"];
const tunings: VectorTuning[] = [
  {},
  { smallBranch: 1, compactBelow: 1 },
  { smallBranch: 1, compactBelow: 0 },
  { smallBranch: 1, compactBelow: 0.5, block: 7 },
  { smallBranch: 1e9 },
  { block: 16 },
];
const set = (exprs: readonly Expr[]): { expr: Expr; accumulate: boolean }[] => exprs.map((expr) => ({ expr, accumulate: false }));

/** float32 as it is defined: every operation rounds; transcendental functions are rounded from their float64 value. */
const float32: Arithmetic<number> = {
  ...float64,
  constant: Math.fround,
  unary: Object.fromEntries(
    Object.entries(float64.unary).map(([op, f]) => [op, (a: number) => Math.fround(f(a))]),
  ) as Arithmetic<number>["unary"],
  binary: Object.fromEntries(
    Object.entries(float64.binary).map(([op, f]) => [op, (a: number, b: number) => Math.fround(f(a, b))]),
  ) as Arithmetic<number>["binary"],
};

function expectSame(got: Lanes, wanted: readonly number[], what: string): void {
  wanted.forEach((v, i) => {
    if (!Object.is(got[i], v)) expect.fail(`${what}, lane ${i}: expected ${Object.is(v, -0) ? "-0" : v}, got ${got[i]}`);
  });
}

describe("VectorProgram", () => {
  for (const dtype of ["float64", "float32"] as const) {
    it(`has the bits of lane-by-lane evaluation in ${dtype}, whichever way branches are taken`, () => {
      const round = dtype === "float32" ? Math.fround : (v: number): number => v;
      const data = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(expressions(names), data, number, number, (outputs, lanes, u, w) => {
          const wanted = lanes.map(([x, y]) =>
            evaluate(outputs.map(valueOf), { x: round(x), y: round(y), u: round(u), w: round(w) }, dtype === "float32" ? float32 : float64),
          );
          for (const tuning of tunings) {
            const program = new VectorProgram(set(outputs), ["x", "y"], ["u", "w"], dtype, tuning);
            program.setUniforms([u, w]);
            const inputs = [0, 1].map((k) => Float64Array.from(lanes, (lane) => lane[k]));
            const results = outputs.map(() => new Float64Array(lanes.length));
            program.run(
              lanes.length,
              inputs,
              [0, 0],
              results,
              results.map(() => 0),
            );
            results.forEach((r, k) =>
              expectSame(
                r,
                wanted.map((row) => row[k]),
                `${JSON.stringify(tuning)}, output ${k}`,
              ),
            );
          }
        }),
        { seed: 1, numRuns: 1500 },
      );
    });
  }

  it("gives the same whether an input is a lane array or a uniform", () => {
    fc.assert(
      fc.property(expressions(names), number, number, number, number, (outputs, ...values) => {
        const [all, none] = [new VectorProgram(set(outputs), names, [], "float64"), new VectorProgram(set(outputs), [], names, "float64")];
        const [a, b] = [all, none].map(() => outputs.map(() => new Float64Array(3)));
        const zeros = outputs.map(() => 0);
        all.run(
          3,
          values.map((v) => new Float64Array(3).fill(v)),
          [0, 0, 0, 0],
          a,
          zeros,
        );
        none.setUniforms(values);
        none.run(3, [], [], b, zeros);
        a.forEach((r, k) => expectSame(b[k], [...r], `output ${k}`));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  const [x, y] = [input("x"), input("y")];
  const run = (exprs: readonly Expr[], inputs: Record<string, Lanes>, outputs: Lanes[], dtype: "float64" | "float32" = "float64"): void =>
    new VectorProgram(set(exprs), Object.keys(inputs), [], dtype).run(
      outputs[0].length,
      Object.values(inputs),
      Object.values(inputs).map(() => 0),
      outputs,
      outputs.map(() => 0),
    );

  it("reads before it writes: outputs may be the memory of inputs", () => {
    const [a, b] = [Float64Array.from({ length: 2000 }, (_, i) => i), Float64Array.from({ length: 2000 }, (_, i) => -2 * i)];
    run([y, x, add(x, y)], { x: a, y: b }, [a, b, new Float64Array(2000)]);
    expect([a[1999], b[1999]]).to.deep.equal([-3998, 1999]);
    const c = Float64Array.from(a);
    run([exp(mul(c.length > 0 ? x : y, 1e-4)), add(x, y)], { x: a, y: b }, [b, a]);
    expect(a[7]).to.equal(-7);
    expect(b[7]).to.equal(evaluate([exp(mul(x, 1e-4))], { x: c[7] }, float64)[0]);
  });

  it("accumulates where asked, at offsets", () => {
    const memory = Float64Array.from({ length: 30 }, (_, i) => i);
    const program = new VectorProgram(
      [
        { expr: mul(x, 2), accumulate: true },
        { expr: neg(x), accumulate: false },
      ],
      ["x"],
      [],
      "float64",
      { block: 4 },
    );
    program.run(10, [memory], [0], [memory, memory], [10, 20]);
    expect([...memory.subarray(10, 20)]).to.deep.equal(Array.from({ length: 10 }, (_, i) => 10 + 3 * i));
    expect([...memory.subarray(20)]).to.deep.equal(Array.from({ length: 10 }, (_, i) => -i));
    expect([...memory.subarray(0, 10)]).to.deep.equal(Array.from({ length: 10 }, (_, i) => i));
    const single = Float32Array.of(1, 2);
    new VectorProgram([{ expr: x, accumulate: true }], ["x"], [], "float32").run(2, [Float32Array.of(0.1, 0.2)], [0], [single], [0]);
    expect([...single]).to.deep.equal([Math.fround(1 + Math.fround(0.1)), Math.fround(2 + Math.fround(0.2))]);
  });

  it("rounds every float32 operation", () => {
    const out = new Float32Array(1);
    // 2^24 + 1 + 1: each addition of 1 is lost in float32, their sum is not.
    run([add(add(x, 1), 1)], { x: Float32Array.of(2 ** 24) }, [out], "float32");
    expect(out[0]).to.equal(2 ** 24);
    run([sub(add(x, 0.1), 0.1)], { x: Float32Array.of(1) }, [out], "float32");
    expect(out[0]).to.equal(Math.fround(Math.fround(1 + Math.fround(0.1)) - Math.fround(0.1)));
    run([exp(x)], { x: Float32Array.of(1) }, [out], "float32");
    expect(out[0]).to.equal(Math.fround(Math.E));
  });

  it("takes float32 arrays in a float64 program and the reverse", () => {
    const out = new Float32Array(2);
    run([div(x, y)], { x: Float32Array.of(1, 2), y: Float64Array.of(3, 7) }, [out]);
    expect([...out]).to.deep.equal([1 / 3, 2 / 7].map(Math.fround));
    const wide = new Float64Array(1);
    run([x], { x: Float64Array.of(0.1) }, [wide], "float32");
    expect(wide[0]).to.equal(Math.fround(0.1));
  });

  it("hoists what depends on uniforms alone", () => {
    const decay = expm1(neg(div(input("dt"), input("tau"))));
    const { steps, uniforms } = schedule([mul(x, decay)], ["x"], ["dt", "tau"], false);
    expect(steps.map(({ kind }) => kind)).to.deep.equal(["load", "compute"]);
    expect(uniforms.values).to.have.length(5);
    const program = new VectorProgram(set([mul(x, decay)]), ["x"], ["dt", "tau"], "float64");
    const out = new Float64Array(1);
    for (const tau of [0.02, 0.1]) {
      program.setUniforms([0.001, tau]);
      program.run(1, [Float64Array.of(2)], [0], [out], [0]);
      expect(out[0]).to.equal(2 * evaluate([decay], { dt: 0.001, tau }, float64)[0]);
    }
  });

  it("makes a region of a long branch and none of a short one", () => {
    const count = (e: Expr): number => schedule([e], ["x", "y"], [], false).regions.length - 1;
    expect(count(select(gt(x, 1), log(x), y))).to.equal(1);
    expect(count(select(gt(x, 1), log(x), exp(y)))).to.equal(2);
    expect(count(select(gt(x, 1), add(x, 1), y))).to.equal(0);
    expect(count(add(log(x), select(gt(x, 1), log(x), y)))).to.equal(0);
  });

  it("runs several programs in turn on the same scratch memory", () => {
    const programs = [exp(x), select(gt(x, 0.5), log1p(x), y), mul(x, y)].map((e) => ({
      e,
      program: new VectorProgram(set([e]), ["x", "y"], [], "float64"),
    }));
    const [a, b, out] = [Float64Array.of(0.25, 0.75), Float64Array.of(3, 4), new Float64Array(2)];
    for (const { e, program } of [...programs, ...programs.reverse()]) {
      program.run(2, [a, b], [0, 0], [out], [0]);
      expectSame(
        out,
        [0, 1].map((i) => evaluate([e], { x: a[i], y: b[i] }, float64)[0]),
        "value",
      );
    }
  });

  it("steps leaky integrate-and-fire neurons as the scalar evaluation does", () => {
    const [J, voltage, refractory] = ["J", "voltage", "refractory"].map(input);
    const [dt, tauRc, tauRef] = [0.001, 0.02, 0.002];
    const remaining = sub(refractory, dt);
    const delta = min(max(sub(dt, remaining), 0), dt);
    const v = sub(voltage, mul(sub(J, voltage), select(eq(delta, dt), expm1(-dt / tauRc), expm1(neg(div(delta, tauRc))))));
    const spiked = gt(v, 1);
    const since = neg(mul(tauRc, log1p(neg(div(sub(v, 1), sub(J, 1))))));
    const step = [mul(spiked, 1 / dt), select(spiked, 0, max(v, 0)), select(spiked, sub(tauRef + dt, since), remaining)];
    const n = 700;
    const state = {
      J: Float64Array.from({ length: n }, (_, i) => i / 100 - 1),
      voltage: new Float64Array(n),
      refractory: new Float64Array(n),
    };
    const scalar = Array.from({ length: n }, (_, i) => [0, 0, 0, state.J[i]]);
    const out = new Float64Array(n);
    const program = new VectorProgram(set(step), Object.keys(state), [], "float64");
    let spikes = 0;
    for (let k = 0; k < 60; k++) {
      program.run(n, Object.values(state), [0, 0, 0], [out, state.voltage, state.refractory], [0, 0, 0]);
      for (const row of scalar) [row[0], row[1], row[2]] = evaluate(step, { J: row[3], voltage: row[1], refractory: row[2] }, float64);
      [out, state.voltage, state.refractory].forEach((array, j) =>
        expectSame(
          array,
          scalar.map((row) => row[j]),
          `step ${k}`,
        ),
      );
      spikes += out.filter((s) => s > 0).length;
    }
    expect(spikes).to.be.above(1000);
  });

  it("handles no lanes, no outputs and whole numbers of blocks", () => {
    const program = new VectorProgram(set([exp(x)]), ["x"], [], "float64", { block: 8 });
    const out = new Float64Array(16).fill(7);
    program.run(0, [out], [0], [out], [0]);
    expect(out[0]).to.equal(7);
    program.run(16, [new Float64Array(16)], [0], [out], [0]);
    expect([...out]).to.deep.equal(Array.from({ length: 16 }, () => 1));
    new VectorProgram([], ["x"], [], "float64").run(1, [out], [0], [], []);
  });

  it("tells what is wrong", () => {
    expect(() => new VectorProgram(set([add(x, y)]), ["x"], ["u"], "float64")).to.throw(
      ValidationError,
      "VectorProgram.y: expected a value for this input",
    );
    const program = new VectorProgram(set([add(x, y)]), ["x"], ["y"], "float64");
    const a = new Float64Array(4);
    expect(() => program.run(4, [a], [0], [a], [0])).to.throw(ValidationError, "setUniforms");
    expect(() => program.setUniforms([])).to.throw(ShapeError, "1 numbers");
    program.setUniforms([1]);
    expect(() => program.run(4, [], [], [a], [0])).to.throw(ShapeError, "inputs");
    expect(() => program.run(4, [a], [1], [a], [0])).to.throw(ShapeError, "inputs[0]");
    expect(() => program.run(5, [new Float64Array(5)], [0], [a], [0])).to.throw(ShapeError, "outputs[0]");
  });
});
