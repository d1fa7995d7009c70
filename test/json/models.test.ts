import { expect } from "chai";
import { networkFromJSON, networkToJSON } from "../../src/json/index.ts";
import { fixture } from "../support/fixtures.ts";
import { differences, type ModelCase } from "../support/models.ts";

const corners = Object.entries(fixture<Record<string, Partial<ModelCase>>>("nengo/corners.json")).filter(
  (entry): entry is [string, ModelCase] => entry[1].document !== undefined,
);
const models = Object.entries(fixture<Record<string, ModelCase>>("nengo/models.json")).filter(([key]) => /^\d+$/.test(key));

describe("models that the Python exporter wrote", () => {
  it("are all there", () => expect(models).to.have.length(16));

  for (const [seed, model] of models) {
    it(`run as in Python Nengo: random model ${seed}`, () => expect(differences(model)).to.deep.equal([]));
  }

  for (const [name, model] of corners) {
    it(`run as in Python Nengo: ${name}`, () => expect(differences(model)).to.deep.equal([]));
  }

  it("are written as they were read", () => {
    expect(corners).to.have.length(5);
    const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    for (const [name, model] of corners) {
      const written = networkToJSON(networkFromJSON(model.document));
      expect(throughText(networkToJSON(networkFromJSON(JSON.stringify(written)))), name).to.deep.equal(throughText(written));
      // What is the same model gives the same numbers.
      expect(differences({ ...model, document: written }), name).to.deep.equal([]);
    }
  });
});
