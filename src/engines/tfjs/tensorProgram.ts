import type * as tf from "@tensorflow/tfjs-core";
import type { StageBlock } from "../blocks.ts";
import type { StageKind } from "./stage.ts";

export interface StagedNetworkOptions {
  /** How parts without tensor nodes run. */
  readonly stages: StageKind;
  /** Slots of input Nodes that are fed with tensors. */
  readonly fed: readonly string[];
  /** Slots of probes. */
  readonly recorded: readonly string[];
  readonly blocks: readonly StageBlock[];
  readonly seed: number;
}

export interface StagedRun {
  /** `[batch, nSteps, size]` by slot. */
  readonly feeds: ReadonlyMap<string, tf.Tensor>;
  readonly blocks: readonly tf.Tensor[];
  readonly batch: number;
  readonly nSteps: number;
  /** Handed on to layers in tensor nodes. */
  readonly kwargs: Record<string, unknown>;
}

/** Runs a program on tensors, from its initial state: parts without tensor nodes as stages, tensor nodes as tf functions between. */
export interface TensorProgram {
  /** Probe data `[batch, rows, size]` by slot. */
  run(run: StagedRun): Map<string, tf.Tensor>;
  /** How the program runs, for reports. */
  readonly path: string;
  /** Frees the engine's memory; a run makes it anew. */
  dispose(): void;
}
