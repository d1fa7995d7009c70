import type { Tensor } from "@tensorflow/tfjs-core";
import type { ModelGraph } from "../graph.ts";

/** Neurons that a call of the source model became. */
export interface MeasuredNeurons {
  /** Of the call. */
  readonly path: string;
  readonly neuronType: string;
  readonly units: number;
  readonly spiking: boolean;
  /** What a step's output must be multiplied by to be a number of spikes (of rate neurons: what they would have fired). */
  readonly unit: number;
  /** How many times as fast as the others a neuron is for the same activation; null where all are alike. */
  readonly faster: Float64Array | null;
  /** Whether they stand one by one for the values of the call's output. */
  readonly oneByOne: boolean;
}

/** What a batch gave: the caller disposes of the tensors. */
export interface Recorded {
  /** `[batch, steps, ...shape]`, one an output of the model, before anything is read from them. */
  readonly outputs: readonly Tensor[];
  /** `[batch, steps, ...units]`, in the order of {@link Subject.neurons}. */
  readonly neurons: readonly Tensor[];
}

/** A spiking network or model with the model that it came from, as {@link measureSubject} runs it. */
export interface Subject {
  /** Of the error messages. */
  readonly owner: string;
  /** The source model as a list of calls. */
  readonly graph: ModelGraph;
  readonly temporal: boolean;
  /** Seconds. */
  readonly dt: number;
  readonly neurons: readonly MeasuredNeurons[];
  /** Steps that the model was made for; null: any number. */
  readonly steps: number | null;
  /** Runs inputs `[batch, steps, ...shape]` from the initial state. */
  readonly run: (inputs: readonly Tensor[]) => Recorded;
  /** The model's outputs after the first n steps, from all values `[batch, n, ...shape]` of these; called in a tidy. */
  readonly read: (values: readonly Tensor[]) => Tensor[];
  /** The same of the source's outputs over time, in a temporal model. */
  readonly readSource: (values: readonly Tensor[]) => Tensor[];
  /** Activations that come after the readout, one an output. */
  readonly after: readonly (string | null)[];
  /** First step (from 1) after which there is something to read. */
  readonly firstRead: number;
  readonly dispose: () => void;
}
