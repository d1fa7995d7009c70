import type { LayerVariable, LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { ModelGraph } from "../graph.ts";
import type { SpikingSettings } from "./options.ts";

/** Neurons that stand for an activation of the source. */
export interface SpikingPlace {
  /** Of the source's call. */
  readonly path: string;
  /** Output of the neurons in the spiking model. */
  readonly symbol: SymbolicTensor;
  readonly neuronType: string;
  readonly units: number;
  readonly spiking: boolean;
  /** What an output must be multiplied by to be a number of spikes. */
  readonly unit: number;
  /** How many times as fast as the others a neuron is for the same activation; null where all are alike. */
  readonly faster: Float64Array | null;
}

/** What a spiking model was made from. */
export interface SpikingSource {
  readonly model: LayersModel;
  /** Weights of the source, with those that stand for them. */
  readonly weights: ReadonlyMap<LayerVariable, LayerVariable>;
  readonly graph: ModelGraph;
  readonly settings: SpikingSettings;
  readonly places: readonly SpikingPlace[];
  /** What the readout reads, one an output. */
  readonly steps: readonly SymbolicTensor[];
  /** What it gives (without a readout the same). */
  readonly read: readonly SymbolicTensor[];
  /** Activations after the readout. */
  readonly after: readonly (string | null)[];
}

const sources = new WeakMap<LayersModel, SpikingSource>();

/** Remembers what a model of `toSpiking` was made from. */
export const keepSource = (model: LayersModel, source: SpikingSource): void => void sources.set(model, source);

/** What a model was made from by `toSpiking`; undefined for other models. */
export const spikingSource = (model: LayersModel): SpikingSource | undefined => sources.get(model);
