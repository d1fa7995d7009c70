import { cast, reshape, slice, tidy, tile, type Tensor } from "@tensorflow/tfjs-core";
import { ConversionError } from "../errors.ts";
import type { Probe } from "../network/index.ts";
import { LeakyReLU, PoissonSpiking, RectifiedLinear, RegularSpiking, StochasticSpiking } from "../neurons/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import { Simulator } from "../simulator/index.ts";
import type { NeuronsPlace } from "./context.ts";
import type { Conversion } from "./conversion.ts";
import { ratesOf } from "./reference.ts";

/** How the neurons of a layer fire. */
export interface SpikingCheck {
  readonly name: string;
  readonly neuronType: string;
  /** Largest difference between what neurons gave and what their input asked for, in spikes of the whole run. */
  readonly spikes: number;
  /** What is allowed; null where a neuron's input does not say its rate (LIF, whose input is not constant). */
  readonly allowed: number | null;
}

/**
 * Neurons that sum up their input give the mean of its rates to within the spike that is not complete; those that draw, to within six
 * standard deviations of a Poisson count. Others have no such bound where their input is not constant.
 */
function allowedSpikes(neuronType: NeuronType, counts: number): number | null {
  if (neuronType instanceof StochasticSpiking || neuronType instanceof PoissonSpiking) return 6 * Math.sqrt(counts) + 2;
  if (neuronType instanceof RegularSpiking) return 1 + 1e-6 * counts;
  // Leaky ones keep a rest between -1 and 1.
  if (neuronType instanceof LeakyReLU) return 2 + 1e-6 * counts;
  if (neuronType instanceof RectifiedLinear) return 1 + 1e-6 * counts;
  return null;
}

/** Steps in one go, and numbers that they may leave: what is recorded is summed up at once, so that memory does not grow with steps. */
const CHUNK = 10;
const MOST_NUMBERS = 2 ** 24;

/**
 * Runs the spiking network on inputs that are held (or run through, in a temporal model).
 * @throws ConversionError that names the layer whose neurons fire otherwise than their input says
 */
export async function checkSpikes(
  conversion: Conversion,
  inputs: readonly Tensor[],
  { steps, dt }: { readonly steps: number; readonly dt: number },
): Promise<SpikingCheck[]> {
  const { network, settings } = conversion;
  const batch = inputs[0].shape[0];
  const nSteps = settings.temporalModel ? inputs[0].shape[1]! : steps;
  const places = conversion.calls.flatMap(({ call, neurons }) =>
    neurons.filter(({ ensemble }) => ensemble.neuronType.spiking).map((place) => ({ name: call.path, place })),
  );
  const looks: [Probe, Probe][] = [];
  let sim: Simulator;
  try {
    for (const { place } of places)
      looks.push([
        network.probe(place.ensemble.neurons, { attribute: "input", synapse: null }),
        network.probe(place.ensemble.neurons, { synapse: null }),
      ]);
    sim = new Simulator(network, { dt, minibatchSize: batch, progressBar: false });
  } finally {
    for (const pair of looks) for (const probe of pair) network.remove(probe);
  }
  const given = places.map(({ place: { ensemble } }) => new Float64Array(batch * ensemble.nNeurons));
  const asked = given.map(({ length }) => new Float64Array(length));
  const nodes = conversion.inputs.values();
  const perStep = given.reduce((sum, { length }) => sum + 2 * length, 0);
  const chunk = Math.max(1, Math.min(CHUNK, Math.floor(MOST_NUMBERS / perStep)));
  try {
    for (let done = 0; done < nSteps; done += chunk) {
      const count = Math.min(chunk, nSteps - done);
      await sim.runSteps(count, {
        data: nodes.map((node, k) => [node, part(inputs[k], done, count, settings.temporalModel)] as const),
        progressBar: false,
        onChunk: (recorded) => {
          places.forEach(({ place }, k) => {
            const [input, output] = looks[k].map((probe) => recorded.get(probe)!);
            sum(given[k], output, (x) => x);
            sum(asked[k], input, (x) => ratesOf(place.ensemble.neuronType, x));
          });
        },
      });
    }
  } finally {
    sim.close();
  }
  return places.map(({ name, place }, k) => compared(name, place, given[k], asked[k], dt));
}

/** Adds what was recorded, step by step. */
function sum(
  totals: Float64Array,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float64Array | Float32Array },
  through: (x: Float64Array) => Float64Array,
): void {
  const [batch, rows, size] = shape as readonly [number, number, number];
  const values = through(Float64Array.from(data));
  for (let b = 0; b < batch; b++)
    for (let row = 0; row < rows; row++) for (let i = 0; i < size; i++) totals[b * size + i] += values[(b * rows + row) * size + i];
}

/** Data of a few steps, `[batch, count, size]`. */
function part(x: Tensor, from: number, count: number, temporal: boolean): { shape: number[]; data: Float32Array } {
  const batch = x.shape[0];
  return tidy(() => {
    const rows = temporal
      ? slice(reshape(x, [batch, x.shape[1]!, -1]), [0, from, 0], [-1, count, -1])
      : tile(reshape(x, [batch, 1, -1]), [1, count, 1]);
    return { shape: rows.shape, data: cast(rows, "float32").dataSync<"float32">() };
  });
}

function compared(name: string, { ensemble }: NeuronsPlace, given: Float64Array, asked: Float64Array, dt: number): SpikingCheck {
  const { neuronType } = ensemble;
  // A spike is amplitude / dt in one step.
  const unit = dt / ((neuronType as NeuronType & { amplitude?: number }).amplitude ?? 1);
  let [spikes, allowed]: [number, number | null] = [0, 0];
  for (let k = 0; k < given.length; k++) {
    const difference = Math.abs(given[k] - asked[k]) * unit;
    const bound = allowedSpikes(neuronType, Math.abs(asked[k]) * unit);
    if (bound !== null && !(difference <= bound))
      throw new ConversionError(
        {
          owner: `Conversion.verify of layer ${JSON.stringify(name)}`,
          expected: `neurons that give what their input asks for to within ${bound.toPrecision(3)} spikes`,
          got: `a difference of ${difference.toPrecision(3)} spikes in neuron ${k % ensemble.nNeurons}`,
        },
        { layer: name },
      );
    spikes = Math.max(spikes, difference);
    allowed = bound === null || allowed === null ? null : Math.max(allowed, bound);
  }
  return { name, neuronType: neuronType.type, spikes, allowed };
}
