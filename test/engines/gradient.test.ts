import { expect } from "chai";
import type { table } from "../../src/engines/engine.ts";
import { type Floats } from "../../src/engines/engine.ts";
import { DifferentiablePlan } from "../../src/engines/differentiablePlan.ts";
import { GradientRunner } from "../../src/engines/gradient.ts";
import { referenceEngine } from "../../src/engines/reference/engine.ts";
import { BuildError } from "../../src/errors.ts";
import { add, detach, exp, input, max, mul, sigmoid, sub, tanh, type Expr } from "../../src/expr/expr.ts";
import type { ConvolutionGeometry, ElementwiseOperator, HostOperator, Operator, Role } from "../../src/ir/operators.ts";
import { range, type Operand, type Signal } from "../../src/ir/signal.ts";
import { RandomState } from "../../src/math/random.ts";
import { Objective, type Case } from "../support/gradients.ts";
import { expectSame } from "../support/numbers.ts";
import { engines, feedOf, perItem, programOf, recordOf, weights, whole } from "../support/programs.ts";

const [x, y, s, w] = ["x", "y", "s", "w"].map(input) as [Expr, Expr, Expr, Expr];
const at = (signal: Signal, strides: readonly number[] = [1], offset = 0): Operand => ({ signal, offset, strides });
const random = (n: number, seed = 1): number[] => [...new RandomState(seed).normals(n)];

function elementwise(
  shape: readonly number[],
  inputs: Record<string, Operand>,
  outputs: readonly (readonly [Operand, Role, Expr])[],
  more: Partial<ElementwiseOperator> = {},
): ElementwiseOperator {
  return {
    kind: "elementwise",
    origin: "elementwise",
    shape,
    inputs,
    constants: {},
    outputs: outputs.map(([operand_, role, expr]) => ({ operand: operand_, role, expr })),
    differentiable: true,
    ...more,
  };
}
const matmul = (weights_: Operand, from: Signal, to: Signal, role: Role = "set"): Operator => ({
  kind: "matmul",
  origin: "matmul",
  weights: weights_,
  x: range(from),
  y: range(to),
  role,
  spikes: false,
});
const reset = (signal: Signal): Operator => ({ kind: "set", origin: "reset", target: range(signal), value: 0 });
/** A leaky state that remembers what it is fed, one step late. */
const leak = (from: Signal, state: Signal): ElementwiseOperator =>
  elementwise([state.size], { x: at(from), s: at(state) }, [[at(state), "update", add(mul(0.7, s), tanh(x))]]);

const a = perItem("a", 3);
const [state, out] = [perItem("state", [0.3, -0.2, 0.5]), perItem("out", 3)];
const feedA = feedOf(a);

