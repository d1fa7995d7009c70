import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { Connection, Ensemble, Network, Node, Probe, objectName } from "../../src/network/index.ts";

/** A network of two subnetworks, one of which has one again, with an ensemble and a Node each; and a connection and a probe. */
function nested() {
  const net = new Network({ seed: 5, label: "top" });
  const first = net.network({ label: "first" });
  const deep = first.network({ label: "deep", seed: 7 });
  const second = net.network({ label: "second" });
  const made = [second, deep, net, first].map(
    (home) => [home, home.ensemble(10, 1, { label: `e ${home.label}` }), home.node(1, { label: `n ${home.label}` })] as const,
  );
  for (const [home, ensemble, node] of made) {
    home.connect(node, ensemble, { label: `c ${home.label}` });
    home.probe(ensemble, { label: `p ${home.label}` });
  }
  return { net, first, deep, second };
}

describe("Network", () => {
  it("keeps label, seed and parent", () => {
    const { net, first, deep } = nested();
    expect([net.label, net.seed, net.parent]).to.deep.equal(["top", 5, null]);
    expect(deep.seed).to.equal(7);
    expect(deep.parent).to.equal(first);
    expect(deep.root).to.equal(net);
    const plain = new Network();
    expect([plain.label, plain.seed]).to.deep.equal([null, null]);
    plain.seed = 3;
    expect(plain.seed).to.equal(3);
  });

  it("lists what was made, in order of creation", () => {
    const net = new Network();
    const [a, b] = [net.ensemble(10, 1), net.ensemble(20, 2)];
    const node = net.node([0.5, 1]);
    const connection = net.connect(node, b);
    const [p, q] = [net.probe(a), net.probe(node)];
    const sub = net.network();
    expect(net.ensembles).to.deep.equal([a, b]);
    expect(net.nodes).to.deep.equal([node]);
    expect(net.connections).to.deep.equal([connection]);
    expect(net.probes).to.deep.equal([p, q]);
    expect(net.networks).to.deep.equal([sub]);
    for (const [object, Class] of [
      [a, Ensemble],
      [node, Node],
      [connection, Connection],
      [p, Probe],
      [sub, Network],
    ] as const) {
      expect(object).to.be.instanceOf(Class);
      expect(object instanceof Network ? object.parent : object.network).to.equal(net);
    }
  });

  it("lists everything below: its own first, then subnetworks depth first", () => {
    const { net, first } = nested();
    const labels = (objects: readonly { label: string | null }[]) => objects.map(({ label }) => label?.split(" ").at(-1));
    for (const objects of [net.allEnsembles, net.allNodes, net.allConnections, net.allProbes]) {
      expect(labels(objects)).to.deep.equal(["top", "first", "deep", "second"]);
    }
    expect(labels(net.allNetworks)).to.deep.equal(["first", "second", "deep"]);
    expect(labels(first.allEnsembles)).to.deep.equal(["first", "deep"]);
  });

  it("counts neurons, those of subnetworks included", () => {
    const { net, first, deep } = nested();
    expect([net.nNeurons, first.nNeurons, deep.nNeurons, new Network().nNeurons]).to.deep.equal([40, 20, 10, 0]);
  });

  it("has what it holds itself", () => {
    const { net, first, deep } = nested();
    for (const object of [...net.ensembles, ...net.nodes, ...net.connections, ...net.probes, first]) expect(net.has(object)).to.equal(true);
    for (const object of [deep, net, ...deep.ensembles, deep.ensembles[0].neurons, null, "a"]) expect(net.has(object)).to.equal(false);
  });

  it("holds nothing of an object that failed", () => {
    const net = new Network();
    const a = net.ensemble(10, 2);
    expect(() => net.ensemble(0, 1)).to.throw(ValidationError);
    expect(() => net.node("x" as never)).to.throw(ValidationError);
    expect(() => net.connect(a, a, { transform: [[1]] })).to.throw(ValidationError);
    expect(() => net.probe(a, { attribute: "x" })).to.throw(ValidationError);
    expect([net.ensembles.length, net.nodes.length, net.connections.length, net.probes.length]).to.deep.equal([1, 0, 0, 0]);
  });

  it("refuses bad options", () => {
    expect(() => new Network({ seed: -1 })).to.throw(
      ValidationError,
      "Network.seed: expected a finite number >= 0 and <= 4294967295, got -1.",
    );
    expect(() => new Network({ seed: 2 ** 32 })).to.throw(ValidationError, "Network.seed");
    expect(() => new Network({ seed: 0.5, label: "x" })).to.throw(ValidationError, 'Network "x".seed: expected an integer, got 0.5.');
    expect(() => new Network({ label: 3 as never })).to.throw(ValidationError, "Network.label: expected a string, got 3.");
    expect(() => new Network({ sed: 1 } as never)).to.throw(
      ValidationError,
      'Network.sed: expected one of seed, label, got an unknown option "sed". Remove or rename it.',
    );
    expect(() => new Network(5 as never)).to.throw(ValidationError, "Network: expected an options object with one of seed, label, got 5.");
    expect(() => (new Network().seed = 1.5)).to.throw(ValidationError, "Network.seed");
  });

  it("adds what was made for it, once", () => {
    const [net, other] = [new Network({ label: "mine" }), new Network()];
    const ensemble = new Ensemble(net, 5, 1);
    expect(net.has(ensemble)).to.equal(false);
    expect(net.add(ensemble)).to.equal(ensemble);
    expect(net.ensembles).to.deep.equal([ensemble]);
    expect(() => net.add(ensemble)).to.throw(
      ValidationError,
      'Network "mine".add: expected an object that was made for this network and is not in it yet, got Ensemble ensembles[0].',
    );
    expect(() => net.add(other.ensemble(5, 1))).to.throw(ValidationError, 'Network "mine".add');
    expect(() => net.add("x" as never)).to.throw(ValidationError, 'got "x"');
  });
});

describe("objectName", () => {
  it("names objects by label, else by place", () => {
    const net = new Network({ label: "top" });
    const sub = net.network();
    const [a, b] = [net.ensemble(10, 3, { label: "a" }), net.ensemble(10, 3)];
    const node = net.node({ sizeIn: 3, label: "out" });
    const connection = net.connect(a, node);
    const named = net.connect(a, b, { label: "c" });
    expect(
      [
        net,
        sub,
        a,
        b,
        a.neurons,
        a.pick([2, 0]),
        b.at(-1),
        node,
        connection,
        named,
        net.probe(b),
        net.probe(connection),
        net.probe(a, { label: "p" }),
      ].map(objectName),
    ).to.deep.equal([
      'Network "top"',
      "Network networks[0]",
      'Ensemble "a"',
      "Ensemble ensembles[1]",
      'Ensemble "a".neurons',
      'Ensemble "a"[2, 0]',
      "Ensemble ensembles[1][2]",
      'Node "out"',
      'Connection from Ensemble "a" to Node "out"',
      'Connection "c"',
      "Probe of Ensemble ensembles[1]",
      'Probe of Connection from Ensemble "a" to Node "out"',
      'Probe "p"',
    ]);
    expect(String(a)).to.equal('Ensemble "a"');
  });

  it("describes other values", () => {
    expect([objectName(3), objectName(null), objectName("a"), objectName({})]).to.deep.equal(["3", "null", '"a"', "an object"]);
  });
});
