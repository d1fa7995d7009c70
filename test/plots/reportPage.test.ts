import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { parseHTML } from "linkedom";
import * as nengo from "../../src/index.ts";
import { histogramPlot, reportPage } from "../../src/plots/index.ts";
import { normals } from "../converter/support.ts";

describe("the page of a conversion's report", () => {
  let conversion: nengo.Conversion;
  before(async () => {
    await nengo.useBackend("cpu");
    const model = tf.sequential({
      name: "a<b>",
      layers: [
        tf.layers.dense({ inputShape: [3], units: 4, activation: "relu", name: "first" }),
        tf.layers.dense({ units: 4, activation: "relu", name: "second" }),
        tf.layers.dense({ units: 2, name: "out", activation: "softmax" }),
      ],
    });
    conversion = await nengo.convert(model, { swapActivations: { relu: new nengo.SpikingRectifiedLinear() }, scaleFiringRates: 100 });
  });

  const texts = (page: string, selector: string): string[] =>
    [...parseHTML(page).document.querySelectorAll(selector)].map((element) => (element as { textContent: string }).textContent);

  it("says what every layer became, and why, before anything is measured", () => {
    const page = reportPage(conversion.report);
    expect(texts(page, "h1")).to.deep.equal(["a<b> with spikes"]);
    expect(texts(page, "tbody tr td:first-child")).to.deep.equal(["first", "second", "out"]);
    expect(page).to.include("softmax of the output is computed by tfjs, behind the neurons");
    expect(texts(page, "svg")).to.deep.equal([]);
  });

  it("draws what was measured, in one file that needs nothing else", async () => {
    const x = normals([9, 3], 1);
    const labels = tf.tensor1d([0, 1, 0, 1, 0, 1, 0, 1, 0]);
    await conversion.measure(x, labels, { steps: 12, progressBar: false });
    const page = reportPage(conversion.report);
    // The same from JSON of it.
    expect(reportPage(JSON.parse(JSON.stringify(conversion.report)) as typeof conversion.report)).to.equal(page);
    expect(page).not.to.match(/<script|<link|<img|src=|url\((?!#)|@import|undefined|NaN/);
    const { document } = parseHTML(page);
    const tables = [...document.querySelectorAll("table")].map((table) => table.querySelectorAll("tbody tr").length);
    expect(tables).to.deep.equal([3, 2, nengo.energyDevices().length, 3]);
    const text = texts(page, "svg text");
    for (const words of ["accuracy", "accuracy of the model", "same class as the model", "error against the model", "steps", "rate (Hz)"])
      expect(text.join("|")).to.include(words);
    for (const name of ["first", "second", "out"]) expect(text).to.include(name);
    // As many bars as there are parts of a histogram that neurons are in, or more.
    const { layers } = conversion.report.measured!;
    const bars = document.querySelectorAll('g[aria-label="rect"] rect').length;
    expect(bars).to.equal(layers.reduce((sum, { histogram }) => sum + histogram.parts.length, 0));
    expect(page).to.include(layers[0].correlation!.toFixed(4));
    tf.dispose([x, labels]);
  });

  it("refuses histograms without an edge more than values", () => {
    expect(() => histogramPlot({ edges: [0, 1], values: [1, 2] })).to.throw(nengo.ShapeError, "expected 3 edges");
  });
});
