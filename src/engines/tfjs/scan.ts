import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import type { StageBlock } from "../blocks.ts";
import type { EngineChoice } from "../choose.ts";
import type { StageExtent, StageInputs, StageOutputs } from "../kernels/programKernel.ts";
import { StageChoice, type Stage, type StageKind } from "./stage.ts";

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

/** A small program over time for a layer: all steps as one operation, with a gradient for everything that goes in. */
export class Scan {
  private readonly program: Program;
  private readonly options: ScanOptions;
  private readonly choice: StageChoice;
  private readonly stages = new Map<StageKind["name"], Stage>();

  constructor(program: Program, options: ScanOptions) {
    this.program = { ...program, results: [...program.results, ...(options.states ?? [])] };
    this.options = options;
    this.choice = new StageChoice(options.owner, options.engine ?? "auto");
  }

  /** As a kernel or as tf operations, whichever the present backend takes. */
  private get stage(): Stage {
    const kind = this.choice.present;
    let stage = this.stages.get(kind.name);
    if (stage === undefined) {
      const { fed, recorded, blocks = [], states = [], seed = 0 } = this.options;
      this.stages.set(kind.name, (stage = kind.make(this.program, { fed, recorded, blocks, states, seed, defers: true })));
    }
    return stage;
  }

  /** How it runs on the present backend. */
  get path(): string {
    return this.stage.path;
  }

  /** Runs all steps. What comes out belongs to the caller (or to the surrounding `tf.tidy`). */
  run(inputs: StageInputs, extent: StageExtent): StageOutputs {
    return this.stage.run(inputs, extent);
  }

  /** Frees the engine's memory; a later run makes it anew. */
  dispose(): void {
    this.stages.forEach((stage) => stage.dispose());
    this.stages.clear();
  }
}
