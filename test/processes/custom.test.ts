import { expect } from "chai";
import * as nengo from "../../src/index.ts";

const { Piecewise, ValidationError, ShapeError } = nengo;

/** Sums its input up in state of its own, and adds a draw a step. */
class Walk extends nengo.Process {
  static override readonly type: string = "Walk";
  static override readonly parameters: readonly string[] = ["seed"];
  constructor(options: { seed?: number } = {}) {
    super(options, { sizeIn: 2, sizeOut: 2 });
  }
  override makeState({ sizeOut }: nengo.ProcessStart): Record<string, Float64Array> {
    return { sum: new Float64Array(sizeOut).fill(10) };
  }
  override makeStep({ rng, state: { sum } }: nengo.ProcessContext): nengo.ProcessStep {
    return (_t, x) => {
      x.forEach((v, k) => (sum[k] += v));
      x.fill(NaN);
      return sum.map((v) => v + rng.uniform());
    };
  }
}

describe("processes of a user", () => {
  it("have state, made anew by a reset, and their own copy of the input", async () => {
    const net = new nengo.Network({ seed: 0 });
    const input = net.node([1, 2]);
    const walk = net.node(new Walk());
    net.connect(input, walk, { synapse: null });
    const [probe, seen] = [net.probe(walk), net.probe(input)];
    const sim = new nengo.Simulator(net, { minibatchSize: 2, progressBar: false });
    const run = async (): Promise<Float64Array | Float32Array> => {
      await sim.runSteps(3);
      return sim.data.get(probe).data.slice();
    };
    const first = await run();
    const item = sim.data.get(probe).item(0).data;
    expect(Array.from(item, Math.floor)).to.deep.equal([11, 12, 12, 14, 13, 16]);
    expect(sim.data.get(probe).item(1).data).not.to.deep.equal(item);
    expect(Array.from(sim.data.get(seen).item(0).data)).to.deep.equal([1, 2, 1, 2, 1, 2]);
    sim.reset();
    expect(await run()).to.deep.equal(first);
  });

  it("run alone, on data or none, and tell their times", () => {
    const walk = new Walk({ seed: 3 });
    expect(Array.from(walk.apply({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }).data, Math.floor)).to.deep.equal([11, 12, 14, 16]);
    expect(Array.from(walk.trange(0.003))).to.deep.equal([0.001, 0.002, 0.003]);
    expect(Array.from(walk.ntrange(2, 0.5))).to.deep.equal([0.5, 1]);
  });
});

describe("Piecewise", () => {
  it("takes an object, a Map or pairs, in any order", () => {
    const wanted = new Piecewise({ data: { 0: 1, 0.5: -1 } });
    expect(
      new Piecewise({
        data: new Map([
          [0.5, -1],
          [0, 1],
        ]),
      }).equals(wanted),
    ).to.equal(true);
    expect(
      new Piecewise({
        data: [
          [0.5, -1],
          [0, 1],
        ],
      }).equals(wanted),
    ).to.equal(true);
    expect(wanted.toJSON()).to.deep.equal({
      type: "Piecewise",
      data: { 0: 1, 0.5: -1 },
      interpolation: "zero",
      defaultDt: 0.001,
      seed: null,
    });
  });

  it("calls functions with the time", () => {
    const process = new Piecewise({ data: { 0: (t) => 2 * t, 0.002: 7 } });
    expect(Array.from(process.runSteps(4).data)).to.deep.equal([0.002, 7, 7, 7]);
    const net = new nengo.Network({ seed: 0 });
    net.node(process);
    expect(() => nengo.networkToJSON(net)).to.throw(nengo.NetworkFileError, "nodes[0].output.data");
  });

  it("refuses what it cannot go through", () => {
    expect(() => new Piecewise({} as never)).to.throw(
      ValidationError,
      "Piecewise.data: expected values by time: an object, a Map or pairs, got undefined.",
    );
    expect(() => new Piecewise({ data: {} })).to.throw(ValidationError, "Piecewise.data: expected at least one time, got none.");
    expect(() => new Piecewise({ data: { soon: 1 } })).to.throw(
      ValidationError,
      'Piecewise.data: expected times that are numbers (s), got "soon".',
    );
    expect(() => new Piecewise({ data: { 0: "a" as never } })).to.throw(
      ValidationError,
      "Piecewise.data[0]: expected a finite number, a list of them, or a function of time",
    );
    expect(() => new Piecewise({ data: { 0: 1, 1: [1, 2] } })).to.throw(
      ShapeError,
      "Piecewise.data[1]: expected 1 number, as at the first time, got 2.",
    );
    expect(() => new Piecewise({ data: { 0: Math.sin }, interpolation: "linear" })).to.throw(
      ValidationError,
      'Piecewise.interpolation: expected "zero" where values are functions, got "linear".',
    );
    expect(() => new Piecewise({ data: { 0: 1, 1: 2, 2: 3 }, interpolation: "cubic" })).to.throw(
      ValidationError,
      "Piecewise.data: expected at least 4 times for cubic interpolation, got 3.",
    );
    expect(() => new Piecewise({ data: { 0: 1 }, interpolation: "smooth" as never })).to.throw(
      ValidationError,
      "Piecewise.interpolation: expected one of",
    );
    const net = new nengo.Network({ seed: 0 });
    net.node(new Piecewise({ data: { 0: [1, 2] } }), { sizeOut: 3 });
    expect(() => new nengo.Simulator(net, { progressBar: false })).to.throw(
      ShapeError,
      "Piecewise.data: expected values of 3 numbers, the size of the output, got 2.",
    );
  });
});
