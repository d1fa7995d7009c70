import { expect } from "chai";
import { add, constant, exp, floor, input, mul, sub, type Expr } from "../../../src/expr/expr.ts";
import type { ElementwiseOperator, Role } from "../../../src/ir/operators.ts";
import { operand, range, type Operand, type Signal } from "../../../src/ir/signal.ts";
import { feedOf, items, perItem, programOf, recordOf, run, shared, variants } from "../../support/programs.ts";

const [x, y, w, c] = ["x", "y", "w", "c"].map(input) as [Expr, Expr, Expr, Expr];
const at = (signal: Signal, strides: readonly number[], offset = 0): Operand => ({ signal, offset, strides });

function elementwise(
  shape: readonly number[],
  inputs: Record<string, Operand>,
  outputs: readonly (readonly [Operand, Role, Expr])[],
  constants: Record<string, number | Float64Array> = {},
): ElementwiseOperator {
  return {
    kind: "elementwise",
    origin: "elementwise",
    shape,
    inputs,
    constants,
    outputs: outputs.map(([operand, role, expr]) => ({ operand, role, expr })),
    differentiable: true,
  };
}

for (const { name, ...variant } of variants) {
  const { batch } = variant;
  describe(`elementwise (${name})`, () => {
    it("evaluates over a range, for every item", () => {
      const [a, out] = [perItem("a", 3), perItem("out", 3)];
      const feeds = { a: items(batch, (b) => [[1 + b, 2.25, -3]]) };
      const { records } = run(
        programOf([feedOf(a), elementwise([3], { x: operand(range(a)) }, [[operand(range(out)), "set", floor(mul(x, x))]]), recordOf(out)]),
        1,
        { ...variant, feeds },
      );
      expect(records["out"]).to.deep.equal(items(batch, (b) => [[(1 + b) ** 2, 5, 9]]));
    });

    it("makes an outer product by broadcast strides, also transposed", () => {
      const [row, column] = [perItem("row", 3), perItem("column", 2)];
      const [m, t] = [perItem("m", 6), perItem("t", 6)];
      const feeds = { row: items(batch, (b) => [[1, 2, 3 + b]]), column: items(batch, (b) => [[10, 20 * b]]) };
      const inputs = { x: at(row, [0, 1]), y: at(column, [1, 0]) };
      const product = mul(y, x);
      const { records } = run(
        programOf([
          feedOf(row),
          feedOf(column),
          elementwise([2, 3], inputs, [
            [at(m, [3, 1]), "set", product],
            [at(t, [1, 2]), "set", product],
          ]),
          recordOf(m),
          recordOf(t),
        ]),
        1,
        { ...variant, feeds },
      );
      expect(records["m"]).to.deep.equal(items(batch, (b) => [[10, 20, 30 + 10 * b, 20 * b, 40 * b, 20 * b * (3 + b)]]));
      expect(records["t"]).to.deep.equal(items(batch, (b) => [[10, 20 * b, 20, 40 * b, 30 + 10 * b, 20 * b * (3 + b)]]));
    });

    it("sums along dimensions where an increment has stride 0", () => {
      const [m, rows, all] = [perItem("m", 6), perItem("rows", [0.5, 0.5]), perItem("all", 1)];
      const feeds = { m: items(batch, (b) => [[1, 2, 3, 4, 5, 6 + b]]) };
      const inputs = { x: at(m, [3, 1]) };
      const { records } = run(
        programOf([
          feedOf(m),
          elementwise([2, 3], inputs, [
            [at(rows, [1, 0]), "inc", x],
            [at(all, [0, 0]), "inc", mul(2, x)],
          ]),
          recordOf(rows),
          recordOf(all),
        ]),
        1,
        { ...variant, feeds },
      );
      expect(records["rows"]).to.deep.equal(items(batch, (b) => [[6.5, 15.5 + b]]));
      expect(records["all"]).to.deep.equal(items(batch, (b) => [[42 + 2 * b]]));
    });

    it("works in three dimensions, with reversed and skipping strides", () => {
      const [a, out] = [perItem("a", 16), perItem("out", 12)];
      const data = Array.from({ length: 16 }, (_, i) => i);
      const feeds = { a: items(batch, (b) => [data.map((v) => v + 100 * b)]) };
      // Element (i, j, k) reads 15 - 8 i - 2 j - k: backwards, overlapping.
      const { records } = run(
        programOf([feedOf(a), elementwise([2, 3, 2], { x: at(a, [-8, -2, -1], 15) }, [[at(out, [6, 2, 1]), "set", x]]), recordOf(out)]),
        1,
        { ...variant, feeds },
      );
      const wanted = [15, 14, 13, 12, 11, 10, 7, 6, 5, 4, 3, 2];
      expect(records["out"]).to.deep.equal(items(batch, (b) => [wanted.map((v) => v + 100 * b)]));
    });

    it("reads shared signals for every item, densely or broadcast", () => {
      const [a, s, out] = [perItem("a", 4), shared("s", [2, 3, 5, 7]), perItem("out", 4)];
      const feeds = { a: items(batch, (b) => [[1, 2, 3, 4 + b]]) };
      const inputs = { x: at(a, [2, 1]), w: at(s, [2, 1]), y: at(s, [0, 0], 3) };
      const { records } = run(
        programOf([feedOf(a), elementwise([2, 2], inputs, [[at(out, [2, 1]), "set", add(mul(w, x), y)]]), recordOf(out)]),
        1,
        { ...variant, feeds },
      );
      expect(records["out"]).to.deep.equal(items(batch, (b) => [[9, 13, 22, 35 + 7 * b]]));
    });

    it("sees shared signals that were set since the last run", () => {
      const [s, out] = [shared("s", [1, 2, 3, 4]), perItem("out", 4)];
      const { executable, state } = run(
        programOf([elementwise([4], { w: at(s, [-1], 3) }, [[at(out, [1]), "set", mul(w, w)]]), recordOf(out)]),
        1,
        variant,
      );
      executable.setShared(s, [5, 6, 7, 8]);
      const again = executable.run({ nSteps: 1, state });
      expect([...again.get("out")!.data]).to.deep.equal(items(batch, () => [64, 49, 36, 25]).flat());
    });

    it("sums over items and elements where the output is shared", () => {
      const [a, s, out] = [perItem("a", 2), shared("s", [100, 200]), shared("out", [1])];
      const feeds = { a: items(batch, (b) => [[1 + b, 2]]) };
      const { records } = run(
        programOf([
          feedOf(a),
          elementwise([2], { x: at(a, [1]) }, [
            [at(s, [1]), "inc", x],
            [at(out, [0]), "inc", x],
          ]),
          recordOf(s),
          recordOf(out),
        ]),
        1,
        { ...variant, feeds },
      );
      const first = items(batch, (b) => 1 + b).reduce((p, q) => p + q);
      expect(records["s"][0]).to.deep.equal([[100 + first, 200 + 2 * batch]]);
      expect(records["out"][0]).to.deep.equal([[1 + first + 2 * batch]]);
    });

    it("updates: what is read is the value before", () => {
      const [a, state, seen] = [perItem("a", 2), perItem("state", [1, 2]), perItem("seen", 2)];
      const feeds = {
        a: items(batch, (b) => [
          [1, b],
          [1, b],
          [1, b],
        ]),
      };
      const inputs = { x: at(a, [1]), y: at(state, [1]) };
      const { records } = run(
        programOf([
          feedOf(a),
          elementwise([2], inputs, [[at(state, [1]), "update", add(mul(2, y), x)]]),
          elementwise([2], { y: at(state, [1]) }, [[at(seen, [1]), "set", y]]),
          recordOf(state),
          recordOf(seen),
        ]),
        3,
        { ...variant, feeds },
      );
      expect(records["state"]).to.deep.equal(
        items(batch, (b) => [
          [3, 4 + b],
          [7, 8 + 3 * b],
          [15, 16 + 7 * b],
        ]),
      );
      expect(records["seen"]).to.deep.equal(
        items(batch, (b) => [
          [1, 2],
          [3, 4 + b],
          [7, 8 + 3 * b],
        ]),
      );
    });

    it("reads everything before it writes anything: two signals change places", () => {
      const n = 700;
      const [a, b] = [
        perItem(
          "a",
          Array.from({ length: n }, (_, i) => i),
        ),
        perItem(
          "b",
          Array.from({ length: n }, (_, i) => -i),
        ),
      ];
      const swap = elementwise([n], { x: at(a, [1]), y: at(b, [1]) }, [
        [at(a, [1]), "set", y],
        [at(b, [1]), "set", x],
      ]);
      const { records } = run(programOf([swap, recordOf(a), recordOf(b)]), 3, variant);
      expect(records["a"][0].at(-1)).to.deep.equal(Array.from({ length: n }, (_, i) => -i));
      expect(records["b"][batch - 1].at(-1)).to.deep.equal(Array.from({ length: n }, (_, i) => i));
    });

    it("reads everything before it writes anything: a signal moves along itself", () => {
      const n = 1500;
      const line = perItem(
        "line",
        Array.from({ length: n }, (_, i) => i),
      );
      const forth = elementwise([n - 1], { x: at(line, [1]) }, [[at(line, [1], 1), "update", x]]);
      const back = elementwise([n - 1], { x: at(line, [1], 1) }, [[at(line, [1]), "update", x]]);
      const lastOf = (op: ElementwiseOperator): number[] =>
        run(programOf([op, recordOf(line)]), 2, variant).records["line"][batch - 1].at(-1)!;
      expect(lastOf(forth)).to.deep.equal(Array.from({ length: n }, (_, i) => Math.max(0, i - 2)));
      expect(lastOf(back)).to.deep.equal(Array.from({ length: n }, (_, i) => Math.min(n - 1, i + 2)));
    });

    it("has constants, one for all or one an element", () => {
      const [a, out] = [perItem("a", 3), perItem("out", 3)];
      const feeds = { a: items(batch, (b) => [[1, 2, 3 + b]]) };
      const constants = { c: Float64Array.of(10, 20, 30), y: 0.5 };
      const { records } = run(
        programOf([feedOf(a), elementwise([3], { x: at(a, [1]) }, [[at(out, [1]), "set", sub(mul(c, x), y)]], constants), recordOf(out)]),
        1,
        { ...variant, feeds },
      );
      expect(records["out"]).to.deep.equal(items(batch, (b) => [[9.5, 39.5, 89.5 + 30 * b]]));
    });

    it("gives merged operators their own constants", () => {
      const a = perItem("a", 4);
      const outs = [perItem("p", 2), perItem("q", 1), perItem("r", 1)];
      const feeds = { a: items(batch, (b) => [[1, 2, 3, 4 + b]]) };
      const operators = [
        elementwise([2], { x: at(a, [1]) }, [[at(outs[0], [1]), "set", mul(c, x)]], { c: 2 }),
        elementwise([1], { x: at(a, [1], 2) }, [[at(outs[1], [1]), "set", mul(c, x)]], { c: Float64Array.of(3) }),
        elementwise([1], { x: at(a, [1], 3) }, [[at(outs[2], [1]), "set", mul(c, x)]], { c: 5 }),
      ];
      const { records } = run(programOf([feedOf(a), ...operators, ...outs.map((s) => recordOf(s))]), 1, { ...variant, feeds });
      expect([records["p"], records["q"], records["r"]]).to.deep.equal([
        items(batch, () => [[2, 4]]),
        items(batch, () => [[9]]),
        items(batch, (b) => [[20 + 5 * b]]),
      ]);
    });

    it("writes a constant expression everywhere", () => {
      const out = perItem("out", 3);
      const { records } = run(programOf([elementwise([3], {}, [[at(out, [1]), "set", constant(1.5)]]), recordOf(out)]), 1, variant);
      expect(records["out"]).to.deep.equal(items(batch, () => [[1.5, 1.5, 1.5]]));
    });
  });
}

describe("elementwise in float32", () => {
  it("rounds every operation", () => {
    const [a, out] = [perItem("a", 1), perItem("out", 1)];
    const sum = sub(add(x, 1), x);
    const of = (dtype: "float32" | "float64"): number =>
      run(programOf([feedOf(a), elementwise([1], { x: at(a, [1]) }, [[at(out, [1]), "set", sum]]), recordOf(out)]), 1, {
        dtype,
        feeds: { a: [[[2 ** 24]]] },
      }).records["out"][0][0][0];
    expect(of("float64")).to.equal(1);
    expect(of("float32")).to.equal(0);
  });

  it("rounds functions and constants", () => {
    const [a, out] = [perItem("a", 1), perItem("out", 1)];
    const { records } = run(
      programOf([feedOf(a), elementwise([1], { x: at(a, [1]) }, [[at(out, [1]), "set", mul(c, exp(x))]], { c: 0.1 }), recordOf(out)]),
      1,
      { dtype: "float32", feeds: { a: [[[0.3]]] } },
    );
    expect(records["out"][0][0][0]).to.equal(Math.fround(Math.fround(0.1) * Math.fround(Math.exp(Math.fround(0.3)))));
  });
});
