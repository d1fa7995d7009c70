import type { Picked } from "../../ir/operators.ts";
import type { Operand, Range, Signal } from "../../ir/signal.ts";
import type { Layout } from "../../plan/layout.ts";
import type { Dtype, Floats } from "../engine.ts";
import { v128, type Code } from "./code.ts";
import { elementary32 } from "./elementary32.ts";
import { elementary64 } from "./elementary64.ts";
import type { CallElementary, Elementary } from "./expressions.ts";
import { lanesOf, type Lanes } from "./lanes.ts";
import { viewOf, type Arena } from "./memory.ts";
import type { Callable, ModuleBuilder } from "./module.ts";

/** Where things are, for the code that is made for a plan. */
export interface Places {
  readonly layout: Layout;
  readonly dtype: Dtype;
  /** Items that are simulated. */
  readonly batch: number;
  /** Distance between elements of a per-item signal: the batch, filled up to whole vectors where there are several items. */
  readonly width: number;
  readonly item: number;
  readonly shared: number;
}

/** Bytes of a listed column: where its weights begin (32 bits), and from the middle on its input, a number or a vector of items. */
export const ENTRY = 32;

/** Byte offsets in the clock: steps done, and step within the call, as 32-bit integers. */
export const CLOCK = { step: 0, row: 4 } as const;
const CLOCK_BYTES = 16;

/** Blocks of constants are cut from chunks of this size, in bytes. */
const CHUNK = 1 << 16;

/** What is shared while the code of one plan is made. */
export class Lowering {
  readonly module: ModuleBuilder;
  readonly lanes: Lanes;
  readonly places: Places;
  readonly arena: Arena;
  /** Called with the number of a JavaScript kernel. */
  readonly host: Callable;
  readonly remainder: Callable;
  /** Where products list the columns that are not zero, and where the clock and the descriptors of feeds and records stand. */
  readonly columnList: number;
  readonly clock: number;
  /** Blocks to be freed with the code. */
  readonly blocks: number[] = [];
  private readonly lists: number[] = [];
  private readonly functions = new Map<string, Callable>();
  private chunk = { address: 0, left: 0 };

  constructor(
    module: ModuleBuilder,
    arena: Arena,
    places: Places,
    { imports, columns }: { readonly imports: { readonly host: Callable; readonly remainder: Callable }; readonly columns: number },
  ) {
    this.module = module;
    this.arena = arena;
    this.places = places;
    this.lanes = lanesOf(places.dtype);
    this.host = imports.host;
    this.remainder = imports.remainder;
    this.columnList = this.allocate((columns + 1) * ENTRY);
    this.clock = this.allocate(CLOCK_BYTES);
  }

  /** Numbers between neighbouring elements of a signal. */
  stride(signal: Signal): number {
    return signal.perItem ? this.places.width : 1;
  }

  /** Address of an element. */
  address({ signal, offset }: Range | Operand | Picked): number {
    const { layout, item, shared } = this.places;
    return (signal.perItem ? item : shared) + (layout.offsetOf(signal) + offset) * this.stride(signal) * this.lanes.bytes;
  }

  /** Bytes of scratch memory or constants, all zero. */
  allocate(bytes: number): number {
    const size = Math.ceil(bytes / 16) * 16;
    if (size > CHUNK / 4) return this.block(size);
    if (size > this.chunk.left) this.chunk = { address: this.block(CHUNK), left: CHUNK };
    const { address } = this.chunk;
    this.chunk.address += size;
    this.chunk.left -= size;
    return address;
  }

  private block(bytes: number): number {
    const address = this.arena.allocate(bytes);
    new Uint8Array(this.arena.memory.buffer, address, bytes).fill(0);
    this.blocks.push(address);
    return address;
  }

  /** Address of a table of integers. */
  integers(values: ArrayLike<number>): number {
    const address = this.allocate(values.length * 4);
    new Int32Array(this.arena.memory.buffer, address, values.length).set(values);
    return address;
  }

  /** Address of a table of numbers. */
  numbers(values: ArrayLike<number>): number {
    const address = this.allocate(values.length * this.lanes.bytes);
    this.view(address, values.length).set(values);
    return address;
  }

  view(address: number, length: number): Floats {
    return viewOf(this.arena, this.places.dtype, address, length);
  }

  /** Address of the k-th list of lanes; where it is first asked for, with the bytes that it needs. */
  laneList(k: number, bytes = 0): number {
    return (this.lists[k] ??= this.allocate(bytes));
  }

  /** A function that is made once for a plan. */
  once(key: string, make: () => Callable): Callable {
    let made = this.functions.get(key);
    if (made === undefined) {
      made = make();
      this.functions.set(key, made);
      this.module.name(made, key);
    }
    return made;
  }

  readonly callElementary: CallElementary = (name: Elementary, x: Code): Code => {
    const write = this.places.dtype === "float64" ? elementary64[name] : elementary32[name];
    return this.once(`elementary ${name}`, () =>
      this.module.function([v128], [v128], (f, [argument]) => f.emit(write(f, argument.get))),
    ).call(x);
  };
}
