import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectNoLeaks } from "../support/leaks.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { chain, dataOf, errorOf, values } from "./support.ts";

/** Two inputs, one of them a vector; a probe of each and of a sum. */
function twoInputs() {
  const net = new nengo.Network({ seed: 2, label: "two" });
  const a = net.node(0.25, { label: "a" });
  const b = net.node((t) => [t, -t], { label: "b" });
  const sum = net.node({ sizeIn: 1, label: "sum" });
  net.connect(a, sum, { synapse: null });
  net.connect(b.at(1), sum, { synapse: null });
  return { net, a, b, sum, ofA: net.probe(a), ofB: net.probe(b), ofSum: net.probe(sum) };
}

const ramp = (steps: number): nengo.DataValue => dataOf([1, steps, 1], (_item, step) => step / 10);

describe("Simulator.run with data", () => {
  before(() => tf.setBackend("cpu"));

  it("takes nested lists, {shape, data} and tensors", async () => {
    const numbers = [0.5, -0.25, 0.125];
    const tensor = tf.tensor3d(numbers, [1, 3, 1]);
    const forms: nengo.DataValue[] = [
      [numbers.map((v) => [v])],
      { shape: [1, 3, 1], data: numbers },
      { shape: [1, 3, 1], data: Float32Array.from(numbers) },
      tensor,
    ];
    for (const form of forms) {
      const { net, a, ofA } = twoInputs();
      const sim = new nengo.Simulator(net);
      await sim.runSteps(3, { data: [[a, form]] });
      expectSame(sim.data.get(ofA).data, numbers);
    }
    expect(tensor.isDisposed, "the caller's tensor").to.be.false;
    tensor.dispose();
  });

  it("leaks no tensors", async () => {
    const { net, a } = twoInputs();
    const sim = new nengo.Simulator(net);
    const x = tf.ones<tf.Rank.R3>([1, 3, 1]);
    await expectNoLeaks(() => sim.runSteps(3, { data: [[a, x]] }));
    x.dispose();
  });

  it("is keyed by pairs, a Map or labels", async () => {
    const data = ramp(4);
    const { net, a, ofA, ofB, ofSum } = twoInputs();
    const sim = new nengo.Simulator(net);
    for (const keyed of [[[a, data]] as const, new Map([[a, data]]), { a: data }]) {
      sim.reset();
      await sim.runSteps(4, { data: keyed });
      expectSame(sim.data.get(ofA).data, [0, 0.1, 0.2, 0.3]);
      expectClose(sim.data.get(ofB).item(0).data, [0.001, -0.001, 0.002, -0.002, 0.003, -0.003, 0.004, -0.004], 1e-15);
      expectClose(sim.data.get(ofSum).data, [-0.001, 0.098, 0.197, 0.296], 1e-12);
    }
    sim.reset();
    await sim.runSteps(2, {
      data: {
        b: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        a: ramp(2),
      },
    });
    expectSame(sim.data.get(ofSum).data, [2, 4.1]);
  });

  it("holds for that run only", async () => {
    const { net, a, b, ofA, ofB } = twoInputs();
    const sim = new nengo.Simulator(net);
    sim.step();
    await sim.runSteps(2, {
      data: [
        [a, ramp(2)],
        [
          b,
          [
            [
              [7, 8],
              [9, 10],
            ],
          ],
        ],
      ],
    });
    sim.step({ data: [[a, [[[5]]]]] });
    sim.step();
    expectSame(sim.data.get(ofA).data, [0.25, 0, 0.1, 5, 0.25]);
    expectClose(sim.data.get(ofB).data, [0.001, -0.001, 7, 8, 9, 10, 0.004, -0.004, 0.005, -0.005], 1e-15);
  });

  it("replaces a process, whose own values go on with time", async () => {
    const own = chain();
    const reference = new nengo.Simulator(own.net);
    await reference.runSteps(12);
    const { net, input, inputProbe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(4);
    await sim.runSteps(5, { data: [[input, ramp(5)]] });
    await sim.runSteps(3);
    const wanted = values(reference.data.get(own.inputProbe));
    expectSame(sim.data.get(inputProbe).data, [...wanted.slice(0, 4), 0, 0.1, 0.2, 0.3, 0.4, ...wanted.slice(9)]);
  });

  it("equals a Node that gives the same numbers", async () => {
    const at = (step: number): number => Math.cos(step / 3);
    const fed = chain({ process: false });
    const sim = new nengo.Simulator(fed.net);
    await sim.runSteps(150, { data: [[fed.input, dataOf([1, 150, 1], (_item, step) => at(step))]] });
    const same = new nengo.Network({ seed: 3 });
    const input = same.node((t) => at(Math.round(t * 1000) - 1));
    const ensemble = same.ensemble(12, 1);
    const out = same.node({ sizeIn: 1 });
    same.connect(input, ensemble);
    same.connect(ensemble, out, { function: (x) => x[0] ** 2, synapse: null });
    same.probe(input);
    const probe = same.probe(out, { synapse: 0.01 });
    const other = new nengo.Simulator(same);
    await other.runSteps(150);
    expectSame(sim.data.get(fed.probe).data, other.data.get(probe).data);
  });

  it("does not call the function of a Node that is fed", async () => {
    const net = new nengo.Network({ seed: 0 });
    let calls = 0;
    const node = net.node(() => ++calls, { sizeOut: 1 });
    net.probe(node);
    const sim = new nengo.Simulator(net);
    await sim.runSteps(2, { data: [[node, [[[1], [2]]]]] });
    expect(calls).to.equal(0);
    await sim.runSteps(2);
    expect(calls).to.equal(2);
  });
});

describe("Simulator.run refuses data", () => {
  const cases: [string, abstract new (...args: never[]) => nengo.NengoError, (n: ReturnType<typeof twoInputs>) => unknown, string][] = [
    [
      "without a batch axis",
      nengo.ShapeError,
      ({ a }) => [[a, [[1], [2]]]],
      'Simulator.data of Node "a": expected data of shape [batch, steps, 1], got [2, 1]. Data always has a batch, a time and a size axis.',
    ],
    [
      "of another size",
      nengo.ShapeError,
      ({ b }) => [[b, [[[1], [2]]]]],
      'Simulator.data of Node "b": expected data of shape [batch, steps, 2], got [1, 2, 1]. Data always has a batch, a time and a size axis.',
    ],
    [
      "of another number of steps",
      nengo.ShapeError,
      ({ a }) => [[a, ramp(3)]],
      'Simulator.data of Node "a": expected shape [1, 2, 1] (batch, steps, size), got [1, 3, 1]. One item is run unless minibatchSize is given.',
    ],
    [
      "of several items",
      nengo.ShapeError,
      () => ({ a: dataOf([2, 2, 1], () => 0) }),
      'Simulator.data of Node "a": expected shape [1, 2, 1] (batch, steps, size), got [2, 2, 1]. One item is run unless minibatchSize is given.',
    ],
    [
      "with rows of unequal length",
      nengo.ShapeError,
      ({ b }) => [[b, [[[1, 2], [3]]]]],
      'Simulator.data of Node "b": expected rows of equal length 2, got [3].',
    ],
    [
      "with more numbers than its shape says",
      nengo.ShapeError,
      ({ a }) => [[a, { shape: [1, 2, 1], data: [1, 2, 3] }]],
      'Simulator.data of Node "a": expected 2 numbers for shape [1, 2, 1], got 3.',
    ],
    [
      "that are no numbers",
      nengo.ValidationError,
      ({ a }) => [[a, [[["x"], [2]]]]],
      'Simulator.data of Node "a": expected numbers, got "x".',
    ],
    [
      "that are not finite",
      nengo.ValidationError,
      ({ a }) => [[a, [[[1], [Infinity]]]]],
      'Simulator.data of Node "a": expected finite numbers, got Infinity at position 1.',
    ],
    [
      "for a Node with input",
      nengo.ValidationError,
      ({ sum }) => [[sum, ramp(2)]],
      'Simulator.data: expected one of Node "a", Node "b", got Node "sum".',
    ],
    [
      "for another network's Node",
      nengo.ValidationError,
      () => [[chain().input, ramp(2)]],
      'Simulator.data: expected one of Node "a", Node "b", got Node "in".',
    ],
    ["for something else", nengo.ValidationError, () => [["a", ramp(2)]], 'Simulator.data: expected one of Node "a", Node "b", got "a".'],
    [
      "for an unknown label",
      nengo.ValidationError,
      () => ({ c: ramp(2) }),
      'Simulator.data: expected the label of one Node, got "c", which none has. Known: Node "a", Node "b".',
    ],
    [
      "twice for one Node",
      nengo.ValidationError,
      ({ a }) => [
        [a, ramp(2)],
        [a, ramp(2)],
      ],
      'Simulator.data: expected every object once, got Node "a" again.',
    ],
    [
      "that are not paired",
      nengo.ValidationError,
      ({ a }) => [a, ramp(2)],
      'Simulator.data[0]: expected a pair [Node, value], got Node "a". Write [[node, value]].',
    ],
    [
      "that are nothing",
      nengo.ValidationError,
      () => null,
      "Simulator.data: expected pairs [[Node, value], ...], a Map, or an object by label, got null.",
    ],
    [
      "that are text",
      nengo.ValidationError,
      () => "data",
      'Simulator.data: expected pairs [[Node, value], ...], a Map, or an object by label, got "data".',
    ],
  ];
  for (const [what, Class, data, message] of cases) {
    it(what, async () => {
      const n = twoInputs();
      const sim = new nengo.Simulator(n.net);
      const error = await errorOf(Class, () => sim.runSteps(2, { data: data(n) as never }));
      expect(error.message).to.equal(message);
      expect(sim.nSteps).to.equal(0);
      await sim.runSteps(1);
    });
  }

  it("of another minibatch", async () => {
    const { net, a } = twoInputs();
    const sim = new nengo.Simulator(net, { minibatchSize: 3 });
    const error = await errorOf(nengo.ShapeError, () => sim.runSteps(2, { data: [[a, dataOf([2, 2, 1], () => 0)]] }));
    expect(error.message).to.equal(
      'Simulator.data of Node "a": expected shape [3, 2, 1] (batch, steps, size), got [2, 2, 1]. The batch is the simulator\'s minibatchSize.',
    );
  });

  it("by a label that several Nodes have", async () => {
    const net = new nengo.Network({ seed: 0 });
    net.node(1, { label: "same" });
    net.node(2, { label: "same" });
    const error = await errorOf(nengo.ValidationError, () => new nengo.Simulator(net).runSteps(2, { data: { same: ramp(2) } }));
    expect(error.message).to.equal(
      'Simulator.data: expected the label of one Node, got "same", which several have. Known: Node "same", Node "same".',
    );
  });
});
