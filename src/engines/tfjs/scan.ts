import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import type { StageBlock } from "../blocks.ts";
import type { EngineChoice } from "../choose.ts";
import type { StageInputs, StageOutputs } from "../kernels/programKernel.ts";
import { StageChoice, type Stage, type StageKind } from "./stage.ts";
import { chooseEngine, type EngineChoice } from "../choose.ts";
import { arenaOf } from "../kernels/backendArena.ts";
import { kernelBackends, runStage, type StageExtent, type StageInputs, type StageOutputs } from "../kernels/programKernel.ts";
import { deferProducts, type Deferral } from "../deferredProducts.ts";
import { isTaping, kernelBackends, runStage, type StageInputs, type StageOutputs } from "../kernels/programKernel.ts";
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

/** A small program over time for a layer: all steps as one operation, with a gradient for everything that goes in. */
export class Scan {
  private readonly program: Program;
  private readonly options: ScanOptions;
  private readonly choice: StageChoice;
  private readonly stages = new Map<StageKind["name"], Stage>();
  private runner: StageRunner | null = null;
  /** Runs for a gradient where gradients of weights are formed after the run, and what is formed. */
  private deferring: { readonly runner: StageRunner; readonly deferral: Deferral } | null | undefined;

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
      this.stages.set(kind.name, (stage = kind.make(this.program, { fed, recorded, blocks, states, seed })));
  /**
   * Runs all steps. What comes out belongs to the caller (or to the surrounding `tf.tidy`).
   * @throws ValidationError on a backend that has no kernels of ours
   */
  run(inputs: StageInputs, extent: StageExtent): StageOutputs {
    const { owner, fed, recorded, blocks = [], states = [], seed = 0, engine = "auto" } = this.options;
  run(inputs: StageInputs, extent: { readonly batch: number; readonly nSteps: number; readonly step?: number }): StageOutputs {
    const { owner, recorded } = this.options;
    checkBackend(owner);
    // tfjs's plain cpu backend multiplies slower than the engine does.
    if (isTaping() && tf.getBackend() !== "cpu") {
      this.deferring ??= this.prepareDeferring();
      if (this.deferring !== null) {
        const { runner, deferral } = this.deferring;
        const { records, states } = runStage(runner, inputs, extent, deferral.products);
        records.slice(recorded.length).forEach((t) => t.dispose());
        return { records: records.slice(0, recorded.length), states };
      }
    }
    return stage;
  }

  /** How it runs on the present backend. */
  get path(): string {
    return this.stage.path;
  }

  /** Runs all steps. What comes out belongs to the caller (or to the surrounding `tf.tidy`). */
  run(inputs: StageInputs, extent: { readonly batch: number; readonly nSteps: number; readonly step?: number }): StageOutputs {
    return this.stage.run(inputs, extent);
    return runStage((this.runner ??= this.prepare(this.program, {})), inputs, extent);
  private prepareDeferring(): { runner: StageRunner; deferral: Deferral } | null {
    const { fed, recorded, blocks = [] } = this.options;
    const deferral = deferProducts(this.program, fed, recorded, blocks);
    if (deferral.products.length === 0) return null;
    const detached = deferral.recorded.slice(recorded.length);
    return { runner: this.prepare(deferral.program, { recorded: deferral.recorded, detached, blocks: deferral.blocks }), deferral };
  private prepare(program: Program, changed: Partial<ScanOptions> & { readonly detached?: readonly string[] }): StageRunner {
    const { owner, fed, recorded, blocks = [], states = [], seed = 0, engine = "auto", detached = [] } = { ...this.options, ...changed };
    const arena = tf.getBackend() === "wasm" ? arenaOf(tf.backend()) : null;
    const chosen = chooseEngine(engine, owner, { arena });
    return new StageRunner(program, { engine: chosen.engine, dtype: "float32", fed, recorded, detached, blocks, states, seed });
  }

  /** Frees the engine's memory; a later run makes it anew. */
  dispose(): void {
    this.stages.forEach((stage) => stage.dispose());
    this.stages.clear();
    this.runner?.dispose();
    this.deferring?.runner.dispose();
    this.runner = null;
    this.deferring = undefined;
  }
}
