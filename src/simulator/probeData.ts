import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "../errors.ts";
import type { Floats } from "../engines/engine.ts";
import { toNested } from "../math/ndarray.ts";

/** Numbers of a probe: `[steps, ...size]`, or `[batch, steps, ...size]` for minibatches. */
export class ProbeData {
  readonly shape: readonly number[];
  readonly data: Floats;
  private readonly batched: boolean;

  constructor(shape: readonly number[], data: Floats, batched: boolean) {
    this.shape = shape;
    this.data = data;
    this.batched = batched;
  }

  /** Nested lists. */
  toArray(): unknown[] {
    return toNested(this.data, this.shape) as unknown[];
  }

  /** One item's data, `[steps, ...size]`. */
  item(index: number): ProbeData {
    const count = this.batched ? this.shape[0] : 1;
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new ValidationError({ owner: "ProbeData", parameter: "item", expected: `an item from 0 to ${count - 1}`, got: `${index}` });
    if (!this.batched) return this;
    const size = this.data.length / count;
    return new ProbeData(this.shape.slice(1), this.data.subarray(index * size, (index + 1) * size), false);
  }

  /** A float32 tensor, yours to dispose. */
  tensor(): tf.Tensor {
    return tf.tensor(Float32Array.from(this.data), [...this.shape], "float32");
  }
}

/** Chunks of a probe's rows `[batch, rows, size]`, joined when they are asked for. */
export class ProbeStore {
  private chunks: { readonly data: Floats; readonly rows: number }[] = [];
  private readonly batch: number;
  private readonly shape: readonly number[];
  private readonly batched: boolean;
  private readonly empty: Floats;
  private joined: ProbeData | null = null;

  constructor({ batch, shape, batched, empty }: { batch: number; shape: readonly number[]; batched: boolean; empty: Floats }) {
    this.batch = batch;
    this.shape = shape;
    this.batched = batched;
    this.empty = empty;
  }

  add(data: Floats, rows: number): void {
    if (rows === 0) return;
    this.chunks.push({ data, rows });
    this.joined = null;
  }

  clear(): void {
    this.chunks = [];
    this.joined = null;
  }

  /** What is stored now, to be put back by the result. */
  save(): () => void {
    const before = [...this.chunks];
    return () => {
      this.chunks = before;
      this.joined = null;
    };
  }

  get(): ProbeData {
    if (this.joined !== null) return this.joined;
    const size = this.shape.reduce((a, b) => a * b, 1);
    const rows = this.chunks.reduce((sum, c) => sum + c.rows, 0);
    let data = this.chunks[0]?.data ?? this.empty;
    if (this.chunks.length > 1) {
      const Type = data.constructor as new (length: number) => Floats;
      data = new Type(this.batch * rows * size);
      for (let b = 0, to = 0; b < this.batch; b++) {
        for (const chunk of this.chunks) {
          const count = chunk.rows * size;
          data.set(chunk.data.subarray(b * count, (b + 1) * count), to);
          to += count;
        }
      }
      this.chunks = [{ data, rows }];
    }
    const shape = [...(this.batched ? [this.batch] : []), rows, ...this.shape];
    this.joined = new ProbeData(shape, data, this.batched);
    return this.joined;
  }
}
