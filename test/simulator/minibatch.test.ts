import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectSame } from "../support/numbers.ts";
import { chain, dataOf, errorOf, values } from "./support.ts";

describe("Simulator with a minibatch", () => {
  it("has a batch axis in its data, unless it is null", async () => {
    for (const minibatchSize of [null, 1, 3]) {
      const { net, probe } = chain();
      const sim = new nengo.Simulator(net, { minibatchSize });
      expect(sim.minibatchSize).to.equal(minibatchSize);
      const batch = minibatchSize === null ? [] : [minibatchSize];
      expect(sim.data.get(probe).shape).to.deep.equal([...batch, 0, 1]);
      await sim.runSteps(4);
      expect(sim.data.get(probe).shape).to.deep.equal([...batch, 4, 1]);
    }
  });

  it("runs item b as a simulator made for item b does, item 0 as one without a batch", async () => {
    const { net, probe, inputProbe } = chain();
    const sim = new nengo.Simulator(net, { seed: 9, minibatchSize: 3 });
    await sim.runSteps(20);
    await sim.runSteps(60);
    const inputs = new Set<number>();
    for (const item of [0, 1, 2]) {
      const single = new nengo.Simulator(net, { seed: 9, ...(item === 0 ? {} : { item }) });
      await single.runSteps(80);
      expectSame(sim.data.get(probe).item(item).data, single.data.get(probe).data);
      expectSame(sim.data.get(inputProbe).item(item).data, single.data.get(inputProbe).data);
      inputs.add(single.data.get(inputProbe).data[40]);
    }
    expect(inputs.size, "different inputs").to.equal(3);
  });

  it("counts the items of a minibatch from the given one", async () => {
    const { net, inputProbe } = chain();
    const all = new nengo.Simulator(net, { minibatchSize: 4 });
    const last = new nengo.Simulator(net, { minibatchSize: 2, item: 2 });
    await all.runSteps(10);
    await last.runSteps(10);
    for (const item of [0, 1]) expectSame(last.data.get(inputProbe).item(item).data, all.data.get(inputProbe).item(item + 2).data);
  });

  it("seeds item b with the simulator's seed + b", async () => {
    const { net, inputProbe } = chain();
    const sim = new nengo.Simulator(net, { seed: 50, minibatchSize: 2 });
    await sim.runSteps(10);
    const other = new nengo.Simulator(net, { seed: 51 });
    await other.runSteps(10);
    expectSame(sim.data.get(inputProbe).item(1).data, other.data.get(inputProbe).data);
  });

  it("keeps its items apart: data of each reach only it", async () => {
    const { net, input, probe } = chain({ process: false });
    const sim = new nengo.Simulator(net, { minibatchSize: 3 });
    const at = (item: number, step: number): number => (item === 1 ? 0 : Math.sin((step + 10 * item) / 9));
    await sim.runSteps(70, { data: [[input, dataOf([3, 70, 1], at)]] });
    for (const item of [0, 1, 2]) {
      const single = new nengo.Simulator(net);
      await single.runSteps(70, { data: [[input, dataOf([1, 70, 1], (_, step) => at(item, step))]] });
      expectSame(sim.data.get(probe).item(item).data, single.data.get(probe).data);
    }
  });

  it("calls a Node's function once an item, each with its own input", async () => {
    const net = new nengo.Network({ seed: 0 });
    const input = net.node(0);
    const double = net.node((_t, [x]) => 2 * x, { sizeIn: 1 });
    net.connect(input, double, { synapse: null });
    const probe = net.probe(double);
    const sim = new nengo.Simulator(net, { minibatchSize: 2 });
    await sim.runSteps(2, {
      data: [
        [
          input,
          [
            [[1], [2]],
            [[10], [20]],
          ],
        ],
      ],
    });
    expect(sim.data.get(probe).toArray()).to.deep.equal([
      [[2], [4]],
      [[20], [40]],
    ]);
  });
});

describe("ProbeData", () => {
  it("gives items, nested lists and refuses items that are not there", async () => {
    const net = new nengo.Network({ seed: 0 });
    const probe = net.probe(net.node((t) => [t, 1]));
    const single = new nengo.Simulator(net, { dt: 1 });
    await single.runSteps(2);
    const data = single.data.get(probe);
    expect(data.toArray()).to.deep.equal([
      [1, 1],
      [2, 1],
    ]);
    expect(data.item(0)).to.equal(data);
    const batch = new nengo.Simulator(net, { dt: 1, minibatchSize: 2 });
    await batch.runSteps(2);
    const both = batch.data.get(probe);
    expect(both.item(1).shape).to.deep.equal([2, 2]);
    expect(values(both.item(1))).to.deep.equal(values(data));
    for (const [of, index, last] of [
      [data, 1, 0],
      [both, 2, 1],
      [both, -1, 1],
      [both, 0.5, 1],
    ] as const) {
      expect((await errorOf(nengo.ValidationError, () => of.item(index))).message).to.equal(
        `ProbeData.item: expected an item from 0 to ${last}, got ${index}.`,
      );
    }
  });
});
