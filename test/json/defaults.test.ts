import { expect } from "chai";
import { networkFromJSON, networkToJSON, type NetworkDocument } from "../../src/json/index.ts";
import { readValue } from "../../src/json/readValue.ts";
import { writeValue } from "../../src/json/writeValue.ts";
import { Network } from "../../src/network/index.ts";
import { fixture } from "../support/fixtures.ts";

interface Value {
  readonly given: { readonly type: string };
  readonly full: object;
}
const { values, network } = fixture<{ values: readonly Value[]; network: NetworkDocument }>("nengo/defaults.json");

describe("what is left out has the value that it has in Nengo", () => {
  it("of every class", () => expect(values.length).to.be.above(45));

  for (const { given, full } of values) {
    it(`${given.type}`, () => {
      const made = writeValue(readValue(given, "given"), "given") as object;
      expect(made).to.deep.equal(writeValue(readValue(full, "full"), "full"));
      // The exporter leaves out what is usual for every process; all else that Nengo has is there.
      expect(made).to.include.all.keys(...Object.keys(full));
    });
  }

  it("ensembles, Nodes, connections and probes", () => {
    const net = new Network({ seed: 1 });
    const [ensemble, relay] = [net.ensemble(5, 1), net.node({ sizeIn: 1 })];
    const decoded = net.connect(ensemble, relay);
    net.connect(net.node([1]), relay);
    for (const target of [ensemble, ensemble.neurons, relay, decoded]) net.probe(target);
    const withoutIds = (document: NetworkDocument): unknown => JSON.parse(JSON.stringify(document).replace(/"id":"[^"]*"/g, '"id":""'));
    expect(withoutIds(networkToJSON(net))).to.deep.equal(withoutIds(networkToJSON(networkFromJSON(network))));
  });
});
