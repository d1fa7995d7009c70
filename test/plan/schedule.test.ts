import { expect } from "chai";
import fc from "fast-check";
import { add, input, mul } from "../../src/expr/expr.ts";
import { BuildError } from "../../src/errors.ts";
import type { ElementwiseOperator, HostOperator, Operator, Role } from "../../src/ir/operators.ts";
import { operand, range, type Range, type Signal } from "../../src/ir/signal.ts";
import { coalesce } from "../../src/plan/coalesce.ts";
import { dependencies } from "../../src/plan/dependencies.ts";
import { layOut } from "../../src/plan/layout.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { schedule } from "../../src/plan/schedule.ts";
import { perItem, programOf, recordOf, run, shared, whole } from "../support/programs.ts";

const [x, y] = [input("x"), input("y")];
const doubled = mul(2, x);

const copy = (from: Signal, to: Signal, role: Role, origin = `${from.name}->${to.name}`): Operator => ({
  kind: "copy",
  origin,
  source: whole(from),
  target: whole(to),
  role,
});
const set = (target: Range, origin = `set ${target.signal.name}`): Operator => ({ kind: "set", origin, target, value: 0 });
const twice = (from: Range, to: Range, role: Role = "set", constants: ElementwiseOperator["constants"] = {}): ElementwiseOperator => ({
  kind: "elementwise",
  origin: `${from.signal.name} -> ${to.signal.name}`,
  shape: [to.length],
  inputs: { x: operand(from) },
  constants,
  outputs: [{ operand: operand(to), role, expr: "c" in constants ? mul(input("c"), x) : doubled }],
  differentiable: true,
});
const host = (origin: string, inputs: readonly Signal[], output: Signal | null, role: Role = "set", log: string[] = []): HostOperator => ({
  kind: "host",
  origin,
  call: { kind: "function", call: () => (log.push(origin), [0]) },
  inputs: inputs.map((s) => range(s)),
  outputs: output === null ? [] : [{ range: range(output), role }],
  slot: null,
});

const origins = (operators: readonly Operator[]): string[][] => schedule(operators).map((g) => g.operators.map((op) => op.origin));
const before = (operators: readonly Operator[]): string[] =>
  dependencies(operators)
    .successors()
    .flatMap((next, i) => next.map((to) => `${operators[i].origin} < ${operators[to].origin}`))
    .sort();

describe("dependencies", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((n) => perItem(n, 4)) as [Signal, Signal, Signal, Signal];

  it("asks for sets, then increments, then reads, then updates", () => {
    // Written in the opposite order.
    const operators = [copy(b, a, "update", "update"), copy(a, c, "set", "read"), copy(d, a, "inc", "inc"), set(range(a), "set")];
    expect(before(operators)).to.deep.equal(["inc < read", "inc < update", "read < update", "set < inc", "set < read", "set < update"]);
  });

  it("looks only at what overlaps", () => {
    const part = (offset: number, length: number, role: "set" | "read"): Operator =>
      role === "set"
        ? set(range(a, offset, length), `set ${offset}`)
        : {
            kind: "copy",
            origin: `read ${offset}`,
            source: { ...range(a, offset, length), index: null },
            target: { ...range(b, offset, length), index: null },
            role: "set",
          };
    expect(before([part(0, 2, "set"), part(2, 2, "set"), part(0, 2, "read"), part(1, 2, "read"), part(2, 2, "read")])).to.deep.equal([
      "set 0 < read 0",
      "set 0 < read 1",
      "set 2 < read 1",
      "set 2 < read 2",
    ]);
    expect(before([set(range(a, 0, 0), "nothing"), copy(a, b, "set")])).to.deep.equal([]);
  });

  it("lets an operator read what it sets or updates itself", () => {
    expect(before([twice(range(a), range(a)), twice(range(b), range(b), "update")])).to.deep.equal([]);
  });

  it("does not ask about records", () => {
    expect(before([copy(a, b, "update"), recordOf(b)])).to.deep.equal([]);
  });

  it("keeps functions and draws in the program's order", () => {
    const draw: Operator = { kind: "draw", origin: "draw", distribution: "uniform", parameter: null, target: range(c), stream: 0 };
    expect(before([host("first", [], a), set(range(d)), draw, host("second", [], b)])).to.deep.equal(["draw < second", "first < draw"]);
  });
});

