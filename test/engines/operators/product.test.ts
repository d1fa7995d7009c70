import { expect } from "chai";
import { range, type Operand, type Signal } from "../../../src/ir/signal.ts";
import type { Role } from "../../../src/ir/operators.ts";
import { WasmEngine } from "../../../src/engines/wasm/engine.ts";
import { RandomState } from "../../../src/math/random.ts";
import { feedOf, items, perItem, programOf, recordOf, run, shared, variants } from "../../support/programs.ts";

const matmul = (
  weights: Operand,
  x: Signal,
  y: Signal,
  {
    role = "set",
    spikes = false,
    from = 0,
    columns = x.size - from,
  }: { role?: Role; spikes?: boolean; from?: number; columns?: number } = {},
) => ({ kind: "matmul", origin: "matmul", weights, x: range(x, from, columns), y: range(y), role, spikes }) as const;

for (const { name, ...variant } of variants) {
  const { batch } = variant;
  const x = perItem("x", 3);
  const feeds = { x: items(batch, (b) => [[1, 2 + b, 4]]) };
  const of = (operators: Parameters<typeof programOf>[0]): Readonly<Record<string, number[][][]>> =>
    run(programOf([feedOf(x), ...operators]), 1, { ...variant, feeds }).records;

  describe(`matmul (${name})`, () => {
    // [[1, 2, 3], [4, 5, 6]] by rows and by columns.
    const layouts = { rows: { data: [1, 2, 3, 4, 5, 6], strides: [3, 1] }, columns: { data: [1, 4, 2, 5, 3, 6], strides: [1, 2] } };
    const wanted = items(batch, (b) => [[17 + 2 * b, 38 + 5 * b]]);
    for (const [order, { data, strides }] of Object.entries(layouts)) {
      for (const spikes of [false, true]) {
        it(`multiplies weights stored by ${order}${spikes ? " by spikes" : ""}`, () => {
          const y = perItem("y", [100, 200]);
          expect(of([matmul({ signal: shared("w", data), offset: 0, strides }, x, y, { spikes }), recordOf(y)])["y"]).to.deep.equal(wanted);
        });

        it(`adds to y, weights stored by ${order}${spikes ? ", by spikes" : ""}`, () => {
          const y = perItem("y", [100, 200]);
          expect(
            of([matmul({ signal: shared("w", data), offset: 0, strides }, x, y, { role: "inc", spikes }), recordOf(y)])["y"],
          ).to.deep.equal(wanted.map(([[p, q]]) => [[p + 100, q + 200]]));
        });
      }
    }

    it("reads a part of a larger matrix, transposed", () => {
      // 3 x 4 by rows; the lower right [[6, 7, 8], [10, 11, 12]] transposed is 3 x 2.
      const w = shared("w", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      const y = perItem("y", 3);
      const records = of([matmul({ signal: w, offset: 5, strides: [1, 4] }, x, y, { from: 1 }), recordOf(y)]);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[6, 7, 8].map((v, i) => v * (2 + b) + (10 + i) * 4)]));
    });

    it("has one output", () => {
      const [y, z] = [perItem("y", 1), perItem("z", [0.5])];
      const w = { signal: shared("w", [1, 2, 3]), offset: 0, strides: [1, 1] };
      const records = of([matmul(w, x, y), matmul(w, x, z, { role: "inc" }), recordOf(y), recordOf(z)]);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[17 + 2 * b]]));
      expect(records["z"]).to.deep.equal(items(batch, (b) => [[17.5 + 2 * b]]));
    });

    it("adds to -0 as to 0, so that columns of zero may be left out", () => {
      const silent = perItem("silent", 8);
      const zeros = { silent: items(batch, () => [new Array<number>(8).fill(0)]) };
      for (const rows of [1, 2, 20, 70])
        for (const spikes of [false, true])
          for (const strides of [
            [8, 1],
            [1, rows],
          ]) {
            const y = perItem("y", new Array<number>(rows).fill(-0));
            const signs = shared(
              "w",
              Array.from({ length: 8 * rows }, (_, k) => (k % 3) - 1),
            );
            const product = matmul({ signal: signs, offset: 0, strides }, silent, y, { role: "inc", spikes });
            const { records } = run(programOf([feedOf(silent), product, recordOf(y)]), 1, { ...variant, feeds: zeros });
            expect(records["y"]).to.deep.equal(items(batch, () => [new Array<number>(rows).fill(0)]));
          }
    });

    it("has weights of its own for every item", () => {
      const [w, y, z] = [perItem("w", 6), perItem("y", 2), perItem("z", [1, 1])];
      const data = items(batch, (b) => [[1, 2, 3, 4, 5, 6].map((v) => v * (b + 1))]);
      const { records } = run(
        programOf([
          feedOf(x),
          feedOf(w),
          matmul({ signal: w, offset: 0, strides: [3, 1] }, x, y),
          matmul({ signal: w, offset: 0, strides: [1, 2] }, x, z, { role: "inc", spikes: true }),
          recordOf(y),
          recordOf(z),
        ]),
        1,
        { ...variant, feeds: { ...feeds, w: data } },
      );
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[(17 + 2 * b) * (b + 1), (38 + 5 * b) * (b + 1)]]));
      expect(records["z"]).to.deep.equal(items(batch, (b) => [[1 + (b + 1) * (27 + 3 * b), 1 + (b + 1) * (34 + 4 * b)]]));
    });

    it("updates: y is seen one step later", () => {
      const [y, seen] = [perItem("y", [7]), perItem("seen", 1)];
      const records = of([
        matmul({ signal: shared("w", [1, 2, 3]), offset: 0, strides: [3, 1] }, x, y, { role: "update" }),
        { kind: "copy", origin: "copy", source: { ...range(y), index: null }, target: { ...range(seen), index: null }, role: "set" },
        recordOf(y),
        recordOf(seen),
      ]);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[17 + 2 * b]]));
      expect(records["seen"]).to.deep.equal(items(batch, () => [[7]]));
    });
  });

  describe(`sparseMatmul (${name})`, () => {
    const entries = { rows: Int32Array.of(0, 2, 2, 0), columns: Int32Array.of(1, 0, 2, 1) };
    const sparse = (weights: Signal, y: Signal, role: Role) =>
      ({ kind: "sparseMatmul", origin: "sparse", ...entries, weights: range(weights), x: range(x), y: range(y), role }) as const;

    it("adds up the entries, those at the same place too", () => {
      const [y, z] = [perItem("y", [9, 9, 9]), perItem("z", [9, 9, 9])];
      const w = shared("w", [2, 3, 5, 0.5]);
      const records = of([sparse(w, y, "set"), sparse(w, z, "inc"), recordOf(y), recordOf(z)]);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[2.5 * (2 + b), 0, 23]]));
      expect(records["z"]).to.deep.equal(items(batch, (b) => [[9 + 2.5 * (2 + b), 9, 32]]));
    });

    it("has weights of its own for every item", () => {
      const [w, y] = [perItem("w", 4), perItem("y", 3)];
      const data = items(batch, (b) => [[2 + b, 3, 5, 0.5 * b]]);
      const { records } = run(programOf([feedOf(x), feedOf(w), sparse(w, y, "set"), recordOf(y)]), 1, {
        ...variant,
        feeds: { ...feeds, w: data },
      });
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[(2 + 1.5 * b) * (2 + b), 0, 23]]));
    });
  });
}

