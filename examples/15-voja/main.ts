/** Heteroassociative memory: Voja moves encoders to the keys that come, PES learns the values that belong to them. */
import * as nengo from "tfjs-nengo";
import { check, done, heading, mean, plotsOf } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("15-voja");
const pairs = [
  { key: [1, 0], value: 0.8 },
  { key: [0, 1], value: -0.6 },
  { key: [-0.7, -0.7], value: 0.3 },
];
const period = 0.3;
const learningTime = 4 * pairs.length * period;
const present = (t: number): (typeof pairs)[number] => pairs[Math.floor(t / period + 1e-9) % pairs.length];

const net = new nengo.Network({ seed: 4, label: "memory" });
const key = net.node((t) => present(t).key);
const value = net.node((t) => present(t).value);
const recalling = net.node((t) => (t > learningTime ? 1 : 0), { label: "recalling" });
const memory = net.ensemble(200, 2, { intercepts: new nengo.Uniform({ low: 0.3, high: 0.6 }), label: "memory" });
const [recall, error] = [net.ensemble(100, 1), net.ensemble(100, 1)];

const toMemory = net.connect(net.ensemble(200, 2, { label: "key" }), memory, {
  synapse: 0.005,
  learningRuleType: new nengo.Voja({ learningRate: 2e-2, postSynapse: null }),
});
net.connect(key, toMemory.preObject, { synapse: null });
// -1 switches Voja off.
net.connect(recalling, toMemory.learningRule as nengo.LearningRule, { transform: -1, synapse: null });
const toRecall = net.connect(memory, recall, { function: () => 0, learningRuleType: new nengo.PES({ learningRate: 1e-3 }) });
net.connect(recall, error);
net.connect(value, error, { transform: -1 });
net.connect(recalling, error.neurons, { transform: Array.from({ length: 100 }, () => [-20]) });
net.connect(error, toRecall.learningRule as nengo.LearningRule);

const [valueP, recallP] = [net.probe(value), net.probe(recall, { synapse: 0.02 })];
const encoders = net.probe(memory, { attribute: "scaledEncoders", sampleEvery: 0.1 });

heading(`Learning ${pairs.length} pairs in ${learningTime.toFixed(1)} s, then recalling them`);
const sim = new nengo.Simulator(net);
await sim.run(learningTime + pairs.length * period);
const t = sim.trange();
const recalled = Float64Array.from(sim.data.get(recallP).data);
figure("recall", "Values, and what the memory says", "value", [
  { label: "value", x: t, y: sim.data.get(valueP).data, dash: "4 3" },
  { label: "recalled", x: t, y: recalled },
]);
const seen = sim.data.get(encoders);
const neuron = (row: number, i: number): [number, number] => [seen.data[(row * 200 + i) * 2], seen.data[(row * 200 + i) * 2 + 1]];
const last = seen.shape[0] - 1;
const direction = (row: number): Float64Array =>
  Float64Array.from({ length: 200 }, (_, i) => Math.atan2(neuron(row, i)[1], neuron(row, i)[0]) / Math.PI).sort();
figure(
  "encoders",
  "Directions of the encoders, sorted",
  "angle / pi",
  [
    { label: "before", x: Array.from({ length: 200 }, (_, i) => i), y: direction(0) },
    { label: "after", x: Array.from({ length: 200 }, (_, i) => i), y: direction(last) },
  ],
  "neuron",
);
for (const [k, { key: at, value: wanted }] of pairs.entries()) {
  const from = Math.round((learningTime + k * period + 0.15) * 1000);
  const got = mean(recalled.slice(from, from + 140));
  check(Math.abs(got - wanted) < 0.25, `the key [${at.join(", ")}] recalls ${got.toFixed(2)} of ${wanted}`);
}
/** Encoders within 20 degrees of a key. */
const near = (row: number): number =>
  Array.from({ length: 200 }, (_, i) => neuron(row, i)).filter(([x, y]) =>
    pairs.some(({ key: [a, b] }) => (x * a + y * b) / (Math.hypot(x, y) * Math.hypot(a, b)) > Math.cos((20 * Math.PI) / 180)),
  ).length;
check(near(last) > 1.2 * near(0), `${near(last)} encoders point at a key, ${near(0)} did before`);
done(start);
