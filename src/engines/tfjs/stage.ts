import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "../../errors.ts";
import type { Program } from "../../ir/program.ts";
import type { Signal } from "../../ir/signal.ts";
import type { StageBlock } from "../blocks.ts";
import { chooseEngine, type EngineChoice } from "../choose.ts";
import type { Engine } from "../engine.ts";
import { arenaOf } from "../kernels/backendArena.ts";
import { kernelBackends, type StageExtent, type StageInputs, type StageOutputs } from "../kernels/programKernel.ts";
import { KernelStage } from "./kernelStage.ts";
import { OpsProgram } from "./opsProgram.ts";

export interface StageOptions {
  /** Slots that runs feed, in order. */
  readonly fed: readonly string[];
  /** Slots that runs return, in order. */
  readonly recorded: readonly string[];
  readonly blocks: readonly StageBlock[];
  /** Per-item signals that runs are given at their start and return at their end, in order. @defaultValue none */
  readonly states?: readonly Signal[];
  /** Seed of the random streams. */
  readonly seed: number;
  /** Whether gradients of weights may be formed after the steps, as products of tfjs over all of them. @defaultValue false */
  readonly defers?: boolean;
}

/** A program on tensors, differentiable: one operation for tfjs. */
export interface Stage {
  run(inputs: StageInputs, extent: StageExtent): StageOutputs;
  /** How it runs, for reports. */
  readonly path: string;
  /** Frees an engine's memory; a run makes it anew. */
  dispose(): void;
}

/** A way to run programs on tensors. */
export interface StageKind {
  readonly name: "kernel" | "ops";
  make(program: Program, options: StageOptions): Stage;
}

/** Programs as kernels of an engine on the CPU. */
export class KernelStages implements StageKind {
  readonly name = "kernel";
  private readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  make(program: Program, options: StageOptions): Stage {
    return new KernelStage(program, this.engine, options);
  }
}

/** Programs as tf operations, on any backend. */
export const opsStages: StageKind = { name: "ops", make: (program, options) => new OpsProgram(program, options) };

const hasKernels = (backend: string): boolean => (kernelBackends as readonly string[]).includes(backend);

/** Which way the present backend takes, by what a user has chosen. */
export class StageChoice {
  private readonly owner: string;
  private readonly engine: EngineChoice;
  private kernels: KernelStages | null = null;

  constructor(owner: string, engine: EngineChoice) {
    this.owner = owner;
    this.engine = engine;
  }

  /**
   * Kernels where tfjs computes on the CPU, tf operations elsewhere and where "tfjs" was chosen.
   * @throws ValidationError where an engine for the CPU was chosen and the backend has no kernels of ours
   */
  get present(): StageKind {
    const backend = tf.getBackend();
    if (this.engine === "tfjs" || (this.engine === "auto" && !hasKernels(backend))) return opsStages;
    if (!hasKernels(backend))
      throw new ValidationError({
        owner: this.owner,
        parameter: "engine",
        expected: `"auto" or "tfjs" on a backend other than ${kernelBackends.join(", ")}`,
        got: `${JSON.stringify(this.engine)} on ${JSON.stringify(backend)}`,
        fix: 'Leave engine out, or call await nengo.useBackend("wasm") first',
      });
    // Made at the first call, in the backend's memory where it can be shared.
    const arena = backend === "wasm" ? arenaOf(tf.backend()) : null;
    this.kernels ??= new KernelStages(chooseEngine(this.engine, this.owner, { arena }).engine);
    return this.kernels;
  }
}
