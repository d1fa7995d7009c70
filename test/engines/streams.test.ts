import { expect } from "chai";
import { makeStreams, type StreamSource, type Streams } from "../../src/engines/streams.ts";
import type { Stream, StreamMaker, StreamSeed } from "../../src/ir/program.ts";
import { RandomState } from "../../src/math/random.ts";
import { programOf } from "../support/programs.ts";

const MAXINT = 2147483647;
const generator: StreamMaker = { kind: "generator" };
const stream = (seed: StreamSeed, maker: StreamMaker = generator): Stream => ({ origin: "stream", seed, maker });
const program = (...streams: Stream[]) => programOf([], { streams });
const draw: StreamSeed = { kind: "draw" };
/** The first number that the generator of a source gives. */
const first = (source: StreamSource | undefined): number => (source as { rng: RandomState }).rng.uniform();
const firsts = ({ sources }: Streams): number[][] => sources.map((own) => own.map(first));
const seeded = (seed: number): number => new RandomState(seed).uniform();
/** The k-th seed that a simulator's generator draws. */
const drawn = (seed: number, k: number): number => {
  const rng = new RandomState(seed);
  return Array.from({ length: k + 1 }, () => rng.randint(0, MAXINT))[k];
};

describe("makeStreams", () => {
  it("draws seeds from the simulator's, in the order of the streams", () => {
    const streams = makeStreams(program(stream(draw), stream(draw), stream(draw)), 12, [0]);
    expect(firsts(streams)).to.deep.equal([0, 1, 2].map((k) => [seeded(drawn(12, k))]));
  });

  it("counts draws of streams that make nothing, but not those with seeds of their own", () => {
    const own = stream({ kind: "fixed", seed: 7 });
    const streams = makeStreams(program(stream(draw, { kind: "none" }), own, stream({ kind: "object", seed: 8 }), stream(draw)), 12, [0]);
    expect(streams.sources[0]).to.deep.equal([null]);
    expect([1, 2, 3].map((k) => first(streams.sources[k][0]))).to.deep.equal([seeded(7), seeded(9), seeded(drawn(12, 1))]);
  });

  it("gives item b what a simulator of seed + b draws", () => {
    const two = program(stream(draw), stream(draw));
    expect(firsts(makeStreams(two, 12, [0, 1, 2]))).to.deep.equal([0, 1].map((k) => [0, 1, 2].map((b) => seeded(drawn(12 + b, k)))));
    expect(firsts(makeStreams(two, 2 ** 32 - 1, [0, 1]))).to.deep.equal(
      [0, 1].map((k) => [seeded(drawn(2 ** 32 - 1, k)), seeded(drawn(0, k))]),
    );
  });

  it("gives the same item the same streams, alone and in a batch", () => {
    const all = program(stream(draw), stream({ kind: "fixed", seed: 3 }), stream({ kind: "object", seed: 4 }), stream(draw));
    const batch = firsts(makeStreams(all, 5, [0, 1, 2, 3]));
    for (const b of [0, 1, 2, 3]) expect(firsts(makeStreams(all, 5, [b])), `item ${b}`).to.deep.equal(batch.map((own) => [own[b]]));
    expect(firsts(makeStreams(all, 5, [3, 1]))).to.deep.equal(batch.map((own) => [own[3], own[1]]));
  });

  it("gives streams of a fixed seed to all items alike, yet each its own generator", () => {
    const { sources } = makeStreams(program(stream({ kind: "fixed", seed: 3 })), 5, [0, 1]);
    expect(sources[0].map(first)).to.deep.equal([seeded(3), seeded(3)]);
    expect(sources[0][0]).not.to.equal(sources[0][1]);
  });

  it("starts streams of an object at its seed + 1, and other items elsewhere", () => {
    const streams = Array.from({ length: 20 }, (_, k) => stream({ kind: "object", seed: k }));
    const { sources } = makeStreams(program(...streams), 5, [0, 1, 2, 3, 4]);
    const numbers = sources.map((own) => own.map(first));
    expect(numbers.map((own) => own[0])).to.deep.equal(streams.map((_, k) => seeded(k + 1)));
    expect(new Set(numbers.flat()).size).to.equal(100);
    expect(first(makeStreams(program(stream({ kind: "object", seed: 2 ** 32 - 1 })), 5, [0]).sources[0][0])).to.equal(seeded(0));
  });

  it("lays out a process once where seeds are equal, and makes a step function for every item", () => {
    let tables = 0;
    const table: StreamMaker = {
      kind: "process",
      make: (rng) => ({ rows: 1, data: Float64Array.of(++tables, rng.uniform()), mode: "hold", offset: 0 }),
    };
    const fixed = makeStreams(program(stream({ kind: "fixed", seed: 3 }, table)), 5, [0, 1, 2]).sources[0];
    expect([fixed[0], fixed[1]]).to.deep.equal([fixed[2], fixed[2]]);
    expect(tables).to.equal(1);
    expect((fixed[0] as { table: { data: Float64Array } }).table.data[1]).to.equal(seeded(3));
    expect(new Set(makeStreams(program(stream(draw, table)), 5, [0, 1, 2]).sources[0])).to.have.property("size", 3);
    const steps: StreamMaker = { kind: "process", make: () => () => 0 };
    const made = makeStreams(program(stream({ kind: "fixed", seed: 3 }, steps)), 5, [0, 1]).sources[0] as { step: unknown }[];
    expect(made[0].step).not.to.equal(made[1].step);
  });

  it("starts anew, but lets generators of objects go on where they were", () => {
    const both = program(stream(draw), stream({ kind: "object", seed: 4 }));
    const before = makeStreams(both, 5, [0, 1]);
    const once = firsts(before);
    const after = firsts(makeStreams(both, 5, [0, 1], before));
    expect(after[0]).to.deep.equal(once[0]);
    const rng = new RandomState(5);
    rng.uniform();
    expect(after[1][0]).to.equal(rng.uniform());
    expect(after[1]).not.to.deep.equal(once[1]);
    expect(firsts(makeStreams(both, 5, [0, 1]))).to.deep.equal(once);
  });
});
