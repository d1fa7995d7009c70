import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "../../errors.ts";
import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import type { StageBlock } from "../blocks.ts";
import { chooseEngine, type EngineChoice } from "../choose.ts";
import { arenaOf } from "../kernels/backendArena.ts";
import { kernelBackends, runStage, type StageExtent, type StageInputs, type StageOutputs } from "../kernels/programKernel.ts";
import { StageRunner } from "../stageRunner.ts";

export interface ScanOptions {
  /** The layer, for messages. */
  readonly owner: string;
  /** Slots that runs feed, in order. */
  readonly fed: readonly string[];
  /** Slots that runs return, in order. */
  readonly recorded: readonly string[];
  /** Parameters that runs are given, in order. */
  readonly blocks?: readonly StageBlock[];
  /** Per-item signals that runs are given at their start and return at their end, in order. */
  readonly states?: readonly Signal[];
  /** Seed of the program's random streams. @defaultValue 0 */
  readonly seed?: number;
  /** @defaultValue "auto" */
  readonly engine?: EngineChoice;
}

/** A small program over time for a layer: all steps in one kernel, with a gradient for everything that goes in. */
export class Scan {
  private readonly program: Program;
  private readonly options: ScanOptions;
  private runner: StageRunner | null = null;

  constructor(program: Program, options: ScanOptions) {
    this.program = { ...program, results: [...program.results, ...(options.states ?? [])] };
    this.options = options;
  }

  /**
   * Runs all steps. What comes out belongs to the caller (or to the surrounding `tf.tidy`).
   * @throws ValidationError on a backend that has no kernels of ours
   */
  run(inputs: StageInputs, extent: StageExtent): StageOutputs {
    const { owner, fed, recorded, blocks = [], states = [], seed = 0, engine = "auto" } = this.options;
    checkBackend(owner);
    if (this.runner === null) {
      const arena = tf.getBackend() === "wasm" ? arenaOf(tf.backend()) : null;
      const chosen = chooseEngine(engine, owner, { arena });
      this.runner = new StageRunner(this.program, { engine: chosen.engine, dtype: "float32", fed, recorded, blocks, states, seed });
    }
    return runStage(this.runner, inputs, extent);
  }

  /** Frees the engine's memory; a later run makes it anew. */
  dispose(): void {
    this.runner?.dispose();
    this.runner = null;
  }
}

/** Kernels run where tfjs computes on the CPU. */
function checkBackend(owner: string): void {
  const name = tf.getBackend();
  if ((kernelBackends as readonly string[]).includes(name)) return;
  throw new ValidationError({
    owner,
    expected: `one of the backends ${kernelBackends.join(", ")}`,
    got: JSON.stringify(name),
    fix: 'Call await nengo.useBackend("wasm") first',
  });
}
