import type { Dtype, Floats } from "../engine.ts";
import { lanesOf } from "./lanes.ts";
import { OwnArena, viewOf, type Arena } from "./memory.ts";

/** Frees memory that was had in an arena which outlives its owner. */
const abandoned = new FinalizationRegistry<{ readonly arena: Arena; readonly owned: ReadonlySet<number> }>(({ arena, owned }) => {
  for (const address of owned) arena.free(address);
});

/** What one executable has in an arena: blocks that are freed together, and views that follow the memory when it grows. */
export class OwnedMemory {
  readonly arena: Arena;
  readonly dtype: Dtype;
  /** Bytes of a number. */
  readonly bytes: number;
  private readonly owned = new Set<number>();
  private wordView = new Int32Array(0);
  private numberView: Floats = new Float64Array(0);

  constructor(arena: Arena, dtype: Dtype) {
    this.arena = arena;
    this.dtype = dtype;
    this.bytes = lanesOf(dtype).bytes;
    if (!(arena instanceof OwnArena)) abandoned.register(this, { arena, owned: this.owned }, this);
  }

  /** @throws SimulationError where there is no room */
  allocate(bytes: number): number {
    const address = this.arena.allocate(bytes);
    this.owned.add(address);
    return address;
  }

  free(address: number): void {
    this.owned.delete(address);
    this.arena.free(address);
  }

  /** Takes over blocks that were allocated in the arena. */
  adopt(addresses: readonly number[]): void {
    for (const address of addresses) this.owned.add(address);
  }

  /** Numbers at an address, until the memory grows. */
  view(address: number, length: number): Floats {
    return viewOf(this.arena, this.dtype, address, length);
  }

  /** All memory as 32-bit integers. */
  get words(): Int32Array {
    const { buffer } = this.arena.memory;
    if (this.wordView.buffer !== buffer) this.wordView = new Int32Array(buffer);
    return this.wordView;
  }

  /** All memory as numbers of the dtype. */
  get numbers(): Floats {
    const { buffer } = this.arena.memory;
    if (this.numberView.buffer !== buffer) this.numberView = this.dtype === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
    return this.numberView;
  }

  dispose(): void {
    abandoned.unregister(this);
    for (const address of this.owned) this.arena.free(address);
    this.owned.clear();
  }
}
