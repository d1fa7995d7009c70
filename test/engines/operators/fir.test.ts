import { expect } from "chai";
import { range } from "../../../src/ir/signal.ts";
import type { Role } from "../../../src/ir/operators.ts";
import { feedOf, items, perItem, programOf, recordOf, run, variants } from "../../support/programs.ts";

for (const { name, ...variant } of variants) {
  const { batch } = variant;
  describe(`fir (${name})`, () => {
    const fir = (role: Role, first: readonly number[] = [0, 0, 0, 0, 0, 0]) => {
      const [x, y, buffer] = [perItem("x", 2), perItem("y", [7, 7]), perItem("buffer", first)];
      // Item b is fed 1, 0, 0, 0, ... and b + 1, 2 (b + 1), 3 (b + 1), ...
      const feeds = { x: items(batch, (b) => [1, 2, 3, 4, 5].map((k) => [k === 1 ? 1 : 0, k * (b + 1)])) };
      const operator = {
        kind: "fir",
        origin: "fir",
        input: range(x),
        output: range(y),
        buffer: range(buffer),
        taps: Float64Array.of(0.5, 2, 4),
        role,
      } as const;
      return run(programOf([feedOf(x), operator, recordOf(y), recordOf(buffer)]), 5, { ...variant, feeds }).records;
    };
    // 0.5 k + 2 (k - 1) + 4 (k - 2), from zeros.
    const ramp = [0.5, 3, 9.5, 16, 22.5];

    it("weighs the last inputs, the present one first", () => {
      expect(fir("set")["y"]).to.deep.equal(items(batch, (b) => [0.5, 2, 4, 0, 0].map((v, k) => [v, ramp[k] * (b + 1)])));
    });

    it("keeps inputs newest first", () => {
      expect(fir("set")["buffer"].map((rows) => rows.at(-1))).to.deep.equal(
        items(batch, (b) => [0, 5 * (b + 1), 0, 4 * (b + 1), 0, 3 * (b + 1)]),
      );
    });

    it("adds to its output", () => {
      let [p, q] = [7, 7];
      const sums = [0.5, 2, 4, 0, 0].map((v, k) => [(p += v), ramp[k], k] as const);
      expect(fir("inc")["y"]).to.deep.equal(
        items(batch, (b) => {
          q = 7;
          return sums.map(([first, second]) => [first, (q += second * (b + 1))]);
        }),
      );
    });

    it("starts from what is in the buffer", () => {
      // Before step 1, inputs were (10, 20), and (30, 40) before that.
      const y = fir("set", [10, 20, 30, 40, 50, 60])["y"];
      expect(y.map((rows) => rows.slice(0, 3))).to.deep.equal(
        items(batch, (b) => [
          [0.5 + 20 + 120, 0.5 * (b + 1) + 40 + 160],
          [2 + 40, 3 * (b + 1) + 80],
          [4, 9.5 * (b + 1)],
        ]),
      );
    });
  });
}
