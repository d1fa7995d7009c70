/** A Python model in three lines: read the exporter's file, make a Simulator, run. Its spikes are those of Python Nengo. */
import { readFileSync } from "node:fs";
import * as nengo from "tfjs-nengo";
import { check, columnOf, done, heading, largestDifference, plotsOf } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("19-python-model");
const file = (name: string): string => readFileSync(new URL(`../../../examples/19-python-model/${name}`, import.meta.url), "utf8");

heading("model.py -> model.json (python/nengo_to_json.py) -> here");
const net = nengo.networkFromJSON(file("model.json"));
const sim = new nengo.Simulator(net);
await sim.run(3);

const [output, spikes] = net.probes as [nengo.Probe, nengo.Probe];
const { data, shape } = sim.data.get(output);
const t = Float64Array.from({ length: shape[0] }, (_, k) => (k + 1) * 0.005);
figure(
  "oscillator",
  `${net.label}: ${net.nNeurons} neurons made in Python`,
  "value",
  ["x", "y", "speed"].map((label, c) => ({ label, x: t, y: columnOf(data, 3, c) })),
);
const python = JSON.parse(file("expected.json")) as { nengo: string; output: number[]; spikes: number[] };
const fired = Array.from(sim.data.get(spikes).data);
const counts = python.spikes.map((_, k) => Math.round(fired.slice(k * 40, (k + 1) * 40).reduce((a, b) => a + b, 0) * sim.dt));
check(
  counts.join() === python.spikes.join(),
  `every spike of the first second as in Python Nengo ${python.nengo}: ${counts.reduce((a, b) => a + b, 0)} of 40 neurons`,
);
const off = largestDifference(data.filter((_, k) => k % 7 === 0).slice(0, python.output.length), python.output);
check(off < 1e-9, `the decoded output within ${off.toExponential(1)}`);
done(start);
