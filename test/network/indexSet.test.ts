import { expect } from "chai";
import fc from "fast-check";
import {
  ListIndices,
  RangeIndices,
  composed,
  fullRange,
  indexAt,
  indicesPicked,
  indicesSliced,
  type IndexSet,
} from "../../src/network/indexSet.ts";
import { fixture } from "../support/fixtures.ts";

const runs = { seed: 20240501, numRuns: 300 };
const letters = (size: number): string[] => Array.from({ length: size }, (_, k) => `item ${k}`);
const pick = (array: readonly string[], indices: IndexSet): string[] => Array.from(indices.toArray(), (k) => array[k]);
const everyStep = (array: readonly string[], step: number): string[] => array.filter((_, k) => k % step === 0);

/** Index sets into `size` components, of both kinds, made by slicing and picking. */
const indexSets = (size: number): fc.Arbitrary<IndexSet> => {
  const bound = fc.option(fc.integer({ min: -size - 2, max: size + 2 }));
  const step = fc.integer({ min: -3, max: 3 }).filter((s) => s !== 0);
  const sliced = fc.tuple(bound, bound, step).map(([start, stop, by]): IndexSet => indicesSliced(size, start, stop, by));
  if (size === 0) return sliced;
  return fc.oneof(
    sliced,
    fc.array(fc.integer({ min: -size, max: size - 1 }), { maxLength: 6 }).map((list): IndexSet => indicesPicked(size, list)!),
  );
};

describe("IndexSet", () => {
  it("slices as Python does, negative steps included", () => {
    const { cases } = fixture<{ cases: [number, number | null, number | null, number, number[]][] }>("network/slices.json");
    expect(cases.length).to.equal(1800);
    for (const [size, start, stop, step, picked] of cases) {
      expect(Array.from(indicesSliced(size, start, stop, step).toArray()), `${size}: ${start}, ${stop}, ${step}`).to.deep.equal(picked);
    }
  });

  it("slices as Array.prototype.slice does", () => {
    const bound = fc.integer({ min: -14, max: 14 });
    fc.assert(
      fc.property(fc.nat(12), bound, bound, fc.integer({ min: 1, max: 4 }), (size, start, stop, step) => {
        const array = letters(size);
        expect(pick(array, indicesSliced(size, start, stop, step))).to.deep.equal(everyStep(array.slice(start, stop), step));
        expect(pick(array, indicesSliced(size, null, stop, step))).to.deep.equal(everyStep(array.slice(0, stop), step));
        expect(pick(array, indicesSliced(size, start, null, step))).to.deep.equal(everyStep(array.slice(start), step));
      }),
      runs,
    );
  });

  it("takes a step of -1 as the reverse", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.integer({ min: 1, max: 4 }), (size, step) => {
        const array = letters(size);
        expect(pick(array, indicesSliced(size, null, null, -step))).to.deep.equal(everyStep(array.toReversed(), step));
      }),
      runs,
    );
  });

  it("finds one component as Array.prototype.at does", () => {
    fc.assert(
      fc.property(fc.nat(8), fc.integer({ min: -10, max: 10 }), (size, index) => {
        const array = letters(size);
        const found = indexAt(size, index);
        expect(found === null ? undefined : pick(array, found)[0]).to.equal(array.at(index));
      }),
      runs,
    );
  });

  it("picks as Array.prototype.at does, or nothing if one index is out of range", () => {
    fc.assert(
      fc.property(fc.nat(6), fc.array(fc.integer({ min: -8, max: 8 }), { maxLength: 5 }), (size, list) => {
        const array = letters(size);
        const wanted = list.map((k) => array.at(k));
        const found = indicesPicked(size, list);
        if (wanted.includes(undefined)) expect(found).to.equal(null);
        else expect(pick(array, found!)).to.deep.equal(wanted);
      }),
      runs,
    );
  });

  it("does not wrap large indices around", () => {
    expect(indicesPicked(4, [2 ** 32])).to.equal(null);
    expect(indexAt(4, 2 ** 32)).to.equal(null);
  });

  it("composes: indices into indices", () => {
    const pairs = fc
      .nat(9)
      .chain((size) => indexSets(size).chain((outer) => fc.tuple(fc.constant(size), fc.constant(outer), indexSets(outer.size))));
    fc.assert(
      fc.property(pairs, ([size, outer, inner]) => {
        const array = letters(size);
        expect(pick(array, composed(outer, inner))).to.deep.equal(pick(pick(array, outer), inner));
      }),
      runs,
    );
  });

  it("knows its size, repeats, and whether it is all", () => {
    fc.assert(
      fc.property(
        fc.nat(5).chain((size) => fc.tuple(fc.constant(size), indexSets(size))),
        ([size, indices]) => {
          const list = Array.from(indices.toArray());
          expect(indices.size).to.equal(list.length);
          expect(indices.hasRepeats).to.equal(list.some((k, at) => list.indexOf(k) !== at));
          expect(indices.isFull(size)).to.equal(list.join() === Array.from({ length: size }, (_, k) => k).join());
        },
      ),
      runs,
    );
  });

  it("keeps ranges as ranges", () => {
    expect(composed(indicesSliced(10, 1, 9, 2), indicesSliced(4, null, null, -1))).to.deep.equal(new RangeIndices(7, -2, 4));
    expect(composed(fullRange(4), indicesPicked(4, [3, -4])!)).to.deep.equal(new ListIndices(Int32Array.of(3, 0)));
    expect(indicesSliced(4, 3, 1, 1)).to.deep.equal(fullRange(0));
  });

  it("writes itself as Python would", () => {
    const texts = [
      indexAt(4, -1)!,
      indicesSliced(8, 1, 6, 1),
      indicesSliced(8, 1, 6, 2),
      indicesSliced(4, null, null, -1),
      indicesPicked(4, [2, 0, 0])!,
    ];
    expect(texts.map(String)).to.deep.equal(["[3]", "[1:6]", "[1:7:2]", "[3::-1]", "[2, 0, 0]"]);
    expect(
      String(
        indicesPicked(
          20,
          Array.from({ length: 20 }, (_, k) => k),
        ),
      ),
    ).to.equal("[0, 1, 2, 3, 4, 5, 6, ... 20 indices]");
  });
});
