import { expect } from "chai";
import fc from "fast-check";
import { table, type Floats, type Table } from "../../src/engines/engine.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { makeStreams } from "../../src/engines/streams.ts";
import { BuildError } from "../../src/errors.ts";
import { add, input, mul, tanh, type Expr } from "../../src/expr/expr.ts";
import type { ElementwiseOperator, HostOperator, Operator, Role, TensorOperator } from "../../src/ir/operators.ts";
import type { Program, Stream } from "../../src/ir/program.ts";
import { operand, range, type Range, type Signal } from "../../src/ir/signal.ts";
import { planProgram } from "../../src/plan/plan.ts";
import { splitStages, type Stages } from "../../src/plan/stages.ts";
import { exactData, randomPrograms } from "../support/arbitraries.ts";
import { feedOf, feedsOf, perItem, programOf, recordOf, rowsOf, run, shared, whole } from "../support/programs.ts";

/** What stands for a tensor node here: a function of one item's input in one step. */
interface Fake {
  readonly of: (x: Float64Array, t: number) => ArrayLike<number>;
}

const tensor = (of: Fake["of"], x: Range | null, y: Signal, origin = "tensor"): TensorOperator => ({
  kind: "tensor",
  origin,
  node: { of } satisfies Fake,
  x,
  y: range(y),
});
const double: Fake["of"] = (x) => x.map((v) => 2 * v);

/** The same program with functions of the user for tensor nodes. */
const withHosts = (program: Program): Program => ({
  ...program,
  operators: program.operators.map((op): Operator => {
    if (op.kind !== "tensor") return op;
    const { of } = op.node as Fake;
    return {
      kind: "host",
      origin: op.origin,
      call: { kind: "function", call: (t, [x]) => [of(x ?? new Float64Array(0), t)] },
      inputs: op.x === null ? [] : [op.x],
      outputs: [{ range: op.y, role: "set" }],
      slot: null,
    };
  }),
});

type Feeds = NonNullable<Parameters<typeof run>[2]>["feeds"];
type Records = Readonly<Record<string, number[][][]>>;

/** Runs stages with the reference engine, and tensor nodes by their functions. */
function runStages(program: Program, nSteps: number, { batch = 1, feeds }: { batch?: number; feeds?: Feeds } = {}): Records {
  const stages = splitStages(program);
  const streams = makeStreams(
    program,
    0,
    Array.from({ length: batch }, (_, b) => b),
  );
  const given = feedsOf(feeds);
  const apply = (
    { operator, x, y }: { operator: TensorOperator; x: { offset: number; length: number; signal: Signal } | null; y: { signal: Signal } },
    source: Floats | null,
    steps: number,
    before: number,
  ): Floats => {
    const out = new Float64Array(batch * steps * y.signal.size);
    for (let b = 0; b < batch; b++) {
      for (let k = 0; k < steps; k++) {
        const row = (b * steps + k) * (x?.signal.size ?? 0) + (x?.offset ?? 0);
        const own = source === null ? new Float64Array(0) : Float64Array.from(source.subarray(row, row + x!.length));
        out.set((operator.node as Fake).of(own, (before + k + 1) * program.dt), (b * steps + k) * y.signal.size);
      }
    }
    return out;
  };
  const parts = (stages.kind === "cyclic" ? stages.segments : stages.stages).map((part) => {
    if (part.kind === "tensor") return part;
    const executable = referenceEngine.prepare(planProgram(part.program), { dtype: "float64", batch });
    return { ...part, executable, state: executable.initialState() };
  });
  const records: Record<string, number[][][]> = {};
  if (stages.kind === "feedForward") {
    const tables = new Map<string, Table>(given);
    const values = new Map<string, Floats>();
    for (const part of parts) {
      if ("executable" in part) {
        for (const { slot } of part.fed) expect(tables.has(slot), `${slot} before it is needed`).to.equal(true);
        for (const [slot, record] of part.executable.run({ nSteps, state: part.state, feeds: tables, streams })) {
          if (part.recorded.some((c) => c.slot === slot)) {
            tables.set(slot, table(record.data, record.rows, record.size));
            values.set(slot, record.data);
          } else records[slot] = rowsOf(record);
        }
      } else {
        const data = apply(part, part.x === null ? null : values.get(part.x.slot)!, nSteps, 0);
        tables.set(part.y.slot, table(data, nSteps, part.y.signal.size));
        values.set(part.y.slot, data);
      }
    }
    return records;
  }
  const values = new Map<string, Floats>();
  for (const part of parts) {
    if (!("executable" in part)) continue;
    for (const { slot, signal } of part.fed)
      values.set(
        slot,
        Float64Array.from({ length: batch * signal.size }, (_, i) => signal.initial?.[i % signal.size] ?? 0),
      );
  }
  for (let k = 0; k < nSteps; k++) {
    for (const part of parts) {
      if ("executable" in part) {
        const tables = new Map<string, Table>([...given].map(([slot, t]) => [slot, { ...t, offset: t.offset + k * t.stepStride }]));
        for (const { slot, signal } of part.fed) tables.set(slot, table(values.get(slot)!, 1, signal.size));
        part.state.step = k;
        for (const [slot, record] of part.executable.run({ nSteps: 1, state: part.state, feeds: tables, streams })) {
          if (part.recorded.some((c) => c.slot === slot)) values.set(slot, record.data);
          else rowsOf(record).forEach((rows, b) => (records[slot] ??= Array.from({ length: batch }, () => []))[b].push(...rows));
        }
      } else values.set(part.y.slot, apply(part, part.x === null ? null : values.get(part.x.slot)!, 1, k));
    }
  }
  return records;
}

