import { frame, line, ruleY } from "@observablehq/plot";
import { ShapeError, ValidationError } from "../errors.ts";
import type { PlotSize } from "./axes.ts";
import { drawAxes } from "./axes.ts";
import { COLORS, escapeText, svgDocument, textWidth, titleText } from "./svg.ts";

/** One line: `y` against `x`, equally long; points that are not finite leave gaps. */
export interface Series {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** A CSS colour. */
  readonly color?: string;
  /** An SVG dash pattern such as `"5 3"`. */
  readonly dash?: string;
}

export interface LinePlotOptions extends PlotSize {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly series: readonly Series[];
}

/**
 * Draws lines over common axes, with a legend, as the text of an SVG document.
 *
 * @throws ShapeError where a series' x and y differ in length; ValidationError where there is no series.
 */
export function linePlot({ title = "", xLabel = "", yLabel = "", series, width = 720, height = 360 }: LinePlotOptions): string {
  if (series.length === 0)
    throw new ValidationError({ owner: "linePlot", parameter: "series", expected: "at least one series", got: "none" });
  // Where colours come again, lines are dashed.
  const styled = series.map((one, i) => ({
    ...one,
    color: one.color ?? COLORS[i % COLORS.length],
    ...(i >= COLORS.length && one.dash === undefined ? { dash: "7 3" } : {}),
  }));
  const lines = styled.map(({ label, x, y, color, dash }) => {
    if (x.length !== y.length) {
      throw new ShapeError({
        owner: "linePlot",
        parameter: `series ${JSON.stringify(label)}`,
        expected: `${x.length} values of y, one for each x`,
        got: `${y.length}`,
      });
    }
    return line(Array.from(x), {
      x: Array.from(x),
      y: Array.from(y, (value) => (Number.isFinite(value) ? value : Number.NaN)),
      stroke: color,
      strokeWidth: 1.6,
      ...(dash === undefined ? {} : { strokeDasharray: dash }),
    });
  });

  const top = title === "" ? 8 : 34;
  const key = legend(styled, width, top);
  const below = top + key.height;
  const axes = drawAxes(
    {
      x: { label: xLabel, labelAnchor: "center", labelArrow: "none", nice: false, grid: false },
      y: { label: yLabel, labelArrow: "none", grid: true, nice: true, ...shortTicks(series) },
      marks: [frame({ stroke: "#bbb" }), ...(crossesZero(series) ? [ruleY([0], { stroke: "#999" })] : []), ...lines],
      width,
      height: height - below,
    },
    below,
  );
  return svgDocument(width, height, titleText(title, width) + key.content + axes);
}

const crossesZero = (series: readonly Series[]): boolean => {
  const values = series.flatMap(({ y }) => Array.from(y));
  return values.some((value) => value < 0) && values.some((value) => value > 0);
};

/** Ticks such as -8e-5 where all values are very small or some very large: with all their digits they would not find room beside the frame. */
function shortTicks(series: readonly Series[]): { tickFormat?: (value: number) => string } {
  let largest = 0;
  for (const { y } of series) for (const value of Array.from(y)) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || (largest >= 0.005 && largest < 1e5)) return {};
  return {
    tickFormat: (value) => (value === 0 ? "0" : Number(value.toPrecision(6)).toExponential().replace("e+", "e").replaceAll("-", "\u2212")),
  };
}

/** Rows of line samples with their labels, wrapped to the width. */
function legend(series: readonly (Series & { color: string })[], width: number, top: number): { content: string; height: number } {
  const [sample, size, rowHeight, left] = [24, 12, 18, 58];
  let [x, y] = [left, top + 8];
  const entries = series.map(({ label, color, dash }) => {
    const entryWidth = sample + 6 + textWidth(label, size) + 18;
    if (x > left && x + entryWidth > width - 8) [x, y] = [left, y + rowHeight];
    const stroke = `stroke="${escapeText(color)}" stroke-width="2.2"${dash === undefined ? "" : ` stroke-dasharray="${escapeText(dash)}"`}`;
    const entry = `<line x1="${x}" x2="${x + sample}" y1="${y}" y2="${y}" ${stroke}/><text x="${x + sample + 6}" y="${y + 4}" font-size="${size}" fill="#333">${escapeText(label)}</text>`;
    x += entryWidth;
    return entry;
  });
  return { content: entries.join(""), height: y - top + rowHeight - 6 };
}