describe("schedule", () => {
  const [a, b, c, d, e, f] = ["a", "b", "c", "d", "e", "f"].map((n) => perItem(n, 2)) as [Signal, Signal, Signal, Signal, Signal, Signal];

  it("runs like operators as one group", () => {
    expect(origins([twice(range(a), range(b)), twice(range(c), range(d)), twice(range(e), range(f))])).to.deep.equal([
      ["a -> b", "c -> d", "e -> f"],
    ]);
  });

  it("does not merge what depends on each other, differs in expression, role, space or inner shape", () => {
    expect(origins([twice(range(a), range(b)), twice(range(b), range(c))])).to.deep.equal([["a -> b"], ["b -> c"]]);
    const sum: ElementwiseOperator = {
      ...twice(range(c), range(d)),
      outputs: [{ operand: operand(range(d)), role: "set", expr: add(x, x) }],
    };
    expect(origins([twice(range(a), range(b)), sum])).to.have.length(2);
    expect(origins([twice(range(a), range(b)), twice(range(c), range(d), "inc")])).to.have.length(2);
    expect(origins([twice(range(a), range(b)), twice(range(shared("s", [1, 2])), range(d))])).to.have.length(2);
    const grid = (columns: number, from: Signal, to: Signal): ElementwiseOperator => {
      const strides = [columns, 1];
      return {
        ...twice(range(from), range(to)),
        shape: [2 / columns, columns],
        inputs: { x: { signal: from, offset: 0, strides } },
        outputs: [{ operand: { signal: to, offset: 0, strides }, role: "set", expr: doubled }],
      };
    };
    expect(origins([grid(1, a, b), grid(2, c, d)])).to.have.length(2);
    expect(origins([grid(1, a, b), grid(1, c, d)])).to.have.length(1);
  });

  it("waits for all of a kind", () => {
    // c -> d is not ready before b -> c; the doubling of e waits for that of c.
    const order = origins([twice(range(e), range(f)), copy(a, c, "set"), twice(range(c), range(d))]);
    expect(order).to.deep.equal([["a->c"], ["e -> f", "c -> d"]]);
  });

  it("puts time first and records last", () => {
    const order = origins([recordOf(b), copy(a, b, "update"), { kind: "time", origin: "time" }, recordOf(a)]);
    expect(order).to.deep.equal([["time"], ["a->b"], ["record b", "record a"]]);
  });

  it("names the operators of a cycle and says what to do", () => {
    expect(() => schedule([copy(a, b, "set", "there"), copy(b, a, "set", "and back"), copy(c, d, "set", "elsewhere")])).to.throw(
      BuildError,
      /got one through there, and back\. Give one of the connections a synapse\.$/,
    );
    expect(() => schedule([copy(a, b, "set"), copy(b, a, "update")])).not.to.throw();
  });

  it("calls functions in the program's order, whatever else is merged", () => {
    const log: string[] = [];
    const chain = [
      host("one", [], a, "set", log),
      host("two", [], b, "set", log),
      twice(range(a), range(c)),
      host("three", [c], d, "set", log),
      host("four", [], null, "set", log),
      host("five", [b], e, "set", log),
    ];
    run(programOf(chain), 2);
    expect(log).to.deep.equal(["one", "two", "three", "four", "five", "one", "two", "three", "four", "five"]);
  });
});

