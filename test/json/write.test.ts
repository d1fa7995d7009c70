import { expect } from "chai";
import { buildNetwork } from "../../src/build/build.ts";
import { Uniform } from "../../src/distributions/index.ts";
import { NetworkFileError, ValidationError } from "../../src/errors.ts";
import { networkFromJSON, networkToJSON, registerFunction, writeNetwork, type NetworkDocument } from "../../src/json/index.ts";
import { Network, Node } from "../../src/network/index.ts";
import { Direct, LIF } from "../../src/neurons/index.ts";
import { PresentInput, Table, WhiteSignal } from "../../src/processes/index.ts";
import { freeze } from "../../src/declared.ts";
import { Solver, type Solution, type SolverProblem } from "../../src/solvers/solver.ts";
import { registerType } from "../../src/json/index.ts";
import type { RandomState } from "../../src/math/random.ts";
import { errorOf, throughText } from "./support.ts";

const square = (x: Float64Array): number => x[0] ** 2;

/** Draws as it solves. */
class NoisyZeros extends Solver {
  static override readonly type: string = "NoisyZeros";
  static override readonly parameters: readonly string[] = [];
  readonly weights = false;
  constructor(options: Record<string, never> = {}) {
    super(options);
    freeze(this, new.target, NoisyZeros);
  }
  override solve({ neurons, dimensions }: SolverProblem, rng: RandomState): Solution {
    return { weights: rng.uniforms(neurons * dimensions, -1e-3, 1e-3), info: {} };
  }
}
registerType(NoisyZeros);

const weightsOf = (network: Network): unknown[] =>
  [...buildNetwork(network).connections.values()].map(({ weights, evalPoints }) => ({ weights, evalPoints }));
const readBack = (document: NetworkDocument): Network => networkFromJSON(throughText(document));
const fail = (network: Network, functions = {}): NetworkFileError => {
  const error = errorOf(() => networkToJSON(network, { functions }));
  expect(error).to.be.instanceOf(NetworkFileError);
  return error as NetworkFileError;
};

