import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose, expectRelative, expectSame } from "../support/numbers.ts";

interface Helpers {
  readonly networks: {
    readonly responses: readonly { inputs: ArrayJSON; rates: ArrayJSON }[];
    readonly tuning: ArrayJSON;
    readonly decodings: readonly { points: number[][] | null; evalPoints: ArrayJSON; targets: ArrayJSON; decoded: ArrayJSON }[];
  };
  readonly orders: readonly { dimensions: number; neurons: number; similarity: number }[];
  readonly numbers: {
    readonly x: ArrayJSON;
    readonly y: ArrayJSON;
    readonly rms: number;
    readonly norm: number;
    readonly rmse: number;
    readonly nrmse: number;
    readonly axes: readonly { axis: number; rms: ArrayJSON; norm: ArrayJSON; rmse: ArrayJSON; nrmse: ArrayJSON }[];
    readonly meshgrid: readonly ArrayJSON[];
    readonly defaultPoints: readonly [number, number, number][];
  };
  readonly settled: readonly {
    type: "LIF" | "AdaptiveLIF" | "Izhikevich" | "Tanh" | "SpikingRectifiedLinear";
    tauRef: number | null;
    options: { dt: number; settleTime: number; simTime: number };
    J: number[];
    rates: number[];
  }[];
}
const { networks, orders, numbers, settled } = fixture<Helpers>("nengo/helpers.json");

const direct = (): { net: nengo.Network; sim: nengo.Simulator; ensemble: nengo.Ensemble } => {
  const net = new nengo.Network({ seed: 0 });
  const ensemble = net.ensemble(3, 1, { neuronType: new nengo.Direct() });
  return { net, ensemble, sim: new nengo.Simulator(net, { progressBar: false }) };
};

describe("responseCurves, tuningCurves and evalPointDecoding, as Nengo's", () => {
  const net = new nengo.Network({ seed: 3 });
  const a = net.ensemble(12, 2, { radius: 1.5 });
  const b = net.ensemble(7, 1, { neuronType: new nengo.AdaptiveLIF() });
  const out = net.node({ sizeIn: 2 });
  const evalPoints = [
    [0.1, 0.2],
    [-0.5, 0.5],
    [0.7, -0.1],
  ];
  const connections = [
    net.connect(a, b, { function: (x) => x[0] * x[1] }),
    net.connect(a, out),
    net.connect(a.at(1), out.at(0), { transform: 2 }),
    net.connect(a, b, { solver: new nengo.LstsqL2({ weights: true }), function: (x) => x[0] }),
    net.connect(a, out, { evalPoints, scaleEvalPoints: false }),
  ];
  const sim = new nengo.Simulator(net, { progressBar: false });

  it("rates along encoders", () => {
    const found = [nengo.responseCurves(a, sim), nengo.responseCurves(b, sim), nengo.responseCurves(b, sim, [-0.7, 0.1, 1.3])];
    networks.responses.forEach(({ inputs, rates }, k) => {
      expectClose(found[k].inputs.data, inputs.data, 1e-15);
      expect(found[k].rates.shape).to.deep.equal(rates.shape);
      expectClose(found[k].rates.data, rates.data, 1e-9);
    });
  });

  it("rates at values", () => {
    const { rates } = nengo.tuningCurves(a, sim, [
      [1, 2],
      [0, 0],
    ]);
    expectClose(rates.data, networks.tuning.data, 1e-9);
  });

  networks.decodings.forEach(({ points, evalPoints: at, targets, decoded }, k) => {
    it(`connection ${k >> 1}, at ${points === null ? "its own points" : "others"}`, () => {
      const found = nengo.evalPointDecoding(connections[k >> 1], sim, points ?? undefined);
      const rows = ({ shape, data }: { shape: readonly number[]; data: Float64Array }): Float64Array =>
        points === null ? data.filter((_, i) => Math.floor(i / shape[1]) % 100 === 0) : data;
      expectClose(rows(found.evalPoints), at.data, 1e-12);
      expectClose(rows(found.targets), targets.data, 1e-12);
      // Full weights are input currents, some hundred.
      expectClose(rows(found.decoded), decoded.data, 1e-9);
      expect(found.decoded.shape[1]).to.equal(decoded.shape[1]);
    });
  });

  it("say what they cannot do", () => {
    const other = direct();
    const fromNode = other.net.connect(other.net.node(1), other.net.node({ sizeIn: 1 }));
    const given = other.net.connect(other.net.ensemble(2, 1), other.net.node({ sizeIn: 1 }), { solver: new nengo.NoSolver() });
    const again = new nengo.Simulator(other.net, { progressBar: false });
    expect(() => nengo.responseCurves(other.ensemble, other.sim)).to.throw(nengo.ValidationError, "got Direct mode.");
    expect(() => nengo.responseCurves(out as never, sim)).to.throw(nengo.ValidationError, "responseCurves.ensemble: expected an Ensemble");
    expect(() => nengo.responseCurves(a, sim, [[1]])).to.throw(
      nengo.ShapeError,
      "responseCurves.inputs: expected projections [points], got shape [1, 1].",
    );
    expect(() => nengo.evalPointDecoding(fromNode, again)).to.throw(
      nengo.ValidationError,
      "expected a connection from an ensemble with neurons",
    );
    expect(() => nengo.evalPointDecoding(a as never, sim)).to.throw(nengo.ValidationError, "evalPointDecoding.connection: expected");
    expect(() => nengo.evalPointDecoding(given, again)).to.throw(nengo.ValidationError, "evalPointDecoding.evalPoints: expected points");
    expect(() => nengo.evalPointDecoding(connections[0], sim, [[1]])).to.throw(
      nengo.ShapeError,
      "expected points [n, 2], got shape [1, 1].",
    );
  });
});

