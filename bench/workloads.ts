/** The networks that are measured, by name; bench/peers/workloads.py has the same ones for the peers. */
import * as nengo from "tfjs-nengo";

const numbers = (count: number, scale: number, seed: number): number[] =>
  Array.from(new nengo.RandomState(seed).normals(count), (v) => v * scale);
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** sin(x^2) by two ensembles of 20 neurons. */
export function tutorial(): { net: nengo.Network; inpt: nengo.Node; outpt: nengo.Node; outptP: nengo.Probe } {
  const net = new nengo.Network({ seed: 0 });
  const inpt = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.3 }));
  const square = net.ensemble(20, 1);
  const sin = net.ensemble(20, 1);
  const outpt = net.node({ sizeIn: 1 });
  net.connect(inpt, square);
  net.connect(square, sin, { function: (x) => x[0] ** 2 });
  net.connect(sin, outpt, { function: (x) => Math.sin(x[0]) });
  net.probe(inpt);
  return { net, inpt, outpt, outptP: net.probe(outpt, { synapse: 0.01 }) };
}

function circularConvolution(): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const bind = nengo.networks.circularConvolution(net, { nNeurons: 50, dimensions: 64 });
  net.connect(net.node(numbers(64, 1 / 8, 1)), bind.inputA, { synapse: null });
  net.connect(net.node(numbers(64, 1 / 8, 2)), bind.inputB, { synapse: null });
  net.probe(bind.output, { synapse: 0.01 });
  return net;
}

/** A vector in an array of ensembles that holds it by a recurrent connection; `neuronType` of all ensembles. */
export function integrator(
  dimensions: number,
  nNeurons: number,
  neuronType: nengo.NeuronType = new nengo.LIF(),
): { net: nengo.Network; input: nengo.Node; output: nengo.Probe } {
  const net = new nengo.Network({ seed: 0 });
  net.config.ensemble.set({ neuronType });
  const input = net.node(numbers(dimensions, 0.3, 1));
  const array = nengo.networks.ensembleArray(net, { nNeurons, nEnsembles: dimensions });
  net.connect(input, array.input, { transform: 0.1, synapse: 0.1 });
  net.connect(array.output, array.input, { synapse: 0.1 });
  return { net, input, output: net.probe(array.output, { synapse: 0.01 }) };
}

function pes(): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.3 }), { sizeOut: 4 });
  const [pre, post] = [net.ensemble(400, 4), net.ensemble(400, 4)];
  const error = net.node({ sizeIn: 4 });
  net.connect(input, pre);
  const learned = net.connect(pre, post, { function: () => zeros(4), learningRuleType: new nengo.PES() });
  net.connect(post, error);
  net.connect(input, error, { transform: -1 });
  net.connect(error, learned.learningRule as nengo.LearningRule);
  net.probe(post, { synapse: 0.01 });
  return net;
}

function actionSelection(): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node(Array.from({ length: 32 }, (_, k) => (k === 5 ? 0.9 : 0.4)));
  const basalGanglia = nengo.networks.basalGanglia(net, { dimensions: 32, nNeuronsPerEnsemble: 50 });
  const thalamus = nengo.networks.thalamus(net, { dimensions: 32, nNeuronsPerEnsemble: 50 });
  net.connect(input, basalGanglia.input, { synapse: null });
  net.connect(basalGanglia.output, thalamus.input);
  net.probe(thalamus.output, { synapse: 0.01 });
  return net;
}

function fullWeights(): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const input = net.node(new nengo.WhiteSignal({ period: 1, high: 5, rms: 0.3 }));
  const [pre, post] = [net.ensemble(2000, 1), net.ensemble(2000, 1)];
  net.connect(input, pre);
  net.connect(pre, post, { solver: new nengo.LstsqL2({ weights: true }) });
  net.probe(post, { synapse: 0.01 });
  return net;
}

function oneEnsemble(): nengo.Network {
  const net = new nengo.Network({ seed: 0 });
  const ensemble = net.ensemble(50, 1);
  const output = net.node({ sizeIn: 1 });
  net.connect(net.node([0.5]), ensemble);
  net.connect(ensemble, output);
  net.probe(output, { synapse: 0.01 });
  return net;
}

export interface Workload {
  readonly title: string;
  readonly make: () => nengo.Network;
  /** `run`: build, and 1000 steps; `step`: build, and single calls of `step()`. */
  readonly measures: "run" | "step";
}

/** Networks that are run. (Rows that train are in tutorial.ts and recurrentTraining.ts.) */
export const workloads: Readonly<Record<string, Workload>> = {
  tutorial: { title: "tutorial network", make: () => tutorial().net, measures: "run" },
  cconv: { title: "CircularConvolution, 64 dimensions x 50 neurons", make: circularConvolution, measures: "run" },
  integrator: { title: "EnsembleArray integrator, 64 x 50", make: () => integrator(64, 50).net, measures: "run" },
  pes: { title: "PES, 4 dimensions, 2 x 400 neurons", make: pes, measures: "run" },
  bg: { title: "BasalGanglia 32 x 50 and Thalamus", make: actionSelection, measures: "run" },
  weights: { title: "two ensembles of 2000, full weights", make: fullWeights, measures: "run" },
  step: { title: "one step(), 50 neurons", make: oneEnsemble, measures: "step" },
};
