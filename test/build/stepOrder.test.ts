import { expect } from "chai";
import fc from "fast-check";
import { BuildError } from "../../src/errors.ts";
import { buildNetwork } from "../../src/build/build.ts";
import { SignalView, type NengoOperator, type Touched } from "../../src/build/nengoOperator.ts";
import { stepOrder } from "../../src/build/stepOrder.ts";
import { Signal } from "../../src/ir/signal.ts";
import { Network } from "../../src/network/index.ts";

const signal = (name: string, size = 4): Signal => new Signal(name, { shape: [size], perItem: true });

type Roles = Partial<Record<"sets" | "incs" | "reads" | "updates", readonly Touched[]>>;

const operator = (label: string, roles: Roles): NengoOperator => ({
  label,
  sets: [],
  incs: [],
  reads: [],
  updates: [],
  lower: () => [],
  ...roles,
});

const labels = (operators: readonly NengoOperator[]): string[] => stepOrder(operators).map(({ label }) => label);

describe("step order", () => {
  // The example of Nengo's behaviour in which it was looked at operator by operator.
  it("is Nengo's for two ensembles in a loop", () => {
    const net = new Network({ seed: 0 });
    const s = net.node((t) => t, { label: "s" });
    const [x, y] = [net.ensemble(5, 1, { label: "x" }), net.ensemble(5, 1, { label: "y" })];
    net.connect(s, x, { synapse: null, label: "s-x" });
    net.connect(x, y, { label: "x-y" });
    net.connect(y, x.at(0), { synapse: 0.1, label: "y-x" });
    net.probe(y, { synapse: 0.01, label: "p" });
    const created = [
      "TimeUpdate",
      'Reset Ensemble "x".in',
      'Copy Ensemble "x".bias -> Ensemble "x".neurons.in',
      'SimNeurons Ensemble "x"',
      'DotInc Ensemble "x".scaledEncoders',
      'Reset Ensemble "y".in',
      'Copy Ensemble "y".bias -> Ensemble "y".neurons.in',
      'SimNeurons Ensemble "y"',
      'DotInc Ensemble "y".scaledEncoders',
      'SimPyFunc Node "s"',
      'Copy Node "s".out -> Ensemble "x".in',
      'Reset Connection "x-y".weighted',
      'DotInc Connection "x-y".weights',
      'SimProcess Lowpass of Connection "x-y"',
      'Copy Connection "x-y".filtered -> Ensemble "y".in',
      'Reset Connection "y-x".weighted',
      'DotInc Connection "y-x".weights',
      'SimProcess Lowpass of Connection "y-x"',
      'Copy Connection "y-x".filtered -> Ensemble "x".in',
      'Reset Probe "p".in',
      'Reset Probe "p".weighted',
      'DotInc Probe "p".weights',
      'SimProcess Lowpass of Probe "p"',
      'Copy Probe "p".filtered -> Probe "p".in',
      'SimProbe Probe "p"',
    ];
    const order = [0, 1, 2, 5, 6, 11, 15, 19, 20, 9, 18, 14, 23, 10, 8, 24, 4, 7, 3, 16, 21, 12, 17, 22, 13];
    const built = buildNetwork(net);
    expect(built.stepOrder.map(({ label }) => label)).to.deep.equal(order.map((k) => created[k]));
    // So the first draw of the simulator goes to the synapse of 0.1 s, then 0.01 s, then 0.005 s.
    const streams = ['Connection "y-x"', 'Probe "p"', 'Connection "x-y"'].map((of) => `SimProcess Lowpass of ${of}`);
    expect(built.program("inference").streams.map(({ origin }) => origin)).to.deep.equal(streams);
    expect(built.program("training").streams).to.equal(built.program("inference").streams);
  });

  it("sets, then increments, then reads, then updates, whatever the order of creation", () => {
    const s = signal("s");
    const operators = [
      operator("update", { updates: [s] }),
      operator("read", { reads: [s] }),
      operator("inc 1", { incs: [s] }),
      operator("inc 2", { incs: [s] }),
      operator("set", { sets: [s] }),
    ];
    expect(labels(operators)).to.deep.equal(["set", "inc 1", "inc 2", "read", "update"]);
  });

  it("takes operators that are free in the order of creation, and those that get free first come first", () => {
    const [a, b] = [signal("a"), signal("b")];
    const operators = [
      operator("read b", { reads: [b] }),
      operator("free 1", {}),
      operator("set a", { sets: [a] }),
      operator("set b", { sets: [b] }),
      operator("read a", { reads: [a] }),
      operator("free 2", {}),
    ];
    expect(labels(operators)).to.deep.equal(["free 1", "set a", "set b", "free 2", "read a", "read b"]);
  });

  it("orders views that share memory, and no others", () => {
    const base = signal("base", 8);
    const view = (start: number, step: number, length: number): SignalView => new SignalView(base, start, step, length);
    const before = (written: Touched, read: Touched): boolean =>
      labels([operator("read", { reads: [read] }), operator("set", { sets: [written] })])[0] === "set";
    expect(before(base, view(2, 1, 2))).to.equal(true);
    expect(before(view(0, 1, 4), view(3, 1, 2))).to.equal(true);
    expect(before(view(0, 1, 3), view(3, 1, 2))).to.equal(false);
    expect(before(view(6, -2, 3), view(2, 1, 1))).to.equal(true);
    expect(before(view(6, -2, 3), view(0, 1, 2))).to.equal(false);
    // Bounds count, as in Nengo, and not the elements between.
    expect(before(view(0, 2, 4), view(1, 2, 3))).to.equal(true);
    expect(before(view(0, 1, 4), new SignalView(signal("other", 8), 0, 1, 4))).to.equal(false);
  });

  it("refuses a signal that two operators set or update", () => {
    const [s, part] = [signal("s"), signal("whole")];
    const twice = (role: "sets" | "updates", a: Touched, b: Touched) => () =>
      stepOrder([operator("first", { [role]: [a] }), operator("second", { [role]: [b] })]);
    expect(twice("sets", s, s)).to.throw(
      BuildError,
      'Signal "s": expected to be set by one operator in a step, got first and second. Connect them through a Node, which adds them up.',
    );
    expect(twice("updates", s, s)).to.throw(
      BuildError,
      'Signal "s": expected to be updated by one operator in a step, got first and second.',
    );
    expect(twice("sets", new SignalView(part, 0, 1, 3), new SignalView(part, 2, 1, 2))).to.throw(
      BuildError,
      'Signal "whole": expected to be set by one operator',
    );
    expect(twice("sets", new SignalView(part, 0, 1, 2), new SignalView(part, 2, 1, 2))).not.to.throw();
  });

  it("refuses a loop, and names what is in it", () => {
    const [a, b] = [signal("a"), signal("b")];
    const loop = [operator("ab", { reads: [a], sets: [b] }), operator("ba", { reads: [b], sets: [a] }), operator("free", {})];
    expect(() => stepOrder(loop)).to.throw(
      BuildError,
      "Network: expected every loop of connections to hold a synapse, got a loop without one through ab, ba. Give one of its connections a synapse (0 is a delay of one step).",
    );
  });
});

