/**
 * One measurement in a process of its own; prints JSON, times in seconds.
 * `node dist/bench/measure.js WORKLOAD [--engine auto] [--dtype float64] [--batch 0] [--repeats 10]`; batch 0: without a batch axis.
 */
import { parseArgs } from "node:util";
import * as nengo from "tfjs-nengo";
import { seconds, summary, type Measurement } from "./summary.ts";
import { workloads } from "./workloads.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: "string", default: "auto" },
    dtype: { type: "string", default: "float64" },
    batch: { type: "string", default: "0" },
    repeats: { type: "string", default: "10" },
  },
});
const { make, measures } = workloads[positionals[0]];
const options = {
  engine: values.engine,
  dtype: values.dtype,
  minibatchSize: Number(values.batch) || null,
  progressBar: false,
} as nengo.SimulatorOptions;

const simulator = (): nengo.Simulator => new nengo.Simulator(make(), options);
const built: number[] = [];
let sim: nengo.Simulator;
// The first build is a fresh process's, before code is warm.
for (let k = 0; k < 3; k++) {
  built.push(await seconds(() => void (sim = simulator())));
  if (built.reduce((a, b) => a + b) > 30) break;
}
const [build, ...again] = built;

const runs: number[] = [];
let firstRun: number;
if (measures === "run") {
  firstRun = await seconds(() => sim.run(1.0));
  for (let k = 0; k < Number(values.repeats); k++) {
    sim!.reset();
    runs.push(await seconds(() => sim.run(1.0)));
    if (runs.reduce((a, b) => a + b) > 15) break;
  }
} else {
  const count = 5000;
  const steps = (): void => {
    for (let k = 0; k < count; k++) sim.step();
  };
  firstRun = (await seconds(steps)) / count;
  for (let k = 0; k < Number(values.repeats); k++) {
    sim!.reset();
    runs.push((await seconds(steps)) / count);
  }
}
const result: Measurement = {
  peer: "tfjs-nengo",
  engine: sim!.report.engine,
  dtype: sim!.dtype,
  batch: Number(values.batch),
  versions: { "tfjs-nengo": "0.1.0", node: process.version },
  build,
  ...(again.length === 0 ? {} : { buildWarm: Math.min(...again) }),
  firstRun,
  run: summary(runs),
  memory: process.memoryUsage().rss,
};
console.log(JSON.stringify(result));
