import { expect } from "chai";
import { fixture } from "../support/fixtures.ts";
import { differences, type ModelCase } from "../support/models.ts";

const models = Object.entries(fixture<Record<string, ModelCase>>("nengo/models.json")).filter(([key]) => /^\d+$/.test(key));

describe("models that the Python exporter wrote", () => {
  it("are all there", () => expect(models).to.have.length(16));

  for (const [seed, model] of models) {
    it(`run as in Python Nengo: random model ${seed}`, () => expect(differences(model)).to.deep.equal([]));
  }
});
