import { SimulationError } from "../../errors.ts";
import type { Dtype, EngineArray, Floats } from "../engine.ts";

/** Memory of WebAssembly with room for allocation. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** Address of `bytes` bytes, a multiple of 16; what is there is anything. @throws SimulationError where there is no room */
  allocate(bytes: number): number;
  free(address: number): void;
}

/** Vectors at the end of a block may be read as whole ones. */
const SLACK = 32;
const PAGE = 65536;
const MOST_PAGES = 65536;

interface Hole {
  address: number;
  bytes: number;
}

/** A memory of its own, which grows as needed. */
export class OwnArena implements Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly holes: Hole[] = [];
  private readonly sizes = new Map<number, number>();
  /** Where unused memory begins. Code compares addresses with some bytes before others, so there must be some. */
  private end = 1024;

  allocate(bytes: number): number {
    const size = Math.ceil((bytes + SLACK) / 16) * 16;
    const k = this.holes.findIndex((hole) => hole.bytes >= size);
    if (k >= 0) {
      const hole = this.holes[k];
      const { address } = hole;
      if (hole.bytes === size) this.holes.splice(k, 1);
      else {
        hole.address += size;
        hole.bytes -= size;
      }
      this.sizes.set(address, size);
      return address;
    }
    const address = this.end;
    this.reserve(address + size, bytes);
    this.end = address + size;
    this.sizes.set(address, size);
    return address;
  }

  free(address: number): void {
    const bytes = this.sizes.get(address);
    if (bytes === undefined) return;
    this.sizes.delete(address);
    const at = this.holes.findIndex((hole) => hole.address > address);
    const k = at < 0 ? this.holes.length : at;
    this.holes.splice(k, 0, { address, bytes });
    // Neighbouring holes become one, and one at the end unused memory.
    for (const i of [k + 1, k]) {
      const [left, right] = [this.holes[i - 1], this.holes[i]] as [Hole | undefined, Hole | undefined];
      if (left === undefined || right === undefined || left.address + left.bytes !== right.address) continue;
      left.bytes += right.bytes;
      this.holes.splice(i, 1);
    }
    const last = this.holes.at(-1);
    if (last !== undefined && last.address + last.bytes === this.end) {
      this.end = last.address;
      this.holes.pop();
    }
  }

  private reserve(bytes: number, wanted: number): void {
    const pages = Math.ceil(bytes / PAGE);
    const have = this.memory.buffer.byteLength / PAGE;
    if (pages <= have) return;
    try {
      if (pages > MOST_PAGES) throw new RangeError("above 4 GiB");
      // By a quarter more than asked for, so that many small blocks do not mean many growths.
      this.memory.grow(Math.min(Math.max(pages, Math.ceil(have * 1.25)), MOST_PAGES) - have);
    } catch (error) {
      throw outOfMemory(wanted, have * PAGE, error);
    }
  }
}

/** There is no room for so many bytes. */
export const outOfMemory = (bytes: number, used: number, cause?: unknown): SimulationError =>
  new SimulationError(
    `wasm engine: expected room for ${bytes} more bytes, got none: ${used} are in use, and a memory has 4 GiB at most. ` +
      "Keep fewer data (sampleEvery, onChunk), run fewer items at once, or use dtype float32.",
    { cause },
  );

/** Numbers in an arena. */
export class ArenaArray implements EngineArray {
  readonly arena: Arena;
  readonly dtype: Dtype;
  readonly length: number;
  readonly address: number;

  constructor(arena: Arena, dtype: Dtype, length: number, address = arena.allocate(length * (dtype === "float64" ? 8 : 4))) {
    this.arena = arena;
    this.dtype = dtype;
    this.length = length;
    this.address = address;
  }

  get values(): Floats {
    return viewOf(this.arena, this.dtype, this.address, this.length);
  }

  free(): void {
    this.arena.free(this.address);
  }
}

/** A view of numbers in an arena, good until its memory grows. */
export function viewOf({ memory }: Arena, dtype: Dtype, address: number, length: number): Floats {
  return dtype === "float64" ? new Float64Array(memory.buffer, address, length) : new Float32Array(memory.buffer, address, length);
}
