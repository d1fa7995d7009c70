import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { errorOf } from "./support.ts";

/** A value that grows without bound, and turns into Infinity - Infinity. */
function exploding() {
  const net = new nengo.Network({ seed: 0 });
  const a = net.node({ sizeIn: 1, label: "a" });
  net.connect(net.node(1), a, { synapse: null });
  net.connect(a, a, { synapse: 0, transform: 1e150 });
  const b = net.node({ sizeIn: 1, label: "b" });
  net.connect(a, b, { synapse: null });
  net.connect(a, b, { synapse: null, transform: -1 });
  return { net, probe: net.probe(b) };
}

for (const engine of ["wasm", "reference"] as const)
  describe(`a value that is no longer a number (${engine} engine)`, () => {
    it("fails a run, which leaves state and data as they were", async () => {
      const { net, probe } = exploding();
      const sim = new nengo.Simulator(net, { engine, progressBar: false });
      await sim.runSteps(1);
      const error = await errorOf(nengo.SimulationError, () => sim.runSteps(20));
      expect(String(error)).to.match(
        /expected finite numbers, got Infinity in .* by step \d \(t = 0\.00\d s\)\. Look for values that grow without bound/,
      );
      // The operator and the object: the loop, not what comes after it.
      expect(String(error)).to.match(/^SimulationError: \w+ Connection from Node "a" to Node "a"/);
      expect(sim.nSteps).to.equal(1);
      expect(sim.data.get(probe).shape).to.deep.equal([1, 1]);
      await sim.runSteps(1);
      expect(sim.nSteps).to.equal(2);
    });

    it("fails a step in the same way", () => {
      const { net, probe } = exploding();
      const sim = new nengo.Simulator(net, { engine, progressBar: false });
      sim.step();
      sim.step();
      for (const _ of [1, 2]) {
        expect(() => sim.step()).to.throw(
          nengo.SimulationError,
          /Connection from Node "a" to Node "a".*expected finite numbers, got Infinity in .* by step 3/,
        );
        expect(sim.nSteps).to.equal(2);
        expect(sim.data.get(probe).shape).to.deep.equal([2, 1]);
      }
    });

    it("is found without calling a user's function again, and told of an item", async () => {
      const net = new nengo.Network({ seed: 0 });
      const input = net.node(0);
      let calls = 0;
      const f = net.node((_t, [x]) => (calls++, x), { sizeIn: 1, label: "f" });
      net.connect(input, f, { synapse: null });
      const sum = net.node({ sizeIn: 1, label: "sum" });
      net.connect(f, sum, { synapse: null, transform: 1e303 });
      net.connect(sum, sum, { synapse: 0.001 });
      net.probe(sum);
      const sim = new nengo.Simulator(net, { engine, minibatchSize: 3, progressBar: false });
      calls = 0;
      const data = [0, 0, 1e5].map((v) => Array.from({ length: 8 }, () => [v]));
      const error = await errorOf(nengo.SimulationError, () => sim.runSteps(8, { data: [[input, data]] }));
      expect(String(error)).to.match(/got Infinity in Node "sum".* by step \d+ .*, item 2\./);
      expect(calls).to.equal(24);
    });
  });