/** Small programs with a nonlinearity and memory around every operator that is differentiable. */
const cases: Readonly<Record<string, () => Omit<Case, "nSteps" | "batch">>> = {
  "copy with lists, repeats and offsets": () => {
    const [p, q] = [perItem("p", 4), perItem("q", [0.1, 0.2, 0.3])];
    const operators: Operator[] = [
      { kind: "copy", origin: "copy", source: whole(a, [2, 0, 0, 1]), target: whole(p), role: "set" },
      reset(out),
      { kind: "copy", origin: "copy", source: whole(p, [0, 1, 2], 1), target: whole(out, [1, 0, 1]), role: "inc" },
      { kind: "copy", origin: "copy", source: whole(state), target: whole(out), role: "inc" },
      { kind: "copy", origin: "copy", source: whole(out, [1, 1, 2]), target: whole(q), role: "update" },
      leak(out, state),
    ];
    return { program: programOf([feedA, ...operators, recordOf(out), recordOf(q), recordOf(state)]), feeds: { a: 3 }, states: [state, q] };
  },
  "copy from shared parameters": () => {
    const p = weights("p", random(4));
    const operators: Operator[] = [
      { kind: "copy", origin: "copy", source: whole(p, [3, 1, 1]), target: whole(out), role: "set" },
      { kind: "copy", origin: "copy", source: whole(a), target: whole(out), role: "inc" },
      leak(out, state),
    ];
    return { program: programOf([feedA, ...operators, recordOf(state)]), feeds: { a: 3 }, parameters: [p] };
  },
  "elementwise with several outputs, in place and updating": () => {
    const [v, u] = [perItem("v", [0.1, 0.2, 0.3]), perItem("u", [-0.1, 0, 0.1])];
    const p = weights("p", random(3));
    const operator = elementwise([3], { x: at(a), s: at(v), y: at(u), w: at(p) }, [
      [at(out), "set", mul(sigmoid(add(x, s)), w)],
      [at(v), "set", add(mul(0.8, s), mul(x, y))],
      [at(u), "update", tanh(add(y, mul(w, s)))],
    ]);
    return {
      program: programOf([feedA, operator, leak(v, state), recordOf(out), recordOf(v), recordOf(u), recordOf(state)]),
      feeds: { a: 3 },
      parameters: [p],
      states: [v, u, state],
    };
  },
  "elementwise with constants, one an element": () => {
    const operator = elementwise([3], { x: at(a), s: at(state) }, [[at(out), "set", mul(input("c"), exp(mul(input("k"), add(x, s))))]], {
      constants: { c: Float64Array.of(1, -2, 3), k: 0.3 },
    });
    return { program: programOf([feedA, operator, leak(out, state), recordOf(out)]), feeds: { a: 3 } };
  },
  "elementwise with broadcasts and sums": () => {
    const [b, m, rows, total] = [perItem("b", 2), perItem("m", 6), perItem("rows", 2), perItem("total", 1)];
    const p = weights("p", random(3));
    const operators = [
      elementwise([2, 3], { x: at(a, [0, 1]), y: at(b, [1, 0]), w: at(p, [0, 1]) }, [[at(m, [1, 2]), "set", mul(tanh(mul(x, w)), y)]]),
      reset(rows),
      elementwise([2, 3], { x: at(m, [1, 2]), y: at(b, [0, 0], 1) }, [[at(rows, [1, 0]), "inc", mul(x, y)]]),
      reset(total),
      elementwise([3], { x: at(a), w: at(p, [-1], 2) }, [[at(total, [0]), "inc", mul(x, w)]]),
    ];
    return {
      program: programOf([feedA, feedOf(b), ...operators, recordOf(m), recordOf(rows), recordOf(total)]),
      feeds: { a: 3, b: 2 },
      parameters: [p],
    };
  },
  "a sum over time that is never set": () => {
    const sum = perItem("sum", [1, 2, 3]);
    const operators = [
      elementwise([3], { x: at(a) }, [[at(sum), "inc", tanh(x)]]),
      elementwise([3], { x: at(sum) }, [[at(out), "set", mul(x, x)]]),
    ];
    return { program: programOf([feedA, ...operators, recordOf(out)]), feeds: { a: 3 }, states: [sum] };
  },
  "matmul stored by columns, with feedback": () => {
    const [p, hidden] = [weights("p", random(6)), perItem("hidden", 2)];
    const q = weights("q", random(9, 2));
    const operators = [
      reset(hidden),
      matmul(at(p, [1, 2]), a, hidden, "inc"),
      matmul(at(p, [1, 2]), state, hidden, "inc"),
      matmul(at(p, [2, 1]), hidden, out),
      matmul(at(q, [3, 1]), state, out, "inc"),
      leak(out, state),
    ];
    return {
      program: programOf([feedA, ...operators, recordOf(hidden), recordOf(state)]),
      feeds: { a: 3 },
      parameters: [p, q],
      states: [state],
    };
  },
  "matmul with weights of every item": () => {
    // Weights that learn: updated by an outer product.
    const [p, hidden] = [perItem("p", random(6)), perItem("hidden", 2)];
    const learn = elementwise([2, 3], { w: at(p, [1, 2]), x: at(a, [0, 1]), y: at(hidden, [1, 0]) }, [
      [at(p, [1, 2]), "update", add(w, mul(0.1, mul(x, tanh(y))))],
    ]);
    return { program: programOf([feedA, matmul(at(p, [1, 2]), a, hidden), learn, recordOf(hidden)]), feeds: { a: 3 }, states: [p] };
  },
  "matmul that updates": () => {
    const [p, hidden] = [weights("p", random(6)), perItem("hidden", [0.1, 0.2])];
    return {
      program: programOf([
        feedA,
        matmul(at(p, [3, 1]), a, hidden, "update"),
        matmul(at(p, [1, 3]), hidden, out),
        recordOf(hidden),
        recordOf(out),
      ]),
      feeds: { a: 3 },
      parameters: [p],
      states: [hidden],
    };
  },
  sparseMatmul: () => {
    const [p, q] = [weights("p", random(5)), perItem("q", 4)];
    const sparse = (from: Signal, to: Signal, rows: number[], columns: number[], role: Role): Operator => ({
      kind: "sparseMatmul",
      origin: "sparse",
      rows: Int32Array.from(rows),
      columns: Int32Array.from(columns),
      weights: range(p, 0, rows.length),
      x: range(from),
      y: range(to),
      role,
    });
    return {
      program: programOf([
        feedA,
        sparse(a, q, [3, 0, 3, 1, 3], [2, 0, 2, 1, 0], "set"),
        reset(out),
        sparse(q, out, [0, 2, 2], [3, 3, 1], "inc"),
        sparse(state, out, [1, 2], [0, 0], "inc"),
        leak(out, state),
        recordOf(q),
        recordOf(state),
      ]),
      feeds: { a: 3 },
      parameters: [p],
      states: [state],
    };
  },
  "fir over fewer and more steps than taps": () => {
    const [f, g, b1, b2] = [perItem("f", 3), perItem("g", 3), perItem("b1", 9), perItem("b2", 6)];
    const fir = (from: Signal, to: Signal, buffer: Signal, taps: number[], role: Role): Operator => ({
      kind: "fir",
      origin: "fir",
      input: range(from),
      output: range(to),
      buffer: range(buffer),
      taps: Float64Array.from(taps),
      role,
    });
    const operators = [
      fir(a, f, b1, [0.5, -1, 2], "set"),
      elementwise([3], { x: at(f), s: at(state) }, [[at(g), "set", tanh(add(x, s))]]),
      fir(g, g === f ? f : out, b2, [1, 3], "inc"),
      leak(g, state),
    ];
    return { program: programOf([feedA, reset(out), ...operators, recordOf(out), recordOf(f)]), feeds: { a: 3 }, states: [state] };
  },
  "records that skip steps, of signals before and after their update": () => ({
    program: programOf([
      feedA,
      elementwise([3], { x: at(a), s: at(state) }, [[at(out), "set", mul(x, s)]]),
      leak(out, state),
      recordOf(out, "out", 2.5),
      recordOf(state, "state", 3),
      { ...recordOf(state, "part", 2), source: range(state, 1, 2) },
    ]),
    feeds: { a: 3 },
    states: [state],
  }),
  "a parameter in several places": () => {
    const p = weights("p", random(9));
    const operators = [
      matmul(at(p, [1, 3]), a, out),
      elementwise([3], { x: at(p, [4]), y: at(state) }, [[at(out), "inc", mul(x, y)]]),
      leak(out, state),
    ];
    return { program: programOf([feedA, ...operators, { ...recordOf(state) }]), feeds: { a: 3 }, parameters: [p] };
  },
};

