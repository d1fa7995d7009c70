import { expect } from "chai";
import * as nengo from "../../src/index.ts";

describe("the report of a Simulator", () => {
  it("says what was given and has no effect, or is likely a mistake", () => {
    const net = new nengo.Network({ seed: 0 });
    const a = net.ensemble(10, 1, { label: "a", evalPoints: [[0.1], [0.5], [-0.5]], nEvalPoints: 5 });
    const b = net.ensemble(10, 1, { label: "b" });
    net.connect(a, net.node({ sizeIn: 1 }), { solver: new nengo.LstsqL2({ weights: true }), label: "out" });
    net.connect(a, b, { solver: new nengo.LstsqL2({ weights: true }), label: "fine" });
    net.connect(a, b, { learningRuleType: new nengo.PES({ learningRate: 1 }), label: "hasty" });
    net.ensemble(5, 330, { label: "wide", evalPoints: new nengo.Uniform({ low: -1, high: 1 }), nEvalPoints: 3 });
    const { notes } = new nengo.Simulator(net, { progressBar: false }).report;
    expect(notes).to.include.members([
      'Connection "out" has a solver with weights, which are only solved for between ensembles',
      'PES of Connection "hasty" has a learning rate of 1 or more, with which it may not settle',
      'Ensemble "wide" has more than 320 dimensions, where points of sct-approx are not Nengo\'s; take the method "sct"',
      'Ensemble "a" has nEvalPoints and evaluation points as an array, which is taken as it is',
    ]);
    expect(notes.filter((note) => note.includes("fine") || note.includes('"b"'))).to.deep.equal([]);
  });
});