describe("products of an item", () => {
  for (const dtype of ["float64", "float32"] as const) {
    for (const spikes of [false, true]) {
      for (const rows of [1, 5]) {
        it(`are the same in any batch, bit for bit (${dtype}, ${rows} ${rows === 1 ? "row" : "rows"}${spikes ? ", spikes" : ""})`, () => {
          const rng = new RandomState(3);
          const n = 40;
          const [x, y, z] = [
            perItem("x", n),
            perItem(
              "y",
              Array.from({ length: rows }, () => 0.1),
            ),
            perItem("z", rows),
          ];
          const w: Operand = { signal: shared("w", [...rng.normals(n * rows)]), offset: 0, strides: [1, rows] };
          const data = items(3, () => Array.from({ length: 6 }, () => [...rng.normals(n)].map((v) => (spikes && v < 0.5 ? 0 : v))));
          const program = programOf([
            feedOf(x),
            matmul(w, x, y, { role: "inc", spikes }),
            matmul(w, x, z, { spikes }),
            recordOf(y),
            recordOf(z),
          ]);
          const all = run(program, 6, { dtype, batch: 3, feeds: { x: data } }).records;
          data.forEach((own, b) => {
            const single = run(program, 6, { dtype, batch: 1, feeds: { x: [own] } }).records;
            expect(single["y"][0], `item ${b}`).to.deep.equal(all["y"][b]);
            expect(single["z"][0], `item ${b}`).to.deep.equal(all["z"][b]);
          });
        });
      }
    }
  }
});

describe("products side by side", () => {
  /** Products of as many rows, of one x each, every fourth of which adds to the y of the one before. */
  function program(rows: number, columns: number, spikes: boolean, role: "set" | "inc", count = 11) {
    const rng = new RandomState(rows + 100 * columns);
    const fed = perItem("x", columns * count);
    const ys: Signal[] = [];
    const products = Array.from({ length: count }, (_, k) => {
      const added = role === "inc" && k % 4 === 3;
      const y = added ? ys.at(-1)! : perItem(`y${k}`, [...rng.normals(rows)]);
      if (!added) ys.push(y);
      const w = shared(`w${k}`, [...rng.normals(rows * columns)]);
      return matmul({ signal: w, offset: 0, strides: [1, rows] }, fed, y, { role, spikes, from: k * columns, columns });
    });
    return programOf([feedOf(fed), ...products, ...ys.map((y) => recordOf(y))]);
  }
  const data = (columns: number, spikes: boolean, batch: number): number[][][] => {
    const rng = new RandomState(5);
    const row = (): number[] => Array.from(rng.normals(11 * columns), (v) => (spikes && v < 1 ? 0 : v));
    return items(batch, () => Array.from({ length: 5 }, row));
  };
  const wasm = new WasmEngine();

  for (const role of ["set", "inc"] as const)
    for (const spikes of [false, true])
      it(`have the bits of the reference engine, and of each other in any batch (${role}${spikes ? ", spikes" : ""})`, () => {
        for (const rows of [1, 3, 15, 16, 33])
          for (const columns of [1, 3, 5, 13]) {
            const p = program(rows, columns, spikes, role);
            const feeds = { x: data(columns, spikes, 3) };
            for (const batch of [1, 3]) {
              const some = { batch, feeds: { x: feeds.x.slice(0, batch) } };
              expect(run(p, 5, { ...some, engine: wasm }).records, `${rows} x ${columns}`).to.deep.equal(run(p, 5, some).records);
            }
            const all = run(p, 5, { batch: 3, dtype: "float32", engine: wasm, feeds }).records;
            const alone = run(p, 5, { dtype: "float32", engine: wasm, feeds: { x: [feeds.x[0]] } }).records;
            for (const [slot, [first]] of Object.entries(all)) expect(alone[slot][0], `${slot}, ${rows} x ${columns}`).to.deep.equal(first);
          }
      });
});
