/** A convolution between a picture and neurons: edges of a moving square, found by spiking rectified linear neurons. */
import * as nengo from "tfjs-nengo";
import { check, done, heading, plotsOf } from "../report.ts";

const start = performance.now();
const { figure, raster } = plotsOf("18-convolution");
const size = 12;
/** A bright square of 4 x 4 that moves to the right. */
const picture = (t: number): Float64Array => {
  const left = Math.floor(t * 20) % (size - 4);
  return Float64Array.from({ length: size * size }, (_, k) => {
    const [row, column] = [Math.floor(k / size), k % size];
    return row >= 4 && row < 8 && column >= left && column < left + 4 ? 1 : 0;
  });
};
/** Two filters: brighter to the right, and brighter to the left. */
const kernel = [-1, 0, 1].map((c) => [[c, -c]]);
const edges = new nengo.Convolution({
  nFilters: 2,
  inputShape: [size, size, 1],
  kernelSize: [3, 3],
  init: [kernel, kernel, kernel],
});

const net = new nengo.Network({ seed: 8, label: "edges" });
const input = net.node(picture, { sizeOut: size * size });
const cells = net.ensemble(edges.sizeOut, 1, {
  neuronType: new nengo.SpikingRectifiedLinear(),
  gain: 50,
  bias: 0,
});
net.connect(input, cells.neurons, { transform: edges, synapse: 0.005 });
const spikes = net.probe(cells.neurons);
const rates = net.probe(cells.neurons, { synapse: 0.01 });

heading(`A ${size} x ${size} picture through 2 filters of 3 x 3 into ${edges.sizeOut} neurons`);
const sim = new nengo.Simulator(net);
await sim.run(0.4);
raster("spikes", { title: "Spikes of all cells", spikes: sim.data.get(spikes), dt: sim.dt });
const { data } = sim.data.get(rates);
const [rows, columns, filters] = edges.outputShape.shape as readonly [number, number, number];
/** Rates of a filter's cells along the middle row, at a step. */
const along = (step: number, filter: number): Float64Array =>
  Float64Array.from({ length: columns }, (_, c) => data[(step * rows * columns + Math.floor(rows / 2) * columns + c) * filters + filter]);
const x = Array.from({ length: columns }, (_, c) => c);
figure(
  "edges",
  "Cells of the middle row at 0.09 s",
  "rate (Hz)",
  [
    { label: "brighter to the right", x, y: along(90, 0) },
    { label: "brighter to the left", x, y: along(90, 1) },
  ],
  "column",
);
const strongest = (values: Float64Array): number => values.indexOf(Math.max(...values));
const [leftEdge, rightEdge] = [strongest(along(90, 0)), strongest(along(90, 1))];
check(leftEdge < rightEdge, `the left edge is found at column ${leftEdge}, the right one at ${rightEdge}`);
const later = strongest(along(390, 0));
check(later > leftEdge, `0.3 s later the left edge is at column ${later}`);
done(start);
