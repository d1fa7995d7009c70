/**
 * `node dist/bench/large.js [ENSEMBLES ...] [--neurons 100] [--wiring node|chain|hub] [--engine auto] [--dtype float64] [--steps 0]`: seconds and memory
 * of networks of many ensembles, each decoded into one Node (`node`), into the next one (`chain`), or into a Node that feeds all of them (`hub`).
 * Without steps the parts of building are timed; with steps a Simulator is made and run. Peaks are those of the process so far: ask for
 * ascending numbers of ensembles.
 */
import { parseArgs } from "node:util";
import * as nengo from "tfjs-nengo";
import { table } from "tfjs-nengo/node";
import { buildNetwork } from "../src/build/build.ts";
import { planProgram } from "../src/plan/plan.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    neurons: { type: "string", default: "100" },
    wiring: { type: "string", default: "node" },
    engine: { type: "string", default: "auto" },
    dtype: { type: "string", default: "float64" },
    steps: { type: "string", default: "0" },
  },
});

function network(count: number): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.5 }));
  const output = net.node({ sizeIn: 1 });
  const chained = values.wiring === "chain";
  const share = 1 / count;
  let last: nengo.Ensemble | null = null;
  for (let k = 0; k < count; k++) {
    const ensemble = net.ensemble(Number(values.neurons), 1);
    if (chained && last !== null) net.connect(last, ensemble);
    else net.connect(input, ensemble, { synapse: null });
    if (!chained) net.connect(ensemble, output, { transform: share });
    if (values.wiring === "hub") net.connect(output, ensemble, { transform: 0.5 });
    last = ensemble;
  }
  if (chained) net.connect(last!, output);
  net.probe(output, { sampleEvery: 0.1 });
  return net;
}

const MEBIBYTE = 2 ** 20;
const kept = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MEBIBYTE;
};
const peak = (): number => process.resourceUsage().maxRSS / 1024;

/** Seconds since the last call: by the clock, and of the processor (the engine has one thread, the collector of garbage others). */
function stopwatch(): () => [number, number] {
  let [clock, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const used = process.cpuUsage(cpu);
    const lap: [number, number] = [(performance.now() - clock) / 1000, (used.user + used.system) / 1e6];
    [clock, cpu] = [performance.now(), process.cpuUsage()];
    return lap;
  };
}

/** Seconds of the parts of a build. */
function stages(count: number): (string | number)[] {
  const lap = stopwatch();
  const net = network(count);
  const times = [lap()];
  const built = buildNetwork(net, { seed: 1 });
  times.push(lap());
  const program = built.program("inference");
  times.push(lap());
  const plan = planProgram(program);
  times.push(lap());
  return [count, program.operators.length, plan.groups.length, ...times.map(([, cpu]) => cpu), kept(), peak()];
}

async function simulated(count: number, steps: number): Promise<(string | number)[]> {
  const lap = stopwatch();
  const net = network(count);
  const options = { engine: values.engine, dtype: values.dtype, progressBar: false } as nengo.SimulatorOptions;
  const sim = new nengo.Simulator(net, options);
  const build = lap();
  const built = peak();
  await sim.runSteps(steps);
  const run = lap();
  const row = [count, sim.report.engine, steps, ...build, ...run, (run[1] * 1e9) / (steps * count * Number(values.neurons)), built, peak()];
  sim.close();
  return row;
}

const steps = Number(values.steps);
const rows: (string | number)[][] = [];
for (const count of positionals.length > 0 ? positionals.map(Number) : [1000, 10_000])
  rows.push(steps > 0 ? await simulated(count, steps) : stages(count));
const memory = ["peak, MiB"];
console.log(
  steps > 0
    ? table(
        [
          "ensembles",
          "engine",
          "steps",
          "build, s",
          "build, CPU s",
          "run, s",
          "run, CPU s",
          "ns a neuron and step",
          "peak of building, MiB",
          ...memory,
        ],
        rows,
        { digits: 3 },
      )
    : table(
        [
          "ensembles",
          "operators",
          "groups",
          "network, CPU s",
          "build, CPU s",
          "lower, CPU s",
          "plan, CPU s",
          "heap and arrays, MiB",
          ...memory,
        ],
        rows,
        { digits: 3 },
      ),
);
