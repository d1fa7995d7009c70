import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose } from "../support/numbers.ts";
import { simulate, type Simulation } from "../support/simulate.ts";

const { networks, ValidationError, ShapeError } = nengo;

interface Brief {
  readonly shape: readonly number[];
  readonly first: readonly number[];
  readonly sum: number;
  /** Sum of absolute values. */
  readonly size: number;
}
interface Case {
  readonly ensembles: readonly { readonly seed: number; readonly gain: Brief; readonly bias: Brief; readonly encoders: Brief }[];
  readonly nodes: readonly number[];
  readonly connections: readonly { readonly seed: number; readonly weights: Brief | null }[];
  readonly spikes: readonly number[];
  readonly outputs: readonly ArrayJSON[];
}

const wanted = fixture<Record<string, Case>>("nengo/readyNetworks.json");

function expectBrief({ shape, data }: NdArray, { shape: wantedShape, first, sum, size }: Brief, what: string): void {
  expect(shape, what).to.deep.equal(wantedShape);
  const close = 1e-12 * Math.max(size, Number.MIN_VALUE);
  expectClose(data.subarray(0, first.length), first, close, what);
  expect(data.reduce((a, b) => a + b, 0)).to.be.closeTo(sum, 10 * close, `sum of ${what}`);
  expect(data.reduce((a, b) => a + Math.abs(b), 0)).to.be.closeTo(size, 10 * close, `size of ${what}`);
}

type Value = number | number[] | ((t: number) => number);
const source = (net: nengo.Network, value: Value, target: nengo.Node, options: nengo.ConnectionOptions = {}): void =>
  void net.connect(net.node(value), target, { synapse: null, ...options });

/** What test/fixtures/nengo/readyNetworks.py builds: the Nodes whose values are recorded. */
const builders: Readonly<Record<string, (net: nengo.Network) => nengo.Node[]>> = {
  ensemble_array: (net) => {
    const ea = networks.ensembleArray(net, {
      nNeurons: 20,
      nEnsembles: 3,
      ensDimensions: 2,
      label: "array",
      intercepts: new nengo.Uniform({ low: -0.8, high: 0.8 }),
      radius: 1.5,
    });
    const squares = ea.addOutput("squares", (x) => x.map((v) => v * v));
    const mixed = ea.addOutput("mixed", [(x) => x[0], (x) => x, (x) => [x[1], x[0], 1]], { synapse: 0.01 });
    const neurons = ea.addNeuronOutput();
    const drive = ea.addNeuronInput();
    source(
      net,
      [-1, -0.6, -0.2, 0.2, 0.6, 1].map((_, k) => -1 + k * (2 / 5)),
      ea.input,
    );
    source(net, 0.1, drive, { transform: Array.from({ length: 60 }, () => [1]) });
    return [ea.output, squares, mixed, neurons];
  },
  product: (net) => {
    const product = networks.product(net, { nNeurons: 60, dimensions: 2 });
    source(net, [0.5, -0.4], product.inputA);
    source(net, [0.6, 0.9], product.inputB);
    return [product.output];
  },
  convolution: (net) => {
    const convolution = networks.circularConvolution(net, { nNeurons: 60, dimensions: 3 });
    source(net, [0.5, -0.4, 0.1], convolution.inputA);
    source(net, [0.6, 0.2, -0.3], convolution.inputB);
    return [convolution.output];
  },
  correlation: (net) => {
    const correlation = networks.circularConvolution(net, { nNeurons: 40, dimensions: 4, invertA: true, inputMagnitude: 0.8 });
    source(net, [0.5, -0.4, 0.1, 0.2], correlation.inputA);
    source(net, [0.6, 0.2, -0.3, -0.1], correlation.inputB);
    return [correlation.output];
  },
  basal_ganglia: (net) => {
    const bg = networks.basalGanglia(net, { dimensions: 3, nNeuronsPerEnsemble: 50 });
    source(net, [0.8, 0.4, 0.1], bg.input);
    const thalamus = networks.thalamus(net, { dimensions: 3 });
    net.connect(bg.output, thalamus.input);
    return [bg.output, thalamus.output];
  },
  basal_ganglia_options: (net) => {
    const bg = networks.basalGanglia(net, { dimensions: 2, nNeuronsPerEnsemble: 30, outputWeight: -2, inputBias: 0.2 });
    source(net, [0.5, 0.3], bg.input, { synapse: 0.01 });
    const thalamus = networks.thalamus(net, { dimensions: 2, nNeuronsPerEnsemble: 40, mutualInhib: 0.8, threshold: 0.1 });
    net.connect(bg.output, thalamus.input, { synapse: 0.02 });
    return [bg.output, thalamus.output];
  },
  memory: (net) => {
    const am = networks.associativeMemory(net, {
      inputVectors: [
        [1, 0],
        [0, 1],
      ],
      threshold: 0.3,
    });
    source(net, [0.9, 0.2], am.input);
    return [am.output];
  },
  memory_with_all: (net) => {
    const am = networks.associativeMemory(net, {
      inputVectors: [
        [1, 0],
        [0, 1],
      ],
      outputVectors: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      threshold: [0.3, 0.4],
      nNeurons: 30,
      inhibitable: true,
      inputScales: [1, 0.9],
    });
    const more = am.addInputMapping(
      "more",
      [
        [1, 1, 1],
        [0, 0, 1],
      ],
      [0.5, 2],
    );
    const other = am.addOutputMapping("other", [[1], [2]]);
    am.addWtaNetwork();
    am.addDefaultOutputVector([0, 0, 1]);
    am.addThresholdToOutputs({ nNeurons: 20 });
    source(net, [0.5, 0.45], am.input);
    source(net, [0.1, 0.1, 0], more);
    source(net, (t) => (t > 0.15 ? 1 : 0), am.inhibit!);
    return [am.output, other];
  },
  gated: (net) => {
    const memory = networks.inputGatedMemory(net, { nNeurons: 50, dimensions: 2 });
    source(net, [0.5, -0.7], memory.input);
    source(net, (t) => (t > 0.12 ? 1 : 0), memory.gate);
    source(net, (t) => (t > 0.17 ? 1 : 0), memory.reset);
    return [memory.output];
  },
};

