import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { chain, dataOf, errorOf, values } from "./support.ts";

describe("Simulator.run", () => {
  it("runs the steps of a time and records a row a step", async () => {
    const { net, probe, inputProbe } = chain();
    const sim = new nengo.Simulator(net, { progressBar: false });
    expect([sim.nSteps, sim.time, sim.dt, sim.closed]).to.deep.equal([0, 0, 0.001, false]);
    expect(sim.data.get(probe).shape).to.deep.equal([0, 1]);
    await sim.run(0.03);
    expect(sim.nSteps).to.equal(30);
    expect(sim.time).to.be.closeTo(0.03, 1e-15);
    expect(sim.data.get(probe).shape).to.deep.equal([30, 1]);
    expect(sim.data.get(inputProbe).shape).to.deep.equal([30, 1]);
    expect(sim.data.get(probe).data).to.be.instanceOf(Float64Array);
    expect(values(sim.data.get(probe)).some((v) => v !== 0)).to.be.true;
  });

  it("rounds seconds to steps, and takes none", async () => {
    const { net } = chain();
    const sim = new nengo.Simulator(net, { dt: 0.002 });
    await sim.run(0.0051);
    expect(sim.nSteps).to.equal(3);
    await sim.run(0);
    await sim.runSteps(0);
    expect(sim.nSteps).to.equal(3);
  });

  it("gives a Node's function the time of the step, t = dt at the first", async () => {
    const net = new nengo.Network({ seed: 0 });
    const times: number[] = [];
    const probe = net.probe(net.node((t) => (times.push(t), t)));
    const sim = new nengo.Simulator(net, { dt: 0.002 });
    times.length = 0;
    await sim.runSteps(3);
    sim.step();
    expect(times).to.deep.equal([0.002, 0.004, 0.006, 0.008]);
    expectSame(sim.data.get(probe).data, [0.002, 0.004, 0.006, 0.008]);
  });

  it("goes on where it was: parts and single steps equal one run bit for bit", async () => {
    const whole = chain();
    const one = new nengo.Simulator(whole.net);
    await one.runSteps(60);
    const parts = chain();
    const sim = await nengo.Simulator.create(parts.net);
    await sim.runSteps(1);
    await sim.run(0.02);
    for (let k = 0; k < 9; k++) sim.step();
    await sim.runSteps(30);
    expect(sim.nSteps).to.equal(60);
    expectSame(sim.data.get(parts.probe).data, one.data.get(whole.probe).data);
    expectSame(sim.data.get(parts.inputProbe).data, one.data.get(whole.inputProbe).data);
  });

  it("steps at once when it is ready", async () => {
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.ready();
    sim.step();
    expect(sim.nSteps).to.equal(1);
    expect(sim.data.get(probe).shape).to.deep.equal([1, 1]);
  });

  it("runs backwards neither in time nor in steps", async () => {
    const sim = new nengo.Simulator(chain().net);
    expect((await errorOf(nengo.ValidationError, () => sim.run(-0.1))).message).to.match(/^Simulator\.run: expected .*, got -0\.1/);
    expect((await errorOf(nengo.ValidationError, () => sim.runSteps(-1))).message).to.match(/^Simulator\.nSteps: expected .*, got -1/);
    expect((await errorOf(nengo.ValidationError, () => sim.runSteps(1.5))).message).to.match(/^Simulator\.nSteps: expected .*, got 1\.5/);
    expect(sim.nSteps).to.equal(0);
  });

  it("refuses a second run, a step and a reset while one is in progress", async () => {
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    const blocked: Promise<Error>[] = [];
    const first = sim.runSteps(30, {
      onChunk: () => {
        blocked.push(
          errorOf(nengo.SimulationError, () => sim.runSteps(1)),
          errorOf(nengo.SimulationError, () => sim.step()),
          errorOf(nengo.SimulationError, () => sim.reset()),
        );
      },
    });
    await first;
    const messages = (await Promise.all(blocked)).map((e) => e.message);
    expect(messages.slice(0, 3)).to.deep.equal([
      "Simulator.run: expected no run in progress, got one that is. Await it first.",
      "Simulator.run: expected no run in progress, got one that is. Await it first.",
      "Simulator.reset: expected no run in progress, got one that is. Await it first.",
    ]);
    expect(sim.nSteps).to.equal(30);
    await sim.runSteps(2);
    expect(sim.data.get(probe).shape).to.deep.equal([2, 1]);
  });
});

