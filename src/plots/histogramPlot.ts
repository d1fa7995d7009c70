import { frame, rectY, ruleY } from "@observablehq/plot";
import { ShapeError } from "../errors.ts";
import type { PlotSize } from "./axes.ts";
import { drawAxes } from "./axes.ts";
import { COLORS, svgDocument, titleText } from "./svg.ts";

export interface HistogramPlotOptions extends PlotSize {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** One more than values, ascending. */
  readonly edges: ArrayLike<number>;
  /** Height between an edge and the next. */
  readonly values: ArrayLike<number>;
  /** A CSS colour. */
  readonly color?: string;
}

/**
 * Draws a histogram as the text of an SVG document.
 *
 * @throws ShapeError where edges are not one more than values
 */
export function histogramPlot({
  title = "",
  xLabel = "",
  yLabel = "",
  edges,
  values,
  color = COLORS[0],
  width = 360,
  height = 240,
}: HistogramPlotOptions): string {
  if (values.length === 0 || edges.length !== values.length + 1)
    throw new ShapeError({
      owner: "histogramPlot",
      parameter: "edges",
      expected: `${values.length + 1} edges of at least one value`,
      got: `${edges.length}`,
    });
  const bars = Array.from(values, (value, k) => ({ from: edges[k], to: edges[k + 1], value }));
  const top = title === "" ? 8 : 30;
  const axes = drawAxes(
    {
      x: { label: xLabel, labelAnchor: "center", labelArrow: "none", domain: [edges[0], edges[values.length]] },
      y: { label: yLabel, labelArrow: "none", grid: true, nice: true },
      marks: [
        frame({ stroke: "#bbb" }),
        rectY(bars, { x1: "from", x2: "to", y: "value", fill: color, insetLeft: 0.5, insetRight: 0.5 }),
        ruleY([0], { stroke: "#999" }),
      ],
      width,
      height: height - top,
    },
    top,
  );
  return svgDocument(width, height, titleText(title, width) + axes);
}
