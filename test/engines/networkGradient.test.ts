import { WasmEngine } from "../../src/engines/wasm/engine.ts";
import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import type { Floats } from "../../src/engines/engine.ts";
import type { Signal } from "../../src/ir/signal.ts";
import { PES, Voja } from "../../src/learning/index.ts";
import { Network, type LearningRule } from "../../src/network/index.ts";
import {
  AdaptiveLIF,
  AdaptiveLIFRate,
  LeakyReLU,
  LIF,
  LIFRate,
  PoissonSpiking,
  RectifiedLinear,
  RegularSpiking,
  SoftLIFRate,
  SpikingRectifiedLinear,
  StochasticSpiking,
  Tanh,
} from "../../src/neurons/index.ts";
import type { NeuronType } from "../../src/neurons/neuronType.ts";
import { WhiteNoise } from "../../src/processes/index.ts";
import { accesses } from "../../src/ir/operators.ts";
import { makeNetwork, networkSpecs, neuronTypes } from "../support/arbitraries.ts";
import { caseOf, Objective } from "../support/gradients.ts";
import { expectSame } from "../support/numbers.ts";

/** Two recurrent ensembles, one of them driven through its neurons. */
function recurrent(neuronType: NeuronType): Network {
  const net = new Network({ seed: 4 });
  const input = net.node([0.3, -0.2]);
  const options = { neuronType, nEvalPoints: 40 };
  const [a, b] = [net.ensemble(7, 2, options), net.ensemble(5, 1, options)];
  net.connect(input, a, { synapse: null });
  net.connect(a, a, { transform: 0.8, synapse: 0.005 });
  net.connect(a, b, { function: (x) => x[0] * x[1], synapse: 0.002 });
  net.connect(b, a.at(1), { synapse: 0.01 });
  net.connect(input, b.neurons, {
    transform: [
      [0.1, 0.2],
      [0.3, -0.4],
      [0, 0.1],
      [-0.2, 0],
      [0.1, 0.1],
    ],
    synapse: 0,
  });
  net.probe(b, { synapse: 0.005 });
  net.probe(a, { sampleEvery: 0.0025 });
  net.probe(a.neurons);
  return net;
}