const line: ConvolutionGeometry = {
  inputSpatial: [5],
  outputSpatial: [3],
  inputChannels: 2,
  outputChannels: 2,
  kernel: [2],
  strides: [2],
  padding: [1],
  groups: 1,
  channelsLast: true,
};
const image: ConvolutionGeometry = {
  inputSpatial: [3, 2],
  outputSpatial: [2, 2],
  inputChannels: 2,
  outputChannels: 4,
  kernel: [2, 1],
  strides: [1, 1],
  padding: [0, 0],
  groups: 2,
  channelsLast: false,
};
for (const [name, geometry] of Object.entries({ "one axis": line, "two axes, channels first, groups": image })) {
  const count = (shape: readonly number[]): number => shape.reduce((p, q) => p * q, 1);
  const sizes = {
    input: count(geometry.inputSpatial) * geometry.inputChannels,
    filter: (count(geometry.kernel) * geometry.inputChannels * geometry.outputChannels) / geometry.groups,
    output: count(geometry.outputSpatial) * geometry.outputChannels,
  };
  for (const mode of ["forward", "inputAdjoint", "filterAdjoint"] as const) {
    (cases as Record<string, (typeof cases)[string]>)[`convolve ${mode}, ${name}`] = () => {
      const target = mode === "forward" ? "output" : mode === "inputAdjoint" ? "input" : "filter";
      const signals = {
        input: perItem("input", sizes.input),
        filter: target === "filter" ? perItem("filter", sizes.filter) : weights("filter", random(sizes.filter)),
        output: perItem("output", sizes.output),
      };
      const fed = (["input", "filter", "output"] as const).filter((k) => k !== target && signals[k].perItem);
      const ranges = { input: range(signals.input), filter: range(signals.filter), output: range(signals.output) };
      const result = perItem("result", sizes[target]);
      return {
        program: programOf([
          ...fed.map((k) => feedOf(signals[k])),
          reset(signals[target]),
          { kind: "convolve", origin: "convolve", mode, geometry, ...ranges, role: "inc" },
          elementwise([sizes[target]], { x: at(signals[target]) }, [[at(result), "set", tanh(x)]]),
          recordOf(result),
        ]),
        feeds: Object.fromEntries(fed.map((k) => [k, sizes[k]])),
        parameters: signals.filter.perItem ? [] : [signals.filter],
      };
    };
  }
}