/** Stages give what the program gives with functions in place of tensor nodes. */
function expectSameAsHosts(program: Program, nSteps: number, options: { batch?: number; feeds?: NonNullable<Feeds> } = {}): Records {
  const wanted = run(withHosts(program), nSteps, options).records;
  const got = runStages(program, nSteps, options);
  expect(got).to.deep.equal(wanted);
  return got;
}

const [x, y] = [input("x"), input("y")];
const elementwise = (inputs: Record<string, Signal>, output: Signal, expr: Expr, role: Role = "set"): ElementwiseOperator => ({
  kind: "elementwise",
  origin: `elementwise ${output.name}`,
  shape: [output.size],
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, s]) => [name, operand(range(s))])),
  constants: {},
  outputs: [{ operand: operand(range(output)), role, expr }],
  differentiable: true,
});
const lowpass = (from: Signal, to: Signal): ElementwiseOperator =>
  elementwise({ x: from, y: to }, to, add(mul(0.5, y), mul(0.5, x)), "update");
const copy = (from: Signal, to: Signal, role: Role): Operator => ({
  kind: "copy",
  origin: `${from.name}->${to.name}`,
  source: whole(from),
  target: whole(to),
  role,
});

const a = perItem("a", 2);
const feeds = { a: [1, 2, 3].map((b) => [1, 2, 3, 4, 5, 6].map((k) => [b * k, k - b])) };
const signals = (...names: string[]): Signal[] => names.map((name) => perItem(name, 2));
const kinds = (stages: Stages): string[] =>
  (stages.kind === "feedForward" ? stages.stages : stages.segments).map((s) =>
    s.kind === "tensor"
      ? s.operator.origin
      : s.program.operators
          .filter((op) => op.kind !== "time" && op.kind !== "record" && op.kind !== "feed")
          .map((op) => op.origin)
          .join(", "),
  );

