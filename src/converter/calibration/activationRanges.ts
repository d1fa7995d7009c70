import * as tf from "@tensorflow/tfjs-core";
import type { LayerCall, ModelGraph, Value } from "../graph.ts";

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
 * @param inputs - of the graph, `[items, ...shape]` each (`[items, steps, ...shape]` of a temporal model)
 * @param options - the percentile, from 0 to 100, and the calls that are looked at
 * @returns by path of these calls' layers
 */
export function activationRanges(
  graph: ModelGraph,
  inputs: readonly tf.Tensor[],
  { percentile, measured }: { readonly percentile: number; readonly measured: readonly LayerCall[] },
): Map<string, ActivationRange> {
  const items = inputs[0].shape[0];
  const samples = new Map(measured.map(({ path }) => [path, new Sample()]));
  const looked = new Set(measured);
  for (let from = 0; from < items; from += BATCH) {
    tf.tidy(() => {
      const count = Math.min(BATCH, items - from);
      const values = new Map<Value, tf.Tensor>(
        graph.inputs.map((value, k) => [value, tf.slice(inputs[k], [from], [count])] as [Value, tf.Tensor]),
      );
      for (const call of graph.calls) {
        run(call, values);
        if (looked.has(call)) samples.get(call.path)!.add(values.get(call.outputs[0])!.dataSync<"float32">());
      }
    });
  }
  return new Map([...samples].map(([path, sample]) => [path, sample.range(percentile)]));
}

function run({ layer, inputs, outputs }: LayerCall, values: Map<Value, tf.Tensor>): void {
  const given = inputs.map((value) => values.get(value)!);
  const results =
    layer.getClassName() === "InputLayer" ? given : ([layer.apply(given.length === 1 ? given[0] : given)].flat() as tf.Tensor[]);
  outputs.forEach((value, k) => values.set(value, results[k]));
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