describe("sortedNeurons", () => {
  for (const { dimensions: d, neurons, similarity } of orders) {
    it(`sets ${neurons} neurons of ${d} dimensions side by side at least as well as Nengo's`, () => {
      const net = new nengo.Network({ seed: d });
      const ensemble = net.ensemble(neurons, d);
      const sim = new nengo.Simulator(net, { progressBar: false });
      const order = nengo.sortedNeurons(ensemble, sim);
      expect(Array.from(order).sort((a, b) => a - b)).to.deep.equal(Array.from({ length: neurons }, (_, i) => i));
      const { encoders, intercepts } = sim.data.get(ensemble);
      let sum = 0;
      for (let k = 1; k < neurons; k++)
        for (let c = 0; c < d; c++) sum += encoders.data[order[k] * d + c] * encoders.data[order[k - 1] * d + c];
      expect(sum / (neurons - 1)).to.be.at.least(similarity - 1e-12);
      if (d === 1) {
        // Of one sign, intercepts are in order.
        const signs = Array.from(order, (i) => encoders.data[i]);
        for (const sign of [-1, 1]) {
          const own = Array.from(order, (i) => intercepts!.data[i]).filter((_, k) => signs[k] === sign);
          const up = own.toSorted((a, b) => a - b);
          expect([up, up.toReversed()]).to.deep.include(own);
        }
      }
    });
  }

  it("needs neurons", () => {
    const { ensemble, sim } = direct();
    expect(() => nengo.sortedNeurons(ensemble, sim)).to.throw(
      nengo.ValidationError,
      "sortedNeurons.ensemble: expected an ensemble with neurons",
    );
    expect(() => nengo.sortedNeurons(3 as never, sim)).to.throw(nengo.ValidationError, "sortedNeurons.ensemble: expected an Ensemble");
  });
});

describe("rms, norm, rmse and nrmse, as Nengo's", () => {
  const { x, y } = numbers;

  it("of all numbers", () => {
    expectRelative(
      [nengo.rms(x), nengo.norm(x), nengo.rmse(x, y), nengo.nrmse(x, y)],
      [numbers.rms, numbers.norm, numbers.rmse, numbers.nrmse],
      1e-14,
    );
  });

  for (const { axis, rms, norm, rmse, nrmse } of numbers.axes) {
    it(`along axis ${axis}`, () => {
      const found = [nengo.rms(x, axis), nengo.norm(x, axis), nengo.rmse(x, y, axis), nengo.nrmse(x, y, axis)];
      [rms, norm, rmse, nrmse].forEach((wanted, k) => {
        expect(found[k].shape).to.deep.equal(wanted.shape);
        expectRelative(found[k].data, wanted.data, 1e-13);
      });
    });
  }

  it("take what numbers come in", () => {
    expect(nengo.rmse([1, 2], [2, 4])).to.equal(Math.sqrt(2.5));
    expect(nengo.nrmse(Float32Array.of(1, 2), [2, 4])).to.equal(0.5);
    expect(nengo.norm([3, 4])).to.equal(5);
  });

  it("say what they cannot do", () => {
    expect(() => nengo.rmse([1, 2], [1])).to.throw(nengo.ShapeError, "rmse.y: expected shape [2], that of x, got [1].");
    expect(() => nengo.nrmse([1, 2], [[1, 2]])).to.throw(nengo.ShapeError, "nrmse.y: expected shape [2], that of x, got [1, 2].");
    expect(() => nengo.rms([1, 2], 1)).to.throw(nengo.ValidationError, "rms.axis: expected a finite number >= -1 and <= 0, got 1.");
    expect(() => nengo.rms(["a"] as never)).to.throw(nengo.ValidationError, "rms.x: expected numbers");
  });
});

describe("meshgridNd and defaultNEvalPoints, as Nengo's", () => {
  it("all combinations", () => {
    const grids = nengo.meshgridNd([1, 2], [3, 4, 5], [6, 7]);
    numbers.meshgrid.forEach(({ shape, data }, k) => {
      expect(grids[k].shape).to.deep.equal(shape);
      expectSame(grids[k].data, data);
    });
    expect(() => nengo.meshgridNd([1], 2)).to.throw(nengo.ShapeError, "meshgridNd.axes[1]: expected a list of numbers, got shape [].");
  });

  it("points where none are said", () => {
    for (const [n, d, count] of numbers.defaultPoints) expect(nengo.defaultNEvalPoints(n, d)).to.equal(count);
  });
});