describe("Simulator.run with onChunk", () => {
  it("hands out the rows that sim.data would have, and keeps none", async () => {
    const [a, b] = [chain(), chain()];
    const kept = new nengo.Simulator(a.net, { minibatchSize: 2 });
    await kept.runSteps(250);
    const sim = new nengo.Simulator(b.net, { minibatchSize: 2 });
    const rows: number[][] = [[], []];
    let chunks = 0;
    await sim.runSteps(250, {
      onChunk: (chunk) => {
        chunks++;
        const data = chunk.get(b.probe)!;
        expect(data.shape).to.deep.equal([2, data.data.length / 2, 1]);
        rows.forEach((row, item) => row.push(...values(data.item(item))));
      },
    });
    expect(chunks).to.be.at.least(2);
    expect(sim.data.get(b.probe).shape).to.deep.equal([2, 0, 1]);
    rows.forEach((row, item) => expectSame(row, kept.data.get(a.probe).item(item).data));
  });

  it("puts the simulator back where it was when the callback throws", async () => {
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(5);
    const error = await errorOf(Error, () =>
      sim.runSteps(300, {
        onChunk: () => {
          throw new Error("enough");
        },
      }),
    );
    expect(error.message).to.equal("enough");
    expect([sim.nSteps, sim.data.get(probe).shape]).to.deep.equal([5, [5, 1]]);
  });
});

describe("Simulator.reset", () => {
  it("starts again with the same numbers", async () => {
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(40);
    const first = values(sim.data.get(probe));
    sim.reset();
    expect([sim.nSteps, sim.time, sim.data.get(probe).shape]).to.deep.equal([0, 0, [0, 1]]);
    await sim.runSteps(40);
    expectSame(sim.data.get(probe).data, first);
  });

  it("takes another seed, which is that of a simulator made with it, and keeps it", async () => {
    const { net, probe, inputProbe, ensemble } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(40);
    const first = values(sim.data.get(inputProbe));
    sim.reset({ seed: 77 });
    expect(sim.seed).to.equal(77);
    await sim.runSteps(40);
    const other = new nengo.Simulator(net, { seed: 77 });
    await other.runSteps(40);
    expect(values(sim.data.get(inputProbe))).not.to.deep.equal(first);
    expectSame(sim.data.get(inputProbe).data, other.data.get(inputProbe).data);
    expectSame(sim.data.get(probe).data, other.data.get(probe).data);
    expectSame(sim.data.get(ensemble).encoders.data, other.data.get(ensemble).encoders.data);
    sim.reset();
    expect(sim.seed).to.equal(77);
    await sim.runSteps(40);
    expectSame(sim.data.get(probe).data, other.data.get(probe).data);
  });

  it("leaves data that were taken before as they are", async () => {
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(20);
    const before = sim.data.get(probe);
    const copy = values(before);
    sim.reset({ seed: 1 });
    await sim.runSteps(20);
    expectSame(before.data, copy);
  });

  it("refuses a bad seed", async () => {
    const sim = new nengo.Simulator(chain().net);
    expect((await errorOf(nengo.ValidationError, () => sim.reset({ seed: -1 }))).message).to.match(/^Simulator\.seed: expected .*, got -1/);
  });
});

