import { expect } from "chai";
import { ValidationError } from "../../src/errors.ts";
import { Network, fullRange, type ProbeOptions } from "../../src/network/index.ts";
import { Direct, RectifiedLinear } from "../../src/neurons/index.ts";
import { LstsqL2, NoSolver } from "../../src/solvers/index.ts";
import { Lowpass } from "../../src/synapses/index.ts";

function some() {
  const net = new Network();
  const a = net.ensemble(10, 2, { label: "a" });
  const b = net.ensemble(8, 2, { label: "b" });
  const input = net.node([1, 2, 3], { label: "in" });
  return { net, a, b, input, connection: net.connect(a, b, { label: "c" }) };
}

describe("Probe", () => {
  it("records the first probeable attribute of the whole object by default", () => {
    const { net, a, input, connection } = some();
    for (const [target, attribute, size] of [
      [a, "decodedOutput", 2],
      [a.neurons, "output", 10],
      [input, "output", 3],
      [connection, "output", 2],
    ] as const) {
      const p = net.probe(target);
      expect([p.target, p.object, p.attribute]).to.deep.equal([target, target, attribute]);
      expect(p.indices).to.deep.equal(fullRange(size));
      expect([p.sampleEvery, p.synapse, p.label, p.seed]).to.deep.equal([null, null, null, null]);
      expect(p.solver.equals(new LstsqL2())).to.equal(true);
    }
  });

  it("records other attributes", () => {
    const { net, a, connection } = some();
    for (const [target, attribute, size] of [
      [a, "input", 2],
      [a, "scaledEncoders", 10],
      [a.neurons, "voltage", 10],
      [a.neurons, "refractoryTime", 10],
      [a.neurons, "input", 10],
      [connection, "weights", 2],
      [connection, "input", 10],
    ] as const) {
      const p = net.probe(target, { attribute });
      expect([p.attribute, p.indices]).to.deep.equal([attribute, fullRange(size)]);
    }
  });

  it("knows what passes through a connection", () => {
    const { net, a, b, input } = some();
    const probed = (connection: Parameters<Network["probe"]>[0]) =>
      ["input", "output"].map((attribute) => net.probe(connection, { attribute }).indices.size);
    expect(probed(net.connect(input.slice(0, 2), a))).to.deep.equal([3, 2]);
    expect(probed(net.connect(a, b, { solver: new LstsqL2({ weights: true }) }))).to.deep.equal([10, 8]);
    expect(
      probed(net.connect(net.ensemble(5, 2, { neuronType: new Direct() }), b, { solver: new LstsqL2({ weights: true }) })),
    ).to.deep.equal([2, 2]);
    expect(probed(net.connect(a.neurons.slice(0, 2), b))).to.deep.equal([10, 2]);
  });

  it("records views", () => {
    const { net, a, input } = some();
    const p = net.probe(a.at(1), { attribute: "input" });
    expect([p.object, p.attribute, Array.from(p.indices.toArray())]).to.deep.equal([a, "input", [1]]);
    expect(Array.from(net.probe(a.neurons.pick([3, 0]), { attribute: "voltage" }).indices.toArray())).to.deep.equal([3, 0]);
    expect(Array.from(net.probe(input.slice(null, null, -2)).indices.toArray())).to.deep.equal([2, 0]);
    expect(() => net.probe(a.at(1), { attribute: "scaledEncoders" })).to.throw(
      ValidationError,
      'Probe.target: expected a whole ensemble where scaledEncoders are probed, got Ensemble "a"[1].',
    );
  });

  it("takes synapse, sampleEvery, solver, label and seed", () => {
    const { net, a } = some();
    const solver = new NoSolver();
    const p = net.probe(a, { synapse: 0.01, sampleEvery: 0.0025, solver, label: "p", seed: 4 });
    expect([p.sampleEvery, p.solver, p.label, p.seed]).to.deep.equal([0.0025, solver, "p", 4]);
    expect(p.synapse?.equals(new Lowpass({ tau: 0.01 }))).to.equal(true);
    p.synapse = null;
    expect(p.synapse).to.equal(null);
    p.synapse = 0.1;
    expect(p.synapse).to.satisfy((s: Lowpass) => s.tau === 0.1);
    expect(() => (p.synapse = -1)).to.throw(ValidationError, 'Probe "p".synapse: expected a synapse');
  });

  it("takes the solver of connections unless told otherwise", () => {
    const { net } = some();
    const [forConnections, forProbes] = [new LstsqL2({ reg: 0.5 }), new LstsqL2({ reg: 0.25 })];
    net.config.connection.set({ solver: forConnections });
    const sub = net.network();
    const a = sub.ensemble(5, 1);
    expect(sub.probe(a).solver).to.equal(forConnections);
    net.config.probe.set({ solver: forProbes });
    expect(sub.probe(a).solver).to.equal(forProbes);
  });

  it("lists what can be probed", () => {
    const { net, a, input, connection } = some();
    const silent = net.ensemble(4, 1, { neuronType: new RectifiedLinear(), label: "r" });
    expect(() => net.probe(a, { attribute: "spikes", label: "p" })).to.throw(
      ValidationError,
      'Probe "p".attribute: expected one of decodedOutput, input, scaledEncoders for Ensemble "a", got "spikes".',
    );
    expect(() => net.probe(a.neurons, { attribute: "spikes" })).to.throw(
      ValidationError,
      'Probe.attribute: expected one of output, voltage, refractoryTime, input for Ensemble "a".neurons, got "spikes".',
    );
    expect(() => net.probe(silent.neurons, { attribute: "voltage" })).to.throw(
      ValidationError,
      'expected one of output, input for Ensemble "r".neurons, got "voltage".',
    );
    expect(() => net.probe(input, { attribute: "input" })).to.throw(ValidationError, 'expected one of output for Node "in", got "input".');
    expect(() => net.probe(connection, { attribute: "decoders" })).to.throw(
      ValidationError,
      'expected one of output, input, weights for Connection "c", got "decoders".',
    );
  });

  it("refuses what cannot be probed", () => {
    const { net, a } = some();
    const targets = "expected an Ensemble, its neurons, a Node, a view of one, a Connection or its learning rule, got";
    expect(() => net.probe(net as never)).to.throw(ValidationError, `Probe.target: ${targets} Network.`);
    expect(() => net.probe(net.probe(a, { label: "q" }) as never)).to.throw(ValidationError, `Probe.target: ${targets} Probe "q".`);
    expect(() => net.probe(undefined as never, { label: "p" })).to.throw(ValidationError, `Probe "p".target: ${targets} undefined.`);
    const direct = net.ensemble(5, 2, { neuronType: new Direct(), label: "d" });
    expect(() => net.probe(direct.neurons)).to.throw(
      ValidationError,
      'Probe.target: expected something to probe, got Ensemble "d".neurons. A Direct ensemble has no neurons.',
    );
    expect(net.probe(direct).attribute).to.equal("decodedOutput");
    const sink = net.node(() => undefined, { sizeIn: 1, label: "sink" });
    expect(() => net.probe(sink)).to.throw(
      ValidationError,
      'Probe.target: expected something with components, got Node "sink", whose size is 0.',
    );
    expect(() => net.probe(a.slice(7))).to.throw(ValidationError, "whose size is 0");
  });

  it("refuses objects of another network", () => {
    const { a, connection } = some();
    const other = new Network({ label: "other" });
    for (const [target, name] of [
      [a, 'Ensemble "a"'],
      [a.neurons, 'Ensemble "a".neurons'],
      [connection, 'Connection "c"'],
    ] as const) {
      expect(() => other.probe(target)).to.throw(
        ValidationError,
        `Probe.target: expected an object of Network "other" or its subnetworks, got ${name} of another network.`,
      );
    }
  });

  it("refuses bad options", () => {
    const { net, a } = some();
    const bad = (options: unknown) => () => net.probe(a, options as ProbeOptions);
    expect(bad({ attr: "input" })).to.throw(
      ValidationError,
      'Probe.attr: expected one of attribute, sampleEvery, synapse, solver, label, seed, got an unknown option "attr".',
    );
    expect(bad({ sampleEvery: 0 })).to.throw(ValidationError, "Probe.sampleEvery: expected a finite number >= 1e-10, got 0.");
    expect(bad({ sampleEvery: NaN })).to.throw(ValidationError, "Probe.sampleEvery");
    expect(bad({ synapse: "x" })).to.throw(
      ValidationError,
      'Probe.synapse: expected a synapse, a time constant in seconds (>= 0), or null, got "x".',
    );
    expect(bad({ solver: 3 })).to.throw(ValidationError, "Probe.solver: expected a solver such as new LstsqL2(), got 3.");
    expect(bad({ seed: 1.5 })).to.throw(ValidationError, "Probe.seed");
    expect(bad({ attribute: 3 })).to.throw(ValidationError, "Probe.attribute: expected a string, got 3.");
    expect(bad("input")).to.throw(ValidationError, "Probe: expected an options object");
  });
});
