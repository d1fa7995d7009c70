/**
 * `node dist/bench/curves.js [neurons synapses rate batch] [--engines auto] [--dtypes float64,float32] [--most 1e6]`: cost of a step against the
 * size of a network, as SVG plots and a table, with the machine's limits. Both axes are logarithms to base 10.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as nengo from "tfjs-nengo";
import { linePlot, savePlot, table, type Series } from "tfjs-nengo/node";
import { limits } from "./limits.ts";
import { integrator } from "./workloads.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engines: { type: "string", default: "auto" },
    dtypes: { type: "string", default: "float64,float32" },
    most: { type: "string", default: "1e6" },
    out: { type: "string", default: "out/bench" },
  },
});
const most = Number(values.most);

interface Curve {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly number[];
  /** The network at a point, items (0: no batch axis), and how many units a step does, by which the cost is divided. */
  readonly at: (x: number) => Point;
}

interface Point {
  readonly net: nengo.Network;
  readonly batch?: number;
  readonly units: number;
  /** Numbers that a step reads and writes at least, and multiplications and additions of products. */
  readonly moved: number;
  readonly flops: number;
}

/** Of a LIF neuron: current, voltage and refractory time are read, the last two and the output written. */
const OF_NEURON = 6;

const decades = (from: number, to: number, perDecade: number): number[] =>
  Array.from({ length: Math.round(perDecade * Math.log10(to / from)) + 1 }, (_, k) => Math.round(from * 10 ** (k / perDecade)));

/** Ensembles of 100 neurons, each decoded into one Node; decoders are given, since only the run is measured. */
function populations(neurons: number): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.5 }));
  const output = net.node({ sizeIn: 1 });
  const solver = new nengo.NoSolver({ values: Array.from({ length: 100 }, () => [1e-4]) });
  for (let k = 0; k < neurons / 100; k++) {
    const ensemble = net.ensemble(100, 1, { nEvalPoints: 1 });
    net.connect(input, ensemble, { synapse: null });
    net.connect(ensemble, output, { solver });
  }
  net.probe(output);
  return net;
}

/** Two populations of `n`, all to all, of which the first fires at a rate (Hz). */
function allToAll(n: number, rate: number): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const neuronType = new nengo.SpikingRectifiedLinear();
  const uneven = Array.from(new nengo.RandomState(1).uniforms(n, 0.5, 1.5), (v) => v * rate);
  const pre = net.ensemble(n, 1, { neuronType, gain: uneven.map(() => 1e-9), bias: uneven, nEvalPoints: 1 });
  const post = net.ensemble(n, 1, { nEvalPoints: 1 });
  const weights = Array.from(new nengo.RandomState(2).normals(n * n), (v) => v * 1e-5);
  net.connect(pre.neurons, post.neurons, { transform: Array.from({ length: n }, (_, i) => weights.slice(i * n, (i + 1) * n)) });
  net.probe(post.neurons.at(0));
  return net;
}

/** Share of the neurons that fire in a step of 1 ms: their columns of the weights are read. */
const fired = (rate: number): number => rate / 1000;

const curves: Readonly<Record<string, Curve>> = {
  neurons: {
    title: "Cost against neurons (LIF, ensembles of 100)",
    xLabel: "log10 neurons",
    yLabel: "log10 ns a neuron and step",
    points: decades(100, most, 2),
    at: (x) => ({ net: populations(x), units: x, moved: OF_NEURON * x, flops: 0 }),
  },
  synapses: {
    title: "Cost against synapses (all to all, 50 Hz)",
    xLabel: "log10 synapses",
    yLabel: "log10 ns a synapse and step",
    points: decades(1e4, Math.min(1.6e7, most * 16), 1.5),
    at: (x) => ({ net: allToAll(Math.round(Math.sqrt(x)), 50), units: x, moved: fired(50) * x, flops: 2 * fired(50) * x }),
  },
  rate: {
    title: "Cost against firing rate (2000 x 2000, all to all)",
    xLabel: "log10 rate (Hz)",
    yLabel: "log10 µs a step",
    points: [1, 3, 10, 30, 100, 300, 1000],
    at: (x) => ({ net: allToAll(2000, x), units: 1000, moved: fired(x) * 4e6, flops: 2 * fired(x) * 4e6 }),
  },
  batch: {
    title: "Cost against items (integrator, 16 x 50)",
    xLabel: "log10 items",
    yLabel: "log10 ns a neuron, item and step",
    points: [1, 2, 4, 8, 16, 32, 64, 128],
    at: (x) => ({ net: integrator(16, 50).net, batch: x, units: 800 * x, moved: OF_NEURON * 800 * x, flops: 0 }),
  },
};

