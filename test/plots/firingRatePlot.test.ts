import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import * as nengo from "../../src/index.ts";
import { activityPlots, firingRatePlot, rasterPlot } from "../../src/plots/index.ts";
import { waves } from "../layers/support.ts";

/** y positions of the points of the only thick line, of its frame's height, from the bottom up, 0 to 1. */
function curve(svg: string): number[] {
  const [, d] = /stroke-width="1.6"[^>]*>?[^]*? d="([^"]+)"/.exec(svg) ?? [];
  return [...d!.matchAll(/[ML]?[-\d.]+,([-\d.]+)/g)].map(([, y]) => Number(y));
}

describe("firingRatePlot", () => {
  // Two items, four steps, two units: the rates of the steps are 0, 25, 50, 75 and those of the units 62.5 and 12.5.
  const spikes = { shape: [2, 4, 2], data: [0, 0, 100, 0, 100, 0, 100, 100, 0, 0, 0, 0, 100, 0, 100, 0] };

  it("draws the mean rate of each step", () => {
    const y = curve(firingRatePlot({ outputs: [["a", spikes]], dt: 0.01 }));
    expect(y).to.have.length(4);
    // A straight line upwards.
    const step = y[0] - y[1];
    expect(step).to.be.above(10);
    expect([y[1] - y[2], y[2] - y[3]].every((d) => Math.abs(d - step) < 0.2)).to.be.true;
  });

  it("averages over a window, and sorts units", () => {
    const y = curve(firingRatePlot({ outputs: [["a", spikes]], dt: 0.01, window: 0.02 }));
    // 0, 12.5, 37.5, 62.5
    expect((y[1] - y[2]) / (y[0] - y[1])).to.be.closeTo(2, 0.05);
    expect(curve(firingRatePlot({ outputs: [["a", spikes]], dt: 0.01, against: "units" }))).to.have.length(2);
  });

  it("refuses what is no output over time", () => {
    expect(() => firingRatePlot({ outputs: [["a", { shape: [4, 2], data: spikes.data }]], dt: 1 })).to.throw(
      ShapeError,
      /a: expected \[batch, steps/,
    );
    expect(() => firingRatePlot({ outputs: [], dt: 1 })).to.throw(ValidationError, /at least one layer/);
    expect(() => firingRatePlot({ outputs: [["a", spikes]], dt: 0 })).to.throw(ValidationError, /dt/);
  });
});

describe("rasterPlot of a layer's output", () => {
  it("draws the item that is asked for", () => {
    const spikes = { shape: [2, 3, 1, 2], data: [0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1] };
    const strokes = (item: number): number => rasterPlot({ spikes, item, dt: 1 }).match(/<line [^>]*y1=/g)?.length ?? 0;
    expect(strokes(1) - strokes(0)).to.equal(4);
    expect(() => rasterPlot({ spikes, item: 2, dt: 1 })).to.throw(ShapeError, /an item 2/);
    expect(() => rasterPlot({ spikes: { shape: [2, 3, 2], data: spikes.data }, dt: 1 })).to.throw(ShapeError, /item: 0/);
  });
});

describe("activityPlots", () => {
  it("gives a plot after epochs, and logs rates", async () => {
    await nengo.useBackend("cpu");
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [5, 3] }),
        nengo.layers.spikingActivation({ activation: "relu", dt: 0.1, seed: 0, name: "spikes" }),
        tf.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = [waves([4, 5, 3]), waves([4, 5, 1])];
    const plots: [string, number][] = [];
    const callbacks = activityPlots({ layers: ["spikes"], data: x, dt: 0.1, every: 2, onPlot: (svg, epoch) => plots.push([svg, epoch]) });
    const { history } = await model.fit(x, y, { epochs: 3, callbacks });
    expect(plots.map(([, epoch]) => epoch)).to.deep.equal([0, 2]);
    expect(plots[1][0]).to.match(/^<svg [^]*Epoch 3[^]*spikes, item 0[^]*<\/svg>$/);
    expect(history["spikes_rate"]).to.have.length(3);
    tf.dispose([x, y]);
    model.dispose();
  });
});
