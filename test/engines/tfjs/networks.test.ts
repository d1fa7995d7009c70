import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { buildNetwork } from "../../../src/build/build.ts";
import { accesses } from "../../../src/ir/operators.ts";
import type { Program } from "../../../src/ir/program.ts";
import type { Signal } from "../../../src/ir/signal.ts";
import { BCM, Oja, PES, RLS, Voja } from "../../../src/learning/index.ts";
import { Network, type Ensemble, type LearningRule, type Node } from "../../../src/network/index.ts";
import { LIF, LIFRate } from "../../../src/neurons/index.ts";
import type { NeuronType, Phase } from "../../../src/neurons/neuronType.ts";
import { BrownNoise, FilteredNoise, Piecewise, PresentInput, WhiteNoise, WhiteSignal } from "../../../src/processes/index.ts";
import { Alpha, LinearFilter, Lowpass, Triangle } from "../../../src/synapses/index.ts";
import { Convolution, ConvolutionTranspose, Sparse } from "../../../src/transforms/index.ts";
import { neuronTypes } from "../../support/arbitraries.ts";
import { expectNear, forward, gradients, kernelRunner, numbersFor, opsRunner, type Case } from "./support.ts";

/** Everything that a program keeps or computes for each item. */
const itemSignals = ({ operators }: Program): Signal[] => [
  ...new Set(
    operators.flatMap((op) => {
      const { sets, incs, updates } = accesses(op);
      return [...sets, ...incs, ...updates].map((a) => a.signal).filter((s) => s.perItem);
    }),
  ),
];

function caseOf(net: Network, phase: Phase, options: Partial<Case> = {}): Case {
  const built = buildNetwork(net);
  const program = built.program(phase);
  return {
    program,
    nSteps: 20,
    batch: 2,
    scale: 0.6,
    seed: 5,
    parameters: built.parameters.map((p) => p.signal),
    feeds: Object.fromEntries([...built.inputs.values()].map(({ slot, signal }) => [slot, signal.size])),
    states: itemSignals(program),
    ownStart: true,
    ...options,
  };
}

/** All records and all values at the end are those of the reference engine in float32. */
function expectSameRun(net: Network, phase: Phase, part = 1e-4, options: Partial<Case> = {}): void {
  const c = caseOf(net, phase, options);
  const [got, wanted] = [forward(opsRunner(c), c), forward(kernelRunner(c), c)];
  expectNear(got.records, wanted.records, part, "record");
  expectNear(got.states, wanted.states, part, "value at the end");
}

/** All gradients are those of kernels. */
function expectSameGradientsOf(c: Case): void {
  const [got, wanted] = [gradients(opsRunner(c), c), gradients(kernelRunner(c), c)];
  expect(
    wanted.gradients.some((g) => g.some((v) => v !== 0)),
    "any gradient",
  ).to.equal(true);
  expectNear(got.records, wanted.records, 1e-4, "record");
  expectNear(got.states, wanted.states, 1e-4, "value at the end");
  expectNear(got.gradients, wanted.gradients, 1e-4, "gradient");
}

const expectSameGradients = (net: Network, options: Partial<Case> = {}): void =>
  expectSameGradientsOf(caseOf(net, "training", { nSteps: 8, states: [], ...options }));

/** A node into an ensemble, and what `more` adds. */
function small(more: (net: Network, u: Node, e: Ensemble) => void, neuronType: NeuronType = new LIFRate(), d = 2): Network {
  const net = new Network({ seed: 8 });
  const u = net.node(Array.from({ length: d }, () => 0.2));
  const e = net.ensemble(12, d, { neuronType });
  net.connect(u, e, { synapse: null });
  more(net, u, e);
  return net;
}