describe("stages of a feed-forward program, run one after another", () => {
  it("leaves a program without tensor nodes whole", () => {
    const [b] = signals("b") as [Signal];
    const program = programOf([feedOf(a), copy(a, b, "set"), recordOf(b)]);
    const stages = splitStages(program);
    expect(stages.kind).to.equal("feedForward");
    expect(kinds(stages)).to.deep.equal(["a->b"]);
    expectSameAsHosts(program, 3, { batch: 3, feeds: { a: feeds.a.map((rows) => rows.slice(0, 3)) } });
  });

  it("runs what comes before, the node, and what comes after, once over all steps", () => {
    const [b, c, d] = signals("b", "c", "d") as [Signal, Signal, Signal];
    const program = programOf([
      feedOf(a),
      elementwise({ x: a }, b, tanh(x)),
      tensor(double, range(b), c),
      elementwise({ x: c, y: a }, d, add(x, y)),
      recordOf(b),
      recordOf(c),
      recordOf(d, "d", 2.5),
    ]);
    const stages = splitStages(program);
    expect(stages.kind).to.equal("feedForward");
    expect(kinds(stages)).to.deep.equal(["elementwise b", "tensor", "elementwise d"]);
    const records = expectSameAsHosts(program, 6, { batch: 3, feeds });
    expect(records["c"]).to.deep.equal(records["b"].map((rows) => rows.map((row) => row.map((v) => 2 * v))));
    expect(records["d"][0]).to.have.length(2);
  });

  it("counts nodes on the longest way", () => {
    const [b, c, d, e, f, g] = signals("b", "c", "d", "e", "f", "g") as [Signal, Signal, Signal, Signal, Signal, Signal];
    const program = programOf([
      feedOf(a),
      tensor(double, range(a), b, "one"),
      tensor((v) => v.map((u) => u + 1), range(a), c, "also one"),
      tensor(double, range(b), d, "two"),
      elementwise({ x: c, y: d }, e, mul(x, y)),
      copy(a, f, "set"),
      tensor((v) => v.map((u) => -u), range(e), g, "three"),
      ...[b, c, d, e, f, g].map((s) => recordOf(s)),
    ]);
    const stages = splitStages(program);
    expect(stages.kind).to.equal("feedForward");
    // Records stand with what they look at: one after each node.
    expect(kinds(stages)).to.deep.equal(["a->f", "one", "also one", "", "two", "elementwise e", "three", ""]);
    expectSameAsHosts(program, 6, { batch: 3, feeds });
  });

  it("hands on an updated signal as its readers see it, and records it as it is after", () => {
    const [b, c, d, e] = [perItem("b", [0.5, -0.5]), ...signals("c", "d", "e")] as [Signal, Signal, Signal, Signal];
    // d reads the filtered value in a later stage; the node reads it too.
    const program = programOf([
      feedOf(a),
      lowpass(a, b),
      tensor(double, range(b), c),
      elementwise({ x: b, y: c }, d, add(x, y)),
      lowpass(d, e),
      recordOf(b),
      recordOf(d),
      recordOf(e),
    ]);
    expect(splitStages(program).kind).to.equal("feedForward");
    const records = expectSameAsHosts(program, 6, { batch: 3, feeds });
    expect(records["d"][0][0]).to.deep.equal([1.5, -1.5]);
  });

  it("hands on signals that are set in place, incremented, or never written", () => {
    const [b, sum, c, d] = [perItem("b", [1, 2]), perItem("sum", [3, 4]), ...signals("c", "d")] as [Signal, Signal, Signal, Signal];
    const constant = perItem("constant", [7, 8]);
    const program = programOf([
      feedOf(a),
      elementwise({ x: a, y: b }, b, add(x, y)),
      copy(a, sum, "inc"),
      tensor(double, range(constant), c, "of a constant"),
      elementwise({ x: b, y: sum }, d, mul(x, y)),
      copy(c, d, "inc"),
      recordOf(b),
      recordOf(d),
    ]);
    expect(splitStages(program).kind).to.equal("feedForward");
    expectSameAsHosts(program, 6, { batch: 3, feeds });
  });

  it("gives nodes parts of signals, or time alone", () => {
    const [one, t, d] = [perItem("one", 1), perItem("t", 1), perItem("d", 1)];
    const program = programOf([
      feedOf(a),
      tensor(double, range(a, 1, 1), one, "part"),
      tensor((_x, time) => [time], null, t, "time"),
      elementwise({ x: one, y: t }, d, add(x, y)),
      recordOf(d),
      recordOf(t),
    ]);
    const records = expectSameAsHosts(program, 6, { batch: 3, feeds });
    expect(records["d"][2][3]).to.deep.equal([2 * (4 - 3) + 0.004]);
    // Nothing but a node that reads time.
    const alone = programOf([tensor((_x, time) => [time], null, t, "time"), recordOf(t)]);
    expect(kinds(splitStages(alone))).to.deep.equal(["time", ""]);
    expectSameAsHosts(alone, 3);
  });

  it("keeps functions, processes, draws and parameters in their stages", () => {
    const [b, c, d, e, n] = signals("b", "c", "d", "e", "n") as [Signal, Signal, Signal, Signal, Signal];
    const w = shared("w", [1, 2, 3, 4]);
    const streams: Stream[] = [
      { origin: "noise", seed: { kind: "draw" }, maker: { kind: "process", make: (rng) => () => rng.normals(2) } },
      { origin: "none", seed: { kind: "draw" }, maker: { kind: "none" } },
      { origin: "draw", seed: { kind: "draw" }, maker: { kind: "generator" } },
    ];
    const host = (from: Signal, to: Signal): HostOperator => ({
      kind: "host",
      origin: `host ${to.name}`,
      call: { kind: "function", call: (t, [v]) => [v.map((u) => u + t)] },
      inputs: [range(from)],
      outputs: [{ range: range(to), role: "set" }],
      slot: null,
    });
    const program = programOf(
      [
        feedOf(a),
        feedOf(n, null, 0),
        host(a, b),
        tensor(double, range(b), c),
        host(c, d),
        { kind: "draw", origin: "draw", distribution: "uniform", parameter: null, target: range(e), stream: 2 },
        {
          kind: "matmul",
          origin: "matmul",
          weights: { signal: w, offset: 0, strides: [2, 1] },
          x: range(n),
          y: range(d),
          role: "inc",
          spikes: false,
        },
        copy(e, d, "inc"),
        recordOf(d),
      ],
      { streams },
    );
    expectSameAsHosts(program, 6, { batch: 3, feeds });
  });
});