describe("Simulator.trange", () => {
  it("lists the times of all steps, or of every so many seconds", async () => {
    const sim = new nengo.Simulator(chain().net);
    expect(sim.trange()).to.have.length(0);
    await sim.runSteps(10);
    expectClose(sim.trange(), [0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01], 1e-15);
    expectClose(sim.trange({ sampleEvery: 0.004 }), [0.004, 0.008], 1e-15);
    expectClose(sim.trange({ sampleEvery: 0.0025 }), [0.003, 0.005, 0.008, 0.01], 1e-15);
    expect((await errorOf(nengo.ValidationError, () => sim.trange({ sampleEvery: 0 }))).message).to.match(
      /^Simulator\.sampleEvery: expected/,
    );
  });

  it("has the times of a probe's rows", async () => {
    const net = new nengo.Network({ seed: 0 });
    const clock = net.node((t) => t);
    const [all, every, odd] = [net.probe(clock), net.probe(clock, { sampleEvery: 0.002 }), net.probe(clock, { sampleEvery: 0.0025 })];
    const sim = new nengo.Simulator(net);
    await sim.runSteps(4);
    sim.step();
    await sim.runSteps(6);
    expectSame(sim.data.get(all).data, sim.trange());
    expectSame(sim.data.get(every).data, sim.trange({ sampleEvery: 0.002 }));
    expectSame(sim.data.get(odd).data, sim.trange({ sampleEvery: 0.0025 }));
    expect(sim.data.get(odd).shape).to.deep.equal([4, 1]);
  });
});

describe("Simulator.close", () => {
  before(() => tf.setBackend("cpu"));

  it("ends all that runs or trains, and leaves recorded data", async () => {
    const { net, input, probe, ensemble, connection } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(5);
    const before = values(sim.data.get(probe));
    sim.close();
    sim.close();
    expect(sim.closed).to.be.true;
    const x = dataOf([1, 3, 1], () => 0);
    const uses: (() => unknown)[] = [
      () => sim.run(0.001),
      () => sim.runSteps(1),
      () => sim.step(),
      () => sim.ready(),
      () => sim.reset(),
      () => sim.model,
      () => sim.compile({ loss: "meanSquaredError" }),
      () => sim.fit([[input, x]], [[probe, x]]),
      () => sim.evaluate([[input, x]], [[probe, x]]),
      () => sim.predict([[input, x]]),
    ];
    for (const use of uses) {
      const error = await errorOf(nengo.SimulatorClosed, use);
      expect(error.message).to.equal(
        "Simulator: expected an open simulator, got one that was closed. Make a new one; data that were recorded can still be read.",
      );
    }
    expectSame(sim.data.get(probe).data, before);
    expect(sim.data.get(ensemble).encoders.shape).to.deep.equal([12, 1]);
    expect(sim.data.get(connection).weights!.shape).to.deep.equal([1, 12]);
    expect([sim.nSteps, sim.trange().length]).to.deep.equal([5, 5]);
  });

  it("ends a run in progress, which then counts as not begun", async () => {
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(3);
    const error = await errorOf(nengo.SimulatorClosed, () => sim.runSteps(200, { onChunk: () => sim.close() }));
    expect(error.message).to.match(/^Simulator\.run: expected an open simulator, got one that was closed during the run/);
    expect([sim.nSteps, sim.data.get(probe).shape]).to.deep.equal([3, [3, 1]]);
  });

  it("leaves trained parameters to be read", async () => {
    const { net, input, probe, ensemble, connection } = chain();
    const sim = new nengo.Simulator(net, { progressBar: false });
    const x = dataOf([4, 1, 1], (item) => item / 4);
    sim.compile({ optimizer: "sgd", loss: [[probe, "meanSquaredError"]] });
    await sim.fit([[input, x]], [[probe, x]], { epochs: 2 });
    const before = { ...sim.data.get(ensemble), weights: sim.data.get(connection).weights };
    sim.close();
    expectSame(sim.data.get(ensemble).bias!.data, before.bias!.data);
    expectSame(sim.data.get(ensemble).scaledEncoders.data, before.scaledEncoders.data);
    expectSame(sim.data.get(connection).weights!.data, before.weights!.data);
  });
});
