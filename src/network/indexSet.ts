import { ValidationError, describe } from "../errors.ts";

/** Indices `start, start + step, ...`. */
export class RangeIndices {
  readonly kind = "range";
  readonly start: number;
  readonly step: number;
  readonly length: number;

  constructor(start: number, step: number, length: number) {
    this.start = start;
    this.step = step;
    this.length = length;
    Object.freeze(this);
  }

  /** How many indices there are. */
  get size(): number {
    return this.length;
  }
  get hasRepeats(): boolean {
    return false;
  }
  /** Whether these are 0, 1, ..., size - 1. */
  isFull(size: number): boolean {
    return this.length === size && (size === 0 || (this.start === 0 && (this.step === 1 || size === 1)));
  }
  toArray(): Int32Array {
    const indices = new Int32Array(this.length);
    for (let k = 0; k < indices.length; k++) indices[k] = this.start + k * this.step;
    return indices;
  }
  toString(): string {
    if (this.length === 1) return `[${this.start}]`;
    const stop = this.start + this.length * this.step;
    return `[${this.start}:${stop < 0 ? "" : stop}${this.step === 1 ? "" : `:${this.step}`}]`;
  }
}

/** Indices in any order, repeats allowed. */
export class ListIndices {
  readonly kind = "list";
  readonly list: Int32Array;

  constructor(list: Int32Array) {
    this.list = list;
    Object.freeze(this);
  }

  /** How many indices there are. */
  get size(): number {
    return this.list.length;
  }
  get hasRepeats(): boolean {
    return new Set(this.list).size < this.list.length;
  }
  /** Whether these are 0, 1, ..., size - 1. */
  isFull(size: number): boolean {
    return this.list.length === size && this.list.every((index, k) => index === k);
  }
  toArray(): Int32Array {
    return this.list.slice();
  }
  toString(): string {
    return this.list.length <= 8
      ? `[${this.list.join(", ")}]`
      : `[${this.list.subarray(0, 7).join(", ")}, ... ${this.list.length} indices]`;
  }
}

/** Which components of an object, all of them not negative and in range. */
export type IndexSet = RangeIndices | ListIndices;

/** All of `size` components. */
export const fullRange = (size: number): RangeIndices => new RangeIndices(0, 1, size);

/** Component `index` of `size`, negative from the end; null if there is none. */
export function indexAt(size: number, index: number): RangeIndices | null {
  const at = index < 0 ? index + size : index;
  return at >= 0 && at < size ? new RangeIndices(at, 1, 1) : null;
}

/** Listed components of `size`, negative from the end; null if one of them is out of range. */
export function indicesPicked(size: number, indices: readonly number[]): ListIndices | null {
  const list = indices.map((index) => (index < 0 ? index + size : index));
  return list.every((index) => index >= 0 && index < size) ? new ListIndices(Int32Array.from(list)) : null;
}

/** Python's `range(size)[start:stop:step]`. */
export function indicesSliced(size: number, start: number | null, stop: number | null, step: number): RangeIndices {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const clip = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const from = start === null ? (step > 0 ? low : high) : clip(start);
  const to = stop === null ? (step > 0 ? high : low) : clip(stop);
  const length = Math.max(0, Math.ceil((to - from) / step));
  return length === 0 ? fullRange(0) : new RangeIndices(from, step, length);
}

/** Indices into indices: element k is `outer[inner[k]]`. */
export function composed(outer: IndexSet, inner: IndexSet): IndexSet {
  if (outer.kind === "range" && inner.kind === "range") {
    return inner.length === 0 ? inner : new RangeIndices(outer.start + inner.start * outer.step, outer.step * inner.step, inner.length);
  }
  if (outer.isFull(outer.size)) return inner;
  const from = outer.toArray();
  return new ListIndices(inner.toArray().map((k) => from[k]));
}

/** Checks an integer of an `at`, `slice` or `pick`; returns it. */
export function checkIndex(owner: string, method: string, value: unknown): number {
  if (!Number.isInteger(value)) throw new ValidationError({ owner, parameter: method, expected: "integers", got: describe(value) });
  return value as number;
}
