import { expect } from "chai";
import { buildNetwork } from "../../src/build/build.ts";
import { WasmEngine } from "../../src/engines/wasm/engine.ts";
import { scaleEncoders } from "../../src/build/ensemble.ts";
import { Network, configure } from "../../src/network/index.ts";
import { Direct, LIFRate } from "../../src/neurons/index.ts";
import { RandomState } from "../../src/math/random.ts";
import { WhiteNoise, WhiteSignal } from "../../src/processes/index.ts";
import { Process, type ProcessContext, type ProcessOptions, type ProcessStep } from "../../src/processes/process.ts";
import { LstsqL2, NoSolver } from "../../src/solvers/index.ts";
import { expectClose } from "../support/numbers.ts";
import { simulate } from "../support/simulate.ts";

describe("buildNetwork", () => {
  it("takes the seed of the network before the one given", () => {
    const build = (own: number | null, seed?: number): Float64Array => {
      const net = new Network({ seed: own });
      const a = net.ensemble(10, 2);
      return buildNetwork(net, seed === undefined ? {} : { seed }).ensembles.get(a)!.encoders.data;
    };
    expect(build(null, 3)).to.deep.equal(build(3));
    expect(build(3, 4)).to.deep.equal(build(3));
    expect(build(3)).not.to.deep.equal(build(4));
  });

  it("reports every object once", () => {
    const net = new Network({ seed: 0 });
    const sub = net.network();
    const [a, b] = [net.ensemble(5, 1), sub.ensemble(5, 1)];
    net.connect(a, b);
    sub.probe(b);
    net.node([1]);
    const seen: [number, number][] = [];
    buildNetwork(net, { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen).to.deep.equal([1, 2, 3, 4, 5].map((k) => [k, 5]));
  });

  it("draws the same whatever dt is, and each time it is done", () => {
    const net = new Network({ seed: 0 });
    const a = net.ensemble(10, 2, { noise: new WhiteNoise() });
    const c = net.connect(a, a);
    const [first, second, slow] = [buildNetwork(net), buildNetwork(net), buildNetwork(net, { dt: 0.01 })];
    for (const other of [second, slow]) {
      expect(other.ensembles.get(a)).to.deep.equal(first.ensembles.get(a));
      expect(other.connections.get(c)!.weights).to.deep.equal(first.connections.get(c)!.weights);
    }
    expect(slow.dt).to.equal(0.01);
  });

  it("lists parameters with their owners, and what may train", () => {
    const net = new Network({ seed: 0 });
    const a = net.ensemble(6, 2, { label: "a" });
    const input = net.node([1, 2], { label: "in" });
    const frozen = net.connect(input, a, { transform: 2, label: "frozen" });
    const decoded = net.connect(a, a, { label: "decoded" });
    net.connect(input, net.node({ sizeIn: 2 }), { synapse: null });
    const probe = net.probe(a, { label: "p" });
    configure(frozen, { trainable: false });
    const { parameters } = buildNetwork(net);
    expect(parameters.map(({ role, owner, path, signal }) => [role, owner, path, signal.trainable])).to.deep.equal([
      ["scaledEncoders", a, 'Ensemble "a"', true],
      ["bias", a, 'Ensemble "a"', true],
      ["weights", frozen, 'Connection "frozen"', false],
      ["weights", decoded, 'Connection "decoded"', true],
      ["weights", probe, 'Probe "p"', false],
    ]);
  });

  it("has input Nodes and probes by slot, and the shape of what probes record", () => {
    const net = new Network({ seed: 0 });
    const [constant, process, fn] = [net.node([1, 2]), net.node(new WhiteSignal({ period: 1, high: 5 })), net.node((t) => t)];
    const relay = net.node({ sizeIn: 2 });
    const silent = net.node(() => undefined);
    const scaled = net.connect(constant, relay, { transform: 3 });
    const diagonal = net.connect(constant, relay, { transform: [1, 2] });
    const a = net.ensemble(4, 2);
    const probes = [
      net.probe(a),
      net.probe(a, { attribute: "scaledEncoders" }),
      net.probe(a.neurons.slice(0, 3)),
      net.probe(scaled, { attribute: "weights" }),
      net.probe(diagonal, { attribute: "weights" }),
      net.probe(relay.at(1), { synapse: 0.1 }),
    ];
    const built = buildNetwork(net);
    expect([constant, process, fn, relay, silent].map((node) => built.inputs.has(node))).to.deep.equal([true, true, true, false, false]);
    expect(new Set([...built.inputs.values()].map(({ slot }) => slot)).size).to.equal(3);
    expect(probes.map((p) => built.probes.get(p)!.shape)).to.deep.equal([[2], [4, 2], [3], [], [2], [1]]);
    expect(new Set([...built.probes.values()].map(({ slot }) => slot)).size).to.equal(probes.length);
  });

  it("has the weights of connections as they are applied, and none where nothing is", () => {
    const net = new Network({ seed: 0 });
    const input = net.node([0.5, -1]);
    const relay = net.node({ sizeIn: 2 });
    const [none, scaled, diagonal, matrix] = [
      net.connect(input, relay),
      net.connect(input, relay, { transform: 3 }),
      net.connect(input, relay, { transform: [1, 2] }),
      net.connect(input, relay, {
        transform: [
          [1, 2],
          [3, 4],
        ],
      }),
    ];
    const probes = [scaled, diagonal, matrix].map((connection) => net.probe(connection, { attribute: "weights" }));
    const filtered = net.probe(diagonal, { attribute: "weights", synapse: 0 });
    const { built, data } = simulate(net, { nSteps: 2 });
    expect(built.connections.get(none)).to.deep.equal({ weights: null, evalPoints: null, solverInfo: null });
    expect(built.connections.get(matrix)!.weights).to.deep.equal({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
    expect(probes.map((p) => Array.from(data(p).data))).to.deep.equal([
      [3, 3],
      [1, 2, 1, 2],
      [1, 2, 3, 4, 1, 2, 3, 4],
    ]);
    expect(probes.map((p) => data(p).shape)).to.deep.equal([[2], [2, 2], [2, 2, 2]]);
    expect(data(filtered)).to.deep.equal({ shape: [2, 2], data: Float64Array.of(0, 0, 1, 2) });
  });

  it("solves nothing where the decoders are known", () => {
    const net = new Network({ seed: 0 });
    const a = net.ensemble(3, 1, { neuronType: new LIFRate() });
    const relay = net.node({ sizeIn: 2 });
    const known = net.connect(a, relay, {
      function: (x) => [x[0], 1],
      solver: new NoSolver({
        values: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      }),
      transform: [
        [2, 0],
        [0, 1],
      ],
    });
    const { weights, evalPoints } = buildNetwork(net).connections.get(known)!;
    expect(weights).to.deep.equal({ shape: [2, 3], data: Float64Array.of(2, 6, 10, 2, 4, 6) });
    expect(evalPoints).to.equal(null);
  });

  it("computes functions from Direct ensembles exactly, at every step", () => {
    const net = new Network({ seed: 0 });
    const input = net.node((t) => [t, -t]);
    const direct = net.ensemble(10, 2, { neuronType: new Direct(), radius: 3 });
    net.connect(input, direct, { synapse: null });
    const relay = net.node({ sizeIn: 1 });
    net.connect(direct.at(1), relay, { function: (x) => Math.exp(x[0]), synapse: null });
    const p = net.probe(relay);
    const { built, data } = simulate(net, { nSteps: 5 });
    expectClose(
      data(p).data,
      [1, 2, 3, 4, 5].map((k) => Math.exp(-k * 0.001)),
      1e-15,
    );
    expect(built.ensembles.get(direct)).to.include({ gain: null, bias: null });
  });

  it("gives processes the input of the same step, and makes them anew for every run", () => {
    class Sum extends Process {
      static override readonly type: string = "Sum";
      constructor(options: ProcessOptions) {
        super(options, { sizeIn: 1 });
      }
      override makeStep({ sizeIn, sizeOut, rng }: ProcessContext): ProcessStep {
        const start = rng.randint(0, 10);
        let sum = 0;
        return (t, x) => {
          sum += x[0];
          seen.push([sizeIn, sizeOut, Math.round(t * 1000), x[0], start]);
          return sizeOut === 0 ? [] : [sum];
        };
      }
    }
    const seen: number[][] = [];
    const net = new Network({ seed: 0 });
    const input = net.node((t) => Math.round(1000 * t));
    const [sum, sink] = [net.node(new Sum({ seed: 1 })), net.node(new Sum({ seed: 2, defaultSizeOut: 0 }))];
    net.connect(input, sum, { synapse: null });
    net.connect(sum, sink, { synapse: null });
    const p = net.probe(sum);
    const { data, rerun } = simulate(net, { nSteps: 4, engine: new WasmEngine() });
    expect(Array.from(data(p).data)).to.deep.equal([1, 3, 6, 10]);
    const [a, b] = [1, 2].map((seed) => new RandomState(seed).randint(0, 10)) as [number, number];
    const calls = [1, 2, 3, 4].flatMap((k) => [
      [1, 1, k, k, a],
      [1, 0, k, (k * (k + 1)) / 2, b],
    ]);
    expect(seen).to.deep.equal(calls);
    rerun(5);
    expect(Array.from(data(p).data)).to.deep.equal([1, 3, 6, 10]);
    expect(seen).to.deep.equal([...calls, ...calls]);
  });

  it("feeds a process that needs no input into a Node that has one", () => {
    const signal = new WhiteSignal({ period: 1, high: 5, seed: 3 });
    const net = new Network({ seed: 0 });
    const [alone, fed] = [net.node(signal), net.node(signal, { sizeIn: 2 })];
    net.connect(net.node([1, 2]), fed, { synapse: null });
    const [p, q] = [net.probe(alone), net.probe(fed)];
    const { data } = simulate(net, { nSteps: 20 });
    expect(data(q)).to.deep.equal(data(p));
  });

  it("builds a network without objects", () => {
    const { built, executable, state } = simulate(new Network({ seed: 0 }), { nSteps: 3 });
    expect(built.stepOrder.map(({ label }) => label)).to.deep.equal(["TimeUpdate"]);
    expect([executable.plan.groups.length, state.step]).to.deep.equal([1, 3]);
  });

  it("runs rates in training, with the same parameters and streams", () => {
    const net = new Network({ seed: 0 });
    const a = net.ensemble(50, 1);
    net.connect(net.node([0.4]), a, { synapse: null });
    const [p, neurons] = [net.probe(a), net.probe(a.neurons)];
    const [spikes, rates] = [simulate(net, { nSteps: 500 }), simulate(net, { nSteps: 500, phase: "training" })];
    const decoded = rates.data(p).data;
    expect(decoded.every((v) => v === decoded[0])).to.equal(true);
    expect(decoded[0]).to.be.closeTo(0.4, 0.05);
    expect(new Set(spikes.data(neurons).data)).to.deep.equal(new Set([0, 1000]));
    const mean = (i: number): number => spikes.data(neurons).data.reduce((sum, v, k) => sum + (k % 50 === i ? v / 500 : 0), 0);
    const constant = rates.data(neurons).data;
    for (let i = 0; i < 50; i++) expect(mean(i)).to.be.closeTo(constant[i], 2.01);
  });

  it("solves weights that are the decoders seen through the encoders", () => {
    const net = new Network({ seed: 0 });
    const [a, b] = [net.ensemble(20, 2), net.ensemble(15, 3)];
    const transform = [
      [1, 0],
      [0.5, 2],
      [0, -1],
    ];
    const [full, decoders] = [
      net.connect(a, b, { transform, solver: new LstsqL2({ weights: true }), seed: 1 }),
      net.connect(a, b, { transform, seed: 1 }),
    ];
    const { connections, ensembles } = buildNetwork(net);
    const [w, d] = [connections.get(full)!.weights!, connections.get(decoders)!.weights!];
    const { scaledEncoders } = ensembles.get(b)!;
    expect([w.shape, d.shape]).to.deep.equal([
      [15, 20],
      [3, 20],
    ]);
    for (let i = 0; i < 15; i++) {
      for (let j = 0; j < 20; j++) {
        const product = [0, 1, 2].reduce((sum, k) => sum + scaledEncoders.data[i * 3 + k] * d.data[k * 20 + j], 0);
        expect(w.data[i * 20 + j]).to.be.closeTo(product, 1e-12);
      }
    }
  });

  it("scales encoders by gain and radius", () => {
    const encoders = { shape: [2, 2], data: Float64Array.of(1, 0, 0.6, 0.8) };
    expect(scaleEncoders(encoders, { shape: [2], data: Float64Array.of(4, 10) }, 2).data).to.deep.equal(Float64Array.of(2, 0, 3, 4));
    expect(scaleEncoders(encoders, null, 2)).to.equal(encoders);
  });
});