describe("stages of a program with a node in a loop, run one after another", () => {
  it("finds loops through filters, through states set in place, and through a node itself", () => {
    const [b, c] = signals("b", "c") as [Signal, Signal];
    expect(splitStages(programOf([tensor(double, range(b), c, "loop"), lowpass(c, b)]))).to.have.property("kind", "cyclic");
    expect(splitStages(programOf([elementwise({ x: c, y: b }, b, add(x, y)), tensor(double, range(b), c, "chain")])).kind).to.equal(
      "cyclic",
    );
    const stages = splitStages(programOf([feedOf(a), tensor(double, range(a), c, "outside"), tensor(double, range(b), b, "self")]));
    expect(stages.kind === "cyclic" && stages.through).to.deep.equal(["outside", "self"]);
    // A loop beside a node is none.
    expect(splitStages(programOf([lowpass(b, b), tensor(double, range(b), c)])).kind).to.equal("feedForward");
  });

  it("runs segments step by step", () => {
    const [b, c, d, z] = [perItem("b", [0.25, -1]), ...signals("c", "d", "z")] as [Signal, Signal, Signal, Signal];
    const program = programOf([
      feedOf(a),
      { kind: "set", origin: "reset", target: range(z), value: 0 },
      copy(b, z, "inc"),
      tensor((v) => v.map((u) => u / 2), range(b), c, "loop"),
      copy(c, z, "inc"),
      elementwise({ x: z, y: a }, d, add(x, y)),
      lowpass(d, b),
      recordOf(z),
      recordOf(b),
      recordOf(d, "d", 2.5),
    ]);
    const stages = splitStages(program);
    expect(stages.kind === "cyclic" && stages.through).to.deep.equal(["loop"]);
    const records = expectSameAsHosts(program, 6, { batch: 3, feeds });
    // By hand, item 0, which is fed (1, 0) first: z = b + b / 2, d = z + a, then b becomes (b + d) / 2.
    expect(records["z"][0].slice(0, 2)).to.deep.equal([
      [0.375, -1.5],
      [1.21875, -1.875],
    ]);
    expect(records["b"][0][0]).to.deep.equal([0.8125, -1.25]);
  });

  it("adds up over segments, and over steps where nothing resets", () => {
    const [b, c, sum, z] = [perItem("b", [1, 2]), ...signals("c"), perItem("sum", [10, 20]), ...signals("z")] as [
      Signal,
      Signal,
      Signal,
      Signal,
    ];
    const program = programOf([
      feedOf(a),
      copy(a, sum, "inc"),
      { kind: "set", origin: "reset", target: range(z), value: 0 },
      copy(a, z, "inc"),
      tensor((v) => v.map((u) => u - 1), range(b), c, "loop"),
      copy(c, z, "inc"),
      copy(c, sum, "inc"),
      elementwise({ x: z, y: b }, b, mul(0.5, add(x, y)), "update"),
      recordOf(sum),
      recordOf(z),
      recordOf(b),
    ]);
    expect(splitStages(program).kind).to.equal("cyclic");
    expectSameAsHosts(program, 6, { batch: 3, feeds });
  });

  it("keeps states that are set in place", () => {
    const [v, c, out] = [perItem("v", [1, 2]), ...signals("c", "out")] as [Signal, Signal, Signal];
    const program = programOf([
      feedOf(a),
      elementwise({ x: c, y: v }, v, add(mul(0.5, y), x)),
      elementwise({ x: v, y: a }, out, mul(x, y)),
      tensor(double, range(out), perItem("unused", 2)),
      recordOf(out),
    ]);
    expect(splitStages(program).kind).to.equal("feedForward");
    const [b, y2] = [perItem("b", [0.5, 1]), perItem("y2", 2)];
    const loop = programOf([
      feedOf(a),
      tensor(double, range(b), y2, "loop"),
      elementwise({ x: y2, y: v }, v, add(mul(0.5, y), x)),
      elementwise({ x: v, y: a }, out, add(x, y)),
      lowpass(out, b),
      recordOf(v),
      recordOf(out),
      recordOf(b),
    ]);
    expect(splitStages(loop).kind).to.equal("cyclic");
    expectSameAsHosts(loop, 6, { batch: 3, feeds });
  });

  it("says which filter cannot be part of it", () => {
    const [b, c, buffer] = [...signals("b", "c"), perItem("buffer", 4)] as [Signal, Signal, Signal];
    const program = programOf([
      tensor(double, range(b), c, "loop"),
      lowpass(c, b),
      {
        kind: "fir",
        origin: "the filter",
        input: range(c),
        output: range(a),
        buffer: range(buffer),
        taps: Float64Array.of(1, 1),
        role: "set",
      },
      recordOf(a),
    ]);
    expect(() => splitStages(program)).to.throw(BuildError, "the filter");
  });
});

