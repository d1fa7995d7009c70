import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { fixture } from "../support/fixtures.ts";
import type { ArrayJSON } from "../support/nengoNetworks.ts";
import { expectClose } from "../support/numbers.ts";

const { spikes: recorded } = fixture<{
  spikes: {
    t: number[];
    spikes: ArrayJSON;
    events: number[][];
    isi: { midpoint: boolean; interpolation: "zero" | "linear" | "nearest"; rates: ArrayJSON }[];
    kernel: { kind: "gauss" | "expon" | "alpha"; tau: number; rates: ArrayJSON }[];
  };
}>("nengo/helpers.json");
const { t, spikes } = recorded;
/** The fixture keeps every seventh step. */
const some = ({ shape, data }: { shape: readonly number[]; data: Float64Array }): Float64Array =>
  data.filter((_, k) => Math.floor(k / shape[1]) % 7 === 0);

describe("spikes, as nengo_extras sees them", () => {
  it("as times", () => {
    const events = nengo.spikesToEvents(t, spikes);
    expect(events.map((times) => Array.from(times))).to.deep.equal(recorded.events);
  });

  for (const { midpoint, interpolation, rates } of recorded.isi) {
    it(`rates by intervals, ${interpolation}${midpoint ? ", at their middles" : ""}`, () => {
      const found = nengo.ratesIsi(t, spikes, { midpoint, interpolation });
      expect(found.shape).to.deep.equal(spikes.shape);
      expectClose(some(found), rates.data, 1e-9, "rate");
    });
  }

  for (const { kind, tau, rates } of recorded.kernel) {
    it(`rates by a kernel, ${kind} of ${tau} s`, () => {
      const found = nengo.ratesKernel(t, spikes, { kind, tau });
      expect(found.shape).to.deep.equal(spikes.shape);
      expectClose(some(found), rates.data, 1e-9, "rate");
    });
  }

  it("of a simulation are near the rates of the neurons", async () => {
    const net = new nengo.Network({ seed: 0 });
    const ensemble = net.ensemble(8, 1);
    net.connect(net.node(0.5), ensemble, { synapse: null });
    const probe = net.probe(ensemble.neurons);
    const sim = new nengo.Simulator(net, { progressBar: false });
    await sim.run(1);
    const { rates } = nengo.tuningCurves(ensemble, sim, [[0.5]]);
    const [isi, kernel] = [nengo.ratesIsi(sim.trange(), sim.data.get(probe)), nengo.ratesKernel(sim.trange(), sim.data.get(probe))];
    rates.data.forEach((rate, i) => {
      const mean = (data: Float64Array): number =>
        data.filter((_, k) => k % 8 === i && k >= 8 * 300 && k < 8 * 700).reduce((sum, v) => sum + v, 0) / 400;
      expect(mean(isi.data)).to.be.closeTo(rate, 0.02 * rate + 0.5);
      expect(mean(kernel.data)).to.be.closeTo(rate, 0.05 * rate + 0.5);
    });
  });

  it("say what does not fit", () => {
    expect(() => nengo.spikesToEvents([1], [[0]])).to.throw(
      nengo.ShapeError,
      "spikesToEvents.t: expected times [steps], at least 2, got shape [1].",
    );
    expect(() => nengo.ratesIsi([1, 2], [[0]])).to.throw(
      nengo.ShapeError,
      "ratesIsi.spikes: expected [2, neurons], one row for each time, got shape [1, 1].",
    );
    expect(() => nengo.ratesIsi([2, 1], [[0], [0]])).to.throw(nengo.ValidationError, "ratesIsi.t: expected ascending times");
    expect(() => nengo.ratesIsi([1, 2], [[0], [0]], { interpolation: "splines" as never })).to.throw(
      nengo.ValidationError,
      "ratesIsi.interpolation",
    );
    expect(() => nengo.ratesKernel([1, 2], [[0], [0]], { kind: "box" as never })).to.throw(nengo.ValidationError, "ratesKernel.kind");
    expect(() => nengo.ratesKernel([1, 2], [[0], [0]], { tau: 0 })).to.throw(
      nengo.ValidationError,
      "ratesKernel.tau: expected a finite number > 0",
    );
  });
});