describe("ready-made networks, as Nengo's", () => {
  it("are all compared", () =>
    expect(Object.keys(builders)).to.deep.equal(Object.keys(wanted).filter((key) => key !== "generator" && key !== "versions")));

  for (const [name, build] of Object.entries(builders)) {
    describe(name, () => {
      const net = new nengo.Network({ seed: 2 });
      const probes = build(net).map((node) => net.probe(node, { synapse: 0.03 }));
      const { ensembles, nodes, connections, spikes, outputs } = wanted[name];
      let simulation: Simulation;
      const fired = net.allEnsembles.map((e) => net.probe(e.neurons));

      before(() => (simulation = simulate(net, { nSteps: 200 })));

      it("has the same seeds", () => {
        const seeds = (objects: readonly object[]): (number | undefined)[] => objects.map((o) => simulation.built.seeds.get(o));
        expect(seeds(net.allEnsembles)).to.deep.equal(ensembles.map(({ seed }) => seed));
        expect(seeds(net.allNodes)).to.deep.equal(nodes);
        expect(seeds(net.allConnections)).to.deep.equal(connections.map(({ seed }) => seed));
      });

      it("draws and solves the same", () => {
        net.allEnsembles.forEach((ensemble, k) => {
          const { gain, bias, encoders } = simulation.built.ensembles.get(ensemble)!;
          expectBrief(gain!, ensembles[k].gain, `gain ${k}`);
          expectBrief(bias!, ensembles[k].bias, `bias ${k}`);
          expectBrief(encoders, ensembles[k].encoders, `encoders ${k}`);
        });
        net.allConnections.forEach((connection, k) => {
          const { weights } = simulation.built.connections.get(connection)!;
          if (connections[k].weights === null) expect(weights).to.equal(null);
          else expectBrief(weights!, connections[k].weights, `weights ${k}`);
        });
      });

      it("fires and puts out the same", () => {
        expect(fired.map((p) => Math.round(simulation.data(p).data.reduce((a, b) => a + b, 0) * 0.001))).to.deep.equal(spikes);
        probes.forEach((probe, k) => {
          const { shape, data } = simulation.data(probe);
          const size = shape[1];
          const every = Float64Array.from(
            { length: outputs[k].data.length },
            (_, i) => data[(10 * Math.floor(i / size) + 9) * size + (i % size)],
          );
          expectClose(every, outputs[k].data, 1e-9, String(probe));
        });
      });

      it("comes through a network file", () => {
        const functions = Object.fromEntries(
          net.allNodes.filter((n) => typeof n.output === "function").map((n, k) => [`f${k}`, n.output as () => number]),
        );
        const again = nengo.networkFromJSON(JSON.parse(JSON.stringify(nengo.networkToJSON(net, { functions }))), { functions });
        const run = simulate(again, { nSteps: 20 });
        expectClose(
          run.data(again.probes[0]).data,
          simulation.data(probes[0]).data.subarray(0, run.data(again.probes[0]).data.length),
          1e-12,
        );
      });
    });
  }
});

