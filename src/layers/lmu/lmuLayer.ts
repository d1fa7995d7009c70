import type * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { RandomState } from "../../math/random.ts";
import { TemporalLayer, type Shape, type StateSpec, type TemporalArgs } from "../temporalLayer.ts";
import { LMUCell } from "./lmuCell.ts";
import type { HiddenPath } from "./hiddenOverTime.ts";
import type { MemoryDefinition } from "./memoryArgs.ts";

/** How a layer ran last. */
export interface LMUPath {
  /** `blocked`, `fft`, `raw`: all steps at once; `scan`: one kernel over the steps; `loop`: step by step. */
  readonly memory: "blocked" | "fft" | "raw" | "scan" | "loop";
  readonly hidden: HiddenPath;
}

/** What the layers of a Legendre memory share: a cell with the weights, and its states. */
export abstract class LMULayer extends TemporalLayer {
  readonly cell: LMUCell;
  /** How the last call ran; null before the first. */
  path: LMUPath | null = null;

  constructor(definition: MemoryDefinition, args: Omit<TemporalArgs, "dt" | "seed">) {
    super({ ...args, seed: definition.seed });
    this.cell = new LMUCell({ name: `${this.name}_cell` } as never, definition);
  }

  /** The arguments, checked. */
  get definition(): MemoryDefinition {
    return this.cell.definition;
  }

  /** The present theta, in steps. */
  get theta(): number {
    return this.cell.theta;
  }

  /** Makes the weights: the memory's, then those of the hidden cell. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    if (!this.cell.built) this.cell.build([null, this.units]);
    this.addLoss(this.cell.losses);
  }

  protected override stateSpecs(): readonly StateSpec[] {
    const [memory, ...hidden] = this.definition.stateSizes(this.units);
    return [{ name: "memory", shape: [memory] }, ...hidden.map((size, k) => ({ name: `hidden ${k}`, shape: [size] }))];
  }
  protected override initialValues(batch: number, _rng: RandomState): readonly Float32Array[] {
    return this.definition.stateSizes(this.units).map((size) => new Float32Array(batch * size));
  }
  protected override outputFeatures(features: readonly number[]): readonly number[] {
    const units = features.reduce((a, b) => a * b, 1);
    return [this.definition.hidden.outputSize(this.definition.hiddenInput(units))];
  }

  /** Of the memory, then of the hidden cell. */
  override get trainableWeights(): tfl.LayerVariable[] {
    return this.trainable ? this.cell.trainableWeights : [];
  }
  override set trainableWeights(weights: tfl.LayerVariable[]) {
    super.trainableWeights = weights;
  }
  /** Those of the hidden cell; all, where the layer does not train. */
  override get nonTrainableWeights(): tfl.LayerVariable[] {
    return this.trainable ? this.cell.nonTrainableWeights : this.cell.weights;
  }
  override set nonTrainableWeights(weights: tfl.LayerVariable[]) {
    super.nonTrainableWeights = weights;
  }

  /** For loading: weights are not initialised. */
  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.cell.setFastWeightInitDuringBuild(value);
  }

  /** Frees what was kept between calls. */
  protected abstract free(): void;

  /** Frees the weights, and what was kept between calls. */
  override dispose(): ReturnType<tfl.layers.Layer["dispose"]> {
    const result = super.dispose();
    if (result.refCountAfterDispose === 0) this.free();
    return result;
  }

  /** The arguments as text, since tfjs changes the case of keys and strings. */
  override getConfig(): tf.serialization.ConfigDict {
    const { seed: _, ...config } = super.getConfig();
    return { ...config, ...this.definition.toConfig() };
  }
}