describe("networkToJSON", () => {
  it("writes a network as the format has it", () => {
    const net = new Network({ seed: 3, label: "net" });
    const input = net.node([0.5, -1], { label: "in" });
    const a = net.ensemble(2, 2, {
      neuronType: new LIF({ tauRc: 0.03 }),
      encoders: [
        [1, 0],
        [0, 1],
      ],
      intercepts: 0.1,
      maxRates: [100, 200],
      seed: 5,
    });
    const sub = net.network({ label: "sub" });
    const out = sub.node({ sizeIn: 3 });
    net.connect(input.slice(null, null, -1), a, {
      synapse: null,
      transform: [
        [1, 2],
        [3, 4],
      ],
    });
    sub.connect(a.neurons.at(1), out.pick([2]), { transform: 0.5, label: "spikes" });
    sub.probe(a.neurons, { attribute: "voltage", sampleEvery: 0.01 });
    net.probe(a, { synapse: 0.01 });

    const uniform = {
      type: "ScatteredHypersphere",
      surface: false,
      minMagnitude: 0,
      base: { type: "QuasirandomSequence" },
      method: "sct-approx",
    };
    const solver = { type: "LstsqL2", weights: false, reg: 0.1, solver: { type: "Cholesky", transpose: null } };
    expect(networkToJSON(net)).to.deep.equal({
      format: "nengo-network",
      version: 1,
      network: {
        id: "network",
        label: "net",
        seed: 3,
        ensembles: [
          {
            id: "ensembles[0]",
            label: null,
            seed: 5,
            nNeurons: 2,
            dimensions: 2,
            radius: 1,
            encoders: [
              [1, 0],
              [0, 1],
            ],
            intercepts: [0.1, 0.1],
            maxRates: [100, 200],
            evalPoints: uniform,
            nEvalPoints: null,
            gain: null,
            bias: null,
            noise: null,
            normalizeEncoders: true,
            neuronType: { type: "LIF", tauRc: 0.03, tauRef: 0.002, minVoltage: 0, amplitude: 1, initialState: {} },
          },
        ],
        nodes: [{ id: "nodes[0]", label: "in", seed: null, sizeIn: 0, sizeOut: 2, output: { type: "constant", value: [0.5, -1] } }],
        networks: [
          {
            id: "networks[0]",
            label: "sub",
            seed: null,
            ensembles: [],
            networks: [],
            nodes: [{ id: "networks[0].nodes[0]", label: null, seed: null, sizeIn: 3, sizeOut: 3, output: null }],
            connections: [
              {
                id: "networks[0].connections[0]",
                label: "spikes",
                seed: null,
                pre: { id: "ensembles[0]", attribute: "neurons", slice: [1, 2, 1] },
                post: { id: "networks[0].nodes[0]", indices: [2] },
                synapse: { type: "Lowpass", tau: 0.005 },
                function: null,
                sizeMid: 1,
                transform: { type: "Dense", shape: [1, 1], init: 0.5 },
                evalPoints: null,
                scaleEvalPoints: true,
                learningRuleType: null,
              },
            ],
            probes: [
              {
                id: "networks[0].probes[0]",
                label: null,
                seed: null,
                target: { id: "ensembles[0]", attribute: "neurons" },
                attribute: "voltage",
                sampleEvery: 0.01,
                synapse: null,
              },
            ],
          },
        ],
        connections: [
          {
            id: "connections[0]",
            label: null,
            seed: null,
            pre: { id: "nodes[0]", slice: [1, null, -1] },
            post: { id: "ensembles[0]" },
            synapse: null,
            function: null,
            sizeMid: 2,
            transform: {
              type: "Dense",
              shape: [2, 2],
              init: [
                [1, 2],
                [3, 4],
              ],
            },
            evalPoints: null,
            scaleEvalPoints: true,
            learningRuleType: null,
          },
        ],
        probes: [
          {
            id: "probes[0]",
            label: null,
            seed: null,
            target: { id: "ensembles[0]" },
            attribute: "decodedOutput",
            sampleEvery: null,
            synapse: { type: "Lowpass", tau: 0.01 },
            solver,
          },
        ],
      },
    });
  });

  it("writes Nodes of every kind that a file can hold", () => {
    const net = new Network();
    const fn = (t: number): number => t;
    net.node(fn);
    net.node(
      new Table({
        values: [
          [1, 2],
          [3, 4],
        ],
      }),
    );
    net.node(new PresentInput({ inputs: [[1], [2]], presentationTime: 0.1 }));
    net.node(new WhiteSignal({ period: 1, high: 5, seed: 4 }), { sizeOut: 3 });
    const { nodes } = networkToJSON(net, { functions: { ramp: fn } }).network;
    expect(nodes!.map(({ output, sizeIn, sizeOut }) => [output, sizeIn, sizeOut])).to.deep.equal([
      [{ type: "function", name: "ramp" }, 0, 1],
      [
        {
          type: "table",
          values: [
            [1, 2],
            [3, 4],
          ],
        },
        0,
        2,
      ],
      [{ type: "PresentInput", inputs: [[1], [2]], presentationTime: 0.1, defaultDt: 0.001, seed: null }, 0, 1],
      [{ type: "WhiteSignal", period: 1, high: 5, rms: 0.5, y0: null, defaultSizeOut: 1, defaultDt: 0.001, seed: 4 }, 0, 3],
    ]);
  });

  it("names functions that are given or registered; what is given comes first", () => {
    const net = new Network({ seed: 0 });
    const a = net.ensemble(5, 1);
    const cube = (x: Float64Array): number => x[0] ** 3;
    net.connect(a, a, { function: cube });
    const written = (functions = {}): unknown => networkToJSON(net, { functions }).network.connections![0].function;
    expect(written()).to.have.property("type", "points");
    registerFunction("write.test cube", cube);
    expect(written()).to.deep.equal({ type: "function", name: "write.test cube" });
    expect(written({ other: cube })).to.deep.equal({ type: "function", name: "other" });
    // A reader with the same options would find another function under the registered name.
    expect(written({ "write.test cube": square })).to.have.property("type", "points");
    expect(readBack(networkToJSON(net)).connections[0].function).to.equal(cube);
  });

  for (const [what, options] of Object.entries({
    "the ensemble's points": {},
    "an array of points": { evalPoints: [[-0.5], [0.25], [1]] },
    "an array of points, not scaled": { evalPoints: [[-0.5], [0.25], [1]], scaleEvalPoints: false },
    "drawn points": { evalPoints: new Uniform({ low: -1, high: 1 }) },
    "drawn points and a drawn transform": { evalPoints: new Uniform({ low: -1, high: 1 }), transform: new Uniform({ low: 0.5, high: 2 }) },
    "a drawn transform": { transform: new Uniform({ low: 0.5, high: 2 }) },
  })) {
    it(`writes a function without a name by its values at ${what}; decoders stay the same`, () => {
      const net = new Network({ seed: 7 });
      const sub = net.network();
      const a = sub.ensemble(12, 1, { radius: 1.5 });
      sub.connect(a, a, { function: square, ...options });
      const document = networkToJSON(net);
      const written = document.network.networks![0].connections![0];
      const [points, values] = [written.evalPoints as number[][], (written.function as unknown as { values: number[][] }).values];
      expect(written.scaleEvalPoints).to.equal(false);
      expect(values).to.deep.equal(points.map(([x]) => [x ** 2]));
      expect(points).to.have.length("evalPoints" in options && Array.isArray(options.evalPoints) ? 3 : 750);
      expect(weightsOf(readBack(document))).to.deep.equal(weightsOf(net));
      expect(networkToJSON(readBack(document))).to.deep.equal(document);
    });
  }

  it("writes values over a slice with points of the whole ensemble", () => {
    const net = new Network({ seed: 7 });
    const [a, b] = [net.ensemble(12, 3), net.ensemble(12, 2)];
    net.connect(a.pick([2, 0]), b, { function: (x) => [x[0] + x[1], x[0]] });
    const document = networkToJSON(net);
    const { evalPoints, function: fn } = document.network.connections![0];
    expect((evalPoints as number[][])[0]).to.have.length(3);
    expect((fn as unknown as { values: number[][] }).values).to.deep.equal((evalPoints as number[][]).map(([x, , z]) => [z + x, z]));
    expect(weightsOf(readBack(document))).to.deep.equal(weightsOf(net));
  });

  it("writes scaled points of given values unscaled, as the format wants", () => {
    const net = new Network({ seed: 7 });
    const a = net.ensemble(12, 1, { radius: 2 });
    net.connect(a, a, { function: [[1], [0], [1]], evalPoints: [[-1], [0], [1]] });
    const document = networkToJSON(net);
    expect(document.network.connections![0]).to.deep.include({
      evalPoints: [[-2], [0], [2]],
      scaleEvalPoints: false,
      function: { type: "points", values: [[1], [0], [1]] },
    });
    expect(weightsOf(readBack(document))).to.deep.equal(weightsOf(net));
  });

  it("draws nothing, and needs no seed, where every function has a name", () => {
    const net = new Network();
    const a = net.ensemble(12, 1);
    net.connect(a, a, { function: square });
    expect(networkToJSON(net, { functions: { square } }).network.connections![0]).to.deep.include({
      evalPoints: null,
      function: { type: "function", name: "square" },
    });
    expect(fail(net).message).to.match(/^network\.connections\[0\]\.function: expected .*seed.* Connection from .*registerFunction/);
  });

  it("asks for a name where a solver draws after the points", () => {
    const net = new Network({ seed: 1 });
    const a = net.ensemble(12, 1);
    net.connect(a, a, { function: square, solver: new NoisyZeros() });
    expect(weightsOf(readBack(networkToJSON(net)))).to.deep.equal(weightsOf(net));
    net.connect(a, a, { function: square, solver: new NoisyZeros(), evalPoints: new Uniform({ low: -1, high: 1 }) });
    expect(fail(net).message).to.match(/^network\.connections\[1\]\.function: expected a function with a name .*draws/);
  });

  it("refuses functions without a name where there are no points", () => {
    const net = new Network({ seed: 1 });
    const node = net.node((t: number) => t, { label: "input" });
    expect(fail(net).message).to.match(
      /^network\.nodes\[0\]\.output: expected a function with a name for Node "input".*options\.functions.*registerFunction/,
    );
    const other = new Network({ seed: 1 });
    const [constant, direct] = [other.node(1), other.ensemble(1, 1, { neuronType: new Direct(), label: "exact" })];
    other.connect(direct, direct, { function: square });
    expect(fail(other).message).to.match(/^network\.connections\[0\]\.function: .*Connection from Ensemble "exact"/);
    other.connect(constant, direct, { function: (x) => x });
    expect(fail(other, { square }).path).to.equal("network.connections[1].function");
    expect(node.sizeOut).to.equal(1);
  });

  it("refuses what a file cannot hold", () => {
    class TensorNode extends Node {
      constructor(network: Network) {
        super(network, null, { sizeIn: 1, sizeOut: 1 }, "dense");
      }
      override get kind(): "tensor" {
        return "tensor";
      }
    }
    const net = new Network({ seed: 1 });
    net.add(new TensorNode(net));
    expect(fail(net).message).to.match(/^network\.nodes\[0\]\.output: .*tensor node Node "dense"/);

    class Unknown extends LIF {
      static override readonly type: string = "Unknown";
    }
    const typed = new Network();
    typed.ensemble(5, 1, { neuronType: new Unknown() });
    expect(fail(typed).message).to.match(/^network\.ensembles\[0\]\.neuronType: .*registerType/);

    const outer = new Network();
    const sub = outer.network();
    sub.connect(outer.node(1), sub.node({ sizeIn: 1 }));
    expect(fail(sub).message).to.match(/^network\.connections\[0\]\.pre: .*Node nodes\[0\]/);
    expect(() => networkToJSON({} as Network)).to.throw(ValidationError, "networkToJSON.network");
    expect(() => networkToJSON(outer, { functions: { f: 3 as never } })).to.throw(ValidationError, "networkToJSON.functions.f");
  });

  it("tells ids, keeps those of a file, and finds others beside them", () => {
    const net = networkFromJSON({
      format: "nengo-network",
      version: 1,
      network: { id: "top", nodes: [{ id: "nodes[1]", output: null, sizeIn: 1 }] },
    });
    const added = net.node(1);
    const { ids, document } = writeNetwork(net);
    expect(ids.get(net.nodes[0])).to.equal("nodes[1]");
    expect(ids.get(added)).to.equal("nodes[1]'");
    expect(document.network.nodes!.map(({ id }) => id)).to.deep.equal(["nodes[1]", "nodes[1]'"]);
    expect(ids.get(net)).to.equal("top");
  });
});
