/** Action selection: basal ganglia and thalamus choose the most useful of three actions. */
import * as nengo from "tfjs-nengo";
import { check, columnOf, done, heading, mean, plotsOf } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("17-basal-ganglia");
const names = ["eat", "sleep", "roam"];
const utilities = (t: number): number[] => (t < 0.5 ? [0.9, 0.4, 0.3] : t < 1 ? [0.4, 0.8, 0.3] : [0.3, 0.5, 0.9]);

const net = new nengo.Network({ seed: 7, label: "action selection" });
const utility = net.node(utilities);
const basalGanglia = nengo.networks.basalGanglia(net, { dimensions: names.length });
const thalamus = nengo.networks.thalamus(net, { dimensions: names.length });
net.connect(utility, basalGanglia.input, { synapse: null });
net.connect(basalGanglia.output, thalamus.input);
const [wanted, inhibition, action] = [
  net.probe(utility),
  net.probe(basalGanglia.output, { synapse: 0.01 }),
  net.probe(thalamus.output, { synapse: 0.01 }),
];

heading(`Three actions of changing use, ${net.nNeurons} neurons`);
const sim = new nengo.Simulator(net);
await sim.run(1.5);
for (const [name, title, probe] of [
  ["utility", "Utility of each action", wanted],
  ["basal-ganglia", "Output of the basal ganglia: inhibition of all but one", inhibition],
  ["thalamus", "Output of the thalamus: the chosen action", action],
] as const) {
  const { data } = sim.data.get(probe);
  figure(
    name,
    title,
    "value",
    names.map((label, c) => ({ label, x: sim.trange(), y: columnOf(data, 3, c) })),
  );
}
[0, 1, 2].forEach((part) => {
  const { data } = sim.data.get(action);
  const means = names.map((_, c) => mean(columnOf(data, 3, c, 500 * part + 200, 500 * (part + 1))));
  const best = utilities(0.5 * part + 0.25).reduce((b, u, c, all) => (u > all[b] ? c : b), 0);
  check(
    means[best] > 0.7 && means.every((m, c) => c === best || m < 0.2),
    `from ${0.5 * part} s on: ${names[best]} (${means.map((m) => m.toFixed(2)).join(", ")})`,
  );
});
done(start);
