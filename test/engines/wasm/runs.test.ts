import { expect } from "chai";
import fc from "fast-check";
import { runsByKind } from "../../../src/engines/wasm/runs.ts";

interface Member {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
}
const runs = (members: readonly Member[]): string[] =>
  runsByKind(
    members,
    (m) => m.kind,
    (m) => [[m.from, m.to]],
  ).map(({ kind, members: own }) => `${kind}${own.map((m) => m.from).join()}`);

describe("runsByKind", () => {
  it("sorts by kind what writes apart, and keeps the order of what does not", () => {
    const [a, b, c] = [
      { kind: "p", from: 0, to: 3 },
      { kind: "q", from: 3, to: 5 },
      { kind: "p", from: 5, to: 6 },
    ];
    expect(runs([a, b, c])).to.deep.equal(["p0,5", "q3"]);
    expect(runs([a, { ...b, from: 2 }, c])).to.deep.equal(["p0", "q2", "p5"]);
    // Overlaps of one kind keep their order anyway.
    expect(runs([a, b, { ...c, from: 1, to: 3 }])).to.deep.equal(["p0,1", "q3"]);
  });

  it("never moves a member before another kind's that writes to the same place", () => {
    const member = fc.record({
      kind: fc.constantFrom("p", "q", "r"),
      from: fc.integer({ min: 0, max: 40 }),
      size: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(member, { maxLength: 8 }), (list) => {
        const members = list.map(({ kind, from, size }, at) => ({ kind, from, to: from + size, at }));
        const sorted = runsByKind(
          members,
          (m) => m.kind,
          (m) => [[m.from, m.to]],
        ).flatMap((r) => r.members);
        expect(sorted).to.have.length(members.length);
        sorted.forEach((m, k) => {
          for (const other of sorted.slice(k + 1))
            if (other.from < m.to && m.from < other.to) expect(other.at, "order of two that overlap").to.be.above(m.at);
        });
      }),
      { seed: 72, numRuns: 2000 },
    );
  });
});
