import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { ShapeError } from "../../errors.ts";
import type { LayerCall, ModelGraph, Value } from "../graph.ts";
import { partsOf } from "../spiking/layerParts.ts";

/** What a layer's activations come to, over given data. */
export interface ActivationRange {
  /** The percentile of those that are not 0, by size. */
  readonly high: number;
  readonly max: number;
  /** Of all. */
  readonly mean: number;
}

/** Numbers that are kept of a layer to find percentiles from. */
const KEPT = 2 ** 18;
const BATCH = 32;

/**
 * Runs a model layer by layer and measures its activations.
 * @param inputs - `[items, ...shape]` each (`[items, steps, ...shape]` of a temporal model)
 * @param percentile - from 0 to 100
 * @returns by path of the layers that have an activation
 * @throws ShapeError where the inputs do not fit the model
 */
export function activationRanges(
  model: LayersModel,
  graph: ModelGraph,
  inputs: readonly tf.Tensor[],
  percentile: number,
): Map<string, ActivationRange> {
  if (inputs.length !== graph.inputs.length)
    throw new ShapeError({ owner: "calibrate", parameter: "data", expected: `${graph.inputs.length} inputs`, got: `${inputs.length}` });
  model.inputs.forEach(({ shape }, k) => {
    const got = inputs[k].shape;
    if (got.length !== shape.length || shape.some((n, axis) => axis > 0 && n !== null && n !== got[axis]))
      throw new ShapeError({
        owner: "calibrate",
        parameter: "data",
        expected: `[items, ${shape.slice(1).join(", ")}] for input ${graph.inputs[k].path}`,
        got: `[${got.join(", ")}]`,
      });
  });
  const items = inputs[0].shape[0];
  const measured = new Map<string, Sample>();
  for (let from = 0; from < items; from += BATCH) {
    tf.tidy(() => {
      const count = Math.min(BATCH, items - from);
      const values = new Map<Value, tf.Tensor>(
        graph.inputs.map((value, k) => [value, tf.slice(inputs[k], [from], [count])] as [Value, tf.Tensor]),
      );
      for (const call of graph.calls) run(call, values, measured);
    });
  }
  return new Map([...measured].map(([path, sample]) => [path, sample.range(percentile)]));
}

function run({ layer, path, inputs, outputs }: LayerCall, values: Map<Value, tf.Tensor>, measured: Map<string, Sample>): void {
  const given = inputs.map((value) => values.get(value)!);
  const results =
    layer.getClassName() === "InputLayer" ? given : ([layer.apply(given.length === 1 ? given[0] : given)].flat() as tf.Tensor[]);
  outputs.forEach((value, k) => values.set(value, results[k]));
  if (partsOf(layer).activation === null) return;
  const sample = measured.get(path) ?? new Sample();
  measured.set(path, sample);
  sample.add(results[0].dataSync<"float32">());
}

/** Sizes of a layer's activations: all of them counted, an even part of them kept. */
class Sample {
  private kept: number[] = [];
  private every = 1;
  private seen = 0;
  private sum = 0;
  private max = 0;

  add(values: Float32Array): void {
    for (const value of values) {
      const size = Math.abs(value);
      this.sum += size;
      if (size > this.max) this.max = size;
      if (size > 0 && this.seen % this.every === 0) this.kept.push(size);
      this.seen++;
      if (this.kept.length < 2 * KEPT) continue;
      this.kept = this.kept.filter((_, k) => k % 2 === 0);
      this.every *= 2;
    }
  }

  range(percentile: number): ActivationRange {
    const sorted = Float64Array.from(this.kept).sort();
    const at = Math.min(sorted.length - 1, Math.floor((percentile / 100) * sorted.length));
    return {
      high: sorted.length === 0 ? 0 : percentile >= 100 ? this.max : sorted[at],
      max: this.max,
      mean: this.sum / Math.max(1, this.seen),
    };
  }
}