describe("networks as tf operations give what kernels give:", () => {
  before(() => tf.setBackend("cpu"));

  for (const [k, neuronType] of neuronTypes.entries()) {
    const net = (): Network =>
      small((n, _u, e) => {
        n.connect(e, e, { synapse: 0.01, transform: 0.4 });
        n.probe(e, { synapse: 0.005 });
        if (neuronType.type !== "Direct") n.probe(e.neurons);
      }, neuronType);
    it(`${neuronType.type} (${k})`, () => {
      expectSameRun(net(), "inference");
      expectSameRun(net(), "training");
      if (neuronType.type !== "Direct") expectSameGradients(net());
    });
  }

  it("a spiking network over many steps, by what is decoded", () => {
    const net = small((n, _u, e) => {
      n.connect(e, e, { synapse: 0.1, transform: 0.9 });
      n.probe(e, { synapse: 0.05 });
    }, new LIF());
    const c = caseOf(net, "inference", { nSteps: 300, states: [] });
    // By then roundings may have moved a spike to another step.
    expectNear(forward(opsRunner(c), c).records, forward(kernelRunner(c), c).records, 0.03, "decoded");
  });

  const synapses = {
    Lowpass: new Lowpass({ tau: 0.005 }),
    "Lowpass that is a delay": new Lowpass({ tau: 0 }),
    Alpha: new Alpha({ tau: 0.005 }),
    LinearFilter: new LinearFilter({ num: [1, 3], den: [1e-4, 0.02, 1] }),
    Triangle: new Triangle({ t: 0.004 }),
  };
  for (const [name, synapse] of Object.entries(synapses)) {
    it(`the synapse ${name}`, () => {
      const net = (): Network =>
        small((n, u, e) => {
          const filtered = n.node({ sizeIn: 2 });
          n.connect(u, filtered, { synapse });
          n.connect(filtered, e, { synapse: null });
          n.probe(e, { synapse });
        });
      expectSameRun(net(), "training");
      expectSameGradients(net());
    });
  }

  const last = (...shape: number[]): { shape: number[]; channelsLast: boolean } => ({ shape, channelsLast: true });
  const transforms = {
    "a convolution of images": new Convolution({ nFilters: 3, inputShape: last(4, 4, 2), kernelSize: [2, 3], strides: [2, 1] }),
    "a padded convolution, channels first": new Convolution({
      nFilters: 2,
      inputShape: { shape: [2, 4, 4], channelsLast: false },
      channelsLast: false,
      padding: "same",
    }),
    "a convolution in groups": new Convolution({ nFilters: 4, inputShape: last(16, 2), kernelSize: [3], strides: [1], groups: 2 }),
    "a convolution of three axes": new Convolution({
      nFilters: 2,
      inputShape: last(2, 4, 4, 1),
      kernelSize: [2, 2, 2],
      strides: [1, 1, 1],
    }),
    "a transposed convolution": new ConvolutionTranspose({ nFilters: 2, inputShape: last(8, 4), kernelSize: [3], strides: [2] }),
  };
  for (const [name, transform] of Object.entries(transforms)) {
    it(name, () => {
      const net = (): Network => {
        const n = new Network({ seed: 2 });
        const u = n.node(Array.from({ length: 32 }, (_, i) => Math.sin(i)));
        const e = n.ensemble(transform.sizeOut, 1, { neuronType: new LIFRate() });
        n.connect(u, e.neurons, { synapse: null, transform });
        // In a loop too, where it runs step by step.
        const pass = n.node({ sizeIn: 32 });
        n.connect(pass, pass, { synapse: 0.01, transform: 0.1 });
        n.connect(u, pass, { synapse: null });
        n.connect(pass, e.neurons, { synapse: 0.002, transform });
        n.probe(e.neurons);
        return n;
      };
      expectSameRun(net(), "training", 1e-4, { nSteps: 5 });
      expectSameGradients(net(), { nSteps: 5 });
    });
  }

  it("a sparse transform, feed-forward and in a loop", () => {
    const net = (): Network =>
      small(
        (n, _u, e) => {
          const transform = new Sparse({
            shape: [3, 3],
            indices: [
              [0, 1],
              [2, 0],
              [2, 2],
              [0, 1],
            ],
            init: [0.3, -0.4, 0.2, 0.1],
          });
          const pass = n.node({ sizeIn: 3 });
          n.connect(e, pass, { synapse: null });
          n.connect(pass, pass, { synapse: 0.01, transform });
          n.connect(pass, e, { synapse: 0.01, transform });
          n.probe(pass);
        },
        new LIFRate(),
        3,
      );
    expectSameRun(net(), "training");
    expectSameGradients(net());
  });

  const rules = {
    PES: (n: Network, e: Ensemble, post: Ensemble, u: Node) => {
      const c = n.connect(e, post, { learningRuleType: new PES({ learningRate: 1e-3 }), function: () => [0, 0] });
      n.connect(u, c.learningRule as LearningRule, { synapse: 0.003 });
    },
    RLS: (n: Network, e: Ensemble, post: Ensemble, u: Node) => {
      const c = n.connect(e, post, { learningRuleType: new RLS({ learningRate: 1e-3 }), function: () => [0, 0] });
      n.connect(u, c.learningRule as LearningRule, { synapse: 0.003 });
    },
    Voja: (n: Network, e: Ensemble, post: Ensemble) => void n.connect(e, post, { learningRuleType: new Voja() }),
    BCM: (n: Network, e: Ensemble, post: Ensemble) =>
      void n.connect(e.neurons, post.neurons, {
        transform: Array.from({ length: post.nNeurons }, () => Array.from({ length: e.nNeurons }, () => 1e-3)),
        learningRuleType: new BCM(),
      }),
    Oja: (n: Network, e: Ensemble, post: Ensemble) =>
      void n.connect(e.neurons, post.neurons, {
        transform: Array.from({ length: post.nNeurons }, () => Array.from({ length: e.nNeurons }, () => 1e-3)),
        learningRuleType: new Oja({ learningRate: 1e-5 }),
      }),
  };
  for (const [name, rule] of Object.entries(rules)) {
    it(`the learning rule ${name}`, () => {
      const net = (): Network =>
        small((n, u, e) => {
          const post = n.ensemble(9, 2, { neuronType: new LIFRate() });
          rule(n, e, post, u);
          n.probe(post, { synapse: 0.01 });
        });
      expectSameRun(net(), "inference");
      expectSameRun(net(), "training");
      expectSameGradients(net());
    });
  }

  it("processes, users' functions and noise", () => {
    const net = (): Network =>
      small((n, u, e) => {
        const sources = [
          new WhiteSignal({ period: 0.05, high: 50 }),
          new WhiteNoise({ scale: false }),
          new FilteredNoise({ synapse: 0.01 }),
          new BrownNoise(),
          new Piecewise({
            data: [
              [0, 0],
              [0.005, 0.5],
            ] as never,
          }),
          new PresentInput({ inputs: [[0.1], [0.7]], presentationTime: 0.003 }),
        ];
        for (const source of sources) n.connect(n.node(source, { sizeOut: 1 }), e.at(0), { synapse: null, transform: 0.1 });
        n.connect(
          n.node((t: number) => Math.sin(100 * t)),
          e.at(1),
          { synapse: null },
        );
        const called = n.node((t: number, x: Float64Array) => [x[0] * t * 100, x[1]], { sizeIn: 2, sizeOut: 2 });
        n.connect(u, called, { synapse: null });
        n.connect(e, called, { synapse: 0.005 });
        n.connect(called, e, { synapse: 0.005 });
        n.probe(called);
        n.probe(e, { sampleEvery: 0.0025 });
      });
    expectSameRun(net(), "training", 1e-4, { feeds: {} });
  });

  it("a run in parts, from the states that the part before returned", () => {
    const net = small((n, u, e) => {
      n.connect(e, e, { synapse: new Alpha({ tau: 0.01 }) });
      n.connect(u, e, { synapse: new Triangle({ t: 0.003 }) });
      n.probe(e, { synapse: 0.005 });
      n.probe(e, { sampleEvery: 0.003 });
    }, new LIF());
    const c = caseOf(net, "inference", { nSteps: 20 });
    const whole = forward(opsRunner(c), c);
    const runner = opsRunner(c);
    const parts = tf.tidy(() => {
      const { batch, parameters = [] } = c;
      const full = numbersFor(c).feeds.map(([data, shape]) => tf.tensor(data, shape));
      let states: tf.Tensor[] = [];
      const rows: number[][][] = [];
      let step = 0;
      for (const nSteps of [1, 7, 12]) {
        const given = full.map((t) => tf.slice(t, [0, step, 0], [batch, nSteps, t.shape[2]!]));
        const blocks = parameters.map((p) => tf.tensor1d(Float32Array.from(p.initial!)));
        const out = runner({ feeds: given, blocks, states }, { batch, nSteps, step });
        states = out.states;
        out.records.forEach((t, k) => (rows[k] ??= []).push([...t.dataSync()]));
        step += nSteps;
      }
      return { rows, states: states.map((t) => [...t.dataSync()]) };
    });
    expectNear(parts.states, whole.states, 1e-5, "state");
    const counts = parts.rows.map((list) => list.map((r) => r.length));
    expect(counts.map((list) => list.reduce((a, b) => a + b, 0))).to.deep.equal(whole.records.map((r) => r.length));
  });

  it("gradients with respect to states at the start, of states at the end", () => {
    const net = small((n, _u, e) => {
      n.connect(e, e, { synapse: 0.01 });
      n.probe(e, { synapse: 0.005 });
    });
    const c = caseOf(net, "training", { nSteps: 8, ownStart: false });
    const updated = new Set(c.program.operators.flatMap((op) => accesses(op).updates.map((u) => u.signal)));
    const states = c.states!.filter((s) => updated.has(s));
    expect(states.length).to.be.above(1);
    expectSameGradientsOf({ ...c, states });
  });
});
