/**
 * `node dist/bench/large.js [ENSEMBLES ...] [--neurons 100] [--wiring node|chain] [--engine auto] [--steps 0]`: seconds and memory of building,
 * planning and preparing networks of many ensembles, each decoded into one Node (`node`) or into the next one (`chain`).
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
    steps: { type: "string", default: "0" },
  },
});

function network(count: number): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.5 }));
  const output = net.node({ sizeIn: 1 });
  let last: nengo.Ensemble | null = null;
  for (let k = 0; k < count; k++) {
    const ensemble = net.ensemble(Number(values.neurons), 1);
    if (values.wiring === "node" || last === null) net.connect(input, ensemble, { synapse: null });
    else net.connect(last, ensemble);
    if (values.wiring === "node") net.connect(ensemble, output);
    last = ensemble;
  }
  if (values.wiring === "chain") net.connect(last!, output);
  net.probe(output, { sampleEvery: 0.1 });
  return net;
}

const megabytes = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};
const rows: (string | number)[][] = [];
for (const count of positionals.length > 0 ? positionals.map(Number) : [1000, 10_000]) {
  const times: number[] = [];
  let last = performance.now();
  const lap = (): void => {
    const now = performance.now();
    times.push((now - last) / 1000);
    last = now;
  };
  const net = network(count);
  lap();
  const built = buildNetwork(net, { seed: 1 });
  lap();
  const program = built.program("inference");
  lap();
  const plan = planProgram(program);
  lap();
  const memory = megabytes();
  const { rss } = process.memoryUsage();
  rows.push([count, program.operators.length, plan.groups.length, ...times, memory, rss / 2 ** 20]);
  if (Number(values.steps) > 0) {
    const options = { engine: values.engine, progressBar: false } as nengo.SimulatorOptions;
    const sim = new nengo.Simulator(net, options);
    lap();
    await sim.runSteps(Number(values.steps));
    lap();
    console.log(
      `${count}: simulator ${times[4].toFixed(2)} s, ${values.steps} steps ${times[5].toFixed(2)} s, ${sim.report.engine} engine`,
    );
  }
}
console.log(
  table(
    ["ensembles", "operators", "groups", "network, s", "build, s", "lower, s", "plan, s", "heap and arrays, MiB", "resident, MiB"],
    rows,
    {
      digits: 3,
    },
  ),
);
