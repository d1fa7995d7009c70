import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { errorOf } from "./support.ts";

/** A value that grows without bound, and turns into Infinity - Infinity. */
function exploding() {
  const net = new nengo.Network({ seed: 0 });
  const a = net.node({ sizeIn: 1, label: "a" });
  net.connect(net.node(1), a, { synapse: null });
  net.connect(a, a, { synapse: 0, transform: 1e200 });
  const b = net.node({ sizeIn: 1, label: "b" });
  net.connect(a, b, { synapse: null });
  net.connect(a, b, { synapse: null, transform: -1 });
  return { net, probe: net.probe(b) };
}

describe("a value that is no longer a number", () => {
  it("fails a run, which leaves state and data as they were", async () => {
    const { net, probe } = exploding();
    const sim = new nengo.Simulator(net, { progressBar: false });
    await sim.runSteps(1);
    const error = await errorOf(nengo.SimulationError, () => sim.runSteps(20));
    expect(String(error)).to.match(/expected numbers, got NaN by step \d+\. Look for values that grow without bound/);
    expect(sim.nSteps).to.equal(1);
    expect(sim.data.get(probe).shape).to.deep.equal([1, 1]);
    await sim.runSteps(1);
    expect(sim.nSteps).to.equal(2);
  });

  it("fails a step in the same way", () => {
    const { net, probe } = exploding();
    const sim = new nengo.Simulator(net, { progressBar: false });
    sim.step();
    sim.step();
    for (const _ of [1, 2]) {
      expect(() => sim.step()).to.throw(nengo.SimulationError, "expected numbers, got NaN by step 3");
      expect(sim.nSteps).to.equal(2);
      expect(sim.data.get(probe).shape).to.deep.equal([2, 1]);
    }
  });
});
