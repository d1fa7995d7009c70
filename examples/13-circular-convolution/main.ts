/** Circular convolution of vectors: binds two semantic pointers, and takes one out again. */
import * as nengo from "tfjs-nengo";
import { check, done, heading, mean, plotsOf } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("13-circular-convolution");
const dimensions = 16;
const rng = new nengo.RandomState(5);
/** A random direction. */
const vector = (): number[] => {
  const v = Array.from({ length: dimensions }, () => rng.normal());
  const length = Math.hypot(...v);
  return v.map((x) => x / length);
};
const [role, filler] = [vector(), vector()];

const net = new nengo.Network({ seed: 5, label: "circular convolution" });
const [roleNode, fillerNode] = [net.node(role, { label: "role" }), net.node(filler, { label: "filler" })];
const bind = nengo.networks.circularConvolution(net, { nNeurons: 100, dimensions });
const unbind = nengo.networks.circularConvolution(net, { nNeurons: 100, dimensions, invertB: true });
net.connect(roleNode, bind.inputA, { synapse: null });
net.connect(fillerNode, bind.inputB, { synapse: null });
net.connect(bind.output, unbind.inputA, { synapse: 0.01 });
net.connect(roleNode, unbind.inputB, { synapse: null });
const [bound, found] = [net.probe(bind.output, { synapse: 0.03 }), net.probe(unbind.output, { synapse: 0.03 })];

heading(`Binding of two vectors of ${dimensions} dimensions by ${net.nNeurons} neurons`);
const sim = new nengo.Simulator(net);
await sim.run(0.5);
/** Cosine of the angle to a vector, step by step. */
const similarity = (probe: nengo.Probe, to: ArrayLike<number>): Float64Array => {
  const { data } = sim.data.get(probe);
  return Float64Array.from({ length: data.length / dimensions }, (_, k) => {
    const row = Array.from(data).slice(k * dimensions, (k + 1) * dimensions);
    const dot = row.reduce((sum, v, i) => sum + v * to[i], 0);
    return dot / (Math.hypot(...row) * Math.hypot(...Array.from(to)) + 1e-12);
  });
};
const exact = nengo.networks.circconv(role, filler);
const t = sim.trange();
const curves = [
  { label: "bound to role * filler", y: similarity(bound, exact) },
  { label: "unbound to filler", y: similarity(found, filler) },
  { label: "bound to filler", y: similarity(bound, filler) },
];
figure(
  "similarity",
  "Similarity of what the networks put out",
  "cosine",
  curves.map((c) => ({ ...c, x: t })),
);
const [toExact, toFiller, mixed] = curves.map(({ y }) => mean(y.slice(300)));
check(toExact > 0.9, `the bound vector is the convolution: cosine ${toExact.toFixed(2)}`);
check(toFiller > 0.5, `unbinding gives the filler back: cosine ${toFiller.toFixed(2)}`);
check(mixed < toFiller - 0.2, `which the bound vector itself does not show: ${mixed.toFixed(2)}`);
done(start);
