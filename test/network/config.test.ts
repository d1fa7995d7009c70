import { expect } from "chai";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { Network } from "../../src/network/index.ts";
import { LIFRate } from "../../src/neurons/index.ts";
import { LstsqL2 } from "../../src/solvers/index.ts";

describe("config", () => {
  it("gives defaults to objects made later", () => {
    const net = new Network();
    const before = net.ensemble(5, 1);
    net.config.ensemble.set({ radius: 2, intercepts: 0.5, neuronType: new LIFRate() });
    const after = net.ensemble(5, 1);
    expect([before.radius, after.radius, net.ensemble(5, 1, { radius: 3 }).radius]).to.deep.equal([1, 2, 3]);
    expect(after.intercepts).to.deep.equal({ shape: [5], data: new Float64Array(5).fill(0.5) });
    expect(after.neuronType).to.be.instanceOf(LIFRate);
  });

  it("reaches all kinds of objects", () => {
    const net = new Network();
    const solver = new LstsqL2({ reg: 0.3 });
    net.config.connection.set({ synapse: null, solver, scaleEvalPoints: false, transform: 2 });
    net.config.probe.set({ synapse: 0.1, sampleEvery: 0.01 });
    net.config.node.set({ sizeIn: 3, label: "n" });
    const node = net.node();
    const c = net.connect(net.ensemble(5, 3), node);
    const p = net.probe(node);
    expect([node.sizeIn, node.label]).to.deep.equal([3, "n"]);
    expect([c.synapse, c.solver, c.scaleEvalPoints, c.transform?.sizeOut]).to.deep.equal([null, solver, false, 3]);
    expect(p.synapse?.toJSON()).to.deep.include({ type: "Lowpass", tau: 0.1 });
    expect(p.sampleEvery).to.equal(0.01);
  });

  it("asks the innermost network first, then its parents, then Nengo", () => {
    const net = new Network();
    const sub = net.network();
    const deep = sub.network();
    net.config.ensemble.set({ radius: 2, seed: 5 });
    sub.config.ensemble.set({ radius: 3 });
    const [a, b, c] = [net, sub, deep].map((home) => home.ensemble(5, 1));
    expect([a, b, c].map((e) => [e.radius, e.seed])).to.deep.equal([
      [2, 5],
      [3, 5],
      [3, 5],
    ]);
    deep.config.ensemble.set({ radius: 4 });
    expect(deep.ensemble(5, 1).radius).to.equal(4);
    expect(sub.ensemble(5, 1).radius).to.equal(3);
    expect(new Network().ensemble(5, 1).radius).to.equal(1);
  });

  it("keeps null apart from what is not set, and takes back by undefined", () => {
    const net = new Network();
    const sub = net.network();
    const [a, b] = [sub.ensemble(5, 1), sub.ensemble(5, 1)];
    net.config.connection.set({ synapse: 0.1 });
    sub.config.connection.set({ synapse: null });
    expect(sub.config.connection.get("synapse")).to.equal(null);
    expect(sub.connect(a, b).synapse).to.equal(null);
    sub.config.connection.set({ synapse: undefined });
    expect(sub.config.connection.get("synapse")).to.equal(undefined);
    expect(sub.connect(a, b).synapse).to.satisfy((s: { tau: number }) => s.tau === 0.1);
    expect(sub.connect(a, b, { synapse: undefined as never }).synapse).not.to.equal(null);
  });

  it("refuses unknown names and bad values, and then sets nothing", () => {
    const { config } = new Network();
    expect(() => config.ensemble.set({ radius: 2, radiu: 3 } as never)).to.throw(
      ValidationError,
      "config.ensemble.radiu: expected one of radius, encoders, ",
    );
    expect(() => config.ensemble.set({ radius: 2, seed: -1 })).to.throw(ValidationError, "config.ensemble.seed");
    expect(config.ensemble.get("radius")).to.equal(undefined);
    expect(() => config.ensemble.set({ encoders: [1, 2] })).to.throw(
      ShapeError,
      "config.ensemble.encoders: expected a distribution or an array of shape [nNeurons, dimensions], got shape [2].",
    );
    expect(() => config.connection.set({ synapse: -1 })).to.throw(ValidationError, "config.connection.synapse");
    expect(() => config.probe.set({ sampleEvery: 0 })).to.throw(ValidationError, "config.probe.sampleEvery");
    expect(() => config.node.set({ output: 1 } as never)).to.throw(
      ValidationError,
      'config.node.output: expected one of sizeIn, sizeOut, label, seed, got an unknown option "output".',
    );
    expect(() => config.neurons.set({ gain: 1 })).to.throw(
      ValidationError,
      'config.neurons.gain: expected no option, got an unknown option "gain".',
    );
    expect(() => config.ensemble.set(2 as never)).to.throw(ValidationError, "config.ensemble: expected an options object");
    expect(() => ((config.ensemble as unknown as { radius: number }).radius = 2)).to.throw(TypeError);
  });

  it("checks sizes of arrays when an object is made", () => {
    const net = new Network();
    net.config.ensemble.set({ encoders: [[1], [-1]] });
    expect(net.ensemble(2, 1).encoders).to.deep.equal({ shape: [2, 1], data: Float64Array.of(1, -1) });
    expect(() => net.ensemble(3, 1)).to.throw(
      ShapeError,
      "Ensemble.encoders: expected a distribution or an array of shape [3, 1], got shape [2, 1].",
    );
  });

  describe("parameters of one's own", () => {
    const check = (value: unknown): unknown => {
      if (typeof value !== "number") throw new TypeError("a number, please");
      return 2 * value;
    };

    it("have values by object, by network and at first, of every kind", () => {
      const net = new Network();
      const sub = net.network();
      const kinds = ["ensemble", "node", "connection", "probe", "neurons"] as const;
      for (const kind of kinds) net.config[kind].setParam("cost", { initial: 1, check });
      const [ensemble, inner, node] = [net.ensemble(5, 1), sub.ensemble(5, 1), net.node(1)];
      const objects = [ensemble, node, net.connect(node, ensemble), net.probe(ensemble), ensemble.neurons];
      for (const object of objects) {
        expect(net.config.of(object).get("cost")).to.equal(2);
        net.config.of(object).set({ cost: 5 });
        expect(net.config.of(object).get("cost")).to.equal(10);
        net.config.of(object).set({ cost: undefined });
      }
      net.config.ensemble.setAdded({ cost: 3 });
      expect([net.config.of(ensemble).get("cost"), sub.config.of(inner).get("cost")]).to.deep.equal([6, 6]);
      net.config.ensemble.setAdded({ cost: undefined });
      expect(net.config.of(inner).get("cost")).to.equal(2);
    });

    it("of a subnetwork come before its parent's", () => {
      const net = new Network();
      const sub = net.network();
      net.config.ensemble.setParam("part", { initial: "whole" });
      sub.config.ensemble.setParam("part", { initial: "sub" });
      const [a, b] = [net.ensemble(5, 1), sub.ensemble(5, 1)];
      expect([net.config.of(a).get("part"), sub.config.of(b).get("part")]).to.deep.equal(["whole", "sub"]);
      net.config.ensemble.setAdded({ part: "set" });
      expect([net.config.of(a).get("part"), sub.config.of(b).get("part")]).to.deep.equal(["set", "set"]);
      sub.config.of(b).set({ part: "own" });
      expect(sub.config.of(b).get("part")).to.equal("own");
    });

    it("are no options, and say what is wrong", () => {
      const net = new Network();
      const ensemble = net.ensemble(5, 1);
      net.config.ensemble.setParam("cost", { check });
      expect(net.config.of(ensemble).get("cost")).to.equal(null);
      expect(() => net.ensemble(5, 1, { cost: 1 } as never)).to.throw(ValidationError, "Ensemble.cost: expected one of");
      expect(() => net.config.ensemble.set({ cost: 1 } as never)).to.throw(ValidationError, "config.ensemble.cost: expected one of radius");
      expect(() => net.config.ensemble.setAdded({ radius: 1 })).to.throw(ValidationError, "config.ensemble.radius: expected one of cost");
      expect(() => net.config.of(ensemble).set({ radius: 1 })).to.throw(
        ValidationError,
        "config.ensemble.radius: expected a parameter that was added, got none of this name. Add it by config.ensemble.setParam",
      );
      expect(() => net.config.of(ensemble).get("nothing")).to.throw(ValidationError, "config.ensemble.nothing");
      expect(() => net.config.of(ensemble).set({ cost: "much" })).to.throw(TypeError, "a number, please");
      expect(net.config.of(ensemble).get("cost")).to.equal(null);
      for (const name of ["radius", "cost"])
        expect(() => net.config.ensemble.setParam(name)).to.throw(
          ValidationError,
          `config.ensemble.setParam: expected a name that is not taken, got "${name}".`,
        );
      expect(() => net.config.of(net as never)).to.throw(ValidationError, "config.of: expected an Ensemble, its neurons, a Node");
    });
  });
});