describe("gradients of programs", () => {
  for (const [name, make] of Object.entries(cases)) {
    it(`equal central differences: ${name}`, () => {
      for (const [nSteps, batch] of [
        [1, 2],
        [6, 2],
      ] as const)
        new Objective({ ...make(), nSteps, batch }).checkElements();
    });

    it(`are the same with checkpoints: ${name}`, () => {
      for (const nSteps of [1, 2, 3, 5, 9, 10]) expectEqualGradients(new Objective({ ...make(), nSteps, batch: 2 }));
    });
  }

  /** The gradients of a whole tape and of checkpoints. */
  function expectEqualGradients(objective: Objective): void {
    const [full, parts] = [objective.gradients(), objective.gradients({ tapeLimit: 0 })];
    for (const [slot, data] of full.records) expectSame(parts.records.get(slot)!, data, `record ${slot}`);
    for (const what of ["feeds", "parameters", "states"] as const) {
      const [wanted, got] = [full.gradients[what], parts.gradients[what]] as [ReadonlyMap<unknown, Floats>, ReadonlyMap<unknown, Floats>];
      expect([...got.keys()]).to.deep.equal([...wanted.keys()]);
      for (const [key, values] of wanted) expectSame(got.get(key)!, values, what);
    }
  }

  it("go through a run cut in two by the gradient of the state between", () => {
    const { program, feeds, parameters, states } = cases["elementwise with several outputs, in place and updating"]();
    const [first, second, batch] = [4, 3, 2];
    const all = new Objective({ program, feeds: feeds!, parameters: parameters!, states: states!, nSteps: first + second, batch });
    const { gradients: wanted } = all.gradients();
    const options = {
      parameters: parameters!,
      feeds: ["a"],
      records: [...all.weights.keys()],
      initialState: true,
      dtype: "float64",
      batch,
    } as const;
    const plan = new DifferentiablePlan(program, options);
    const runner = new GradientRunner(referenceEngine, plan, options);
    const begin = runner.forward.initialState();
    for (const [signal, values] of all.point.states) runner.forward.write(begin, signal, values);
    const part = (t: ReturnType<typeof table>, from: number): ReturnType<typeof table> => ({
      ...t,
      offset: t.offset + from * t.stepStride,
    });
    const tables = (from: number) => new Map([...all.tables()].map(([slot, t]) => [slot, part(t, from)]));
    const outputs = (from: number) => new Map([...all.weights].map(([slot, t]) => [slot, part(t, from)]));
    const tape1 = runner.run({ nSteps: first, state: begin, feeds: tables(0) }).tape;
    const tape2 = runner.run({ nSteps: second, state: begin, feeds: tables(first) }).tape;
    const later = runner.gradients(tape2, outputs(first), tables(first));
    const earlier = runner.gradients(tape1, outputs(0), tables(0), { finalState: later.states });
    for (const [signal, values] of wanted.states) expectSame(earlier.states.get(signal)!, values, signal.name);
    for (const [signal, values] of wanted.parameters) {
      const [p, q] = [earlier.parameters.get(signal)!, later.parameters.get(signal)!];
      for (let i = 0; i < values.length; i++) expect(p[i] + q[i]).to.be.closeTo(values[i], 1e-13 * (1 + Math.abs(values[i])));
    }
    const d = wanted.feeds.get("a")!;
    for (let b = 0; b < batch; b++) {
      const size = 3;
      expectSame(
        earlier.feeds.get("a")!.subarray(b * first * size, (b + 1) * first * size),
        d.subarray(b * 7 * size, (b * 7 + first) * size),
        "first part",
      );
      expectSame(
        later.feeds.get("a")!.subarray(b * second * size, (b + 1) * second * size),
        d.subarray((b * 7 + first) * size, (b + 1) * 7 * size),
        "second part",
      );
    }
  });

  it("give the same for every call, and for float32 up to rounding", () => {
    const objective = new Objective({ ...cases["matmul stored by columns, with feedback"](), nSteps: 6, batch: 2 });
    const [once, single] = [objective.gradients().gradients, objective.gradients({ dtype: "float32" }).gradients];
    for (const [key, values] of once.parameters) {
      const got = single.parameters.get(key)!;
      expect(got).to.be.instanceOf(Float32Array);
      const scale = Math.max(...values.map(Math.abs));
      values.forEach((v, i) => void expect(got[i]).to.be.closeTo(v, 1e-5 * scale));
    }
    const { runner, gradients: first } = objective.gradients();
    const state_ = runner.forward.initialState();
    runner.forward.resetState(state_);
    for (const [signal, values] of objective.point.states) runner.forward.write(state_, signal, values);
    const { tape } = runner.run({ nSteps: 6, state: state_, feeds: objective.tables() });
    for (const _ of [1, 2]) {
      const again = runner.gradients(tape, objective.weights, objective.tables());
      for (const [key, values] of first.parameters) expectSame(again.parameters.get(key)!, values);
      expectSame(again.feeds.get("a")!, first.feeds.get("a")!);
    }
  });

  it("take parameters as they were set", () => {
    const make = cases["matmul stored by columns, with feedback"]();
    const objective = new Objective({ ...make, nSteps: 5, batch: 2 });
    for (const tapeLimit of [undefined, 0]) {
      const { runner } = objective.gradients(tapeLimit === undefined ? {} : { tapeLimit });
      const [p, q] = make.parameters!;
      const changed = random(6, 8);
      runner.setParameter(p, changed);
      const fresh = new Objective({ ...make, nSteps: 5, batch: 2 });
      fresh.point.parameters.get(p)!.set(changed);
      const state_ = runner.forward.initialState();
      for (const [signal, values] of objective.point.states) runner.forward.write(state_, signal, values);
      const { tape } = runner.run({ nSteps: 5, state: state_, feeds: objective.tables() });
      const got = runner.gradients(tape, objective.weights, objective.tables()).parameters.get(q)!;
      // By differences of ordinary runs with the changed parameter.
      const h = 1e-5;
      for (const i of [0, 4, 8]) {
        const value = (sign: number): number => {
          const moved = q.initial!.slice();
          moved[i] += sign * h;
          return fresh.value({ ...fresh.point, parameters: new Map([...fresh.point.parameters, [q, moved]]) });
        };
        expect(got[i]).to.be.closeTo((value(1) - value(-1)) / (2 * h), 1e-6);
      }
    }
  });
});

