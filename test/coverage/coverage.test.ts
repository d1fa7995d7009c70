import { readFileSync } from "node:fs";
import { expect } from "chai";
import { classify, coveragePage, isExported, readNames, type Entry } from "./coverage.ts";
import { verdicts } from "./verdicts.ts";

describe("docs/coverage.md", () => {
  const names = readNames();
  let entries: Entry[];
  before(() => {
    entries = classify(names);
  });

  it("is what npm run docs:coverage makes", async () => {
    expect(readFileSync("docs/coverage.md", "utf8")).to.equal(await coveragePage(names));
  });

  it("tells every name, once", () => {
    const told = new Set(entries.map(({ home, name }) => `${home}.${name}`));
    expect(told.size).to.equal(entries.length);
    for (const [home, all] of [...Object.entries(names.names), ...Object.entries(names.members)]) {
      for (const name of all) {
        const places = home.split(".").map((_, k, parts) => parts.slice(0, k + 1).join("."));
        expect(
          places.some((place) => told.has(`${place}.${name}`)),
          `${home}.${name}`,
        ).to.equal(true);
      }
    }
  });

  it("has everything of Nengo that users import", () => {
    const families = ["neurons", "synapses", "dists", "solvers", "processes", "transforms", "learning_rules", "networks", "presets"].map(
      (m) => `nengo.${m}`,
    );
    const left = entries.filter(({ home, name, status }) => families.includes(home) && status !== "supported" && !name.endsWith("Param"));
    expect(left.map(({ name }) => name)).to.deep.equal(["get_samples", "RatesToSpikesNeuronType", "ChannelShape"]);
    expect(left.every(({ status }) => status === "partly")).to.equal(true);
    const missing = entries.filter(({ home, status }) => home.startsWith("nengo.") && status === "not yet");
    expect(missing).to.deep.equal([]);
  });

  it("has a reason for all that is left out, and no rule without a name", () => {
    for (const { name, status, text } of entries) if (status !== "supported") expect(text.length, name).to.be.above(5);
    for (const key of Object.keys(verdicts)) {
      const [home, name] = [key.slice(0, key.lastIndexOf(".")), key.slice(key.lastIndexOf(".") + 1)];
      const known = [...(names.names[home] ?? []), ...(names.members[home] ?? [])];
      expect(name === "*" ? known.length > 0 : known.includes(name), key).to.equal(true);
    }
  });

  it("knows what is exported", () => {
    expect(["LIF", "networks.product", "Simulator.reset", "layers.network"].map(isExported)).to.deep.equal([true, true, true, true]);
    expect(["Lif", "networks.nothing", "Simulator.nothing", "layers", "nothing.at.all"].map(isExported)).to.deep.equal([
      false,
      false,
      false,
      true,
      false,
    ]);
  });
});
