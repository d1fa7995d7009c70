import * as tf from "@tensorflow/tfjs-core";
import type { LayerCall, ModelGraph } from "../graph.ts";
import { channelsLast, type ImageLayer } from "../image.ts";
import { runCalls } from "../measuring/sourceRun.ts";

/** What a layer's activations come to, over given data. */
export interface ActivationRange {
  /** The percentile of those that are not 0, by size. */
  readonly high: number;
  readonly max: number;
  /** Of all. */
  readonly mean: number;
  /** `high` of every channel (last axis) by itself; null where none was asked for, and where channels are another axis. */
  readonly channels: Float64Array | null;
}

/** What {@link activationRanges} measures. */
export interface RangeOptions {
  /** From 0 to 100. */
  readonly percentile: number;
  /** The calls that are looked at. */
  readonly measured: readonly LayerCall[];
  /** Whether every channel is looked at by itself too. */
  readonly perChannel?: boolean;
}

/** Numbers that are kept of a layer to find percentiles from, and of a channel at least. */
const KEPT = 2 ** 18;
const KEPT_OF_CHANNEL = 2 ** 12;
const BATCH = 32;

/**
 * Runs a model layer by layer and measures its activations.
 * @param inputs - of the graph, `[items, ...shape]` each (`[items, steps, ...shape]` of a temporal model)
 * @returns by path of these calls' layers
 */
export function activationRanges(
  graph: ModelGraph,
  inputs: readonly tf.Tensor[],
  { percentile, measured, perChannel = false }: RangeOptions,
): Map<string, ActivationRange> {
  const items = inputs[0].shape[0];
  const samples = new Map(measured.map(({ path }) => [path, new Sample(KEPT)]));
  const byChannel = new Map<string, readonly Sample[]>();
  if (perChannel)
    for (const { path, layer, outputs } of measured) {
      const channels = outputs[0].shape.at(-1) ?? 1;
      const kept = Math.max(KEPT_OF_CHANNEL, Math.floor(KEPT / channels));
      if (channelsLast(layer as ImageLayer))
        byChannel.set(
          path,
          Array.from({ length: channels }, () => new Sample(kept)),
        );
    }
  const looked = new Set(measured);
  for (let from = 0; from < items; from += BATCH) {
    tf.tidy(() => {
      const count = Math.min(BATCH, items - from);
      runCalls(
        graph,
        inputs.map((x) => tf.slice(x, [from], [count])),
        (call, [first]) => {
          if (!looked.has(call)) return;
          const activations = first.dataSync<"float32">();
          samples.get(call.path)!.add(activations, 0, 1);
          const channels = byChannel.get(call.path) ?? [];
          channels.forEach((sample, c) => {
            sample.add(activations, c, channels.length);
          });
        },
      );
    });
  }
  return new Map(
    [...samples].map(([path, sample]) => {
      const channels = byChannel.get(path);
      return [
        path,
        {
          high: sample.high(percentile),
          max: sample.max,
          mean: sample.mean,
          channels: channels === undefined ? null : Float64Array.from(channels, (one) => one.high(percentile)),
        },
      ];
    }),
  );
}

/** Sizes of activations: all of them counted, an even part of them kept. */
class Sample {
  max = 0;
  private readonly room: number;
  private kept: number[] = [];
  private every = 1;
  private seen = 0;
  private sum = 0;

  /** @param room - numbers that are kept at least, once there are so many */
  constructor(room: number) {
    this.room = room;
  }

  get mean(): number {
    return this.sum / Math.max(1, this.seen);
  }

  add(values: Float32Array, from: number, stride: number): void {
    for (let k = from; k < values.length; k += stride) {
      const size = Math.abs(values[k]);
      this.sum += size;
      if (size > this.max) this.max = size;
      if (size > 0 && this.seen % this.every === 0) this.kept.push(size);
      this.seen++;
      if (this.kept.length < 2 * this.room) continue;
      this.kept = this.kept.filter((_, i) => i % 2 === 0);
      this.every *= 2;
    }
  }

  /** The percentile of those that are not 0. */
  high(percentile: number): number {
    if (percentile >= 100 || this.kept.length === 0) return this.max;
    const sorted = Float64Array.from(this.kept).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor((percentile / 100) * sorted.length))];
  }
}
