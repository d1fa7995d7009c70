import type * as tf from "@tensorflow/tfjs-core";
import { outOfMemory, ArenaArray, type Arena } from "../wasm/memory.ts";

/*
 * The memory of tfjs's wasm backend as an arena, so that the engine reads and writes tensors where they are. These are internals of
 * tfjs 4.22 (`wasm.asm.memory`, `_malloc`, `dataIdMap`); where they are not as expected, or the memory is shared among threads, the
 * engine has a memory of its own and tensors are copied.
 */

interface BackendWasm {
  readonly wasm: {
    readonly asm?: { readonly memory?: unknown };
    readonly wasmMemory?: unknown;
    readonly _malloc?: (bytes: number) => number;
    readonly _free?: (address: number) => void;
  } | null;
  readonly dataIdMap?: { get(id: object): { readonly memoryOffset: number | null } | undefined };
  readonly makeOutput?: (shape: number[], dtype: "float32") => tf.TensorInfo;
}

/** Bytes after a block that may be read, and to align its start. */
const SLACK = 48;

/** Memory of a tfjs wasm backend. */
export class BackendArena implements Arena {
  readonly memory: WebAssembly.Memory;
  private readonly backend: BackendWasm;
  /** What `malloc` gave for the address that we gave. */
  private readonly blocks = new Map<number, number>();

  constructor(backend: BackendWasm, memory: WebAssembly.Memory) {
    this.backend = backend;
    this.memory = memory;
  }

  allocate(bytes: number): number {
    const block = this.backend.wasm!._malloc!(bytes + SLACK) >>> 0;
    if (block === 0) throw outOfMemory(bytes, this.memory.buffer.byteLength);
    const address = Math.ceil(block / 16) * 16;
    this.blocks.set(address, block);
    return address;
  }

  free(address: number): void {
    const block = this.blocks.get(address);
    if (block === undefined) return;
    this.blocks.delete(address);
    // A backend that is gone has freed all.
    this.backend.wasm?._free?.(block);
  }

  /** The numbers of a tensor, where they are; null if they are not in this memory. */
  arrayOf(tensor: tf.TensorInfo): ArenaArray | null {
    const address = this.backend.dataIdMap!.get(tensor.dataId)?.memoryOffset;
    if (address === undefined || address === null || tensor.dtype !== "float32") return null;
    return new ArenaArray(
      this,
      "float32",
      tensor.shape.reduce((a, b) => a * b, 1),
      address,
    );
  }

  /** A new tensor and its numbers. */
  output(shape: number[]): { readonly tensor: tf.TensorInfo; readonly array: ArenaArray } {
    const tensor = this.backend.makeOutput!(shape, "float32");
    return { tensor, array: this.arrayOf(tensor)! };
  }
}

const arenas = new WeakMap<object, BackendArena>();

/** The arena of a backend; null where its memory cannot be shared. */
export function arenaOf(backend: unknown): BackendArena | null {
  const b = backend as BackendWasm;
  const memory = b.wasm?.asm?.memory ?? b.wasm?.wasmMemory;
  if (!(memory instanceof WebAssembly.Memory) || !(memory.buffer instanceof ArrayBuffer)) return null;
  if (typeof b.wasm?._malloc !== "function" || typeof b.wasm._free !== "function") return null;
  if (typeof b.dataIdMap?.get !== "function" || typeof b.makeOutput !== "function") return null;
  let arena = arenas.get(b);
  if (arena === undefined) arenas.set(b, (arena = new BackendArena(b, memory)));
  return arena;
}
