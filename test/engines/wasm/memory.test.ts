import { expect } from "chai";
import fc from "fast-check";
import { ArenaArray, OwnArena } from "../../../src/engines/wasm/memory.ts";
import { SimulationError } from "../../../src/errors.ts";

describe("an arena", () => {
  it("gives blocks that never overlap, lie at multiples of 16, and come again when they are freed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200000 }), fc.boolean(), fc.nat()), { minLength: 1, maxLength: 60 }),
        (steps) => {
          const arena = new OwnArena();
          const live: { at: number; bytes: number }[] = [];
          for (const [bytes, release, which] of steps) {
            const at = arena.allocate(bytes);
            expect(at % 16).to.equal(0);
            expect(at + bytes).to.be.at.most(arena.memory.buffer.byteLength);
            for (const other of live) expect(at + bytes <= other.at || other.at + other.bytes <= at).to.equal(true);
            live.push({ at, bytes });
            if (release) arena.free(live.splice(which % live.length, 1)[0].at);
          }
          for (const { at } of live) arena.free(at);
          // All is one unused piece again: what fits the memory once fits it twice in turn.
          const whole = arena.memory.buffer.byteLength;
          for (const _ of [1, 2]) arena.free(arena.allocate(whole - 4096));
          expect(arena.memory.buffer.byteLength).to.equal(whole);
        },
      ),
      { seed: 71, numRuns: 200 },
    );
  });

  it("refuses what a memory cannot hold, and says how many bytes were asked for", () => {
    const arena = new OwnArena();
    expect(() => arena.allocate(5e9)).to.throw(SimulationError, /expected room for 5000000000 more bytes/);
    expect(arena.allocate(100)).to.be.above(0);
  });

  it("has arrays whose views are good after it has grown", () => {
    const arena = new OwnArena();
    const array = new ArenaArray(arena, "float64", 3);
    array.values.set([1, 2, 3]);
    const before = array.values;
    arena.allocate(1 << 20);
    expect(before.length).to.equal(0);
    expect([...array.values]).to.deep.equal([1, 2, 3]);
  });
});
