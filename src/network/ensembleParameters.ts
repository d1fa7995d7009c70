import { ScatteredHypersphere, Uniform } from "../distributions/index.ts";
import { LIF } from "../neurons/index.ts";
import { NeuronType } from "../neurons/neuronType.ts";
import { Process } from "../processes/process.ts";
import { boolean, distOrArray, member, integer, nullable, number, seed, text, type DistOrArrayLike } from "./checks.ts";
import { parameter, type Values } from "./parameters.ts";

/** Options of an ensemble. Where a distribution may stand, so may an array of what would be drawn. */
export interface EnsembleOptions {
  /** Length of the longest vector represented well. @defaultValue 1 */
  readonly radius?: number;
  /** Preferred directions `[nNeurons, dimensions]`. @defaultValue ScatteredHypersphere({surface: true}) */
  readonly encoders?: DistOrArrayLike;
  /** Where along its encoder a neuron starts to fire, `[nNeurons]` or one number for all. @defaultValue Uniform(-1, 0.9) */
  readonly intercepts?: DistOrArrayLike;
  /** Rates at the radius, Hz, `[nNeurons]` or one number for all. @defaultValue Uniform(200, 400) */
  readonly maxRates?: DistOrArrayLike;
  /** Points `[n, dimensions]` (of the unit sphere: they are multiplied by the radius) where decoders are fitted. @defaultValue ScatteredHypersphere() */
  readonly evalPoints?: DistOrArrayLike;
  /** How many are drawn, if evalPoints is a distribution. @defaultValue null: clip(500 dimensions, 750, 2500), at least 2 nNeurons */
  readonly nEvalPoints?: number | null;
  /** @defaultValue LIF() */
  readonly neuronType?: NeuronType;
  /** Gains `[nNeurons]`; with `bias` they stand in for intercepts and maxRates. @defaultValue null */
  readonly gain?: DistOrArrayLike | null;
  /** Biases `[nNeurons]`. @defaultValue null */
  readonly bias?: DistOrArrayLike | null;
  /** A process whose output is added to the neurons' input currents. @defaultValue null */
  readonly noise?: Process | null;
  /** Whether encoders are scaled to length 1. @defaultValue true */
  readonly normalizeEncoders?: boolean;
  readonly label?: string | null;
  /** 0..2^32-1; null: drawn from the network's. @defaultValue null */
  readonly seed?: number | null;
}

export const ensembleParameters = {
  radius: parameter(1, number({ min: 1e-10 })),
  encoders: parameter(new ScatteredHypersphere({ surface: true }), distOrArray("nNeurons", "dimensions")),
  intercepts: parameter(new Uniform({ low: -1, high: 0.9 }), distOrArray("nNeurons")),
  maxRates: parameter(new Uniform({ low: 200, high: 400 }), distOrArray("nNeurons")),
  evalPoints: parameter(new ScatteredHypersphere(), distOrArray("nEvalPoints", "dimensions")),
  nEvalPoints: parameter(null, nullable(integer({ min: 1 }))),
  neuronType: parameter(
    new LIF(),
    member((value) => value instanceof NeuronType, "a neuron type such as new LIF()"),
  ),
  gain: parameter(null, nullable(distOrArray("nNeurons"))),
  bias: parameter(null, nullable(distOrArray("nNeurons"))),
  noise: parameter(null, nullable(member((value) => value instanceof Process, "a process or null"))),
  normalizeEncoders: parameter(true, boolean),
  label: parameter(null, nullable(text)),
  seed: parameter(null, seed),
};

export type EnsembleValues = Values<typeof ensembleParameters>;
