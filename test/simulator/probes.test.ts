import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectClose, expectSame } from "../support/numbers.ts";
import { chain, errorOf, values } from "./support.ts";

describe("Simulator.data of Probes", () => {
  it("has the shape of what is probed", async () => {
    const net = new nengo.Network({ seed: 5 });
    const input = net.node((t) => [Math.sin(9 * t), 0.3]);
    const a = net.ensemble(7, 2);
    const b = net.ensemble(4, 2);
    net.connect(input, a);
    const connection = net.connect(a, b, { transform: 0.5 });
    const shapes: [nengo.Probe, number[]][] = [
      [net.probe(a), [2]],
      [net.probe(a.at(1)), [1]],
      [net.probe(a.neurons), [7]],
      [net.probe(a.neurons.slice(2, 5), { attribute: "voltage" }), [3]],
      [net.probe(a.neurons, { attribute: "input" }), [7]],
      [net.probe(input), [2]],
      [net.probe(connection), [2]],
      [net.probe(connection, { attribute: "weights" }), [2, 7]],
      [net.probe(a, { attribute: "scaledEncoders" }), [7, 2]],
    ];
    const [single, batch] = [new nengo.Simulator(net), new nengo.Simulator(net, { minibatchSize: 2 })];
    await single.runSteps(3);
    await batch.runSteps(2);
    await batch.runSteps(1);
    for (const [probe, shape] of shapes) {
      expect(single.data.get(probe).shape, String(probe)).to.deep.equal([3, ...shape]);
      expect(batch.data.get(probe).shape, String(probe)).to.deep.equal([2, 3, ...shape]);
      for (const item of [0, 1]) expectSame(batch.data.get(probe).item(item).data, single.data.get(probe).data);
    }
  });

  it("of weights and encoders are what the simulator built, [steps, post, pre], every step", async () => {
    const net = new nengo.Network({ seed: 6 });
    const [a, b] = [net.ensemble(5, 2, { label: "a" }), net.ensemble(6, 3, { label: "b" })];
    const connection = net.connect(a, b, { function: (x) => [x[0], x[1], x[0] * x[1]] });
    const matrix = net.connect(a.neurons, b.neurons, {
      transform: Array.from({ length: 6 }, (_, i) => Array.from({ length: 5 }, (_, j) => i * 5 + j)),
    });
    const decoders = net.probe(connection, { attribute: "weights" });
    const weights = net.probe(matrix, { attribute: "weights", sampleEvery: 0.002 });
    const encoders = net.probe(b, { attribute: "scaledEncoders" });
    const sim = new nengo.Simulator(net);
    await sim.runSteps(4);
    const repeat = (data: ArrayLike<number>, times: number): number[] => Array.from({ length: times }, () => Array.from(data)).flat();
    expect(sim.data.get(decoders).shape).to.deep.equal([4, 3, 5]);
    expectSame(sim.data.get(decoders).data, repeat(sim.data.get(connection).weights!.data, 4));
    expect(sim.data.get(weights).shape).to.deep.equal([2, 6, 5]);
    expectSame(
      sim.data.get(weights).data,
      repeat(
        Array.from({ length: 30 }, (_, k) => k),
        2,
      ),
    );
    expect(sim.data.get(encoders).shape).to.deep.equal([4, 6, 3]);
    expectSame(sim.data.get(encoders).data, repeat(sim.data.get(b).scaledEncoders.data, 4));
    expect((sim.data.get(weights).toArray() as number[][][])[1][2][3]).to.equal(13);
  });

  it("keeps every so many steps of a longer interval", async () => {
    const { net, input, out } = chain();
    const every = net.probe(input, { sampleEvery: 0.0025 });
    const all = net.probe(input);
    const filtered = net.probe(out, { synapse: 0.01, sampleEvery: 0.005 });
    const sim = new nengo.Simulator(net, { minibatchSize: 2 });
    await sim.runSteps(7);
    await sim.runSteps(13);
    const rows = [3, 5, 8, 10, 13, 15, 18, 20];
    expect(sim.data.get(every).shape).to.deep.equal([2, 8, 1]);
    for (const item of [0, 1]) {
      const dense = sim.data.get(all).item(item).data;
      expectSame(
        sim.data.get(every).item(item).data,
        rows.map((k) => dense[k - 1]),
      );
    }
    expect(sim.data.get(filtered).shape).to.deep.equal([2, 4, 1]);
  });

  it("may be sampled so seldom that there are no rows", async () => {
    const { net, input } = chain();
    const seldom = net.probe(input, { sampleEvery: 1 });
    const sim = new nengo.Simulator(net, { minibatchSize: 2 });
    await sim.runSteps(7);
    expect(sim.data.get(seldom).shape).to.deep.equal([2, 0, 1]);
  });

  it("become float32 tensors that are the caller's", async () => {
    await tf.setBackend("cpu");
    const { net, probe } = chain();
    const sim = new nengo.Simulator(net);
    await sim.runSteps(6);
    const before = tf.memory().numTensors;
    const tensor = sim.data.get(probe).tensor();
    expect([tensor.shape, tensor.dtype, tf.memory().numTensors - before]).to.deep.equal([[6, 1], "float32", 1]);
    expectSame(tensor.dataSync(), Float32Array.from(values(sim.data.get(probe))));
    tensor.dispose();
  });

  it("lets several probes see one object", async () => {
    const { net, out } = chain();
    const [raw, smooth] = [net.probe(out), net.probe(out, { synapse: 0.05 })];
    const sim = new nengo.Simulator(net);
    await sim.runSteps(30);
    // A lowpass is updated at the end of a step, so what is seen is a step late.
    const decay = Math.exp(-0.001 / 0.05);
    let y = 0;
    const wanted = values(sim.data.get(raw)).map((x) => {
      const seen = y;
      y = decay * y + (1 - decay) * x;
      return seen;
    });
    expectClose(sim.data.get(smooth).data, wanted, 1e-12);
  });
});