describe("stages of random programs, run one after another", () => {
  it("changes no number, whichever operators are tensor nodes", () => {
    const found = { feedForward: 0, cyclic: 0 };
    const clamp: Fake["of"] = (v) => v.map((u) => Math.max(-8, Math.min(8, 2 * u - 1)));
    fc.assert(
      fc.property(
        randomPrograms,
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        fc.constantFrom(1, 2),
        ({ program, fed }, chosen, batch) => {
          let k = 0;
          const operators = program.operators.map((op): Operator => {
            if (op.kind !== "elementwise" || op.outputs[0].role !== "set") return op;
            const from = op.inputs["x"].signal;
            const to = op.outputs[0].operand.signal;
            const inPlace = Object.values(op.inputs).some((i) => i.signal === to);
            return inPlace || !chosen[k++ % 3] ? op : tensor(clamp, range(from), to, `tensor ${to.name}`);
          });
          const cut = { ...program, operators };
          found[splitStages(cut).kind]++;
          expectPositive(
            runStages(cut, 5, { batch, feeds: exactData(fed, { seed: 3, batch, nSteps: 5 }) }),
            run(withHosts(cut), 5, { batch, feeds: exactData(fed, { seed: 3, batch, nSteps: 5 }) }).records,
          );
        },
      ),
      { seed: 51, numRuns: 200 },
    );
    expect(found.feedForward).to.be.above(30);
    expect(found.cyclic).to.be.above(20);
  });
});

/** Equal, but for the sign of zero. */
function expectPositive(got: Records, wanted: Records): void {
  const positive = (records: Records) =>
    Object.fromEntries(Object.entries(records).map(([slot, r]) => [slot, r.map((rows) => rows.map((row) => row.map((v) => v + 0)))]));
  expect(positive(got)).to.deep.equal(positive(wanted));
}