describe("coalesce", () => {
  const many = (n: number, size: (k: number) => number) =>
    Array.from({ length: n }, (_, k) => [perItem(`a${k}`, size(k)), perItem(`b${k}`, size(k))] as const);
  const segmentsOf = (operators: readonly Operator[]) => {
    const { groups, layout } = planProgram(
      programOf([
        ...operators,
        ...operators.flatMap((op) => (op.kind === "elementwise" ? op.outputs.map((o) => recordOf(o.operand.signal)) : [])),
      ]),
    );
    const group = groups.filter((g) => g.kind === "elementwise");
    expect(group).to.have.length(1);
    return coalesce(group[0].operators as readonly ElementwiseOperator[], layout);
  };

  it("makes one index space of merged operators, whose signals lie side by side", () => {
    const segments = segmentsOf(many(5, (k) => k + 1).map(([from, to]) => twice(range(from), range(to))));
    expect(segments).to.have.length(1);
    expect(segments[0].shape).to.deep.equal([15]);
  });

  it("keeps a constant that all share, and spreads those that differ", () => {
    const pairs = many(3, () => 2);
    const same = segmentsOf(pairs.map(([from, to]) => twice(range(from), range(to), "set", { c: 3 })));
    expect(same.map((s) => s.constants)).to.deep.equal([[3]]);
    const constants = [1, Float64Array.of(2, 3), 4];
    const other = segmentsOf(pairs.map(([from, to], k) => twice(range(from), range(to), "set", { c: constants[k] })));
    expect(other.map((s) => s.constants)).to.deep.equal([[Float64Array.of(1, 1, 2, 3, 4, 4)]]);
  });

  it("joins operators that read one element everywhere, but not sums into one element", () => {
    const [one, sum] = [perItem("one", 1), perItem("sum", 1)];
    const pairs = many(3, () => 2);
    const op = (from: Signal, to: Signal, total: boolean): ElementwiseOperator => ({
      ...twice(range(from), range(to)),
      inputs: { x: operand(range(from)), y: operand(range(one), true) },
      outputs: [
        total
          ? { operand: operand(range(sum), true), role: "inc", expr: add(x, y) }
          : { operand: operand(range(to)), role: "set", expr: add(x, y) },
      ],
    });
    expect(segmentsOf(pairs.map(([from, to]) => op(from, to, false))).map((s) => s.shape)).to.deep.equal([[6]]);
    expect(segmentsOf(pairs.map(([from, to]) => op(from, to, true))).map((s) => s.shape)).to.deep.equal([[2], [2], [2]]);
  });

  it("follows the order of memory that an earlier group laid down", () => {
    // The second group's operators come in the opposite order of the first's.
    const pairs = many(4, () => 3);
    const thirds = pairs.map((_, k) => perItem(`c${k}`, 3));
    const first = pairs.map(([from, to]) => twice(range(from), range(to)));
    const second = pairs
      .map(([, from], k): ElementwiseOperator => ({
        ...twice(range(from), range(thirds[k])),
        outputs: [{ operand: operand(range(thirds[k])), role: "set", expr: add(x, 1) }],
      }))
      .reverse();
    const { groups, layout } = layOut(schedule([...first, ...second, ...thirds.map((s) => recordOf(s))]));
    const shapes = groups
      .filter((g) => g.kind === "elementwise")
      .map((g) => coalesce(g.operators as readonly ElementwiseOperator[], layout).map((s) => s.shape));
    expect(shapes).to.deep.equal([[[12]], [[12]]]);
  });
});

