import { expect } from "chai";
import { assignSeeds } from "../../src/build/seeds.ts";
import { Network } from "../../src/network/index.ts";
import { fixture } from "../support/fixtures.ts";

const { cases } = fixture<{ cases: { seed: number; seeds: Readonly<Record<string, number>> }[] }>("nengo/seeds.json");

/** As in test/fixtures/nengo/seeds.py. */
function objects(seed: number | null): Readonly<Record<string, object>> & { readonly top: Network } {
  const top = new Network({ seed });
  const a = top.ensemble(5, 1);
  const n = top.node([0]);
  const sub = top.network();
  const b = sub.ensemble(5, 1);
  const b2 = sub.ensemble(5, 1, { seed: 42 });
  const m = sub.node({ sizeIn: 1 });
  const inner = sub.network({ seed: 7 });
  const e = inner.ensemble(5, 1);
  const ee = inner.connect(e, e);
  const bm = sub.connect(b, m);
  const sub2 = top.network({ seed: 11 });
  const d = sub2.ensemble(5, 1);
  const dp = sub2.probe(d);
  const ab = top.connect(a, b, { seed: 100 });
  const nd = top.connect(n, d);
  const ap = top.probe(a);
  const np = top.probe(n, { seed: 4294967295 });
  const c = top.ensemble(5, 1);
  return { top, a, n, sub, b, b2, m, inner, e, ee, bm, sub2, d, dp, ab, nd, ap, np, c };
}

describe("seeds of objects, as Nengo's", () => {
  for (const { seed, seeds } of cases) {
    it(`in a network with the seed ${seed}`, () => {
      const all = objects(seed);
      const assigned = assignSeeds(all.top, seed);
      expect(Object.fromEntries(Object.entries(all).map(([name, object]) => [name, assigned.get(object)]))).to.deep.equal(seeds);
      expect(assigned.size).to.equal(Object.keys(seeds).length);
    });
  }

  it("take the seed that is given for a network without one", () => {
    const [given, own] = [objects(null), objects(5)];
    const name = (all: object, seeds: Map<object, number>): unknown =>
      Object.fromEntries(Object.entries(all).map(([key, object]) => [key, seeds.get(object as object)]));
    expect(name(given, assignSeeds(given.top, 5))).to.deep.equal(name(own, assignSeeds(own.top, 5)));
  });
});
