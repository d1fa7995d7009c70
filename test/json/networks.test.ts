import { expect } from "chai";
import { buildNetwork } from "../../src/build/build.ts";
import { assignSeeds } from "../../src/build/seeds.ts";
import { networkFromJSON, networkToJSON, readNetwork, type NetworkDocument } from "../../src/json/index.ts";
import { fixture } from "../support/fixtures.ts";
import { throughText } from "./support.ts";

interface Case {
  readonly document: NetworkDocument;
  readonly functions: Readonly<Record<string, string>>;
  readonly seeds: Readonly<Record<string, number>>;
}

/** What the fixture's functions are, by name. */
const functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  step: (t: number) => (t < 0.1 ? 1 : -0.5),
  product: (x: Float64Array) => x[0] * x[1],
  square: (x: Float64Array) => x[0] * x[0],
  squares: (x: Float64Array) => x.map((v) => v * v),
  sumAndDifference: (x: Float64Array) => [x[0] + x[1], x[0] - x[1], 0.5],
  sin: (x: Float64Array) => Math.sin(x[0]),
  circle: (t: number) => [Math.sin(2 * Math.PI * t), Math.cos(2 * Math.PI * t)],
  circle5: (t: number) => [Math.sin(10 * Math.PI * t), Math.cos(10 * Math.PI * t)],
  ramp: (t: number) => 4 * t - 0.4,
  ramp3: (t: number) => [4 * t - 0.4, 0.5 - 2 * t, t],
  mix: (t: number, x: Float64Array) => [x[0] * t, x[1] - x[0]],
};

const cases = Object.entries(fixture<Record<string, unknown>>("nengo/networks.json")).filter(
  (entry): entry is [string, Case] => typeof entry[1] === "object" && entry[1] !== null && "document" in entry[1],
);

/** Which of its operators draws which seed, and the numbers that were drawn and solved. */
function numbersOf(document: unknown): unknown {
  const built = buildNetwork(networkFromJSON(document, { functions }));
  return {
    order: built.stepOrder.map(({ label, stream }) => [label, stream?.seed]),
    ensembles: [...built.ensembles.values()],
    connections: [...built.connections.values()].map(({ weights, evalPoints }) => ({ weights, evalPoints })),
  };
}

describe("network documents", () => {
  it("are there", () => expect(cases.length).to.be.greaterThan(10));

  for (const [name, { document, seeds }] of cases) {
    it(`${name}: every object has Nengo's seed`, () => {
      const { network, objects } = readNetwork(document, { functions });
      const assigned = assignSeeds(network, network.seed!);
      expect(Object.fromEntries(Object.keys(seeds).map((id) => [id, assigned.get(objects.get(id)!)]))).to.deep.equal(seeds);
    });

    it(`${name}: what is written builds to the same numbers, and is written again the same`, () => {
      const network = networkFromJSON(document, { functions });
      const written = networkToJSON(network, { functions });
      expect(numbersOf(throughText(written))).to.deep.equal(numbersOf(document));
      const again = networkToJSON(networkFromJSON(JSON.stringify(written), { functions }), { functions });
      expect(throughText(again)).to.deep.equal(throughText(written));
    });
  }
});