describe("Plan.describe", () => {
  it("tells counts, kinds, expressions and origins", () => {
    const signals = Array.from({ length: 6 }, (_, k) => [perItem(`a${k}`, 2), perItem(`b${k}`, 2)] as const);
    const unused = perItem("unused", 2);
    const plan = planProgram(
      programOf([
        ...signals.map(([from, to]) => twice(range(from), range(to))),
        set(range(unused)),
        recordOf(signals[0][1]),
        ...signals.slice(1).map(([, to]) => recordOf(to)),
      ]),
    );
    const lines = plan.describe().split("\n");
    expect(lines[0]).to.equal("14 operators, 13 after simplification, 13 after fusing, 3 after merging");
    expect(lines[1]).to.equal("before: 1 time, 6 elementwise, 1 set, 6 record");
    expect(lines[2]).to.equal("after: 1 time, 6 elementwise, 6 record");
    expect(lines[3]).to.equal("24 numbers an item, 0 shared");
    expect(lines[4]).to.equal("0: time x1 <- time");
    expect(lines[5]).to.equal("1: elementwise x6 <- a0 -> b0; a1 -> b1; a2 -> b2; ... 3 more");
    expect(lines[6]).to.equal("     set mul(2, x)");
    expect(lines[7]).to.match(/^2: record x6 <- record b0;/);
    expect(lines).to.have.length(8);
  });
});

describe("schedule of random operators", () => {
  /** The rule, told directly: of the kinds with ready operators, a complete one first, then the one with most, then the one ready longest. */
  function byRule(operators: readonly Operator[]): string[][] {
    const successors = dependencies(operators).successors();
    const keyOf = (op: Operator, i: number): string => (op.kind === "copy" ? `copy ${op.role}` : op.kind === "set" ? "set" : `alone ${i}`);
    const waiting = operators.map(() => 0);
    successors.flat().forEach((to) => waiting[to]++);
    const remaining = new Map<string, number>();
    operators.forEach((op, i) => remaining.set(keyOf(op, i), (remaining.get(keyOf(op, i)) ?? 0) + 1));
    const ready = new Map<string, number[]>();
    const makeReady = (i: number): void => {
      const key = keyOf(operators[i], i);
      ready.set(key, [...(ready.get(key) ?? []), i]);
    };
    operators.forEach((_, i) => waiting[i] === 0 && makeReady(i));
    const groups: string[][] = [];
    while (ready.size > 0) {
      const rank = ([key, list]: [string, number[]]): number => list.length + (list.length === remaining.get(key) ? operators.length : 0);
      const [key, list] = [...ready].reduce((best, one) => (rank(one) > rank(best) ? one : best));
      ready.delete(key);
      remaining.set(key, remaining.get(key)! - list.length);
      const members = list.sort((a, b) => a - b);
      groups.push(members.map((i) => operators[i].origin));
      for (const i of members) for (const to of successors[i]) if (--waiting[to] === 0) makeReady(to);
    }
    return groups;
  }

  it("follows the rule", () => {
    const kinds = fc.constantFrom("set", "copy set", "copy inc", "copy update", "host");
    const network = fc.array(fc.record({ kind: kinds, from: fc.nat(11), to: fc.nat(11) }), { maxLength: 40 });
    let acyclic = 0;
    fc.assert(
      fc.property(network, (edges) => {
        const signals = Array.from({ length: 12 }, (_, k) => perItem(`s${k}`, 1));
        const operators = edges.map(({ kind, from, to }, k): Operator => {
          const origin = `${k} ${kind}`;
          if (kind === "set") return set(range(signals[to]), origin);
          if (kind === "host") return host(origin, [signals[Math.min(from, to)]], from === to ? null : signals[Math.max(from, to)], "inc");
          // Upwards only, but for updates, which may close loops.
          const [low, high] = [Math.min(from, to), Math.max(from, to)];
          return kind === "copy update"
            ? copy(signals[high], signals[low], "update", origin)
            : copy(signals[low], signals[high], kind === "copy set" ? "set" : "inc", origin);
        });
        let groups: string[][];
        try {
          groups = origins(operators);
        } catch (error) {
          expect(error).to.be.instanceOf(BuildError);
          return;
        }
        acyclic++;
        expect(groups).to.deep.equal(byRule(operators));
      }),
      { seed: 8, numRuns: 400 },
    );
    expect(acyclic).to.be.greaterThan(40);
  });
});
