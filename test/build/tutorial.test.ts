import { expect } from "chai";
import { Network, type Connection, type Ensemble, type Node, type Probe } from "../../src/network/index.ts";
import { WhiteSignal } from "../../src/processes/index.ts";
import { fixture } from "../support/fixtures.ts";
import {
  expectConnection,
  expectEnsemble,
  expectRecord,
  type ArrayJSON,
  type ConnectionBuiltJSON,
  type EnsembleBuiltJSON,
  type SpikesJSON,
} from "../support/nengoNetworks.ts";
import { expectClose } from "../support/numbers.ts";
import { simulate, type Simulation } from "../support/simulate.ts";

interface Tutorial {
  readonly steps: number;
  readonly simulatorSeed: number;
  readonly defaultSimulatorSeed: number;
  readonly seeds: { readonly connections: readonly number[] } & Readonly<Record<string, number>>;
  readonly ensembles: { readonly square: EnsembleBuiltJSON; readonly sin: EnsembleBuiltJSON };
  readonly connections: readonly ConnectionBuiltJSON[];
  readonly input: ArrayJSON;
  readonly output: ArrayJSON;
  readonly resets: readonly { readonly seed: number; readonly input: ArrayJSON; readonly output: ArrayJSON; readonly inputSum: number }[];
  readonly watched: Readonly<
    Record<
      "square" | "sin",
      Readonly<Record<"voltage" | "refractoryTime" | "neuronInput" | "input", ArrayJSON>> & { readonly spikes: SpikesJSON }
    >
  >;
  readonly withoutSynapses: { readonly input: ArrayJSON; readonly filtered: ArrayJSON; readonly unfiltered: ArrayJSON };
}

const wanted = fixture<Tutorial>("nengo/tutorial.json");

interface Made {
  readonly net: Network;
  readonly inpt: Node;
  readonly square: Ensemble;
  readonly sin: Ensemble;
  readonly outpt: Node;
  readonly connections: readonly Connection[];
  readonly inptP: Probe;
  readonly outptP: Probe;
}

/** sin(x^2) by two ensembles of 20 LIF neurons. */
function tutorial(): Made {
  const net = new Network({ seed: 0, label: "tutorial" });
  const inpt = net.node(new WhiteSignal({ period: 1, high: 5, rms: 0.3 }));
  const square = net.ensemble(20, 1, { label: "square" });
  const sin = net.ensemble(20, 1);
  const outpt = net.node({ sizeIn: 1 });
  const connections = [
    net.connect(inpt, square),
    net.connect(square, sin, { function: (x) => x[0] ** 2 }),
    net.connect(sin, outpt, { function: (x) => Math.sin(x[0]) }),
  ];
  return { net, inpt, square, sin, outpt, connections, inptP: net.probe(inpt), outptP: net.probe(outpt, { synapse: 0.01 }) };
}

describe("the tutorial network, as nengo.Simulator(net, seed=0, optimize=False)", () => {
  const made = tutorial();
  const { net, square, sin, connections, inptP, outptP } = made;
  let simulation: Simulation;
  before(() => {
    simulation = simulate(net, { nSteps: wanted.steps, seed: wanted.simulatorSeed });
  });

  it("has a seed for every object", () => {
    const { connections: wantedConnections, ...others } = wanted.seeds;
    const { seeds } = simulation.built;
    expect(connections.map((c) => seeds.get(c))).to.deep.equal(wantedConnections);
    expect(Object.fromEntries(Object.keys(others).map((name) => [name, seeds.get(made[name as keyof Made])]))).to.deep.equal(others);
  });

  it("draws the ensembles", () => {
    expectEnsemble(simulation, square, wanted.ensembles.square);
    expectEnsemble(simulation, sin, wanted.ensembles.sin);
  });

  it("solves the decoders", () => {
    expect(wanted.connections).to.have.length(3);
    connections.forEach((connection, k) => expectConnection(simulation, connection, wanted.connections[k]));
  });

  it("gives the input signal within 1e-12", () => expectClose(simulation.data(inptP).data, wanted.input.data, 1e-12));

  it("gives the output within 1e-9", () => expectRecord(simulation, outptP, wanted.output));

  it("gives other signals for other seeds, and the same for the same, after a reset", () => {
    expect(wanted.resets.map(({ seed }) => seed)).to.include.members([0, 1]);
    for (const { seed, input, output, inputSum } of wanted.resets) {
      simulation.rerun(seed);
      const signal = simulation.data(inptP).data;
      expectClose(signal.subarray(0, input.data.length), input.data, 1e-12);
      expect(signal.reduce((a, b) => a + b, 0)).to.be.closeTo(inputSum, 1e-9);
      expectRecord(simulation, outptP, output);
    }
  });

  it("takes the network's seed + 1 where the simulator has none", () => {
    expect(wanted.defaultSimulatorSeed).to.equal(net.seed! + 1);
    const run = simulate(net, { nSteps: 200 });
    const { input } = wanted.resets.find(({ seed }) => seed === wanted.defaultSimulatorSeed)!;
    expectClose(run.data(inptP).data, input.data, 1e-12);
  });

  describe("with more probes", () => {
    const watched = tutorial();
    const probes = (["square", "sin"] as const).map((name) => {
      const ensemble = watched[name];
      const neurons = (attribute: string): Probe => watched.net.probe(ensemble.neurons, { attribute });
      return [
        name,
        {
          spikes: neurons("output"),
          voltage: neurons("voltage"),
          refractoryTime: neurons("refractoryTime"),
          neuronInput: neurons("input"),
          input: watched.net.probe(ensemble, { attribute: "input" }),
        },
      ] as const;
    });
    let run: Simulation;
    before(() => {
      run = simulate(watched.net, { nSteps: wanted.steps, seed: wanted.simulatorSeed });
    });

    it("gives the same output, bit for bit", () => {
      simulation.rerun(wanted.simulatorSeed);
      expect(run.data(watched.outptP)).to.deep.equal(simulation.data(outptP));
    });

    for (const [name, { spikes, ...others }] of probes) {
      it(`fires the same spikes at all steps: ${name}`, () => {
        expect(wanted.watched[name].spikes.events.length).to.be.greaterThan(500);
        expectRecord(run, spikes, wanted.watched[name].spikes);
      });

      for (const [key, probe] of Object.entries(others)) {
        it(`has the same ${key}: ${name}`, () => {
          const { shape, data } = wanted.watched[name][key as keyof typeof others];
          const got = run.data(probe);
          expect(got.shape).to.deep.equal([wanted.steps, shape[1]]);
          expectClose(got.data.subarray(0, data.length), data, 1e-9);
        });
      }
    }
  });

  it("without synapses carries the value through in one step", () => {
    const { net: direct, connections: all, inptP: input, outptP: filtered, outpt } = tutorial();
    for (const connection of all) connection.synapse = null;
    filtered.synapse = 0.04;
    const unfiltered = direct.probe(outpt);
    const run = simulate(direct, { nSteps: wanted.steps, seed: wanted.simulatorSeed });
    expectClose(run.data(input).data, wanted.withoutSynapses.input.data, 1e-12);
    expectRecord(run, filtered, wanted.withoutSynapses.filtered);
    expectRecord(run, unfiltered, wanted.withoutSynapses.unfiltered);
  });
});