describe("ready-made networks", () => {
  const net = (): nengo.Network => new nengo.Network({ seed: 0 });

  it("are subnetworks, with defaults of their own while they are made", () => {
    const top = net();
    const bg = networks.basalGanglia(top, { dimensions: 2, label: "choice" });
    expect(top.networks).to.deep.equal([bg]);
    expect(String(bg)).to.include("choice");
    expect(bg.strD1.eaEnsembles[0].radius).to.equal(1.5);
    expect(bg.ensemble(5, 1).radius).to.equal(1);
    expect(new networks.Product({ nNeurons: 10, dimensions: 1, seed: 4 }).parent).to.equal(null);
  });

  it("of ensembles take values for all neurons, and one output a name", () => {
    const ea = networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 2, intercepts: [0.1, 0.2, 0.3] });
    expect(ea.eaEnsembles[1].intercepts).to.be.instanceOf(nengo.Samples);
    expect(ea.outputs.get("output")).to.equal(ea.output);
    expect(() => ea.addOutput("output", null)).to.throw(ValidationError, 'addOutput: expected a name that is not taken, got "output".');
    expect(() => ea.addOutput("two", [null])).to.throw(ValidationError, "expected 2 functions, one an ensemble, got 1.");
    expect(ea.neuronInput).to.equal(null);
    expect(ea.addNeuronInput()).to.equal(ea.addNeuronInput());
    expect(ea.addNeuronOutput()).to.equal(ea.neuronOutput);
    const direct = networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 2, neuronType: new nengo.Direct() });
    expect(() => direct.addNeuronInput()).to.throw(ValidationError, "expected ensembles with neurons, got Direct mode");
    expect(() => networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 0 })).to.throw(
      ValidationError,
      ".nEnsembles: expected a finite number >= 1, got 0.",
    );
    expect(() => networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 1, dimensions: 2 } as never)).to.throw(
      ValidationError,
      "expected ensDimensions",
    );
    expect(() => networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 1, radius: -1 })).to.throw(ValidationError, "radius");
  });

  it("refuse what does not fit", () => {
    expect(() => networks.product(net(), { nNeurons: 10, dimensions: 0 })).to.throw(ValidationError, "dimensions");
    expect(() => networks.circularConvolution(net(), { nNeurons: 10, dimensions: 2, invertA: 1 as never })).to.throw(
      ValidationError,
      "invertA",
    );
    expect(() => networks.associativeMemory(net(), { inputVectors: [1, 2] })).to.throw(
      ShapeError,
      "inputVectors: expected vectors [items, dimensions]",
    );
    expect(() => networks.associativeMemory(net(), { inputVectors: [[1]], outputVectors: [[1], [2]] })).to.throw(
      ShapeError,
      "outputVectors: expected 1 vectors, one an item, got 2.",
    );
    expect(() => networks.associativeMemory(net(), { inputVectors: [[1]], threshold: [0.1, 0.2] })).to.throw(ShapeError, "threshold");
    const am = networks.associativeMemory(net(), { inputVectors: [[1]] });
    expect(() => am.addInputMapping("output", [[1]])).to.throw(ValidationError, "expected a name that is not taken");
    expect(() => am.addDefaultOutputVector([1, 2])).to.throw(ShapeError, "outputVector: expected 1 numbers, got 2.");
    expect(() => am.addDefaultOutputVector([1], { outputName: "x" })).to.throw(ValidationError, "outputName: expected one of output");
    am.addWtaNetwork();
    am.addThresholdToOutputs();
    expect(() => am.addWtaNetwork()).to.throw(ValidationError, "to be called once");
    expect(() => am.addThresholdToOutputs()).to.throw(ValidationError, "to be called once");
  });

  it("convolve as circconv does", () => {
    expect(Array.from(networks.circconv([1, 2, 3], [0, 1, 0]))).to.deep.equal([3, 1, 2]);
    expect(Array.from(networks.circconv([1, 2, 3], [0, 1, 0], { invertB: true }))).to.deep.equal([2, 3, 1]);
    expect(() => networks.circconv([1], [1, 2])).to.throw(ShapeError);
    expect(networks.dotProductTransform(3, 2)).to.deep.equal([[2, 2, 2]]);
  });

  it("have a preset for thresholds", () => {
    const options = nengo.presets.thresholdingEnsembles({ threshold: 0.3, radius: 2 });
    const ensemble = net().ensemble(20, 1, options);
    expect(ensemble.radius).to.equal(2);
    expect(ensemble.evalPoints).to.deep.include({ low: 0.15, high: 1 });
    expect(ensemble.intercepts).to.deep.include({ scale: 0.15, shift: 0.3, high: 2 });
  });
});
