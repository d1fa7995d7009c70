/** Communication channel: a value sent from one population to another, and the tuning curves of the neurons that carry it. */
import * as nengo from "tfjs-nengo";
import { check, columnOf, done, heading, plotsOf, rmse } from "../report.ts";

const start = performance.now();
const { figure, raster } = plotsOf("10-communication-channel");
const net = new nengo.Network({ seed: 0, label: "communication channel" });
const input = net.node((t) => Math.sin(2 * Math.PI * t));
const a = net.ensemble(60, 1, { label: "a" });
const b = net.ensemble(60, 1, { label: "b" });
net.connect(input, a);
net.connect(a, b);
const [inputP, aP, bP] = [net.probe(input), net.probe(a, { synapse: 0.02 }), net.probe(b, { synapse: 0.02 })];
const spikes = net.probe(a.neurons);
const sim = new nengo.Simulator(net);

heading("Tuning curves: how fast each neuron of a fires at each value");
const { inputs, rates } = nengo.tuningCurves(a, sim);
const shown = [0, 1, 2, 3, 4, 5, 6, 7];
figure(
  "tuning-curves",
  "Tuning curves of 8 of 60 neurons",
  "rate (Hz)",
  shown.map((i) => ({ label: `neuron ${i}`, x: inputs.data, y: columnOf(rates.data, 60, i) })),
  "value",
);
const highest = Math.max(...rates.data);
check(highest > 200 && highest < 400, `the fastest neuron fires at ${highest.toFixed(0)} Hz, within the default 200 to 400 Hz`);

heading("One second of a sine wave");
await sim.run(1.0);
const t = sim.trange();
const value = (probe: nengo.Probe): Float64Array => Float64Array.from(sim.data.get(probe).data);
figure("channel", "A value sent through two populations", "value", [
  { label: "input", x: t, y: value(inputP), dash: "4 3" },
  { label: "a", x: t, y: value(aP) },
  { label: "b", x: t, y: value(bP) },
]);
raster("spikes", { title: "Spikes of a", spikes: sim.data.get(spikes), dt: sim.dt });
// Two synapses of 5 ms and the probe's of 20 ms delay what is read from b.
const delay = 30;
const late = rmse(value(bP).slice(200 + delay), value(inputP).slice(200, 1000 - delay));
check(late < 0.1, `b follows the input, ${delay} ms later, within ${late.toFixed(3)} (root mean square)`);
done(start);
