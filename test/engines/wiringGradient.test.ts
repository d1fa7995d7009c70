import { Uniform } from "../../src/distributions/index.ts";
import { Network, type Connectable, type ConnectionOptions } from "../../src/network/index.ts";
import { LIFRate, Sigmoid, SoftLIFRate } from "../../src/neurons/index.ts";
import { LstsqL2 } from "../../src/solvers/index.ts";
import { Alpha, LinearFilter, Lowpass, Triangle } from "../../src/synapses/index.ts";
import { Convolution, ConvolutionTranspose, Dense, type Sparse } from "../../src/transforms/index.ts";
import { expectNetworkGradient } from "../support/gradients.ts";

const init = new Uniform({ low: -1, high: 1 });
const neuronType = new SoftLIFRate({ sigma: 0.2 });

/** Gradients of a connection between two parts of a small network, all of it trained. */
function wired(ends: (net: Network) => readonly [Connectable, Connectable], options: ConnectionOptions): void {
  const net = new Network({ seed: 3 });
  const [pre, post] = ends(net);
  net.connect(pre, post, { synapse: 0.002, ...options });
  for (const node of net.nodes) if (node.kind === "passthrough") net.probe(node);
  for (const ensemble of net.ensembles) net.probe(ensemble.neurons);
  expectNetworkGradient(net, 4, { relative: 1e-5 });
}

describe("gradients through every kind of connection equal differences", () => {
  const images: Record<string, Convolution | ConvolutionTranspose> = {
    "a convolution of 2 axes with strides": new Convolution({
      nFilters: 2,
      inputShape: [4, 3, 2],
      kernelSize: [2, 2],
      strides: [2, 1],
      init,
    }),
    "a convolution in groups, channels first, padded": new Convolution({
      nFilters: 4,
      inputShape: [2, 3, 3],
      channelsLast: false,
      groups: 2,
      kernelSize: [3, 2],
      strides: [2, 2],
      padding: "same",
      init,
    }),
    "a convolution of 3 axes": new Convolution({ nFilters: 2, inputShape: [2, 3, 2, 1], kernelSize: [2, 2, 1], strides: [1, 1, 1], init }),
    "a transposed convolution of 2 axes, padded": new ConvolutionTranspose({
      nFilters: 2,
      inputShape: [2, 2, 2],
      kernelSize: [3, 3],
      strides: [2, 2],
      padding: "same",
      init,
    }),
    "a transposed convolution, channels first, of a larger output": new ConvolutionTranspose({
      nFilters: 1,
      inputShape: [2, 2, 2],
      outputShape: [1, 4, 4],
      channelsLast: false,
      kernelSize: [3, 2],
      strides: [2, 2],
      padding: "same",
      init,
    }),
  };
  for (const [name, transform] of Object.entries(images)) {
    it(name, () => wired((net) => [net.node(new Float64Array(transform.sizeIn)), net.node({ sizeIn: transform.sizeOut })], { transform }));
    it(`${name}, from neurons to neurons`, () =>
      wired(
        (net) => {
          const pre = net.ensemble(transform.sizeIn, 1, { neuronType });
          net.connect(net.node([0.4]), pre, { synapse: null });
          return [pre.neurons, net.ensemble(transform.sizeOut, 1, { neuronType }).neurons];
        },
        { transform },
      ));
  }

  const numbers: Record<string, number | readonly number[] | Dense | Sparse> = {
    "a number": 0.7,
    "a vector": [0.5, -1, 2],
    "a drawn matrix": new Dense({ shape: [3, 3], init }),
  };
  for (const [name, transform] of Object.entries(numbers)) {
    it(`${name} on slices with steps backwards`, () =>
      wired((net) => [net.node([0.1, 0.2, 0.3, -0.4, 0.5]).slice(null, null, -2), net.node({ sizeIn: 6 }).slice(4, 1, -1)], { transform }));
    it(`${name} on decoders, into listed dimensions`, () =>
      wired(
        (net) => {
          const pre = net.ensemble(8, 3, { neuronType, nEvalPoints: 40 });
          net.connect(net.node([0.3, -0.2, 0.6]), pre, { synapse: null });
          return [pre, net.ensemble(6, 4, { neuronType: new LIFRate(), radius: 1.5 }).pick([3, 0, 2])];
        },
        { transform, function: (x) => [x[0] * x[1], x[2], x[1]] },
      ));
  }

  it("repeated components, which add up", () =>
    wired((net) => [net.node([0.1, 0.2, 0.3]).pick([2, 0, 2, 1]), net.node({ sizeIn: 2 }).pick([0, 1, 0, 0])], {}));
  it("repeated neurons, with their gains", () =>
    wired((net) => [net.node([0.1, 0.2, 0.3]), net.ensemble(5, 1, { neuronType }).neurons.pick([4, 0, 4])], {}));
  it("full weights", () =>
    wired(
      (net) => {
        const pre = net.ensemble(7, 2, { neuronType, nEvalPoints: 40 });
        net.connect(net.node([0.3, -0.2]), pre, { synapse: null });
        return [pre, net.ensemble(6, 2, { neuronType: new Sigmoid(), maxRates: [220, 230, 240, 250, 260, 270] })];
      },
      { solver: new LstsqL2({ weights: true }), transform: [0.5, 2] },
    ));

  for (const synapse of [
    new Lowpass({ tau: 0.01, defaultSizeIn: 2 }),
    new Alpha({ tau: 0.01, defaultSizeIn: 2 }),
    new Triangle({ t: 0.003, defaultSizeIn: 2 }),
    new LinearFilter({ num: [0.01, 1], den: [0.02, 1], defaultSizeIn: 2 }),
  ])
    it(`a Node that is a ${synapse.type}`, () => {
      const net = new Network({ seed: 3 });
      const filter = net.node(synapse);
      net.connect(net.node([0.4, -0.7]), filter, { synapse: null, transform: [2, -1] });
      net.probe(filter);
      expectNetworkGradient(net, 6);
    });
});