describe("Simulator.data of ensembles and connections", () => {
  it("has what was drawn and solved", () => {
    const net = new nengo.Network({ seed: 8 });
    const a = net.ensemble(9, 2, { radius: 2 });
    const b = net.ensemble(5, 1);
    const connection = net.connect(a, b, { function: (x) => x[0] * x[1] });
    const plain = net.connect(net.node(0), b);
    const sim = new nengo.Simulator(net);
    const { encoders, scaledEncoders, gain, bias, evalPoints, maxRates, intercepts } = sim.data.get(a);
    expect([encoders.shape, scaledEncoders.shape, gain!.shape, bias!.shape, maxRates!.shape, intercepts!.shape]).to.deep.equal([
      [9, 2],
      [9, 2],
      [9],
      [9],
      [9],
      [9],
    ]);
    expect(evalPoints.shape[1]).to.equal(2);
    expectClose(
      scaledEncoders.data,
      encoders.data.map((e, k) => (e * gain!.data[Math.floor(k / 2)]) / 2),
      1e-12,
    );
    for (let n = 0; n < 9; n++) {
      expect(Math.hypot(encoders.data[2 * n], encoders.data[2 * n + 1])).to.be.closeTo(1, 1e-12);
      expect(maxRates!.data[n]).to.be.within(200, 400);
      expect(intercepts!.data[n]).to.be.within(-1, 0.9);
    }
    const { weights, evalPoints: points, solverInfo } = sim.data.get(connection);
    expect(weights!.shape).to.deep.equal([1, 9]);
    expect(points!.shape).to.deep.equal(evalPoints.shape);
    expect(solverInfo).to.be.an("object");
    expect(sim.data.get(plain)).to.deep.equal({ weights: null, evalPoints: null, solverInfo: null });
  });

  it("has neither gains nor biases in Direct mode, only the rates and intercepts that are drawn all the same", () => {
    const net = new nengo.Network({ seed: 8 });
    const a = net.ensemble(1, 1, { neuronType: new nengo.Direct() });
    const { gain, bias, maxRates, intercepts } = new nengo.Simulator(net).data.get(a);
    expect([gain, bias, maxRates!.shape, intercepts!.shape]).to.deep.equal([null, null, [1], [1]]);
  });

  it("tells gains and biases that were given in Direct mode, as Nengo does, and does not use them", async () => {
    const net = new nengo.Network({ seed: 0 });
    const options = { neuronType: new nengo.Direct(), radius: 2 };
    const fixed = net.ensemble(3, 2, { ...options, gain: [2, 3, 4], bias: [1, 2, 3] });
    const drawn = net.ensemble(3, 2, {
      ...options,
      gain: new nengo.Uniform({ low: 1, high: 2 }),
      bias: new nengo.Uniform({ low: 1, high: 2 }),
    });
    net.connect(net.node([0.5, -0.25]), fixed, { synapse: null });
    const probe = net.probe(fixed);
    const sim = new nengo.Simulator(net, { progressBar: false });
    const { gain, bias, maxRates, intercepts, encoders, scaledEncoders } = sim.data.get(fixed);
    expect([gain!.data, bias!.data]).to.deep.equal([Float64Array.of(2, 3, 4), Float64Array.of(1, 2, 3)]);
    expect([maxRates, intercepts]).to.deep.equal([null, null]);
    expect([encoders.data, scaledEncoders.data]).to.deep.equal([Float64Array.of(1, 0, 0, 1), Float64Array.of(1, 0, 0, 1)]);
    // By Python Nengo 4.1.0.
    expectClose(sim.data.get(drawn).gain!.data, [1.1850712550233238, 1.5136574888921768, 1.743769092278327], 1e-15);
    expectClose(sim.data.get(drawn).bias!.data, [1.5207666889760976, 1.5918596537951148, 1.9846712102568937], 1e-15);
    await sim.run(0.002);
    expect(Array.from(sim.data.get(probe).data.slice(2))).to.deep.equal([0.5, -0.25]);
  });

  it("refuses what it does not hold", async () => {
    const sim = new nengo.Simulator(chain().net);
    for (const [object, got] of [
      [chain().probe, 'Probe "out"'],
      [chain().ensemble, 'Ensemble "square"'],
      [chain().input, 'Node "in"'],
      ["out", '"out"'],
    ] as const) {
      const error = await errorOf(nengo.ValidationError, () => sim.data.get(object as never));
      expect(error.message).to.equal(`Simulator.data: expected a Probe, Ensemble or Connection of the simulated network, got ${got}.`);
    }
  });
});
