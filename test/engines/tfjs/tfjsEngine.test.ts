import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../../src/index.ts";
import { errorOf } from "../../simulator/support.ts";

/** A network with learning, noise, a user's function and probes that record seldom. */
function mixed() {
  const net = new nengo.Network({ seed: 5 });
  const u = net.node((t: number) => Math.sin(40 * t));
  const a = net.ensemble(15, 1, { neuronType: new nengo.LIFRate() });
  const b = net.ensemble(12, 1, { neuronType: new nengo.LIFRate(), noise: new nengo.WhiteNoise({ scale: false }) });
  const f = net.node((_t, [x]) => x * x, { sizeIn: 1 });
  net.connect(u, a, { synapse: null });
  const learnt = net.connect(a, b, { function: () => [0], learningRuleType: new nengo.PES({ learningRate: 1e-3 }) });
  net.connect(u, learnt.learningRule as nengo.LearningRule, { transform: -1 });
  net.connect(b, f, { synapse: 0.01 });
  net.connect(f, a, { synapse: 0.005, transform: 0.3 });
  return { net, u, probes: [net.probe(b, { synapse: 0.01 }), net.probe(f), net.probe(a, { sampleEvery: 0.004 })] };
}

describe("a Simulator with the tfjs engine", () => {
  before(() => tf.setBackend("cpu"));

  for (const minibatchSize of [null, 3]) {
    it(`gives what the reference engine gives in float32${minibatchSize === null ? "" : ", an item each"}`, async () => {
      const { net, u, probes } = mixed();
      const before = tf.memory().numTensors;
      const [wanted, got] = await Promise.all(
        (["reference", "tfjs"] as const).map(async (engine) => {
          const sim = new nengo.Simulator(net, { engine, dtype: "float32", minibatchSize, progressBar: false });
          await sim.runSteps(7);
          // A run goes on where the one before ended, also with data instead of a Node's own output.
          const row = Array.from({ length: 9 }, (_, k) => [0.1 * k]);
          await sim.runSteps(9, { data: [[u, Array.from({ length: minibatchSize ?? 1 }, () => row)]] });
          sim.step();
          return probes.map((p) => sim.data.get(p));
        }),
      );
      expect(tf.memory().numTensors).to.equal(before);
      wanted.forEach(({ shape, data }, k) => {
        expect(got[k].shape).to.deep.equal(shape);
        expect(data.some((v) => v !== 0)).to.equal(true);
        data.forEach((v, i) => expect(got[k].data[i], `probe ${k}, ${i}`).to.be.closeTo(v, 1e-5 * Math.max(1, Math.abs(v))));
      });
    });
  }

  it("computes in float32 unless told otherwise, which it refuses, and says so", () => {
    const { net } = mixed();
    const sim = new nengo.Simulator(net, { engine: "tfjs", progressBar: false });
    expect([sim.dtype, sim.report.engine]).to.deep.equal(["float32", "tfjs"]);
    expect(sim.report.notes.join()).to.match(/the tfjs engine runs step by step in tf operations/);
    expect(() => new nengo.Simulator(net, { engine: "tfjs", dtype: "float64", progressBar: false })).to.throw(
      nengo.ValidationError,
      'Simulator.dtype: expected "float32" with the engine "tfjs", got "float64".',
    );
  });

  it("tells which operator made a value that is no number, without calling a user's function again", async () => {
    const net = new nengo.Network({ seed: 0 });
    const input = net.node(0);
    let calls = 0;
    const f = net.node((_t, [x]) => (calls++, x), { sizeIn: 1, label: "f" });
    net.connect(input, f, { synapse: null });
    const sum = net.node({ sizeIn: 1, label: "sum" });
    net.connect(f, sum, { synapse: null });
    net.connect(sum, sum, { synapse: 0.001, transform: 1e10 });
    net.probe(sum);
    const sim = new nengo.Simulator(net, { engine: "tfjs", minibatchSize: 3, progressBar: false });
    calls = 0;
    const data = [0, 0, 1e5].map((v) => Array.from({ length: 8 }, () => [v]));
    const error = await errorOf(nengo.SimulationError, () => sim.runSteps(8, { data: [[input, data]] }));
    expect(String(error)).to.match(/got Infinity in .* by step \d+ .*, item 2\./);
    expect(calls).to.equal(24);
    expect(sim.nSteps).to.equal(0);
  });

  it("fails with a user's function, told where and when, and leaves all as it was", async () => {
    const net = new nengo.Network({ seed: 0 });
    const failing = net.node((t: number) => {
      if (t > 0.0045) throw new Error("no more");
      return t;
    });
    const probe = net.probe(failing);
    const sim = new nengo.Simulator(net, { engine: "tfjs", progressBar: false });
    await sim.runSteps(2);
    const before = tf.memory().numTensors;
    const error = await errorOf(nengo.SimulationError, () => sim.runSteps(5));
    expect(String(error)).to.match(/at step 5 \(t = 0\.005 s\): a user's function threw Error: no more/);
    expect(tf.memory().numTensors).to.equal(before);
    expect([sim.nSteps, sim.data.get(probe).shape]).to.deep.equal([2, [2, 1]]);
  });

  it("runs around tensor nodes", async () => {
    const made = (loop: boolean) => {
      const net = new nengo.Network({ seed: 1 });
      const e = net.ensemble(10, 1, { neuronType: new nengo.LIFRate() });
      net.connect(
        net.node((t: number) => Math.sin(50 * t)),
        e,
        { synapse: null },
      );
      const node = nengo.tensorNode(net, (_t, x) => tf.mul(x, 2), { shapeIn: [1] });
      net.connect(e, node, { synapse: 0.01 });
      if (loop) net.connect(node, e, { synapse: 0.01 });
      return { net, probe: net.probe(node) };
    };
    for (const loop of [false, true]) {
      const data = await Promise.all(
        (["reference", "tfjs"] as const).map(async (engine) => {
          const { net, probe } = made(loop);
          const sim = new nengo.Simulator(net, { engine, dtype: "float32", progressBar: false });
          await sim.runSteps(6);
          return Array.from(sim.data.get(probe).data);
        }),
      );
      data[0].forEach((v, k) => expect(data[1][k]).to.be.closeTo(v, 1e-5));
    }
  });

  it("says so where a backend cannot be read at once", async () => {
    const cpu = tf.engine().backend;
    const deferred = new Proxy(cpu, {
      get: (target, key) => {
        if (key === "readSync")
          return () => {
            throw new Error("not now");
          };
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    tf.registerBackend("deferred", () => deferred);
    tf.copyRegisteredKernels("cpu", "deferred");
    const net = new nengo.Network({ seed: 0 });
    const u = net.node(0);
    const f = net.node((_t, [x]) => x, { sizeIn: 1, label: "f" });
    net.connect(u, f, { synapse: null });
    const layer = nengo.layers.network({ network: net, inputs: [u], outputs: [net.probe(f)] });
    try {
      await tf.setBackend("deferred");
      const x = tf.zeros([1, 4, 1]);
      expect(() => layer.apply(x)).to.throw(
        nengo.SimulationError,
        /Node "f".*: expected a backend whose values can be read at once, got deferred, which says: not now\. Use another backend/,
      );
    } finally {
      await tf.setBackend("cpu");
      tf.removeBackend("deferred");
    }
  });
});
