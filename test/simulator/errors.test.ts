import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectSame } from "../support/numbers.ts";
import { errorOf, values } from "./support.ts";

/** A filtered clock and a Node whose function throws at one step, as often as `fuse` says; `wait` (ms) makes every step slow. */
function failing({ at, wait = 0 }: { at: number; wait?: number }) {
  const fuse = { left: 1, thrown: new Error("boom") as unknown };
  const net = new nengo.Network({ seed: 1 });
  const clock = net.node((t) => Math.sin(20 * t), { label: "clock" });
  const filtered = net.node({ sizeIn: 1 });
  net.connect(clock, filtered, { synapse: 0.02 });
  const bad = net.node(
    (t, [x]) => {
      for (const start = performance.now(); performance.now() - start < wait;);
      if (Math.round(t * 1000) === at && fuse.left-- > 0) throw fuse.thrown;
      return 2 * x;
    },
    { sizeIn: 1, label: "bad" },
  );
  const ensemble = net.ensemble(8, 1);
  net.connect(filtered, bad, { synapse: null });
  net.connect(bad, ensemble);
  const probe = net.probe(ensemble, { synapse: 0.01 });
  return { net, probe, fuse, bad };
}

/** What the same network gives when nothing is thrown. */
async function undisturbed(nSteps: number, options: nengo.SimulatorOptions = {}): Promise<number[]> {
  const { net, probe } = failing({ at: -1 });
  const sim = new nengo.Simulator(net, options);
  await sim.runSteps(nSteps);
  return values(sim.data.get(probe));
}

describe("an error in a Node's function", () => {
  it("names the Node and the step, and leaves simulator and data as they were", async () => {
    const { net, probe, fuse } = failing({ at: 17 });
    const sim = new nengo.Simulator(net);
    await sim.runSteps(10);
    const before = values(sim.data.get(probe));
    const error = await errorOf(nengo.SimulationError, () => sim.runSteps(20));
    expect(error.message).to.equal('Node "bad" at step 17 (t = 0.017 s): a user\'s function threw Error: boom');
    expect(error.cause).to.equal(fuse.thrown);
    expect([sim.nSteps, sim.time]).to.deep.equal([10, 0.01]);
    expectSame(sim.data.get(probe).data, before);
    await sim.runSteps(20);
    expectSame(sim.data.get(probe).data, await undisturbed(30));
  });

  it("undoes all chunks of the failed run, even where data were read between", async () => {
    const { net, probe } = failing({ at: 190, wait: 0.4 });
    const sim = new nengo.Simulator(net);
    await sim.runSteps(5);
    await sim.runSteps(5);
    // The first hundred steps take long enough for the run to let others in between.
    const run = errorOf(nengo.SimulationError, () => sim.runSteps(200));
    expect(sim.data.get(probe).shape).to.deep.equal([110, 1]);
    expect((await run).message).to.match(/^Node "bad" at step 190 /);
    expect([sim.nSteps, sim.data.get(probe).shape]).to.deep.equal([10, [10, 1]]);
    await sim.runSteps(190);
    expectSame(sim.data.get(probe).data, await undisturbed(200));
  });

  it("is the same in a single step", async () => {
    const { net, probe } = failing({ at: 3 });
    const sim = new nengo.Simulator(net);
    sim.step();
    sim.step();
    expect((await errorOf(nengo.SimulationError, () => sim.step())).message).to.match(/^Node "bad" at step 3 \(t = 0\.003 s\)/);
    expect([sim.nSteps, sim.data.get(probe).shape]).to.deep.equal([2, [2, 1]]);
    sim.step();
    sim.step();
    expectSame(sim.data.get(probe).data, await undisturbed(4));
  });

  it("names the item of a minibatch, and undoes all items", async () => {
    const { net, probe, fuse } = failing({ at: 4 });
    fuse.left = 1;
    const sim = new nengo.Simulator(net, { minibatchSize: 3 });
    expect((await errorOf(nengo.SimulationError, () => sim.runSteps(6))).message).to.match(
      /^Node "bad" at step 4 \(t = 0\.004 s\), item 0: /,
    );
    expect(sim.nSteps).to.equal(0);
    await sim.runSteps(6);
    expectSame(sim.data.get(probe).data, await undisturbed(6, { minibatchSize: 3 }));
  });

  it("says what was thrown, whatever it is", async () => {
    const { net, fuse } = failing({ at: 2 });
    fuse.thrown = "just text";
    const error = await errorOf(nengo.SimulationError, () => new nengo.Simulator(net).runSteps(4));
    expect(error.message).to.equal('Node "bad" at step 2 (t = 0.002 s): a user\'s function threw just text');
    expect(error.cause).to.equal("just text");
  });

  for (const [what, value, message] of [
    [
      "too many numbers",
      [1, 2],
      "expected a function that returns 1 number, got 2. Return a number or an array of that length at every step.",
    ],
    [
      "nothing",
      undefined,
      "expected a function that returns 1 number, got undefined. Return a number or an array of that length at every step.",
    ],
    ["no number", NaN, "expected finite numbers, got NaN at position 0. Look for a division by zero or a missing return value."],
  ] as const) {
    it(`is one when the function returns ${what}`, async () => {
      const net = new nengo.Network({ seed: 0 });
      net.node((t) => (t > 0.0025 ? value : 0), { label: "odd" });
      const sim = new nengo.Simulator(net);
      const error = await errorOf(nengo.SimulationError, () => sim.runSteps(5));
      expect(error.message).to.equal(`Node "odd" at step 3 (t = 0.003 s): Node "odd": ${message}`);
      expect(sim.nSteps).to.equal(0);
    });
  }

  it("is told of a connection's function too", async () => {
    const net = new nengo.Network({ seed: 0 });
    const [a, b] = [net.node((t) => t, { label: "a" }), net.node({ sizeIn: 1, label: "b" })];
    let calls = 0;
    net.connect(a, b, {
      function: (x) => {
        if (calls++ > 4) throw new RangeError("too often");
        return x[0];
      },
    });
    const error = await errorOf(nengo.SimulationError, () => new nengo.Simulator(net).runSteps(9));
    expect(error.message).to.match(
      /^Connection from Node "a" to Node "b"\.function at step \d \(t = .* s\): a user's function threw RangeError: too often$/,
    );
  });
});

