import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../ir/program.ts";
import { deferProducts, type Deferral } from "../deferredProducts.ts";
import type { Engine } from "../engine.ts";
import { BackendArena } from "../kernels/backendArena.ts";
import { isTaping, runStage, type StageExtent, type StageInputs, type StageOutputs } from "../kernels/programKernel.ts";
import { StageRunner } from "../stageRunner.ts";
import { WasmEngine } from "../wasm/engine.ts";
import type { Stage, StageOptions } from "./stage.ts";

/** A program as a kernel of an engine on the CPU. */
export class KernelStage implements Stage {
  readonly path: string;
  private readonly program: Program;
  private readonly engine: Engine;
  private readonly options: StageOptions;
  private readonly runner: StageRunner;
  /** Runs for a gradient where gradients of weights are formed after the run, and what is formed; made when first needed. */
  private deferring: { readonly runner: StageRunner; readonly deferral: Deferral } | null | undefined;

  constructor(program: Program, engine: Engine, options: StageOptions) {
    this.program = program;
    this.engine = engine;
    this.options = options;
    this.runner = this.runnerOf(program, {});
    const where = engine instanceof WasmEngine && engine.arena instanceof BackendArena ? " in the backend's memory" : "";
    this.path = `${engine.name} engine as a tfjs kernel${where}`;
  }

  run(inputs: StageInputs, extent: StageExtent): StageOutputs {
    // tfjs's plain cpu backend multiplies slower than the engine does.
    if (this.options.defers === true && isTaping() && tf.getBackend() !== "cpu") {
      if (this.deferring === undefined) this.deferring = this.prepareDeferring();
      if (this.deferring !== null) {
        const { runner, deferral } = this.deferring;
        const count = this.options.recorded.length;
        const { records, states } = runStage(runner, inputs, extent, deferral.products);
        records.slice(count).forEach((t) => t.dispose());
        return { records: records.slice(0, count), states };
      }
    }
    return runStage(this.runner, inputs, extent);
  }

  private prepareDeferring(): { runner: StageRunner; deferral: Deferral } | null {
    const { fed, recorded, blocks } = this.options;
    const deferral = deferProducts(this.program, fed, recorded, blocks);
    if (deferral.products.length === 0) return null;
    const detached = deferral.recorded.slice(recorded.length);
    return { runner: this.runnerOf(deferral.program, { recorded: deferral.recorded, detached, blocks: deferral.blocks }), deferral };
  }

  private runnerOf(program: Program, changed: Partial<StageOptions> & { readonly detached?: readonly string[] }): StageRunner {
    return new StageRunner(program, { engine: this.engine, dtype: "float32", ...this.options, ...changed });
  }

  dispose(): void {
    this.runner.dispose();
    this.deferring?.runner.dispose();
    this.deferring = undefined;
  }
}
