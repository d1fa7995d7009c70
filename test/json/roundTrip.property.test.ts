import { expect } from "chai";
import fc from "fast-check";
import { buildNetwork } from "../../src/build/build.ts";
import { Choice, Gaussian, Uniform, UniformHypersphere } from "../../src/distributions/index.ts";
import { networkFromJSON, networkToJSON } from "../../src/json/index.ts";
import { Network, type Ensemble, type Node, type View, type ViewTarget } from "../../src/network/index.ts";
import { Direct, LIF, LIFRate, RectifiedLinear, SpikingRectifiedLinear } from "../../src/neurons/index.ts";
import { PresentInput, Table, WhiteNoise, WhiteSignal } from "../../src/processes/index.ts";
import { LstsqL2, NoSolver } from "../../src/solvers/index.ts";
import { throughText } from "./support.ts";

const ramp = (t: number): number[] => [t, 1 - t];
const relay = (_t: number, x: Float64Array): Float64Array => x;
const functions = { ramp, relay };

/** How a value follows from choices of the generator: `pick` takes one of a list. */
interface Choices {
  integer(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Numbers with few digits, other than 0. */
const numbers = (c: Choices, count: number): number[] => Array.from({ length: count }, () => c.pick([-1, 1]) * (c.integer(1, 40) / 32));
const matrix = (c: Choices, rows: number, columns: number): number[][] => Array.from({ length: rows }, () => numbers(c, columns));
const seed = (c: Choices): number | null => c.pick([null, null, c.integer(0, 1000)]);

function addEnsemble(c: Choices, net: Network): Ensemble {
  const [n, d] = [c.integer(4, 9), c.integer(1, 3)];
  return net.ensemble(n, d, {
    seed: seed(c),
    label: c.pick([null, "e"]),
    radius: c.pick([1, 0.5, 2]),
    neuronType: c.pick([
      new LIF(),
      new LIF({ tauRef: 0.001, initialState: { voltage: new Choice({ options: [0.25, 0.5] }) } }),
      new LIFRate({ amplitude: 0.5 }),
      new RectifiedLinear(),
      new SpikingRectifiedLinear(),
      new Direct(),
    ]),
    encoders: c.pick([new UniformHypersphere({ surface: true }), matrix(c, n, d)]),
    intercepts: c.pick([new Uniform({ low: -1, high: 0.5 }), -0.5, Array.from({ length: n }, (_, k) => k / 10 - 0.9)]),
    evalPoints: c.pick([new UniformHypersphere(), matrix(c, c.integer(5, 20), d)]),
    nEvalPoints: c.pick([30, 50]),
    ...c.pick([{}, { gain: new Uniform({ low: 1, high: 2 }), bias: new Gaussian({ mean: 1.5, std: 0.1 }) }]),
    noise: c.pick([null, null, new WhiteNoise({ dist: new Gaussian({ mean: 0, std: 0.1 }) })]),
    normalizeEncoders: c.pick([true, false]),
  });
}

function addNode(c: Choices, net: Network): Node {
  const label = c.pick([null, "n"]);
  return c.pick<() => Node>([
    () => net.node(numbers(c, c.integer(1, 3)), { label }),
    () => net.node({ sizeIn: c.integer(1, 3), label }),
    () => net.node(ramp, { label }),
    () => net.node(relay, { sizeIn: 2, label }),
    () => net.node(new WhiteSignal({ period: 0.1, high: 20, seed: seed(c) }), { sizeOut: 2, label }),
    () => net.node(new PresentInput({ inputs: matrix(c, 3, 2), presentationTime: 0.01 }), { label }),
    () => net.node(new Table({ values: matrix(c, 3, 2) }), { label }),
  ])();
}

function part(c: Choices, target: ViewTarget, size: number): ViewTarget | View {
  return c.pick<() => ViewTarget | View>([
    () => target,
    () => target,
    () => target.at(-1),
    () => target.slice(null, null, -1),
    () => target.slice(0, null, 2),
    () => target.pick([c.integer(0, size - 1), c.integer(0, size - 1)]),
  ])();
}

function addConnection(c: Choices, net: Network, ensembles: readonly Ensemble[], nodes: readonly Node[]): void {
  const all = [...ensembles, ...ensembles.filter(({ neurons }) => neurons.sizeIn > 0).map(({ neurons }) => neurons), ...nodes];
  const from = c.pick(all.filter(({ sizeOut }) => sizeOut > 0));
  const into = all.filter(({ sizeIn }) => sizeIn > 0);
  if (into.length === 0) return;
  const to = c.pick(into);
  const [pre, post] = [part(c, from, from.sizeOut), part(c, to, to.sizeIn)];
  const decoded = ensembles.includes(from as Ensemble);
  const solved = decoded && !((from as Ensemble).neuronType instanceof Direct);
  const fn = solved ? c.pick([null, (x: Float64Array): number[] => [x[0] * x.at(-1)!, Math.sin(x[0])]]) : null;
  const sizeMid = fn === null ? pre.sizeOut : 2;
  const repeats = [pre, post].some((end) => "indices" in end && end.indices.hasRepeats);
  const square = sizeMid === post.sizeIn;
  if (repeats && !square) return;
  const transforms = [
    ...(repeats ? [] : [matrix(c, post.sizeIn, sizeMid), new Uniform({ low: -1, high: 1 })]),
    ...(square ? [null, 0.5, numbers(c, post.sizeIn)] : []),
  ];
  net.connect(pre, post, {
    synapse: c.pick([0.005, 0, 0.02]),
    transform: c.pick(transforms),
    function: fn,
    seed: seed(c),
    ...(decoded ? { solver: c.pick([new LstsqL2(), new LstsqL2({ reg: 0.05 }), new LstsqL2({ weights: true }), new NoSolver()]) } : {}),
    ...(solved
      ? { scaleEvalPoints: c.pick([true, false]), evalPoints: c.pick([null, new UniformHypersphere(), matrix(c, 8, from.sizeOut)]) }
      : {}),
  });
}

/** Fills a network and its subnetworks; connections may lead anywhere. */
function fill(c: Choices, net: Network, depth: number, ensembles: Ensemble[], nodes: Node[]): void {
  for (let k = c.integer(1, 2); k > 0; k--) ensembles.push(addEnsemble(c, net));
  for (let k = c.integer(0, 2); k > 0; k--) nodes.push(addNode(c, net));
  for (let k = depth > 0 ? c.integer(0, 2) : 0; k > 0; k--)
    fill(c, net.network({ seed: seed(c), label: c.pick([null, "sub"]) }), depth - 1, ensembles, nodes);
  for (let k = c.integer(0, 4); k > 0; k--) addConnection(c, net, ensembles, nodes);
  for (let k = c.integer(0, 2); k > 0; k--) {
    const target = c.pick([...ensembles, ...nodes.filter(({ sizeOut }) => sizeOut > 0)]);
    net.probe(part(c, target, target.sizeOut), { synapse: c.pick([null, 0.01]), sampleEvery: c.pick([null, 0.002]), seed: seed(c) });
  }
  for (const connection of net.connections) if (c.integer(0, 3) === 0) net.probe(connection, { attribute: "output" });
}

const network = fc.gen().map((gen) => {
  const choices: Choices = {
    integer: (min, max) => gen(fc.integer, { min, max }),
    pick: (items) => items[gen(fc.integer, { min: 0, max: items.length - 1 })],
  };
  const net = new Network({ seed: choices.integer(0, 1000), label: "random" });
  fill(choices, net, 2, [], []);
  return net;
});

/** Everything that was drawn and solved, and what draws which seed in which order; or why it cannot be built. */
function numbersOf(net: Network): unknown {
  try {
    const { seeds, stepOrder, ensembles, connections } = buildNetwork(net);
    return {
      seeds: [...seeds.values()],
      order: stepOrder.map(({ label, stream }) => [label, stream?.seed]),
      ensembles: [...ensembles.values()],
      connections: [...connections.values()].map(({ weights, evalPoints }) => ({ weights, evalPoints })),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

describe("networkToJSON and networkFromJSON", () => {
  it("any network comes back as it was: the same document, the same numbers", () => {
    let built = 0;
    fc.assert(
      fc.property(network, (net) => {
        const document = throughText(networkToJSON(net, { functions }));
        const read = networkFromJSON(document, { functions });
        expect(throughText(networkToJSON(read, { functions }))).to.deep.equal(document);
        const numbers = numbersOf(net);
        expect(numbersOf(read)).to.deep.equal(numbers);
        if (typeof numbers === "object") built++;
      }),
      { seed: 1, numRuns: 150 },
    );
    expect(built).to.be.greaterThan(100);
  });
});
