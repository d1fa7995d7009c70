import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import { expectClose } from "../support/numbers.ts";

describe("tuningCurves", () => {
  it("are rates at values, 0 below the intercept and maxRates at the encoder", () => {
    const net = new nengo.Network({ seed: 0 });
    const a = net.ensemble(3, 1, { encoders: [[1], [-1], [1]], intercepts: [0, 0.5, -0.5], maxRates: [100, 200, 300], radius: 2 });
    const sim = new nengo.Simulator(net, { progressBar: false });
    const { inputs, rates } = nengo.tuningCurves(a, sim);
    expect(inputs.shape).to.deep.equal([50, 1]);
    expect([inputs.data[0], inputs.data[49]]).to.deep.equal([-2, 2]);
    expect(rates.shape).to.deep.equal([50, 3]);
    expectClose(rates.data.slice(-3), [100, 0, 300], 1e-9);
    expectClose(
      nengo.tuningCurves(a, sim, [[-2], [-1], [1.001]]).rates.data.filter((_, k) => k % 3 === 1),
      [200, 0, 0],
      1e-9,
    );
  });

  it("cover a plane, and ask for points beyond", () => {
    const net = new nengo.Network({ seed: 0 });
    const [two, three, direct] = [net.ensemble(4, 2), net.ensemble(4, 3), net.ensemble(1, 1, { neuronType: new nengo.Direct() })];
    const sim = new nengo.Simulator(net, { progressBar: false });
    const { inputs, rates } = nengo.tuningCurves(two, sim);
    expect(inputs.shape).to.deep.equal([2500, 2]);
    expect(Array.from(inputs.data.slice(0, 2))).to.deep.equal([-1, -1]);
    expect(rates.shape).to.deep.equal([2500, 4]);
    expect(() => nengo.tuningCurves(three, sim)).to.throw(
      nengo.ValidationError,
      "tuningCurves.inputs: expected points [n, 3] for 3 dimensions",
    );
    expect(() => nengo.tuningCurves(three, sim, [[1, 2]])).to.throw(nengo.ShapeError, "expected points [n, 3], got shape [1, 2]");
    expect(() => nengo.tuningCurves(direct, sim)).to.throw(nengo.ValidationError, "an ensemble with neurons");
  });
});