describe("an error in a network that tensor nodes cut", () => {
  before(() => tf.setBackend("cpu"));

  for (const loop of [false, true]) {
    it(`undoes parts that were done ${loop ? "with" : "without"} a loop`, async () => {
      const make = (at: number) => {
        const fuse = { left: 2 };
        const net = new nengo.Network({ seed: 1 });
        const clock = net.node((t) => Math.sin(50 * t));
        const tensor = nengo.tensorNode(net, (_t, x) => tf.tanh(x), { shapeIn: [1], label: "tanh" });
        net.connect(clock, tensor, { synapse: 0.01 });
        if (loop) net.connect(tensor, tensor, { synapse: 0.005 });
        const bad = net.node(
          (t, [x]) => {
            if (Math.round(t * 1000) === at && fuse.left-- > 0) throw new Error("boom");
            return x;
          },
          { sizeIn: 1, label: "bad" },
        );
        net.connect(tensor, bad, { synapse: 0.01 });
        return { net, probe: net.probe(bad) };
      };
      const whole = make(-1);
      const wanted = new nengo.Simulator(whole.net);
      await wanted.runSteps(12);
      const { net, probe } = make(6);
      const sim = new nengo.Simulator(net);
      await sim.runSteps(5);
      expect((await errorOf(nengo.SimulationError, () => sim.step())).message).to.match(/^Node "bad" at step 6 /);
      expect((await errorOf(nengo.SimulationError, () => sim.runSteps(4))).message).to.match(/^Node "bad" at step 6 /);
      expect([sim.nSteps, sim.data.get(probe).shape]).to.deep.equal([5, [5, 1]]);
      await sim.runSteps(7);
      expectSame(sim.data.get(probe).data, wanted.data.get(whole.probe).data);
    });
  }
});
