import { checkNumber } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { ndarray, type ArrayLike_ } from "../math/ndarray.ts";
import { Network } from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import { NeuronType } from "../neurons/neuronType.ts";
import { Simulator } from "../simulator/index.ts";

/** Options of {@link settledFiringRate}. */
export interface SettledFiringRateOptions {
  /** Seconds. @defaultValue 0.001 */
  readonly dt?: number;
  /** Seconds that are left out at the start. @defaultValue 0.1 */
  readonly settleTime?: number;
  /** Seconds over which outputs are averaged. @defaultValue 1 */
  readonly simTime?: number;
  /** Of initial states that are drawn, and of types that draw at every step. @defaultValue 0 */
  readonly seed?: number;
}

/**
 * Mean outputs (1/s) of neurons at constant input currents, found by running them: what they do, where `neuronType.rates` is what
 * they should do. They start from the type's initial states.
 * @param J - currents `[neurons]`
 * @throws ValidationError, ShapeError for anything but a neuron type with neurons and a list of currents
 */
export function settledFiringRate(neuronType: NeuronType, J: ArrayLike_, options: SettledFiringRateOptions = {}): Float64Array {
  const owner = "settledFiringRate";
  if (!(neuronType instanceof NeuronType) || neuronType instanceof Direct)
    throw new ValidationError({
      owner,
      parameter: "neuronType",
      expected: "a neuron type such as new LIF(), not Direct",
      got: describe(neuronType),
    });
  const { shape, data } = ndarray(J, { owner, parameter: "J" });
  if (shape.length !== 1 || data.length === 0)
    throw new ShapeError({ owner, parameter: "J", expected: "currents [neurons], at least one", got: `shape [${shape.join(", ")}]` });
  const dt = checkNumber(owner, "dt", options.dt ?? 0.001, { above: 0 });
  const settle = Math.round(checkNumber(owner, "settleTime", options.settleTime ?? 0.1, { min: 0 }) / dt);
  const steps = Math.round(checkNumber(owner, "simTime", options.simTime ?? 1, { min: dt }) / dt);

  const n = data.length;
  const net = new Network({ seed: options.seed ?? 0 });
  const ones = { shape: [n, 1], data: new Float64Array(n).fill(1) };
  const ensemble = net.ensemble(n, 1, { neuronType, encoders: ones, gain: ones.data, bias: data, evalPoints: [[0]] });
  const probe = net.probe(ensemble.neurons);
  const sim = new Simulator(net, { dt, progressBar: false });
  for (let k = 0; k < settle; k++) sim.step();
  sim.clearProbes();
  for (let k = 0; k < steps; k++) sim.step();
  const output = sim.data.get(probe).data;
  const sums = new Float64Array(n);
  output.forEach((v: number, k: number) => (sums[k % n] += v));
  sim.close();
  return sums.map((sum) => sum / steps);
}
