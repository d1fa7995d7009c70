import type { RandomState } from "../math/random.ts";

import type { Operator } from "./operators.ts";
import type { Signal } from "./signal.ts";
import type { ProcessStep, ProcessTable } from "./source.ts";

/** Where a stream's seed comes from. */
export type StreamSeed =
  /** The same for every item. */
  | { readonly kind: "fixed"; readonly seed: number }
  /** The next draw of the simulator's generator (item b: of a generator seeded with simulator seed + b), in stream order. */
  | { readonly kind: "draw" }
  /** Seed of a network object + 1 (item b > 0: a hash of both); not made anew by a reset. */
  | { readonly kind: "object"; readonly seed: number };

/** What a stream makes from its generator, once an item. */
export type StreamMaker =
  /** A process: laid out ahead as a table where it can be, else a step function. */
  | { readonly kind: "process"; readonly make: (rng: RandomState) => ProcessTable | ProcessStep }
  /** The generator itself, for `draw`. */
  | { readonly kind: "generator" }
  /** Takes its place in the order of draws and nothing else (a synapse). */
  | { readonly kind: "none" };

/** A random stream. Streams never merge; their order is Nengo's step order. */
export interface Stream {
  readonly origin: string;
  readonly seed: StreamSeed;
  readonly maker: StreamMaker;
}

/** A network as signals and operators, in an order that may be run as it stands. */
export interface Program {
  /** Seconds. */
  readonly dt: number;
  readonly operators: readonly Operator[];
  readonly streams: readonly Stream[];
  /** Signals that are looked at after a run; what writes them is never simplified away. */
  readonly results: readonly Signal[];
}
