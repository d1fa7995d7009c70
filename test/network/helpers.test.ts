import { expect } from "chai";
import { BuildError, ValidationError } from "../../src/errors.ts";
import type { Lowpass } from "../../src/synapses/index.ts";
import { Alpha } from "../../src/synapses/index.ts";
import { BCM, PES, Voja } from "../../src/learning/index.ts";
import * as networks from "../../src/networks/index.ts";
import {
  activateDirectMode,
  fullTransform,
  inputsAndOutputs,
  Network,
  objectsAndConnections,
  removePassthroughNodes,
  type Connection,
  type LearningRule,
  type ViewTarget,
} from "../../src/network/index.ts";
import { Neurons } from "../../src/network/neurons.ts";
import { Direct } from "../../src/neurons/index.ts";
import { LstsqL2 } from "../../src/solvers/index.ts";
import { Uniform } from "../../src/distributions/index.ts";
import { Sparse } from "../../src/transforms/index.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectSame } from "../support/numbers.ts";

const expected = fixture<{
  transforms: ArrayJSON[][];
  passthrough: {
    objects: string[];
    connections: { pre: string; post: string; transform: ArrayJSON; synapse: number | null; function: boolean; seed: number | null }[];
  };
  directMode: { names: string[]; kept: string[] };
}>("nengo/helpers.json");

