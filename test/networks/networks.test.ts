import { expect } from "chai";
import fc from "fast-check";
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
  /** Of every ensemble: how many spikes; sum of their steps; sum of steps times neurons (both counted from 1). */
  readonly spikes: readonly (readonly number[])[];
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

/** Whole numbers that tell one raster `[steps, neurons]` from another. */
function raster({ shape, data }: NdArray): number[] {
  const sums = [0, 0, 0];
  data.forEach((value, k) => {
    const count = Math.round(value * 0.001);
    const step = Math.floor(k / shape[1]) + 1;
    sums[0] += count;
    sums[1] += count * step;
    sums[2] += count * step * ((k % shape[1]) + 1);
  });
  return sums;
}

type Value = number | number[] | ((t: number) => number | number[]);
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
  memory_in_another_order: (net) => {
    const am = networks.associativeMemory(net, {
      inputVectors: [
        [1, 0.5, 0],
        [0, 0.5, 1],
        [-1, 0, 1],
      ],
      threshold: 0.2,
      nNeurons: 25,
      inputScales: 0.8,
      label: "memory",
    });
    am.addDefaultOutputVector([0.5, 0.5, 0.5], { nNeurons: 20, minActivationValue: 0.3 });
    const other = am.addOutputMapping("other", [
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    am.addThresholdToOutputs({ nNeurons: 15, inhibitScale: 8 });
    am.addDefaultOutputVector([-1, 1], { outputName: "other", nNeurons: 10 });
    const last = am.addOutputMapping("last", [[1], [2], [3]]);
    const more = am.addInputMapping("more", [
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    am.addWtaNetwork({ inhibitScale: 2, inhibitSynapse: 0.01 });
    source(net, [0.6, 0.5, 0.1], am.input);
    source(net, (t) => (t > 0.1 ? [0.3, 0] : [0, 0]), more);
    return [am.output, other, last];
  },
  gated: (net) => {
    const memory = networks.inputGatedMemory(net, { nNeurons: 50, dimensions: 2 });
    source(net, [0.5, -0.7], memory.input);
    source(net, (t) => (t > 0.12 ? 1 : 0), memory.gate);
    source(net, (t) => (t > 0.17 ? 1 : 0), memory.reset);
    return [memory.output];
  },
  gated_options: (net) => {
    const memory = networks.inputGatedMemory(net, {
      nNeurons: 40,
      dimensions: 1,
      feedback: 0.9,
      differenceGain: 5,
      recurrentSynapse: 0.08,
      differenceSynapse: 0.02,
    });
    source(net, 0.6, memory.input);
    source(net, (t) => (t > 0.12 ? 1 : 0), memory.gate);
    return [memory.output];
  },
  arrays_of_values: (net) => {
    const ea = networks.ensembleArray(net, {
      nNeurons: 4,
      nEnsembles: 2,
      ensDimensions: 2,
      encoders: [
        [1, 0],
        [0, 1],
        [-1, 0],
        [0, -2],
      ],
      intercepts: [-0.5, 0, 0.1, 0.2],
      maxRates: Float32Array.of(100, 150, 200, 250),
      seed: 7,
    });
    source(net, [0.5, -0.4, 0.9, 0.1], ea.input);
    return [ea.output];
  },
  // Defaults of the network around, and of connections in basal ganglia: which wins where.
  configured: (net) => {
    net.config.ensemble.set({
      neuronType: new nengo.LIF({ tauRc: 0.03 }),
      maxRates: new nengo.Uniform({ low: 100, high: 200 }),
      radius: 2,
      intercepts: new nengo.Uniform({ low: -0.9, high: 0.5 }),
    });
    net.config.connection.set({ synapse: 0.01, solver: new nengo.LstsqL2({ reg: 0.05 }) });
    net.config.node.set({ label: "some node" });
    const product = networks.product(net, { nNeurons: 30, dimensions: 1 });
    const bg = networks.basalGanglia(net, {
      dimensions: 2,
      nNeuronsPerEnsemble: 20,
      inputBias: -0.1,
      ampaConfig: { synapse: new nengo.Alpha({ tau: 0.004 }) },
      gabaConfig: {},
    });
    const thalamus = networks.thalamus(net, { dimensions: 2, nNeuronsPerEnsemble: 20 });
    const am = networks.associativeMemory(net, {
      inputVectors: [
        [1, 0],
        [0, 1],
      ],
      nNeurons: 20,
    });
    am.addDefaultOutputVector([1, 1], { nNeurons: 10 });
    am.addThresholdToOutputs({ nNeurons: 10 });
    am.addWtaNetwork();
    const gated = networks.inputGatedMemory(net, { nNeurons: 20, dimensions: 1 });
    source(net, 0.7, product.inputA);
    source(net, 0.8, product.inputB);
    source(net, [0.8, 0.3], bg.input);
    net.connect(bg.output, thalamus.input);
    net.connect(thalamus.output, am.input);
    net.connect(product.output, gated.input);
    return [product.output, bg.output, thalamus.output, am.output, gated.output];
  },
};

/** Values of the specification of Nengo's behaviour, at step 200. */
const known: Readonly<Record<string, readonly (readonly number[])[]>> = {
  product: [[0.3147992629448037, -0.2885462060099448]],
  convolution: [[0.12468597940734184, 0.11708315174976333, -0.2955927295526351]],
  basal_ganglia: [
    [-0.0762609154183311, -0.7822441748362976, -1.6935515423366916],
    [0.9085244804843658, 1.8636907964561263e-5, 1.3903169031917575e-5],
  ],
  memory: [[1.0345456504123556, 0]],
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
        expect(fired.map((p) => raster(simulation.data(p)))).to.deep.equal(spikes);
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

      for (const [k, values] of (known[name] ?? []).entries())
        it(`puts out the specification's vector ${k}`, () => {
          const { shape, data } = simulation.data(probes[k]);
          expectClose(data.subarray(199 * shape[1]), values, 1e-12);
        });

      it("comes through a network file", () => {
        const functions = Object.fromEntries(
          net.allNodes.filter((n) => typeof n.output === "function").map((n, k) => [`f${k}`, n.output as () => number]),
        );
        const again = nengo.networkFromJSON(JSON.parse(JSON.stringify(nengo.networkToJSON(net, { functions }))), { functions });
        expect(again.networks.map((part) => part.constructor)).to.deep.equal(net.networks.map(() => nengo.Network));
        const run = simulate(again, { nSteps: 20 });
        probes.forEach((probe, k) => {
          const { data } = run.data(again.probes[k]);
          expectClose(data, simulation.data(probe).data.subarray(0, data.length), 1e-12, String(probe));
        });
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

  const counted: [string, [number, number, number], (net: nengo.Network) => nengo.Network][] = [
    ["an array", [3, 2, 6], (top) => networks.ensembleArray(top, { nNeurons: 20, nEnsembles: 3 })],
    ["a product", [4, 9, 18], (top) => networks.product(top, { nNeurons: 100, dimensions: 2 })],
    ["a convolution of odd size", [16, 12, 57], (top) => networks.circularConvolution(top, { nNeurons: 50, dimensions: 3 })],
    ["a convolution of even size", [24, 12, 81], (top) => networks.circularConvolution(top, { nNeurons: 50, dimensions: 4 })],
    ["basal ganglia", [15, 17, 55], (top) => networks.basalGanglia(top, { dimensions: 3 })],
    ["a thalamus", [3, 3, 8], (top) => networks.thalamus(top, { dimensions: 3 })],
    ["a gated memory", [4, 8, 17], (top) => networks.inputGatedMemory(top, { nNeurons: 50, dimensions: 2 })],
  ];
  const counts = (part: nengo.Network): number[] => [part.allEnsembles.length, part.allNodes.length, part.allConnections.length];
  for (const [name, wantedCounts, make] of counted)
    it(`have as many objects as Nengo's: ${name}`, () => expect(counts(make(net()))).to.deep.equal(wantedCounts));

  it("have as many objects as Nengo's: a memory and what is added to it", () => {
    const identity = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0)));
    const am = networks.associativeMemory(net(), { inputVectors: identity });
    expect(am.inhibit).to.equal(null);
    expect([am.isWta, am.threshEns, am.threshBias, am.thresholdedUtilities]).to.deep.equal([false, null, null, null]);
    expect(counts(am)).to.deep.equal([3, 5, 11]);
    am.addWtaNetwork();
    expect(counts(am)).to.deep.equal([3, 5, 12]);
    am.addThresholdToOutputs();
    expect(counts(am)).to.deep.equal([9, 9, 28]);
    am.addDefaultOutputVector([1, 0, 0]);
    expect(counts(am)).to.deep.equal([10, 9, 31]);
    expect(am.isWta).to.equal(true);
    expect(am.networks).to.deep.equal([am.threshBias, am.threshEns]);
    expect(am.thresholdedUtilities).to.equal(am.threshEns!.output);
    expect(am.utilities).to.equal(am.elemOutput);
    expect([...am.inputs.keys(), ...am.outputs.keys()]).to.deep.equal(["input", "output"]);
  });

  it("of ensembles take values for all neurons, and one output a name", () => {
    const ea = networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 2, intercepts: [0.1, 0.2, 0.3], label: "array" });
    expect(ea.eaEnsembles.map(({ label }) => label)).to.deep.equal(["array_0", "array_1"]);
    expect(ea.eaEnsembles[1].intercepts).to.be.instanceOf(nengo.Samples);
    expect(ea.ensemble(3, 1).intercepts).to.equal(ea.eaEnsembles[1].intercepts);
    expect(ea.outputs.get("output")).to.equal(ea.output);
    const fails = (name: string, computed: unknown, message: string, options?: object): void =>
      void expect(() => ea.addOutput(name, computed as null, options)).to.throw(ValidationError, message);
    fails("output", null, 'Network "array".addOutput.name: expected a name that is not taken, got "output".');
    fails("two", [null], "addOutput.function: expected 2 functions, one an ensemble, got 1.");
    fails("two", 5, "expected a function of 1 numbers that returns a number or an array of numbers, or null, got 5.");
    fails("two", [null, undefined], "got undefined.");
    fails("two", () => "x", 'got one that returns "x".');
    fails("two", () => [], "got one that returns [].");
    fails("two", () => JSON.parse("{") as number, "got an exception: SyntaxError");
    fails("two", null, "an unknown option", { sinapse: 0.1 });
    const mixed = ea.addOutput("mixed", [null, (x) => [x[0], 1]], { transform: 2, synapse: undefined as never });
    expect(mixed.sizeIn).to.equal(3);
    const last = ea.connections[ea.connections.length - 1];
    expect([last.synapse, last.sizeMid, (last.transform as nengo.Dense).init]).to.deep.equal([
      null,
      2,
      { shape: [], data: Float64Array.of(2) },
    ]);
  });

  it("of ensembles have one Node for currents and one for activities", () => {
    const ea = networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 2 });
    expect([ea.neuronInput, ea.neuronOutput]).to.deep.equal([null, null]);
    const [currents, activities] = [ea.addNeuronInput(), ea.addNeuronOutput()];
    expect([currents.sizeIn, activities.sizeIn]).to.deep.equal([6, 6]);
    expect([ea.addNeuronInput(), ea.addNeuronOutput()]).to.deep.equal([currents, activities]);
    expect([ea.neuronInput, ea.neuronOutput]).to.deep.equal([currents, activities]);
    expect(counts(ea)).to.deep.equal([2, 4, 8]);
    const direct = networks.ensembleArray(net(), { nNeurons: 3, nEnsembles: 2, neuronType: new nengo.Direct() });
    expect(() => direct.addNeuronInput()).to.throw(ValidationError, "expected ensembles with neurons, got Direct mode");
    expect(() => direct.addNeuronOutput()).to.throw(ValidationError, "expected ensembles with neurons, got Direct mode");
    expect(counts(direct)).to.deep.equal([2, 2, 4]);
  });

  const refused: [string, (top: nengo.Network) => unknown, string][] = [
    [
      "no network around",
      () => networks.product({ nNeurons: 9, dimensions: 1 } as never, {} as never),
      "networks.product.parent: expected a Network",
    ],
    ["no options", (top) => networks.thalamus(top, undefined as never), "Thalamus: expected an options object"],
    [
      "an unknown option",
      (top) => networks.product(top, { nNeurons: 9, dimensions: 1, magnitude: 1 } as never),
      "Product.magnitude: expected one of",
    ],
    [
      "nothing for what must be given",
      (top) => networks.product(top, { nNeurons: 9 } as never),
      "Product.dimensions: expected an integer, got undefined.",
    ],
    [
      "no dimensions",
      (top) => networks.product(top, { nNeurons: 9, dimensions: 0 }),
      "Product.dimensions: expected a finite number >= 1, got 0.",
    ],
    [
      "no ensembles",
      (top) => networks.ensembleArray(top, { nNeurons: 3, nEnsembles: 0 }),
      "EnsembleArray.nEnsembles: expected a finite number >= 1",
    ],
    [
      "Nengo's other name",
      (top) => networks.ensembleArray(top, { nNeurons: 3, nEnsembles: 1, dimensions: 2 } as never),
      "EnsembleArray.dimensions: expected one of",
    ],
    [
      "a bad option of ensembles",
      (top) => networks.ensembleArray(top, { nNeurons: 3, nEnsembles: 1, radius: -1 }),
      "radius: expected a finite number >= 1e-10",
    ],
    [
      "a label that is no text",
      (top) => networks.ensembleArray(top, { nNeurons: 3, nEnsembles: 1, label: 4 as never }),
      "EnsembleArray.label: expected a string",
    ],
    [
      "a number for true",
      (top) => networks.circularConvolution(top, { nNeurons: 9, dimensions: 2, invertA: 1 as never }),
      "CircularConvolution.invertA: expected true or false",
    ],
    [
      "a magnitude of 0",
      (top) => networks.circularConvolution(top, { nNeurons: 9, dimensions: 2, inputMagnitude: 0 }),
      "CircularConvolution.inputMagnitude: expected a finite number > 0",
    ],
    [
      "options that connections lack",
      (top) => networks.basalGanglia(top, { dimensions: 2, ampaConfig: { tau: 1 } as never }),
      "BasalGanglia.ampaConfig.tau: expected one of",
    ],
    [
      "a synapse for options",
      (top) => networks.basalGanglia(top, { dimensions: 2, gabaConfig: 0.01 as never }),
      "BasalGanglia.gabaConfig: expected an options object",
    ],
    [
      "a threshold that nothing reaches",
      (top) => networks.thalamus(top, { dimensions: 2, threshold: 1 }),
      "Thalamus.threshold: expected a finite number < 1",
    ],
    [
      "text for a gain",
      (top) => networks.inputGatedMemory(top, { nNeurons: 9, dimensions: 1, feedback: "1" as never }),
      "InputGatedMemory.feedback: expected a finite number",
    ],
    [
      "a vector of items",
      (top) => networks.associativeMemory(top, { inputVectors: [1, 2] }),
      "AssociativeMemory.inputVectors: expected vectors [items, dimensions], got shape [2].",
    ],
    ["no items", (top) => networks.associativeMemory(top, { inputVectors: [] }), "AssociativeMemory.inputVectors: expected vectors"],
    [
      "other items to put out",
      (top) => networks.associativeMemory(top, { inputVectors: [[1]], outputVectors: [[1], [2]] }),
      "outputVectors: expected 1 vectors, one an item, got 2.",
    ],
    [
      "other thresholds",
      (top) => networks.associativeMemory(top, { inputVectors: [[1]], threshold: [0.1, 0.2] }),
      "threshold: expected a number, or 1, one an item, got 2.",
    ],
    [
      "text for scales",
      (top) => networks.associativeMemory(top, { inputVectors: [[1]], inputScales: "1" as never }),
      "AssociativeMemory.inputScales: expected numbers",
    ],
  ];
  for (const [what, make, message] of refused)
    it(`refuse ${what}, and leave the network as it was`, () => {
      const top = net();
      expect(() => make(top)).to.throw(ValidationError, message);
      expect(counts(top)).to.deep.equal([0, 0, 0]);
      expect(top.networks).to.have.length(0);
    });

  it("of memories take the connections away that a threshold replaces", () => {
    const am = networks.associativeMemory(net(), { inputVectors: [[1]] });
    const before = am.connections[am.connections.length - 1];
    am.addThresholdToOutputs();
    const after = am.connections[am.connections.length - 1];
    expect([before.preObject, after.preObject]).to.deep.equal([am.elemOutput, am.threshEns!.output]);
    expect([am.has(before), am.has(after)]).to.deep.equal([false, true]);
    expect(() => am.remove(before)).to.throw(
      ValidationError,
      "remove: expected a connection or probe of this network, got Connection from",
    );
  });

  it("of memories refuse what does not fit", () => {
    const am = networks.associativeMemory(net(), { inputVectors: [[1]], label: "am" });
    const fails = (call: () => unknown, message: string): void => void expect(call).to.throw(ValidationError, message);
    fails(() => am.addInputMapping("output", [[1]]), 'Network "am".name: expected a name that is not taken, got "output".');
    fails(() => am.addOutputMapping(3 as never, [[1]]), "name: expected a string, got 3.");
    fails(() => am.addInputMapping("a", [[1], [2]]), "inputVectors: expected 1 vectors, one an item, got 2.");
    fails(() => am.addInputMapping("a", [[1]], [1, 2]), "inputScales: expected a number, or 1, one an item, got 2.");
    fails(() => am.addOutputMapping("a", [1]), "outputVectors: expected vectors [items, dimensions]");
    fails(() => am.addDefaultOutputVector([1, 2]), "outputVector: expected 1 numbers, got 2.");
    fails(() => am.addDefaultOutputVector(1 as never), "outputVector: expected a vector, got a number.");
    fails(() => am.addDefaultOutputVector([1], { outputName: "x" }), 'outputName: expected one of output, got "x".');
    fails(() => am.addDefaultOutputVector([1], { minActivationValue: 0 }), "minActivationValue: expected a finite number > 0");
    fails(() => am.addWtaNetwork({ scale: 1 } as never), "addWtaNetwork.scale: expected one of inhibitScale, inhibitSynapse");
    fails(() => am.addThresholdToOutputs({ nNeurons: 0 }), "addThresholdToOutputs.nNeurons: expected a finite number >= 1");
    expect(counts(am)).to.deep.equal([1, 5, 5]);
    am.addWtaNetwork();
    am.addThresholdToOutputs();
    fails(() => am.addWtaNetwork(), 'Network "am".addWtaNetwork: expected one call, got a second.');
    fails(() => am.addThresholdToOutputs(), 'Network "am".addThresholdToOutputs: expected one call, got a second.');
  });

  it("take a second time constant from the first where it is null", () => {
    const memory = networks.inputGatedMemory(net(), { nNeurons: 5, dimensions: 1, recurrentSynapse: 0.2, differenceSynapse: null });
    expect(memory.connections.slice(0, 3).map(({ synapse }) => (synapse as nengo.Lowpass).tau)).to.deep.equal([0.2, 0.005, 0.2]);
  });

  it("convolve as circconv does, but for the error of neurons", () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const vectors = fc
      .integer({ min: 1, max: 9 })
      .chain((d) => fc.tuple(...[0, 1].map(() => fc.array(value, { minLength: d, maxLength: d }))));
    fc.assert(
      fc.property(vectors, fc.boolean(), fc.boolean(), ([a, b], invertA, invertB) => {
        const { connections } = networks.circularConvolution(net(), { nNeurons: 2, dimensions: a.length, invertA, invertB });
        const times = (k: number, x: readonly number[]): number[] => {
          const { data } = (connections[k].transform as nengo.Dense).init as NdArray;
          return Array.from({ length: data.length / x.length }, (_, i) => x.reduce((sum, v, j) => sum + data[i * x.length + j] * v, 0));
        };
        const [coefficientsA, coefficientsB] = [times(0, a), times(1, b)];
        const convolved = times(
          2,
          coefficientsA.map((v, k) => v * coefficientsB[k]),
        );
        expectClose(convolved, networks.circconv(a, b, { invertA, invertB }), 1e-12);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("have a reference for convolutions", () => {
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
    expect(() => nengo.presets.thresholdingEnsembles({ treshold: 0.3 } as never)).to.throw(
      ValidationError,
      "treshold: expected one of threshold",
    );
    expect(() => nengo.presets.thresholdingEnsembles({} as never)).to.throw(
      ValidationError,
      "threshold: expected a finite number, got undefined",
    );
  });
});