describe("gradients of networks", () => {
  const types: readonly NeuronType[] = [
    new RectifiedLinear(),
    new LIFRate(),
    new LIF(),
    new SpikingRectifiedLinear({ amplitude: 0.01 }),
    new AdaptiveLIF({ tauN: 0.01, incN: 0.02 }),
    new AdaptiveLIFRate({ tauN: 0.01, incN: 0.02 }),
    new LeakyReLU(),
    new SoftLIFRate({ sigma: 0.2 }),
    new Tanh(),
    new RegularSpiking({ baseType: new LIFRate(), amplitude: 0.5 }),
    new RegularSpiking({ baseType: new AdaptiveLIFRate({ tauN: 0.01 }) }),
    new PoissonSpiking({ baseType: new Tanh() }),
    new StochasticSpiking({ baseType: new SoftLIFRate() }),
  ];
  for (const [k, neuronType] of types.entries()) {
    it(`equal central differences, element by element: recurrent ${neuronType.type} (${k}) in training`, () => {
      const built = buildNetwork(recurrent(neuronType));
      // The rate of LIF has a long curve just above the threshold.
      const gradients = new Objective(caseOf(built, { nSteps: 8 })).checkElements({ h: 1e-6, relative: 1e-5 });
      for (const { signal, role, path } of built.parameters) {
        expect(
          gradients.parameters.get(signal)!.some((v) => v !== 0),
          `${path} ${role}`,
        ).to.equal(true);
      }
    });
  }

  it("equal central differences along random directions: random networks over 5 to 20 steps", () => {
    let flowing = 0;
    // Where spikes have a slope of their own in training, differences do not see it.
    const types = neuronTypes.filter((type) => type.dynamics.rate !== null);
    expect(types.length).to.be.below(neuronTypes.length);
    fc.assert(
      fc.property(networkSpecs({ noise: false, types }), fc.integer({ min: 5, max: 20 }), (spec, nSteps) => {
        const objective = new Objective(caseOf(buildNetwork(makeNetwork(spec, { differentiable: true, types }).net), { nSteps }));
        objective.checkDirections({ h: 1e-7, relative: 1e-5 });
        if ([...objective.gradients().gradients.parameters.values()].some((values) => values.some((v) => v !== 0))) flowing++;
      }),
      { seed: 31, numRuns: 60 },
    );
    expect(flowing).to.be.above(40);
  });

  it("pass through weights that learn, which are constants to them", () => {
    const net = new Network({ seed: 4 });
    const options = { neuronType: new LIFRate(), nEvalPoints: 40 };
    const [input, error] = [net.node([0.3]), net.node([0.2])];
    const [a, b] = [net.ensemble(7, 1, options), net.ensemble(5, 1, options)];
    net.connect(input, a, { synapse: null });
    // So slow that learning itself, which has no gradient, does not show in differences.
    const c = net.connect(a, b, { learningRuleType: [new PES({ learningRate: 1e-12 }), new Voja({ learningRate: 1e-12 })] });
    net.connect(error, (c.learningRule as readonly LearningRule[])[0]);
    net.probe(b, { synapse: 0.005 });
    const built = buildNetwork(net);
    expect(built.parameters.map(({ path, role }) => `${path} ${role}`)).not.to.include(`${String(c)} weights`);
    const gradients = new Objective(caseOf(built, { nSteps: 8 })).checkElements({ h: 1e-6, relative: 1e-5 });
    const slot = built.inputs.get(input)!.slot;
    expect(gradients.feeds.get(slot)!.some((v) => v !== 0)).to.equal(true);
  });

  it("reach the initial states of filters", () => {
    const built = buildNetwork(recurrent(new RectifiedLinear()));
    const program = built.program("training");
    const states = new Set<Signal>(program.operators.flatMap((op) => accesses(op).updates.map((u) => u.signal)));
    expect(states.size).to.equal(5);
    const gradients = new Objective({ ...caseOf(built, { nSteps: 6 }), states: [...states] }).checkElements({ h: 1e-6, relative: 1e-6 });
    for (const signal of states)
      expect(
        gradients.states.get(signal)!.some((v) => v !== 0),
        signal.name,
      ).to.equal(true);
  });

  it("are the same with checkpoints, with noise and functions, which are called once a step and item", () => {
    for (const nSteps of [1, 2, 7, 16, 20]) {
      const results = [undefined, 0].map((tapeLimit) => {
        let calls = 0;
        const net = recurrent(new LIFRate());
        const [a] = net.ensembles;
        const noisy = net.ensemble(6, 1, { neuronType: new RectifiedLinear(), noise: new WhiteNoise(), nEvalPoints: 30 });
        const user = net.node((t, x) => (calls++, [Math.sin(50 * t) + 0.1 * x[0]]), { sizeIn: 1, sizeOut: 1 });
        net.connect(a.at(0), user);
        net.connect(user, noisy, { synapse: null });
        net.connect(noisy, a.at(0), { synapse: 0.005 });
        net.connect(net.node(new WhiteNoise()), noisy);
        net.probe(noisy);
        const all = caseOf(buildNetwork(net), { nSteps });
        // The process runs: only the constant Node is fed.
        const objective = new Objective({ ...all, feeds: { "node:0": 2 } });
        const got = objective.gradients(tapeLimit === undefined ? {} : { tapeLimit }, [new WasmEngine()]);
        return { got, calls, parameters: all.parameters! };
      });
      const [full, parts] = results as [(typeof results)[0], (typeof results)[0]];
      expect([full.calls, parts.calls]).to.deep.equal([2 * nSteps, 2 * nSteps]);
      for (const [slot, data] of full.got.records) expectSame(parts.got.records.get(slot)!, data, slot);
      expectSame(parts.got.gradients.feeds.get("node:0")!, full.got.gradients.feeds.get("node:0")!, "feed");
      // Two networks: their parameters correspond in order.
      const values = ({ got, parameters }: typeof full): Floats[] => parameters.flatMap((p) => got.gradients.parameters.get(p) ?? []);
      const [wanted, again] = [values(full), values(parts)];
      expect(again.length).to.equal(wanted.length);
      wanted.forEach((v, k) => expectSame(again[k], v, full.parameters[k].name));
    }
  });

  it("take the rate's slope for spikes that are run as they are", () => {
    const net = new Network({ seed: 2 });
    const ens = net.ensemble(6, 1, { neuronType: new LIF(), nEvalPoints: 30 });
    net.connect(net.node([0.4]), ens, { synapse: null });
    net.probe(ens);
    const built = buildNetwork(net);
    const wanted = caseOf(built, { nSteps: 5 });
    const of = (phase: "training" | "inference"): Objective => new Objective({ ...wanted, program: built.program(phase) });
    const [rates, spikes] = [of("training").gradients().gradients, of("inference").gradients().gradients];
    // One layer without filters: the surrogate slope is all there is between input and output.
    for (const [signal, values] of rates.parameters) {
      if (signal.parameter!.role === "weights") continue;
      values.forEach((v, i) => void expect(spikes.parameters.get(signal)![i]).to.be.closeTo(v, 1e-12 * (1 + Math.abs(v))));
    }
    rates.feeds.forEach((values, slot) =>
      values.forEach((v, i) => void expect(spikes.feeds.get(slot)![i]).to.be.closeTo(v, 1e-12 * (1 + Math.abs(v)))),
    );
  });
});