describe("settledFiringRate, as Nengo's", () => {
  for (const { type, tauRef, options, J, rates } of settled) {
    it(`${type} ${JSON.stringify(options)}`, () => {
      const own = type === "LIF" ? { tauRef: tauRef! } : type === "AdaptiveLIF" ? { tauN: 0.05 } : {};
      const states = Object.keys(new nengo[type]().defaultState);
      const initialState = Object.fromEntries(states.map((name) => [name, 0]));
      const found = nengo.settledFiringRate(new nengo[type]({ ...own, initialState }), J, options);
      expectClose(found, rates, 1e-10);
    });
  }

  it("runs types that draw, and types as step functions", () => {
    const [rate] = nengo.settledFiringRate(new nengo.PoissonSpiking({ baseType: new nengo.RectifiedLinear() }), [100], {
      simTime: 5,
      seed: 3,
    });
    expect(rate).to.be.within(85, 115);
    expect(nengo.settledFiringRate(new nengo.LIF(), [2], { seed: 1 })).to.deep.equal(
      nengo.settledFiringRate(new nengo.LIF(), [2], { seed: 1 }),
    );
  });

  it("says what it cannot do", () => {
    expect(() => nengo.settledFiringRate(new nengo.Direct(), [1])).to.throw(
      nengo.ValidationError,
      "settledFiringRate.neuronType: expected",
    );
    expect(() => nengo.settledFiringRate(new nengo.LIF(), [[1]])).to.throw(
      nengo.ShapeError,
      "settledFiringRate.J: expected currents [neurons]",
    );
    expect(() => nengo.settledFiringRate(new nengo.LIF(), [])).to.throw(nengo.ShapeError, "at least one");
    expect(() => nengo.settledFiringRate(new nengo.LIF(), [1], { simTime: 0 })).to.throw(
      nengo.ValidationError,
      "settledFiringRate.simTime",
    );
  });
});

describe("signalsAllclose", () => {
  const t = Array.from({ length: 10 }, (_, k) => (k + 1) * 0.001);
  const target = t.map((v) => Math.sin(1000 * v));
  const off = target.map((v, k) => v + (0.1 * k) / 9);

  it("compares within tolerances, as Nengo's does", () => {
    expect(nengo.signalsAllclose(t, target, target)).to.deep.equal([true]);
    expect(nengo.signalsAllclose(t, target, off)).to.deep.equal([false]);
    expect(nengo.signalsAllclose(t, target, off, { atol: 0.2 })).to.deep.equal([true]);
    expect(
      nengo.signalsAllclose(
        t,
        target,
        target.map((v, k) => [v, off[k]]),
      ),
    ).to.deep.equal([true, false]);
    const hundred = target.map(() => 100);
    expect(
      nengo.signalsAllclose(
        t,
        hundred,
        hundred.map((v) => v + 0.0009),
      ),
    ).to.deep.equal([true]);
    expect(
      nengo.signalsAllclose(
        t,
        hundred,
        hundred.map((v) => v + 0.0011),
      ),
    ).to.deep.equal([false]);
  });

  it("leaves out the start, and knows delays", () => {
    const late = target.map((_, k) => target.at(k - 2)!);
    expect(nengo.signalsAllclose(t, target, late)).to.deep.equal([false]);
    expect(nengo.signalsAllclose(t, target, late, { delay: 0.002 })).to.deep.equal([true]);
    const disturbed = target.map((v, k) => (k < 2 ? v + 1 : v));
    expect(nengo.signalsAllclose(t, target, disturbed, { buf: 0.001 })).to.deep.equal([false]);
    expect(nengo.signalsAllclose(t, target, disturbed, { buf: 0.002 })).to.deep.equal([true]);
    const broken = target.map((v, k) => (k === 9 ? NaN : v));
    expect(() => nengo.signalsAllclose(t, target, broken)).to.throw(nengo.ValidationError, "expected finite numbers");
  });

  it("says what does not fit", () => {
    expect(() => nengo.signalsAllclose(t, target, [1, 2])).to.throw(nengo.ShapeError, "signalsAllclose.signals: expected [10, signals]");
    expect(() =>
      nengo.signalsAllclose(
        t,
        target.map((v) => [v, v]),
        target,
      ),
    ).to.throw(nengo.ShapeError, "signalsAllclose.targets: expected one column");
    expect(() => nengo.signalsAllclose(t, target, target, { buf: 1 })).to.throw(
      nengo.ValidationError,
      "signalsAllclose.buf: expected some time",
    );
    expect(() => nengo.signalsAllclose(t, target, target, { delay: -1 })).to.throw(nengo.ValidationError, "signalsAllclose.delay");
  });
});
