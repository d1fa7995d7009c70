import * as nengo from "../../src/index.ts";
import { linePlot, type Series } from "../../src/node/index.ts";

const SIZE = { width: 640, height: 260 };
const grid = (low: number, high: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));

const simulated = async (net: nengo.Network, seconds: number): Promise<nengo.Simulator> => {
  const sim = new nengo.Simulator(net, { progressBar: false, engine: "reference" });
  await sim.run(seconds);
  return sim;
};

/** Every `every`-th row of a column. */
const column = (data: ArrayLike<number>, size: number, c: number, every = 1): number[] =>
  Array.from({ length: Math.ceil(data.length / size / every) }, (_, k) => data[k * every * size + c]);

function neurons(): string {
  const J = grid(-1, 4, 101);
  const types = [
    new nengo.LIF(),
    new nengo.SoftLIFRate(),
    new nengo.RectifiedLinear({ amplitude: 30 }),
    new nengo.LeakyReLU({ amplitude: 30 }),
    new nengo.Sigmoid(),
    new nengo.Tanh(),
  ];
  const series = types.map((type) => ({ label: type.type, x: J, y: type.rates(J) }));
  return linePlot({
    title: "Rates at constant currents (rectified: amplitude 30)",
    xLabel: "current J",
    yLabel: "rate (Hz)",
    series,
    ...SIZE,
  });
}

function synapses(): string {
  const steps = 60;
  const impulse = Float64Array.from({ length: steps }, (_, k) => (k === 0 ? 1000 : 0));
  const t = grid(0.001, 0.06, steps);
  const all = [
    new nengo.Lowpass({ tau: 0.01 }),
    new nengo.Alpha({ tau: 0.01 }),
    new nengo.Triangle({ t: 0.03 }),
    new nengo.LinearFilter({ num: [1], den: [0.0001, 0.004, 1] }),
  ];
  const labels = ["Lowpass, 0.01 s", "Alpha, 0.01 s", "Triangle, 0.03 s", "LinearFilter, an oscillation"];
  const series = all.map((synapse, k) => ({ label: labels[k], x: t, y: synapse.filt(impulse).data }));
  return linePlot({ title: "Answers to an impulse", xLabel: "time (s)", yLabel: "1/s", series, ...SIZE });
}

function processes(): string {
  const t = grid(0.004, 1, 250);
  const all: readonly (readonly [string, nengo.Process])[] = [
    ["WhiteSignal, up to 5 Hz", new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.5, seed: 0 })],
    [
      "FilteredNoise, Lowpass 0.05 s",
      new nengo.FilteredNoise({ synapse: new nengo.Lowpass({ tau: 0.05 }), dist: new nengo.Gaussian({ mean: 0, std: 0.2 }), seed: 1 }),
    ],
    ["BrownNoise", new nengo.BrownNoise({ seed: 3 })],
    [
      "Piecewise, cubic",
      new nengo.Piecewise({ data: [0, 0.3, 0.6, 1].map((time, k) => [time, [-1, 0.8, 0.2, 1.2][k]] as const), interpolation: "cubic" }),
    ],
  ];
  const series = all.map(([label, process]) => ({ label, x: t, y: column(process.run(1).data, 1, 0, 4) }));
  return linePlot({ title: "A second of four processes", xLabel: "time (s)", series, ...SIZE });
}

function solvers(): string {
  const x = grid(-1, 1, 101);
  const all: readonly (readonly [string, nengo.Solver])[] = [
    ["LstsqL2", new nengo.LstsqL2()],
    ["LstsqL1, l1 0.003", new nengo.LstsqL1({ l1: 3e-3 })],
    ["LstsqDrop, half dropped", new nengo.LstsqDrop({ drop: 0.5 })],
    ["NnlsL2", new nengo.NnlsL2()],
  ];
  const net = new nengo.Network({ seed: 4 });
  const ensemble = net.ensemble(30, 1);
  const square = (v: Float64Array): number => v[0] ** 2;
  const connections = all.map(([, solver]) => net.connect(ensemble, net.node({ sizeIn: 1 }), { function: square, solver }));
  const sim = new nengo.Simulator(net, { progressBar: false });
  const points = { shape: [101, 1], data: x };
  const series: Series[] = connections.map((connection, k) => {
    const { decoded } = nengo.evalPointDecoding(connection, sim, points);
    const zeros = sim.data.get(connection).weights!.data.filter((w) => w === 0).length;
    return { label: `${all[k][0]} (${30 - zeros} of 30 neurons)`, x, y: decoded.data };
  });
  series.push({ label: "x squared", x, y: x.map((v) => v * v), color: "#999", dash: "5 3" });
  return linePlot({ title: "A square decoded from 30 neurons", xLabel: "x", series, ...SIZE, height: 300 });
}

async function learningRules(): Promise<string> {
  const lesson = (learningRuleType: nengo.PES | nengo.RLS): { net: nengo.Network; off: nengo.Probe } => {
    const net = new nengo.Network({ seed: 3 });
    const wave = net.node((t) => Math.sin(2 * Math.PI * t));
    const [pre, post] = [net.ensemble(60, 1), net.ensemble(60, 1)];
    const error = net.node({ sizeIn: 1 });
    net.connect(wave, pre);
    const learned = net.connect(pre, post, { function: () => 0, learningRuleType });
    net.connect(post, error);
    net.connect(pre, error, { function: (v) => v[0] ** 2, transform: -1 });
    net.connect(error, learned.learningRule as nengo.LearningRule);
    return { net, off: net.probe(error, { synapse: 0.1, sampleEvery: 0.02 }) };
  };
  const rules = [new nengo.PES({ learningRate: 2e-4 }), new nengo.RLS({ learningRate: 1e-3 })];
  const series: Series[] = [];
  for (const rule of rules) {
    const { net, off } = lesson(rule);
    const sim = await simulated(net, 4);
    series.push({
      label: `${rule.type}, rate ${rule.learningRate}`,
      x: sim.trange({ sampleEvery: 0.02 }),
      y: column(sim.data.get(off).data, 1, 0),
    });
  }
  return linePlot({ title: "Error of a square that is learned", xLabel: "time (s)", yLabel: "error", series, ...SIZE });
}

async function networks(): Promise<string> {
  const net = new nengo.Network({ seed: 2 });
  const utilities = net.node((t) => [0, 1, 2].map((k) => (Math.floor(t / 0.2) % 3 === k ? 0.9 : 0.5)));
  const ganglia = nengo.networks.basalGanglia(net, { dimensions: 3 });
  const thalamus = nengo.networks.thalamus(net, { dimensions: 3 });
  net.connect(utilities, ganglia.input, { synapse: null });
  net.connect(ganglia.output, thalamus.input);
  const chosen = net.probe(thalamus.output, { synapse: 0.01, sampleEvery: 0.004 });
  const sim = await simulated(net, 0.8);
  const t = sim.trange({ sampleEvery: 0.004 });
  const series = [0, 1, 2].map((c) => ({ label: `action ${c}`, x: t, y: column(sim.data.get(chosen).data, 3, c) }));
  return linePlot({
    title: "Basal ganglia and thalamus choose the largest of three utilities",
    xLabel: "time (s)",
    yLabel: "thalamus",
    series,
    ...SIZE,
  });
}

/** Plots by page. */
export const plots: Readonly<Record<string, () => string | Promise<string>>> = {
  neurons,
  synapses,
  processes,
  solvers,
  "learning-rules": learningRules,
  networks,
};
