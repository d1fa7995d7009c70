import { expect } from "chai";
import { ReadonlyError } from "../../src/errors.ts";
import { Network } from "../../src/network/index.ts";

describe("lists of a network", () => {
  const net = new Network({ label: "net" });
  const ensemble = net.ensemble(3, 1);
  const lists = ["ensembles", "nodes", "connections", "probes", "networks"] as const;

  for (const name of lists) {
    it(`${name} refuse to be changed`, () => {
      const list = net[name] as unknown[];
      const before = Array.from(list);
      for (const change of [
        () => list.push(ensemble),
        () => (list[0] = ensemble),
        () => (list.length = 0),
        () => list.reverse().sort().unshift(1),
        () => list.splice(0, 1, ensemble),
        () => Object.defineProperty(list, "0", { value: 1 }),
        () => Object.freeze(list),
        () => Reflect.deleteProperty(list, "0"),
        () => void Object.setPrototypeOf(list, null),
      ])
        expect(change).to.throw(ReadonlyError, `Network "net".${name}: expected to be read only, got a change. Make it by network.`);
      expect(Array.from(list)).to.deep.equal(before);
    });
  }

  it("read as arrays do, and follow the network", () => {
    const own = new Network();
    const { ensembles } = own;
    expect(ensembles).to.deep.equal([]);
    const [a, b] = [own.ensemble(1, 1), own.ensemble(2, 2)];
    expect(ensembles).to.deep.equal([a, b]);
    expect(ensembles.map((e) => e.nNeurons)).to.deep.equal([1, 2]);
    expect([ensembles.length, ensembles.at(-1), ensembles.includes(a), Array.isArray(ensembles)]).to.deep.equal([2, b, true, true]);
    expect([...ensembles.slice(1)]).to.deep.equal([b]);
    expect(own.ensembles).to.equal(ensembles);
  });

  it("all objects are a list of one's own", () => {
    const own = new Network();
    own.ensemble(1, 1);
    (own.allEnsembles as unknown[]).pop();
    expect(own.allEnsembles).to.have.length(1);
  });
});

describe("sizes of an ensemble", () => {
  it("refuse to be set", () => {
    const ensemble = new Network().ensemble(3, 1, { label: "a" }) as { -readonly [K in "nNeurons" | "dimensions"]: number };
    expect(() => (ensemble.nNeurons = 5)).to.throw(
      ReadonlyError,
      'Ensemble "a".nNeurons: expected to be read only, got another value. Make another ensemble.',
    );
    expect(() => (ensemble.dimensions = 5)).to.throw(ReadonlyError);
    expect([ensemble.nNeurons, ensemble.dimensions]).to.deep.equal([3, 1]);
  });
});