describe("where gradients stop", () => {
  const p = weights("p", random(3));
  const through = (operator: Operator, more: readonly Operator[] = []): Objective =>
    new Objective({
      program: programOf([
        feedA,
        elementwise([3], { x: at(a), w: at(p) }, [[at(state), "set", mul(x, w)]]),
        operator,
        ...more,
        recordOf(out),
      ]),
      feeds: { a: 3 },
      parameters: [p],
      nSteps: 3,
      batch: 2,
    });
  const nothing = (objective: Objective): void => {
    const { gradients } = objective.gradients();
    for (const values of [...gradients.feeds.values(), ...gradients.parameters.values()])
      expect(values.every((v) => v === 0)).to.equal(true);
  };

  it("passes nothing through functions of the user", () => {
    const host: HostOperator = {
      kind: "host",
      origin: "host",
      call: { kind: "function", call: (_t, [v]) => [v.map((e) => 2 * e)] },
      inputs: [range(state)],
      outputs: [{ range: range(out), role: "set" }],
      slot: null,
    };
    nothing(through(host));
    // Beside it, all else passes.
    const beside = through(host, [elementwise([3], { x: at(state) }, [[at(out), "inc", tanh(x)]])]);
    beside.gradients();
    const { gradients } = beside.gradients();
    const wanted = through(elementwise([3], { x: at(state) }, [[at(out), "set", tanh(x)]])).gradients().gradients;
    expectSame(gradients.parameters.get(p)!, wanted.parameters.get(p)!);
  });

  it("passes nothing through what is marked as not differentiable", () => {
    const operator = elementwise([3], { x: at(state) }, [[at(out), "set", mul(x, x)]]);
    nothing(through({ ...operator, differentiable: false }));
    expect(
      through(operator)
        .gradients()
        .gradients.parameters.get(p)!
        .every((v) => v !== 0),
    ).to.equal(true);
  });

  it("passes nothing through detached expressions", () => {
    nothing(through(elementwise([3], { x: at(state) }, [[at(out), "set", detach(mul(x, x))]])));
    const half = through(elementwise([3], { x: at(state) }, [[at(out), "set", mul(detach(x), x)]])).gradients().gradients;
    const whole_ = through(elementwise([3], { x: at(state) }, [[at(out), "set", mul(x, x)]])).gradients().gradients;
    half.feeds.get("a")!.forEach((v, i) => void expect(2 * v).to.be.closeTo(whole_.feeds.get("a")![i], 1e-14));
  });

  it("passes nothing through draws", () => {
    const draw: Operator = {
      kind: "draw",
      origin: "draw",
      distribution: "poisson",
      parameter: range(state),
      target: range(out),
      stream: 0,
    };
    const rates = elementwise([3], { x: at(a), w: at(p) }, [[at(state), "set", max(0, mul(x, w))]]);
    const program = programOf([feedA, rates, draw, recordOf(out)], {
      streams: [{ origin: "draw", seed: { kind: "draw" }, maker: { kind: "generator" } }],
    });
    nothing(new Objective({ program, feeds: { a: 3 }, parameters: [p], nSteps: 3, batch: 2 }));
  });

  it("gives gradients to data that stands in for a function", () => {
    const host: HostOperator = {
      kind: "host",
      origin: "host",
      call: { kind: "function", call: () => [[1, 2, 3]] },
      inputs: [],
      outputs: [{ range: range(a), role: "set" }],
      slot: "node",
    };
    const program = programOf([
      host,
      elementwise([3], { x: at(a), s: at(state) }, [[at(out), "set", mul(x, s)]]),
      leak(out, state),
      recordOf(out),
    ]);
    new Objective({ program, feeds: { node: 3 }, nSteps: 4, batch: 2 }).checkElements();
  });

  it("says where an output that sets only a part cannot be replayed", () => {
    const host: HostOperator = {
      kind: "host",
      origin: "the host",
      call: { kind: "function", call: () => [1] },
      inputs: [],
      outputs: [{ range: range(a, 0, 1), role: "set" }],
      slot: null,
    };
    expect(() => new DifferentiablePlan(programOf([host, recordOf(a)]), { parameters: [], feeds: [], records: ["a"] })).to.throw(
      BuildError,
      "the host",
    );
  });
});

