/** Products of two values: nengo.networks.product, which is two squares, against one population with a product. */
import * as nengo from "tfjs-nengo";
import { check, done, heading, plotsOf, rmse } from "../report.ts";

const start = performance.now();
const { figure } = plotsOf("12-product");
const net = new nengo.Network({ seed: 2, label: "product" });
const a = net.node(new nengo.WhiteSignal({ period: 4, high: 2, rms: 0.5, seed: 1 }));
const b = net.node(new nengo.WhiteSignal({ period: 4, high: 2, rms: 0.5, seed: 2 }));

const product = nengo.networks.product(net, { nNeurons: 200, dimensions: 1 });
net.connect(a, product.inputA, { synapse: null });
net.connect(b, product.inputB, { synapse: null });

const both = net.ensemble(200, 2, { radius: Math.SQRT2 });
const single = net.node({ sizeIn: 1 });
net.connect(a, both.at(0), { synapse: null });
net.connect(b, both.at(1), { synapse: null });
net.connect(both, single, { function: (x) => x[0] * x[1], synapse: null });

const inputs = [net.probe(a), net.probe(b)];
const filtered = { synapse: 0.02 };
const [squares, direct] = [net.probe(product.output, filtered), net.probe(single, filtered)];

heading("Four seconds of two random signals and their product");
const sim = new nengo.Simulator(net);
await sim.run(4);
const [x, y] = inputs.map((probe) => sim.data.get(probe).data);
const exact = new nengo.Lowpass({ tau: 0.02 }).filt(Float64Array.from(x, (v, k) => v * y[k])).data;
const data = (probe: nengo.Probe): Float64Array => Float64Array.from(sim.data.get(probe).data);
figure("product", "Product of two signals", "value", [
  { label: "a", x: sim.trange(), y: x, color: "#bbb" },
  { label: "b", x: sim.trange(), y, color: "#999" },
  { label: "product network", x: sim.trange(), y: data(squares) },
  { label: "one population", x: sim.trange(), y: data(direct) },
  { label: "a b", x: sim.trange(), y: exact, dash: "4 3" },
]);
const [bySquares, byOne] = [rmse(data(squares), exact), rmse(data(direct), exact)];
check(bySquares < 0.05, `the network of two squares is within ${bySquares.toFixed(3)} (root mean square)`);
check(bySquares < byOne, `closer than one population of as many neurons, ${byOne.toFixed(3)}`);
done(start);
