import type * as tf from "@tensorflow/tfjs-core";
import type { StageBlock } from "../blocks.ts";
import type { Carried } from "./carried.ts";
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
  /** Whether runs may go on from one another. @defaultValue false */
  readonly carries?: boolean;
}

export interface StagedRun {
  /** `[batch, nSteps, size]` by slot. */
  readonly feeds: ReadonlyMap<string, tf.Tensor>;
  readonly blocks: readonly tf.Tensor[];
  readonly batch: number;
  readonly nSteps: number;
  /** Handed on to layers in tensor nodes. */
  readonly kwargs: Record<string, unknown>;
  /** Where to go on from; is moved on by the run. Null: from the initial state. */
  readonly carried?: Carried | null;
}

/** Runs a program on tensors, from its initial state or from where an earlier run stopped: parts without tensor nodes as stages, tensor nodes as tf functions between. */
export interface TensorProgram {
  /** Probe data `[batch, rows, size]` by slot. */
  run(run: StagedRun): Map<string, tf.Tensor>;
  /** How the program runs, for reports. */
  readonly path: string;
  /** Frees the engine's memory; a run makes it anew. */
  dispose(): void;
}