describe("fullTransform", () => {
  const net = new Network({ seed: 0 });
  const [a, p] = [net.ensemble(6, 3), net.node({ sizeIn: 4 })];
  const matrix = [0, 1, 2, 3].map((i) => [3 * i, 3 * i + 1, 3 * i + 2]);
  const connections = [
    net.connect(a, p.slice(0, 3)),
    net.connect(a.pick([2, 0]), p.slice(1, 3)),
    net.connect(a.pick([2, 0]), p.slice(1, 3), { transform: [2, 3] }),
    net.connect(a, p.at(1), { function: (x) => x[0] * x[1] }),
    net.connect(a.slice(1), p.pick([0, 0, 1]), { function: (x) => [x[0], x[1], 1], transform: 2 }),
    net.connect(a, p, { transform: matrix }),
    net.connect(a.at(1), p.at(3), { transform: 5 }),
  ];
  expected.transforms.forEach((wanted, k) => {
    it(`is Nengo's, connection ${k}`, () => {
      const options = [true, false].flatMap((slicePre) => [true, false].map((slicePost) => ({ slicePre, slicePost })));
      options.forEach((option, i) => {
        const { shape, data } = fullTransform(connections[k], option);
        expect(shape, JSON.stringify(option)).to.deep.equal(wanted[i].shape);
        expectSame(data, wanted[i].data);
      });
    });
  });

  it("adds up what arrives at one place", () => {
    // Nengo says 2 here, and simulates 4.
    const twice = net.connect(a.pick([0, 0]), p.pick([1, 1]), { transform: 2 });
    expect(Array.from(fullTransform(twice).data)).to.deep.equal([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("needs a matrix", () => {
    const drawn = net.connect(a, p, { transform: new Uniform({ low: 0, high: 1 }) });
    expect(() => fullTransform(drawn)).to.throw(ValidationError, "got draws from Uniform in Connection");
    const sparse = net.connect(p, net.node({ sizeIn: 4 }), { transform: new Sparse({ shape: [4, 4], indices: [[0, 0]], init: 1 }) });
    expect(() => fullTransform(sparse)).to.throw(
      ValidationError,
      "fullTransform.connection: expected a transform that is a number, a vector or a matrix, got Sparse in",
    );
  });
});

describe("removePassthroughNodes", () => {
  const nameOf = (object: ViewTarget): string =>
    object instanceof Neurons ? `${object.ensemble.label!}.neurons` : (object as { label: string }).label;

  it("gives Nengo's connections", () => {
    const net = new Network({ seed: 0 });
    const array = networks.ensembleArray(net, { nNeurons: 5, nEnsembles: 3, label: "ea" });
    array.eaEnsembles.forEach((e, i) => (e.label = `ea_${i}`));
    const [x, y] = [net.node([1, 2, 3], { label: "x" }), net.ensemble(5, 1, { label: "y" })];
    const [relay, unused] = [net.node({ sizeIn: 3, label: "relay" }), net.node({ sizeIn: 2, label: "unused" })];
    net.connect(x, array.input, { synapse: null });
    net.connect(array.output, y, { transform: [[1, 2, 3]] });
    net.connect(y, relay.slice(1), { function: (v) => [v[0], v[0] ** 2], synapse: null, seed: 7 });
    const first = [
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    net.connect(x, relay, { transform: first, synapse: null });
    net.connect(relay, y, { transform: [[1, 4, 0]], synapse: 0.1 });
    net.connect(relay.at(2), array.eaEnsembles[0].neurons.at(2), { synapse: new Alpha({ tau: 0.2 }), transform: -1 });
    net.connect(unused.at(0), y);
    const before = net.allConnections.length;

    const { objects, connections } = removePassthroughNodes(objectsAndConnections(net));
    expect(objects.map((o) => o.label).sort()).to.deep.equal(expected.passthrough.objects);
    const described = connections.map((c: Connection) => ({
      pre: nameOf(c.preObject),
      post: nameOf(c.postObject),
      transform: { shape: [...fullTransform(c).shape], data: Array.from(fullTransform(c).data) },
      synapse: (c.synapse as Lowpass | null)?.tau ?? null,
      function: c.function !== null,
      seed: c.seed,
    }));
    const key = (c: object): string => JSON.stringify(c).replaceAll("-0", "0");
    expect(described.map(key).sort()).to.deep.equal(
      expected.passthrough.connections.map((c) => key(JSON.parse(JSON.stringify(c).replace(/(\d)\.0\b/g, "$1")) as object)).sort(),
    );
    expect(net.allConnections.length).to.equal(before);
  });

  it("says where it cannot", () => {
    const make = (): {
      net: Network;
      relay: ReturnType<Network["node"]>;
      a: ReturnType<Network["ensemble"]>;
      b: ReturnType<Network["ensemble"]>;
    } => {
      const net = new Network();
      return { net, relay: net.node({ sizeIn: 1, label: "relay" }), a: net.ensemble(3, 1), b: net.ensemble(3, 1) };
    };
    const two = make();
    two.net.connect(two.a, two.relay);
    two.net.connect(two.relay, two.b, { synapse: 0.2 });
    expect(() => removePassthroughNodes(objectsAndConnections(two.net))).to.throw(
      BuildError,
      'expected a synapse in at most one of two connections that meet in Node "relay", got Lowpass',
    );
    const loop = make();
    loop.net.connect(loop.relay, loop.relay);
    expect(() => removePassthroughNodes(objectsAndConnections(loop.net))).to.throw(BuildError, 'got one at Node "relay".');
    const learning = make();
    learning.net.connect(learning.a, learning.relay, { synapse: null, learningRuleType: new PES() });
    learning.net.connect(learning.relay, learning.b);
    expect(() => removePassthroughNodes(objectsAndConnections(learning.net))).to.throw(BuildError, "expected no connection that learns");
  });

  it("inputs and outputs of every object", () => {
    const net = new Network();
    const [a, b] = [net.ensemble(3, 1), net.ensemble(3, 1)];
    const [ab, bb, na] = [net.connect(a, b), net.connect(b, b), net.connect(a.neurons.at(0), b)];
    const { inputs, outputs } = inputsAndOutputs(net.connections);
    expect([inputs.get(a), inputs.get(b)]).to.deep.equal([undefined, [ab, bb, na]]);
    expect([outputs.get(a), outputs.get(b), outputs.get(a.neurons)]).to.deep.equal([[ab], [bb], [na]]);
  });
});

describe("activateDirectMode", () => {
  it("keeps the neurons that Nengo keeps", () => {
    const { names, kept } = expected.directMode;
    const net = new Network({ seed: 0 });
    const inside = net.network();
    const e = Object.fromEntries(names.map((label, k) => [label, (k % 2 === 0 ? net : inside).ensemble(6, 1, { label })]));
    const weights = new LstsqL2({ weights: true });
    net.probe(e.decoded);
    net.probe(e.inputProbe, { attribute: "input" });
    net.probe(e.neuronProbe.neurons);
    net.probe(e.encoderProbe, { attribute: "scaledEncoders" });
    net.probe(e.sliceProbe.neurons.slice(2));
    const learned = net.connect(e.pesPre, e.pesPost, { learningRuleType: new PES() });
    net.connect(e.pesError, learned.learningRule as LearningRule);
    net.connect(e.vojaPre, e.vojaPost, { learningRuleType: new Voja() });
    net.connect(e.bcmPre, e.bcmPost, { solver: weights, learningRuleType: new BCM() });
    net.connect(e.nPre.neurons.slice(0, 2), net.node({ sizeIn: 2 }));
    net.connect(e.plain, e.nPost.neurons, { transform: [[1], [1], [1], [1], [1], [1]] });
    net.connect(e.weightsPre, e.weightsPost, { solver: weights });
    activateDirectMode(net);
    expect(names.filter((name) => !(e[name].neuronType instanceof Direct))).to.deep.equal(kept);
  });
});