describe("step order of many parts of one signal", () => {
  it("is that of any parts that overlap", () => {
    const parts = fc.array(
      fc.record({ start: fc.nat(99), length: fc.integer({ min: 1, max: 40 }), step: fc.constantFrom(1, 1, 1, 2, -1), reads: fc.boolean() }),
      { minLength: 40, maxLength: 90 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        const shared = signal("shared", 100);
        const operators = list.map(({ start, length, step, reads }, k) => {
          const room = step < 0 ? start + 1 : Math.ceil((100 - start) / step);
          const view = new SignalView(shared, start, step, Math.min(length, room));
          return operator(`${k}`, reads ? { reads: [view] } : { incs: [view] });
        });
        const order = stepOrder(operators);
        const place = new Map(order.map((op, k) => [op, k]));
        const bounds = (op: NengoOperator): [number, number] => {
          const { start, step, length } = [...op.incs, ...op.reads][0] as SignalView;
          const last = start + step * (length - 1);
          return [Math.min(start, last), Math.max(start, last)];
        };
        for (const a of operators.filter((op) => op.incs.length > 0))
          for (const b of operators.filter((op) => op.reads.length > 0)) {
            const [[a0, a1], [b0, b1]] = [bounds(a), bounds(b)];
            if (a0 <= b1 && b0 <= a1) expect(place.get(a)!).to.be.lessThan(place.get(b)!);
          }
      }),
      { seed: 4, numRuns: 40 },
    );
  });
});
