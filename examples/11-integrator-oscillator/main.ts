/** Dynamics by recurrent connections: an integrator holds a value, an oscillator turns a vector around. */
import * as nengo from "tfjs-nengo";
import { check, columnOf, done, heading, mean, plotsOf } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("11-integrator-oscillator");

heading("Integrator: dx/dt = u");
{
  const net = new nengo.Network({ seed: 1, label: "integrator" });
  const tau = 0.1;
  const input = net.node(new nengo.Piecewise({ data: { 0: 0, 0.2: 1, 1: 0, 2: -1.5, 3: 0, 4: 1, 5: 0 } }));
  const x = net.ensemble(200, 1);
  // A connection with synapse tau and function f makes dx/dt = (f(x) - x) / tau: f(x) = x holds, tau u adds up.
  net.connect(x, x, { synapse: tau });
  net.connect(input, x, { transform: tau, synapse: tau });
  const [inputP, xP] = [net.probe(input), net.probe(x, { synapse: 0.01 })];
  const sim = new nengo.Simulator(net);
  await sim.run(6);
  const t = sim.trange();
  const u = Float64Array.from(sim.data.get(inputP).data);
  const value = Float64Array.from(sim.data.get(xP).data);
  let sum = 0;
  const integral = u.map((v) => (sum += v * sim.dt));
  figure("integrator", "Integrator", "value", [
    { label: "input", x: t, y: u },
    { label: "x", x: t, y: value },
    { label: "integral", x: t, y: integral, dash: "4 3" },
  ]);
  for (const at of [1.4, 3.9]) {
    const held = mean(value.slice(at * 1000 - 100, at * 1000));
    const wanted = integral[at * 1000 - 50];
    check(Math.abs(held - wanted) < 0.25, `at ${at} s it holds ${held.toFixed(2)} of ${wanted.toFixed(2)}`);
  }
}

heading("Oscillator: dx/dt = -w y, dy/dt = w x");
{
  const net = new nengo.Network({ seed: 1, label: "oscillator" });
  const [tau, speed] = [0.1, 10];
  const kick = net.node((t) => (t < 0.1 ? [1, 0] : [0, 0]));
  const xy = net.ensemble(300, 2);
  net.connect(kick, xy);
  net.connect(xy, xy, {
    transform: [
      [1, -tau * speed],
      [tau * speed, 1],
    ],
    synapse: tau,
  });
  const p = net.probe(xy, { synapse: 0.02 });
  const sim = new nengo.Simulator(net);
  await sim.run(3);
  const { data } = sim.data.get(p);
  const [x, y] = [columnOf(data, 2, 0), columnOf(data, 2, 1)];
  figure("oscillator", "Oscillator", "value", [
    { label: "x", x: sim.trange(), y: x },
    { label: "y", x: sim.trange(), y },
  ]);
  figure("circle", "Its path", "y", [{ label: "path", x: x.slice(300), y: y.slice(300) }], "x", { width: 440, height: 480 });
  let turns = 0;
  for (let k = 501; k < x.length; k++) if (y[k - 1] < 0 && y[k] >= 0) turns++;
  const wanted = (2.5 * speed) / (2 * Math.PI);
  check(Math.abs(turns - wanted) <= 1, `${turns} turns in 2.5 s, of ${wanted.toFixed(1)} at ${speed} radians a second`);
  const radius = mean(x.slice(500).map((v, k) => Math.hypot(v, y[500 + k])));
  check(radius > 0.6 && radius < 1.4, `with a mean radius of ${radius.toFixed(2)}`);
}
done(start);
