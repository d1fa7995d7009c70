import { toldOf } from "../errors.ts";
import type { Program, Stream, StreamSeed } from "../ir/program.ts";
import { MAXINT, RandomState } from "../math/random.ts";
import type { ProcessStep, ProcessTable } from "../ir/source.ts";

/** What a stream has for one item. */
export type StreamSource = { readonly table: ProcessTable } | { readonly step: ProcessStep } | { readonly rng: RandomState } | null;

/** The random streams and processes of a program, for every item of a batch. */
export interface Streams {
  /** Source of a stream, an item each. */
  readonly sources: readonly (readonly StreamSource[])[];
}

/** A seed for item b > 0 from an object's seed (a 32-bit mix, so that neighbouring seeds do not share streams). */
function itemSeed(seed: number, item: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(item + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Makes all streams anew. Item 0 has the streams of an unbatched run with the same seed; item b draws from a generator
 * seeded with `seed + b`.
 * @param items - which items to make, e.g. [0, 1, 2] for a minibatch of 3, or [2] for a single run as item 2
 * @param kept - streams before a reset: generators of stochastic neurons go on where they were
 */
export function makeStreams(program: Program, seed: number, items: readonly number[], kept?: Streams): Streams {
  const perItem = items.map((item) => {
    const simulator = new RandomState((seed + item) % 2 ** 32);
    const seedOf = (s: StreamSeed): number => {
      if (s.kind === "fixed") return s.seed;
      if (s.kind === "draw") return simulator.randint(0, MAXINT);
      return item === 0 ? (s.seed + 1) % 2 ** 32 : itemSeed(s.seed, item);
    };
    return program.streams.map((stream) => ({ stream, seed: seedOf(stream.seed) }));
  });
  const sources = program.streams.map((stream, k) => {
    if (stream.seed.kind === "object" && kept !== undefined) return kept.sources[k];
    // Equal seeds give equal tables: made once.
    const made = new Map<number, StreamSource>();
    return perItem.map((streams) => {
      const itemsSeed = streams[k].seed;
      const known = made.get(itemsSeed);
      if (known !== undefined && known !== null && "table" in known) return known;
      const source = makeSource(stream, itemsSeed);
      made.set(itemsSeed, source);
      return source;
    });
  });
  return { sources };
}

function makeSource({ maker, origin }: Stream, seed: number): StreamSource {
  if (maker.kind === "none") return null;
  const rng = new RandomState(seed);
  if (maker.kind === "generator") return { rng };
  const made = toldOf(origin.replace(/^SimProcess /, ""), () => maker.make(rng));
  return typeof made === "function" ? { step: made } : { table: made };
}
