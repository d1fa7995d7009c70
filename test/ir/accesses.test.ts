import { expect } from "chai";
import { input } from "../../src/expr/expr.ts";
import { accesses, accessOfOperand, type Access, type Operator } from "../../src/ir/operators.ts";
import { operand, range, Signal } from "../../src/ir/signal.ts";
import { perItem, shared, whole } from "../support/programs.ts";

const [a, b, c] = [perItem("a", 10), perItem("b", 10), perItem("c", 10)];
const w = shared("w", new Array<number>(12).fill(0));

/** Accesses as text: `signal from..to`. */
function text(op: Operator): Record<string, string[]> {
  const of = (list: readonly Access[]): string[] => list.map(({ signal, from, to }) => `${signal.name} ${from}..${to}`);
  const all = accesses(op);
  return Object.fromEntries(
    Object.entries({ sets: of(all.sets), incs: of(all.incs), reads: of(all.reads), updates: of(all.updates) }).filter(
      ([, list]) => list.length > 0,
    ),
  );
}

describe("accesses", () => {
  const origin = "op";
  it("knows what simple operators touch", () => {
    expect(text({ kind: "set", origin, target: range(a, 2, 3), value: 0 })).to.deep.equal({ sets: ["a 2..5"] });
    expect(text({ kind: "feed", origin, target: range(a), slot: null, stream: null })).to.deep.equal({ sets: ["a 0..10"] });
    expect(
      text({ kind: "draw", origin, distribution: "poisson", parameter: range(a, 0, 2), target: range(b, 0, 2), stream: 0 }),
    ).to.deep.equal({ sets: ["b 0..2"], reads: ["a 0..2"] });
    expect(text({ kind: "time", origin })).to.deep.equal({});
    expect(text({ kind: "record", origin, source: range(a, 1, 2), slot: "s", period: 1 })).to.deep.equal({ reads: ["a 1..3"] });
    expect(text({ kind: "tensor", origin, node: {}, x: range(a, 4, 1), y: range(b) })).to.deep.equal({
      sets: ["b 0..10"],
      reads: ["a 4..5"],
    });
    expect(text({ kind: "tensor", origin, node: {}, x: null, y: range(b) })).to.deep.equal({ sets: ["b 0..10"] });
  });

  it("knows the bounds of index lists", () => {
    expect(text({ kind: "copy", origin, source: whole(a, [3, 1, 1], 2), target: whole(b, [0, 5, 2]), role: "inc" })).to.deep.equal({
      incs: ["b 0..6"],
      reads: ["a 3..6"],
    });
    expect(text({ kind: "copy", origin, source: whole(a, []), target: whole(b, []), role: "set" })).to.deep.equal({
      sets: ["b 0..0"],
      reads: ["a 0..0"],
    });
  });

  it("knows the bounds of strided operands, negative strides too", () => {
    const of = (offset: number, strides: number[], shape: number[]): number[] => {
      const { from, to } = accessOfOperand({ signal: a, offset, strides }, shape);
      return [from, to];
    };
    expect(of(0, [4, 1], [2, 3])).to.deep.equal([0, 7]);
    expect(of(9, [-4, -1], [2, 3])).to.deep.equal([3, 10]);
    expect(of(5, [-2, 1], [2, 3])).to.deep.equal([3, 8]);
    expect(of(3, [0, 0], [2, 3])).to.deep.equal([3, 4]);
    expect(of(3, [], [])).to.deep.equal([3, 4]);
  });

  it("knows the roles of elementwise outputs and host outputs", () => {
    const output = (signal: Signal, role: "set" | "inc" | "update") => ({ operand: operand(range(signal)), role, expr: input("x") });
    expect(
      text({
        kind: "elementwise",
        origin,
        shape: [4],
        inputs: { x: operand(range(a, 1)) },
        constants: {},
        outputs: [output(a, "set"), output(b, "inc"), output(c, "update")],
        differentiable: true,
      }),
    ).to.deep.equal({
      sets: ["a 0..4"],
      incs: ["b 0..4"],
      reads: ["a 1..5"],
      updates: ["c 0..4"],
    });
    const call = { kind: "function", call: () => [] } as const;
    expect(
      text({
        kind: "host",
        origin,
        call,
        inputs: [range(a, 1, 2), range(b, 0, 1)],
        outputs: [
          { range: range(b), role: "update" },
          { range: range(c), role: "set" },
        ],
        slot: null,
      }),
    ).to.deep.equal({
      sets: ["c 0..10"],
      reads: ["a 1..3", "b 0..1"],
      updates: ["b 0..10"],
    });
  });

  it("knows products", () => {
    expect(
      text({
        kind: "matmul",
        origin,
        weights: { signal: w, offset: 1, strides: [1, 4] },
        x: range(a, 0, 3),
        y: range(b, 5, 2),
        role: "inc",
        spikes: false,
      }),
    ).to.deep.equal({ incs: ["b 5..7"], reads: ["w 1..11", "a 0..3"] });
    const sparse = {
      kind: "sparseMatmul",
      origin,
      rows: Int32Array.of(0),
      columns: Int32Array.of(0),
      weights: range(w, 0, 1),
      x: range(a),
      y: range(b),
      role: "set",
    } as const;
    expect(text(sparse)).to.deep.equal({ sets: ["b 0..10"], reads: ["w 0..1", "a 0..10"] });
    expect(
      text({
        kind: "fir",
        origin,
        input: range(a, 0, 2),
        output: range(b, 0, 2),
        buffer: range(c, 0, 6),
        taps: Float64Array.of(1, 1, 1),
        role: "set",
      }),
    ).to.deep.equal({ sets: ["b 0..2"], reads: ["a 0..2"], updates: ["c 0..6"] });
  });

  it("knows which of a convolution's places is written", () => {
    const geometry = {
      inputSpatial: [4],
      outputSpatial: [2],
      inputChannels: 1,
      outputChannels: 1,
      kernel: [3],
      strides: [1],
      padding: [0],
      groups: 1,
      channelsLast: true,
    };
    const of = (mode: "forward" | "inputAdjoint" | "filterAdjoint") =>
      text({
        kind: "convolve",
        origin,
        mode,
        geometry,
        input: range(a, 0, 4),
        filter: range(w, 0, 3),
        output: range(b, 0, 2),
        role: "inc",
      });
    expect(of("forward")).to.deep.equal({ incs: ["b 0..2"], reads: ["a 0..4", "w 0..3"] });
    expect(of("inputAdjoint")).to.deep.equal({ incs: ["a 0..4"], reads: ["w 0..3", "b 0..2"] });
    expect(of("filterAdjoint")).to.deep.equal({ incs: ["w 0..3"], reads: ["a 0..4", "b 0..2"] });
  });
});

describe("Signal", () => {
  it("counts its elements and tells whether it trains", () => {
    const s = new Signal("s", { shape: [2, 3], perItem: false });
    expect([s.size, s.trainable, s.initial]).to.deep.equal([6, false, null]);
    const p = new Signal("p", { shape: [], perItem: false, parameter: { role: "bias", owner: {}, trainable: true } });
    expect([p.size, p.trainable]).to.deep.equal([1, true]);
    expect(Object.isFrozen(s)).to.equal(true);
  });

  it("has ranges and operands", () => {
    expect(range(a, 3)).to.deep.equal({ signal: a, offset: 3, length: 7 });
    expect(operand(range(a, 3, 2))).to.deep.equal({ signal: a, offset: 3, strides: [1] });
    expect(operand(range(a, 3, 1), true)).to.deep.equal({ signal: a, offset: 3, strides: [0] });
  });
});
