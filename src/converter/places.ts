import type { SymbolicTensor, layers } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../errors.ts";

/** What a map of a conversion may be asked by: a symbolic tensor, a layer, or a name. */
export type PlaceKey = SymbolicTensor | layers.Layer | string;

/** An entry: something of the network with all that it may be asked by. */
export interface PlaceEntry<T> {
  readonly value: T;
  /** With the names of nested models before it. */
  readonly path: string;
  readonly layer: layers.Layer;
  readonly tensor: SymbolicTensor;
}

/** Things of a network by the model's tensors, layers or names, in the model's order; it iterates over `[path, value]`. */
export class Places<T> implements Iterable<readonly [string, T]> {
  private readonly entries: readonly PlaceEntry<T>[];
  private readonly what: string;

  constructor(what: string, entries: readonly PlaceEntry<T>[]) {
    this.what = what;
    this.entries = entries;
  }

  get size(): number {
    return this.entries.length;
  }

  /** Whether anything is known by a key. */
  has(key: PlaceKey): boolean {
    return this.entries.some((entry) => fits(entry, key));
  }

  /** @throws ValidationError where nothing is known by the key, or several things (a layer that is called several times) */
  get(key: PlaceKey): T {
    const found = this.entries.filter((entry) => fits(entry, key));
    if (found.length === 1) return found[0].value;
    const name =
      typeof key === "string" ? JSON.stringify(key) : "name" in key ? `${describe(key)} ${JSON.stringify(key.name)}` : describe(key);
    throw new ValidationError({
      owner: "Conversion",
      parameter: this.what,
      expected: found.length === 0 ? `one of ${this.entries.map(({ path }) => path).join(", ")}` : "something that the model has once",
      got: found.length === 0 ? name : `${name}, which is there ${found.length} times`,
      ...(found.length === 0 ? {} : { fix: "Ask by the symbolic tensor, or by the whole path of nested models" }),
    });
  }

  /** Paths with what is there. */
  [Symbol.iterator](): Iterator<readonly [string, T]> {
    return this.entries.map(({ path, value }) => [path, value] as const)[Symbol.iterator]();
  }

  /** All of it, in the model's order. */
  values(): T[] {
    return this.entries.map(({ value }) => value);
  }

  /** Paths, in the model's order. */
  keys(): string[] {
    return this.entries.map(({ path }) => path);
  }
}

const fits = <T>({ tensor, layer, path }: PlaceEntry<T>, key: PlaceKey): boolean =>
  key === tensor || key === layer || key === path || (typeof key === "string" && key === layer.name);