/** Nanoseconds of a step: the best of some runs of about 0.3 s, after one for warming up. */
async function nanoseconds(sim: nengo.Simulator): Promise<number> {
  const of = async (steps: number): Promise<number> => {
    const start = performance.now();
    await sim.runSteps(steps, { onChunk: () => undefined });
    return ((performance.now() - start) * 1e6) / steps;
  };
  await of(20);
  const once = await of(20);
  const steps = Math.max(3, Math.min(5000, Math.round(3e8 / once)));
  return Math.min(once, await of(steps), await of(steps));
}

const machine = limits();
mkdirSync(values.out, { recursive: true });
const all: Record<string, object> = { machine };
console.log(
  `copy ${(machine.copy / 1e9).toFixed(1)} GB/s, triad ${(machine.triad / 1e9).toFixed(1)} GB/s; ` +
    `SIMD ${(machine.flops64 / 1e9).toFixed(1)} GFLOP/s float64, ${(machine.flops32 / 1e9).toFixed(1)} float32`,
);
for (const name of positionals.length > 0 ? positionals : Object.keys(curves)) {
  const { title, xLabel, yLabel, points, at } = curves[name];
  const series: Series[] = [];
  const rows: (string | number)[][] = [];
  for (const engine of values.engines.split(",")) {
    for (const dtype of values.dtypes.split(",")) {
      const costs: number[] = [];
      let ran = engine;
      for (const x of points) {
        const { net, batch = 0, units, moved, flops } = at(x);
        const options = { engine, dtype, minibatchSize: batch === 0 ? null : batch, progressBar: false } as nengo.SimulatorOptions;
        const start = performance.now();
        const sim = new nengo.Simulator(net, options);
        const build = (performance.now() - start) / 1000;
        ran = sim.report.engine;
        const step = await nanoseconds(sim);
        sim.close();
        costs.push(step / units);
        const bytes = dtype === "float64" ? 8 : 4;
        const peak = dtype === "float64" ? machine.flops64 : machine.flops32;
        const part = (needed: number, perSecond: number): string =>
          needed === 0 ? "-" : `${((100 * needed * 1e9) / step / perSecond).toFixed(1)} %`;
        rows.push([ran, dtype, x, build, step / 1000, step / units, part(bytes * moved, machine.triad), part(flops, peak)]);
      }
      series.push({ label: `${ran} ${dtype}`, x: points.map(Math.log10), y: costs.map(Math.log10) });
    }
  }
  console.log(`\n${title}`);
  console.log(
    table(
      [
        "engine",
        "dtype",
        xLabel.replace("log10 ", ""),
        "build, s",
        "µs a step",
        yLabel.replace("log10 ", ""),
        "of bandwidth",
        "of SIMD peak",
      ],
      rows,
    ),
  );
  all[name] = { title, columns: ["engine", "dtype", "x", "build", "microseconds", "cost", "ofBandwidth", "ofPeak"], rows };
  console.log(savePlot(`${values.out}/${name}.svg`, linePlot({ title, xLabel, yLabel, series })));
}
writeFileSync(`${values.out}/curves.json`, JSON.stringify(all, null, 2));
