import { expect } from "chai";
import { range } from "../../../src/ir/signal.ts";
import { feedOf, items, perItem, programOf, recordOf, run, shared, variants, whole } from "../../support/programs.ts";

for (const { name, ...variant } of variants) {
  const { batch } = variant;
  /** Item b has 10 b + 1, 10 b + 2, 10 b + 3. */
  const x = perItem("x", 3);
  const feeds = { x: items(batch, (b) => [[10 * b + 1, 10 * b + 2, 10 * b + 3]]) };
  const of = (operators: Parameters<typeof programOf>[0], steps = 1): Readonly<Record<string, number[][][]>> =>
    run(programOf([feedOf(x), ...operators]), steps, {
      ...variant,
      feeds: { x: feeds.x.map((rows) => Array.from({ length: steps }, () => rows[0])) },
    }).records;

  describe(`set (${name})`, () => {
    it("writes a number into a part and an array into another", () => {
      const s = perItem("s", [1, 2, 3, 4, 5]);
      const { records } = run(
        programOf([
          { kind: "set", origin: "set", target: range(s, 1, 2), value: 9 },
          { kind: "set", origin: "set", target: range(s, 3, 2), value: Float64Array.of(-1, 0.5) },
          recordOf(s),
        ]),
        1,
        variant,
      );
      expect(records["s"]).to.deep.equal(items(batch, () => [[1, 9, 9, -1, 0.5]]));
    });

    it("writes into shared signals", () => {
      const s = shared("s", [1, 2, 3]);
      const { records } = run(
        programOf([{ kind: "set", origin: "set", target: range(s, 0, 2), value: Float64Array.of(7, 8) }, recordOf(s)]),
        1,
        variant,
      );
      expect(records["s"]).to.deep.equal(items(batch, () => [[7, 8, 3]]));
    });
  });

  describe(`copy (${name})`, () => {
    it("picks, with repeats, and sets", () => {
      const y = perItem("y", 4);
      const records = of([{ kind: "copy", origin: "copy", source: whole(x, [2, 0, 0, 1]), target: whole(y), role: "set" }, recordOf(y)]);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[10 * b + 3, 10 * b + 1, 10 * b + 1, 10 * b + 2]]));
    });

    it("adds up where a target repeats", () => {
      const y = perItem("y", [100, 200]);
      const records = of([{ kind: "copy", origin: "copy", source: whole(x), target: whole(y, [1, 0, 1]), role: "inc" }, recordOf(y)], 2);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [1, 2].map((k) => [100 + k * (10 * b + 2), 200 + k * (20 * b + 4)])));
    });

    it("moves between lists with offsets", () => {
      const y = perItem("y", 5);
      const records = of([
        { kind: "copy", origin: "copy", source: whole(x, [0, 1], 1), target: whole(y, [2, 0], 1), role: "set" },
        recordOf(y),
      ]);
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[0, 10 * b + 3, 0, 10 * b + 2, 0]]));
    });

    it("is seen one step later where it updates", () => {
      const [y, z] = [perItem("y", [-1]), perItem("z", 1)];
      const records = of(
        [
          { kind: "copy", origin: "copy", source: whole(x, [2]), target: whole(y), role: "update" },
          { kind: "copy", origin: "read", source: whole(y), target: whole(z), role: "set" },
          recordOf(y),
          recordOf(z),
        ],
        2,
      );
      expect(records["y"]).to.deep.equal(items(batch, (b) => [[10 * b + 3], [10 * b + 3]]));
      expect(records["z"]).to.deep.equal(items(batch, (b) => [[-1], [10 * b + 3]]));
    });

    it("gives what is shared to every item, and adds it", () => {
      const [s, y, z] = [shared("s", [1, 2, 3]), perItem("y", 3), perItem("z", [0.5, 0.5])];
      const records = of([
        { kind: "copy", origin: "copy", source: whole(s), target: whole(y), role: "set" },
        { kind: "copy", origin: "copy", source: whole(s, [2, 2]), target: whole(z, [1, 1]), role: "inc" },
        recordOf(y),
        recordOf(z),
      ]);
      expect(records["y"]).to.deep.equal(items(batch, () => [[1, 2, 3]]));
      expect(records["z"]).to.deep.equal(items(batch, () => [[0.5, 6.5]]));
    });

    it("sums over items where the target is shared", () => {
      const [set, added] = [shared("set", [50, 60, 70]), shared("added", [50, 60])];
      const records = of(
        [
          { kind: "copy", origin: "copy", source: whole(x), target: whole(set), role: "set" },
          { kind: "copy", origin: "copy", source: whole(x), target: whole(added, [0, 1, 0]), role: "inc" },
          recordOf(set),
          recordOf(added),
        ],
        2,
      );
      const sum = (i: number): number => items(batch, (b) => 10 * b + 1 + i).reduce((p, q) => p + q, 0);
      expect(records["set"][0]).to.deep.equal([0, 1].map(() => [sum(0), sum(1), sum(2)]));
      expect(records["added"][0]).to.deep.equal([1, 2].map((k) => [50 + k * (sum(0) + sum(2)), 60 + k * sum(1)]));
    });

    it("copies between shared signals once, whatever the batch", () => {
      const [s, t] = [shared("s", [1, 2, 3]), shared("t", [0, 10])];
      const records = of([{ kind: "copy", origin: "copy", source: whole(s, [2, 1]), target: whole(t), role: "inc" }, recordOf(t)]);
      expect(records["t"]).to.deep.equal(items(batch, () => [[3, 12]]));
    });

    it("moves long neighbourhoods as well as short ones", () => {
      const long = perItem("long", 200);
      const [y, z] = [perItem("y", 200), perItem("z", 200)];
      const index = Array.from({ length: 200 }, (_, i) => (i < 100 ? i + 100 : i - 100));
      const data = items(batch, (b) => [Array.from({ length: 200 }, (_, i) => i + 1000 * b)]);
      const { records } = run(
        programOf([
          feedOf(long),
          { kind: "copy", origin: "copy", source: whole(long, index), target: whole(y), role: "set" },
          { kind: "copy", origin: "copy", source: whole(long, index), target: whole(z), role: "inc" },
          recordOf(y),
          recordOf(z),
        ]),
        1,
        { ...variant, feeds: { long: data } },
      );
      expect(records["y"]).to.deep.equal(data.map(([row]) => [index.map((i) => row[i])]));
      expect(records["z"]).to.deep.equal(records["y"]);
    });
  });
}
