/** Learning without an error: under BCM, neurons that answer to two things come to answer to one. */
import * as nengo from "tfjs-nengo";
import { check, done, heading, mean, plotsOf } from "../report.ts";

const start = performance.now();
const { figure, raster } = plotsOf("16-bcm-unsupervised");
const [inputs, cells] = [40, 20];
const net = new nengo.Network({ seed: 6, label: "unsupervised" });
// Half of the neurons before fire while the input is 1, the other half while it is -1.
const input = net.node((t) => (Math.floor(t * 10) % 2 === 0 ? 1 : -1));
const pre = net.ensemble(inputs, 1, { intercepts: new nengo.Uniform({ low: 0.1, high: 0.5 }), label: "pre" });
const post = net.ensemble(cells, 1, { gain: 1, bias: 0.8, label: "post" });
net.connect(input, pre, { synapse: null });
const learned = net.connect(pre.neurons, post.neurons, {
  transform: new nengo.Uniform({ low: 0, high: 1e-3 }),
  learningRuleType: new nengo.BCM({ learningRate: 2e-10, thetaSynapse: 0.3 }),
});
const weights = net.probe(learned, { attribute: "weights", sampleEvery: 0.1 });
const theta = net.probe(learned.learningRule as nengo.LearningRule, { attribute: "theta", sampleEvery: 0.01 });
const spikes = net.probe(post.neurons);

heading("Twenty seconds of an input that goes back and forth");
const sim = new nengo.Simulator(net);
const { encoders } = sim.data.get(pre);
await sim.run(20);
const { shape, data } = sim.data.get(weights);
/** How much more a cell listens to one half of the neurons before it than to the other, 0 to 1. */
const selectivity = (row: number, cell: number): number => {
  const [plus, minus] = [1, -1].map((sign) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) if (encoders.data[i] === sign) sum += Math.max(data[(row * cells + cell) * inputs + i], 0);
    return sum;
  });
  return Math.abs(plus - minus) / (plus + minus + 1e-12);
};
const all = Array.from({ length: cells }, (_, cell) => cell);
const rows = Array.from({ length: shape[0] }, (_, row) => row);
const seconds = rows.map((row) => (row + 1) * 0.1);
figure("selectivity", "How selective the cells are", "selectivity", [
  ...[0, 1, 2, 3].map((cell) => ({ label: `cell ${cell}`, x: seconds, y: rows.map((row) => selectivity(row, cell)) })),
  { label: "mean", x: seconds, y: rows.map((row) => mean(all.map((cell) => selectivity(row, cell)))), dash: "4 3" },
]);
const thresholds = sim.data.get(theta);
const steps = Array.from({ length: thresholds.shape[0] }, (_, k) => k);
figure(
  "thresholds",
  "Their thresholds: what each has fired at of late",
  "rate (Hz)",
  [0, 1, 2, 3].map((cell) => ({
    label: `cell ${cell}`,
    x: steps.map((k) => (k + 1) * 0.01),
    y: steps.map((k) => thresholds.data[k * cells + cell]),
  })),
);
const fired = sim.data.get(spikes);
for (const [name, from] of [
  ["first", 0],
  ["last", 19000],
] as const) {
  raster(`spikes-${name}`, {
    title: `Spikes of the cells in the ${name} second`,
    spikes: { shape: [1000, cells], data: fired.data.slice(from * cells, (from + 1000) * cells) },
    dt: sim.dt,
  });
}
const [first, last] = [0, shape[0] - 1].map((row) => mean(all.map((cell) => selectivity(row, cell))));
check(last > 2 * first, `the mean selectivity rises from ${first.toFixed(2)} to ${last.toFixed(2)}`);
done(start);
