import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { expect } from "chai";
import { ShapeError, ValidationError } from "../../src/errors.ts";
import { linePlot, panels, rasterPlot, savePlot } from "../../src/node/index.ts";

/** Draws the picture, which fails on faulty SVG, and counts pixels near a colour. */
function draw(svg: string): { width: number; height: number; near: (red: number, green: number, blue: number) => number } {
  const { width, height, pixels } = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  const near = (...color: number[]): number => {
    let count = 0;
    for (let i = 0; i < pixels.length; i += 4) if (color.every((value, k) => Math.abs(pixels[i + k] - value) < 40)) count++;
    return count;
  };
  return { width, height, near };
}

const x = Array.from({ length: 100 }, (_, i) => i / 10);
const wave = { label: "a < b & c", x, y: x.map(Math.sin), color: "#ff0000" };

describe("linePlot", () => {
  it("draws each series in its colour, at the size asked for", () => {
    const picture = draw(
      linePlot({
        title: "<title>",
        xLabel: "x",
        yLabel: "y",
        series: [wave, { label: "line", x: [0, 10], y: [0.5, 0.5], color: "blue" }],
        width: 500,
        height: 300,
      }),
    );
    expect([picture.width, picture.height]).to.deep.equal([500, 300]);
    expect(picture.near(255, 0, 0)).to.be.greaterThan(400);
    expect(picture.near(0, 0, 255)).to.be.greaterThan(400);
    expect(picture.near(0, 158, 115)).to.equal(0);
  });

  it("leaves gaps where values are not finite", () => {
    const holed = wave.y.map((value, i) => (i > 20 && i < 80 ? NaN : value));
    const [whole, part] = [wave.y, holed].map((y) => draw(linePlot({ series: [{ ...wave, y }] })).near(255, 0, 0));
    expect(part).to.be.lessThan(0.7 * whole);
    expect(part).to.be.greaterThan(0.2 * whole);
  });

  it("wraps a long legend instead of leaving the picture", () => {
    const series = Array.from({ length: 30 }, (_, i) => ({ label: `series number ${i}`, x: [0, 1], y: [0, i] }));
    const svg = linePlot({ series, height: 500 });
    const starts = [...svg.matchAll(/<text x="(\d+(?:\.\d+)?)"[^>]*>series number/g)].map((match) => Number(match[1]));
    expect(starts).to.have.length(30);
    expect(Math.max(...starts)).to.be.lessThan(660);
  });

  it("writes the ticks of very small and very large values shortly, so that they have room", () => {
    const ticks = (scale: number): string[] =>
      [...linePlot({ series: [{ label: "l", x: [0, 1, 2], y: [-scale, 0, scale] }] }).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(
        ([, text]) => text,
      );
    expect(ticks(1e-4)).to.include.members(["\u22121e\u22124", "0", "1e\u22124"]);
    expect(ticks(2e7)).to.include.members(["\u22122e7", "0", "2e7"]);
    for (const scale of [1e-4, 1e-9, 2e7]) for (const text of ticks(scale)) expect(text.length).to.be.below(10);
    expect(ticks(1)).to.include.members(["\u22121.0", "1.0"]);
  });

  it("dashes lines whose colour is taken", () => {
    const series = (count: number) => Array.from({ length: count }, (_, i) => ({ label: `${i}`, x: [0, 1], y: [0, i] }));
    expect(linePlot({ series: series(7) })).not.to.include("stroke-dasharray");
    expect(linePlot({ series: series(8) })).to.include('stroke-dasharray="7 3"');
  });

  it("refuses what cannot be drawn", () => {
    expect(() => linePlot({ series: [] })).to.throw(ValidationError, "linePlot.series: expected at least one series, got none.");
    expect(() => linePlot({ series: [{ label: "l", x: [1, 2], y: [1] }] })).to.throw(
      ShapeError,
      "expected 2 values of y, one for each x, got 1",
    );
  });
});

describe("rasterPlot", () => {
  const data = new Float64Array(50 * 10);
  for (let step = 0; step < 50; step += 5) data[step * 10 + (step % 10)] = 1000;

  it("draws one stroke a spike at its time", () => {
    const svg = rasterPlot({ spikes: { shape: [50, 10], data }, dt: 0.001, color: "#ff0000" });
    const strokes = [...svg.matchAll(/<line [^>]*x1="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(strokes).to.have.length(10);
    expect(draw(svg).near(255, 0, 0)).to.be.greaterThan(0);
    const gaps = strokes.slice(1).map((place, i) => place - strokes[i]);
    for (const gap of gaps) expect(gap).to.be.closeTo(gaps[0], 1e-6);
    // steps 0, 5, ... are at 1 ms, 6 ms, ...; the axis begins with 0 at 58 pixels
    expect(gaps[0] / (strokes[0] - 58)).to.be.closeTo(5, 1e-6);
  });

  it("keeps the strokes of many neurons long enough to be seen", () => {
    const many = new Float64Array(400).fill(1);
    for (const neurons of [10, 400]) {
      const svg = rasterPlot({ spikes: { shape: [400 / neurons, neurons], data: many }, dt: 0.001 });
      const ends = (which: string): number[] =>
        [...svg.matchAll(new RegExp(`<line [^>]*${which}="([\\d.]+)"`, "g"))].map((match) => Number(match[1]));
      const lower = ends("y2");
      const lengths = ends("y1").map((from, k) => Math.abs(from - lower[k]));
      expect(lengths).to.have.length(400);
      expect(Math.min(...lengths)).to.be.above(1.8);
    }
  });

  it("says what to do with a batch", () => {
    expect(() => rasterPlot({ spikes: { shape: [1, 50, 10], data }, dt: 0.001 })).to.throw(ShapeError, "Take one item of the batch");
  });
});

describe("panels and savePlot", () => {
  const plots = [100, 200, 300].map((height) => linePlot({ series: [wave], width: 400, height }));

  it("set plots below and beside one another", () => {
    const [below, beside] = [draw(panels(plots)), draw(panels(plots, { columns: 2 }))];
    expect([below.width, below.height]).to.deep.equal([400, 600]);
    expect([beside.width, beside.height]).to.deep.equal([800, 500]);
    expect(() => panels(["<p>"])).to.throw(ValidationError, "panels.plots: expected SVG text");
  });

  it("save into folders that are not there yet", () => {
    const place = mkdtempSync(join(tmpdir(), "tfjs-nengo-plots-"));
    const path = savePlot(join(place, "deep", "down", "plot.svg"), plots[0]);
    expect(existsSync(path) && readFileSync(path, "utf8").trimEnd()).to.equal(plots[0]);
    rmSync(place, { recursive: true });
  });
});