describe("gradients with functions, processes and draws", () => {
  /** A recurrent program that multiplies what it is fed by numbers from a user's function, a process and two kinds of draws. */
  function stochastic(): { objective: (nSteps: number) => Objective; calls: () => number } {
    let calls = 0;
    const p = weights("p", random(3));
    const [f, n, u, c] = ["f", "n", "u", "c"].map((name) => perItem(name, 3)) as [Signal, Signal, Signal, Signal];
    const mean = perItem("mean", 3);
    const operators: Operator[] = [
      feedA,
      {
        kind: "host",
        origin: "function",
        call: {
          kind: "function",
          call: (t, [v]) => {
            calls++;
            return [[calls, t, v[0]]];
          },
        },
        inputs: [range(state)],
        outputs: [{ range: range(f), role: "set" }],
        slot: null,
      },
      feedOf(n, null, 0),
      { kind: "draw", origin: "uniform", distribution: "uniform", parameter: null, target: range(u), stream: 1 },
      elementwise([3], { x: at(a), w: at(p) }, [[at(mean), "set", exp(mul(x, w))]]),
      { kind: "draw", origin: "poisson", distribution: "poisson", parameter: range(mean), target: range(c), stream: 2 },
      elementwise([3], { x: at(a), y: at(f), s: at(state), w: at(p), n: at(n), u: at(u), c: at(c) }, [
        [at(out), "set", add(add(mul(mul(x, w), tanh(y)), mul(s, input("n"))), add(mul(sub(x, s), input("u")), mul(w, input("c"))))],
      ]),
      leak(out, state),
      recordOf(out),
      recordOf(state),
      recordOf(f),
    ];
    const program = programOf(operators, {
      streams: [
        { origin: "noise", seed: { kind: "draw" }, maker: { kind: "process", make: (rng) => () => rng.normals(3) } },
        { origin: "uniform", seed: { kind: "object", seed: 3 }, maker: { kind: "generator" } },
        { origin: "poisson", seed: { kind: "object", seed: 4 }, maker: { kind: "generator" } },
      ],
    });
    return {
      calls: () => calls,
      objective: (nSteps) => new Objective({ program, feeds: { a: 3 }, parameters: [p], states: [state], nSteps, batch: 2 }),
    };
  }

  for (const engine of engines())
    it(`run again from checkpoints with the same numbers, without calling anything twice (${engine.name})`, () => {
      for (const nSteps of [1, 2, 3, 8, 9, 12, 17]) {
        const [whole_, parts] = [stochastic(), stochastic()];
        const full = whole_.objective(nSteps).gradients({}, [engine]);
        const again = parts.objective(nSteps).gradients({ tapeLimit: 0 }, [engine]);
        expect(whole_.calls()).to.equal(2 * nSteps);
        expect(parts.calls()).to.equal(2 * nSteps);
        for (const [slot, data] of full.records) expectSame(again.records.get(slot)!, data, slot);
        expectSame(again.gradients.feeds.get("a")!, full.gradients.feeds.get("a")!, "feed");
        expectSame([...again.gradients.parameters.values()][0], [...full.gradients.parameters.values()][0], "parameter");
        for (const [signal, values] of full.gradients.states) expectSame(again.gradients.states.get(signal)!, values, signal.name);
        expect(full.gradients.feeds.get("a")!.every((v) => v !== 0)).to.equal(true);
      }
    });
});
