import { expect } from "chai";
import fc from "fast-check";
import { Precedence, Readiness, Together } from "../../src/ir/precedence.ts";

interface Relation {
  /** Which of the groups come first. */
  readonly first: readonly number[];
  readonly then: readonly number[];
  readonly selfIsLoop: boolean;
}

/** First in, first out, as far as there is an order. */
function walk(count: number, isFree: (op: number) => boolean, done: (op: number) => readonly number[]): number[] {
  const queue = Array.from({ length: count }, (_, op) => op).filter(isFree);
  for (let head = 0; head < queue.length; head++) queue.push(...done(queue[head]));
  return queue;
}

function made(count: number, groups: readonly (readonly number[])[], relations: readonly Relation[]) {
  const precedence = new Precedence(count);
  const together = groups.map((members) => new Together(members));
  for (const { first, then, selfIsLoop } of relations)
    precedence.add(
      first.map((k) => together[k]),
      then,
      selfIsLoop,
    );
  return precedence;
}

/** Every pair an edge of its own, in the order in which it is first told. */
function pairs(count: number, groups: readonly (readonly number[])[], relations: readonly Relation[]): number[][] {
  const successors = Array.from({ length: count }, () => new Set<number>());
  for (const { first, then, selfIsLoop } of relations)
    for (const from of first.flatMap((k) => groups[k])) for (const to of then) if (from !== to || selfIsLoop) successors[from].add(to);
  return successors.map((set) => [...set]);
}

const cases = fc.integer({ min: 8, max: 40 }).chain((count) => {
  const op = fc.nat(count - 1);
  const some = (most: number) => fc.uniqueArray(op, { minLength: 1, maxLength: most });
  return fc.record({
    count: fc.constant(count),
    groups: fc.array(some(14), { minLength: 1, maxLength: 5 }),
    relations: fc.array(
      fc.record({ first: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }), then: some(9), selfIsLoop: fc.boolean() }),
      { minLength: 1, maxLength: 8 },
    ),
    // Most random relations are loops; with this only later operators wait.
    acyclic: fc.boolean(),
  });
});

describe("precedence", () => {
  it("is that of all pairs, and operators get free in the order of the pairs", () => {
    let whole = 0;
    let gates = 0;
    fc.assert(
      fc.property(cases, ({ count, groups, relations: all, acyclic }) => {
        const relations = all
          .map(({ first, then, selfIsLoop }): Relation => {
            const known = first.filter((k) => k < groups.length);
            const last = Math.max(-1, ...known.flatMap((k) => groups[k]));
            return { first: known, then: acyclic ? then.filter((op) => op > last) : then, selfIsLoop };
          })
          .filter(({ first, then }) => first.length > 0 && then.length > 0);
        const successors = pairs(count, groups, relations);
        const waiting = Array.from({ length: count }, () => 0);
        successors.flat().forEach((to) => waiting[to]++);
        const wanted = walk(
          count,
          (op) => waiting[op] === 0,
          (op) => successors[op].filter((to) => --waiting[to] === 0),
        );
        const precedence = made(count, groups, relations);
        expect(precedence.successors()).to.deep.equal(successors);
        const readiness = new Readiness(precedence);
        const got = walk(
          count,
          (op) => readiness.isFree(op),
          (op) => readiness.done(op),
        );
        expect(got).to.deep.equal(wanted);
        if (got.length === count && relations.length > 0) whole++;
        if (precedence.nodes > count) gates++;
      }),
      { seed: 8, numRuns: 3000 },
    );
    expect(whole).to.be.above(500);
    expect(gates).to.be.above(500);
  });

  it("of many before many is as large as both together", () => {
    const [many, more] = [0, 3000].map((start) => Array.from({ length: 3000 }, (_, k) => start + k));
    const precedence = made(6000, [many], [{ first: [0], then: more, selfIsLoop: false }]);
    const entries = Array.from({ length: precedence.nodes }, (_, node) => precedence.waitingFor(node).length / 2);
    expect(entries.reduce((a, b) => a + b)).to.be.below(7000);
    const readiness = new Readiness(precedence);
    expect(many.slice(0, -1).flatMap((op) => readiness.done(op))).to.deep.equal([]);
    expect(readiness.done(2999)).to.deep.equal(more);
  });
});
