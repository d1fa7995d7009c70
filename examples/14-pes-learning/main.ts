/** Learning with an error: PES finds decoders for a communication channel, then for a square, while the network runs. */
import * as nengo from "tfjs-nengo";
import { check, done, heading, plotsOf, rmse } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("14-pes-learning");

for (const [name, wanted] of [
  ["channel", (x: number): number => x],
  ["square", (x: number): number => x * x],
] as const) {
  heading(`Learning a ${name}`);
  const net = new nengo.Network({ seed: 3, label: name });
  const input = net.node((t) => Math.sin(2 * Math.PI * t));
  const target = net.node((_t, x) => wanted(x[0]), { sizeIn: 1, sizeOut: 1 });
  // An error that is 0 stops learning.
  const learns = net.node((t) => (t > 10 ? 1 : 0));
  const [pre, post, error] = [net.ensemble(100, 1), net.ensemble(100, 1), net.ensemble(100, 1)];
  net.connect(input, pre);
  net.connect(input, target, { synapse: null });
  const learned = net.connect(pre, post, { function: () => 0, learningRuleType: new nengo.PES({ learningRate: 3e-4 }) });
  net.connect(post, error);
  net.connect(target, error, { transform: -1 });
  net.connect(learns, error.neurons, { transform: Array.from({ length: 100 }, () => [-20]) });
  net.connect(error, learned.learningRule as nengo.LearningRule);
  const [targetP, postP, errorP] = [
    net.probe(target, { synapse: 0.02 }),
    net.probe(post, { synapse: 0.02 }),
    net.probe(error, { synapse: 0.05 }),
  ];
  const weights = net.probe(learned, { attribute: "weights", sampleEvery: 0.05 });
  const sim = new nengo.Simulator(net);
  await sim.run(12);
  const data = (probe: nengo.Probe): Float64Array => Float64Array.from(sim.data.get(probe).data);
  const t = sim.trange();
  figure(`${name}-learning`, `PES learns a ${name}`, "value", [
    { label: "wanted", x: t, y: data(targetP), dash: "4 3" },
    { label: "post", x: t, y: data(postP) },
    { label: "error", x: t, y: data(errorP) },
  ]);
  const rows = sim.data.get(weights);
  figure(
    `${name}-decoders`,
    "Six of the 100 decoders",
    "decoder",
    [0, 1, 2, 3, 4, 5].map((i) => ({
      label: `neuron ${i}`,
      x: Float64Array.from({ length: rows.shape[0] }, (_, k) => (k + 1) * 0.05),
      y: Float64Array.from({ length: rows.shape[0] }, (_, k) => rows.data[k * 100 + i]),
    })),
  );
  const off = (from: number, to: number): number => rmse(data(postP).slice(from, to), data(targetP).slice(from, to));
  const [before, after, alone] = [off(100, 1000), off(9000, 10000), off(11000, 12000)];
  check(after < 0.5 * before, `the difference falls from ${before.toFixed(3)} in the first second to ${after.toFixed(3)} in the tenth`);
  check(alone < 0.6 * before, `and stays low without the error: ${alone.toFixed(3)}`);
}
done(start);
