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

/** Rows of all items, `[batch, capacity, size]`, of which the first `used` are there. */
interface Block {
  readonly data: Floats;
  readonly capacity: number;
  used: number;
}

/** Rows in the first block. */
const FIRST = 16;

/** A probe's rows, in blocks that double; joined when they are asked for. */
export class ProbeStore {
  /** Where the rows go for which {@link room} made room; always the same object. */
  readonly table: { data: Floats; offset: number; itemStride: number; stepStride: number };
  private blocks: Block[] = [];
  private readonly batch: number;
  private readonly shape: readonly number[];
  private readonly size: number;
  private readonly batched: boolean;
  private readonly empty: Floats;
  private joined: ProbeData | null = null;

  constructor({ batch, shape, batched, empty }: { batch: number; shape: readonly number[]; batched: boolean; empty: Floats }) {
    this.batch = batch;
    this.shape = shape;
    this.size = shape.reduce((a, b) => a * b, 1);
    this.batched = batched;
    this.empty = empty;
    this.table = { data: empty, offset: 0, itemStride: 0, stepStride: this.size };
  }

  /** Bytes of so many rows. */
  bytes(rows: number): number {
    return rows * this.batch * this.size * this.empty.BYTES_PER_ELEMENT;
  }

  /** Makes {@link table} a place for so many rows; they count once {@link commit} says so. */
  room(rows: number): void {
    if (rows === 0) return;
    const last = this.blocks.at(-1);
    let block = last;
    if (block === undefined || block.used + rows > block.capacity) {
      const more = last === undefined ? FIRST : Math.ceil(Math.min(2 * last.capacity, MOST / Math.max(1, this.batch * this.size)));
      const capacity = Math.max(rows, more);
      const Type = this.empty.constructor as new (length: number) => Floats;
      block = { data: new Type(this.batch * capacity * this.size), capacity, used: 0 };
      // One that was made room for and never used gives way.
      if (last?.used === 0) this.blocks.pop();
      this.blocks.push(block);
    }
    this.table.data = block.data;
    this.table.offset = block.used * this.size;
    this.table.itemStride = block.capacity * this.size;
  }

  commit(rows: number): void {
    if (rows === 0) return;
    this.blocks.at(-1)!.used += rows;
    this.joined = null;
  }

  clear(): void {
    this.blocks = [];
    this.joined = null;
  }

  private get rows(): number {
    return this.blocks.reduce((sum, b) => sum + b.used, 0);
  }

  /** What is stored now, to be put back by the result. */
  save(): () => void {
    const before = this.rows;
    return () => {
      let left = before;
      for (const block of this.blocks) {
        block.used = Math.min(block.used, left);
        left -= block.used;
      }
      this.blocks = this.blocks.filter((b) => b.used > 0);
      this.joined = null;
    };
  }

  get(): ProbeData {
    if (this.joined !== null) return this.joined;
    const { rows, size, batch } = this;
    const [first] = this.blocks as [Block | undefined];
    let data = first?.data ?? this.empty;
    if (first !== undefined && this.blocks.length === 1 && (batch === 1 || first.used === first.capacity)) {
      // What is added later lies behind what is shown here.
      data = data.subarray(0, batch * rows * size);
    } else if (first !== undefined) {
      const Type = data.constructor as new (length: number) => Floats;
      data = new Type(batch * rows * size);
      for (let b = 0, to = 0; b < batch; b++) {
        for (const block of this.blocks) {
          const from = b * block.capacity * size;
          data.set(block.data.subarray(from, from + block.used * size), to);
          to += block.used * size;
        }
      }
      this.blocks = [{ data, capacity: rows, used: rows }];
    }
    const shape = [...(this.batched ? [batch] : []), rows, ...this.shape];
    this.joined = new ProbeData(shape, data, this.batched);
    return this.joined;
  }
}

/** Numbers in a block beyond what a run asks for. */
const MOST = 2 ** 22;
