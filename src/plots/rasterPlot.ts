import { frame, ruleX } from "@observablehq/plot";
import { ShapeError } from "../errors.ts";
import type { PlotSize } from "./axes.ts";
import { drawAxes } from "./axes.ts";
import { COLORS, svgDocument, titleText } from "./svg.ts";

export interface RasterPlotOptions extends PlotSize {
  readonly title?: string;
  /** A probe's data `[steps, neurons]`, or a layer's output `[batch, steps, ...neurons]` and the `item`; every value that is not 0 is a spike. */
  readonly spikes: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  /** The item of a batch that is drawn. */
  readonly item?: number;
  /** Seconds a step. */
  readonly dt: number;
  /** A CSS colour. */
  readonly color?: string;
}

/** Pixels, of the height of the whole picture. */
const SHORTEST_STROKE = 3;

/**
 * Draws each spike as a stroke at its time (s; the first step is at dt), neurons upwards, as the text of an SVG document.
 *
 * @throws ShapeError where the spikes are not `[steps, neurons]`.
 */
export function rasterPlot({
  title = "",
  spikes: given,
  item,
  dt,
  color = COLORS[0],
  width = 720,
  height = 300,
}: RasterPlotOptions): string {
  const spikes = item === undefined ? given : itemOf(given, item);
  const { shape, data } = spikes;
  const [steps = 0, neurons = 0] = shape;
  if (shape.length !== 2 || data.length !== steps * neurons) {
    const fix = shape.length === 3 ? "Take one item of the batch: give item: 0, or data.item(0)" : undefined;
    throw new ShapeError({
      owner: "rasterPlot",
      parameter: "spikes",
      expected: "[steps, neurons]",
      got: `[${shape.join(", ")}]`,
      ...(fix === undefined ? {} : { fix }),
    });
  }
  const events: { time: number; neuron: number }[] = [];
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== 0) events.push({ time: (Math.floor(i / neurons) + 1) * dt, neuron: i % neurons });
  }
  const top = title === "" ? 8 : 30;
  // Of many neurons strokes overlap, or they would be too short to be seen.
  const half = Math.max(0.4, (SHORTEST_STROKE / 2) * (neurons / Math.max(1, height - top)));
  const axes = drawAxes(
    {
      x: { label: "time (s)", labelAnchor: "center", labelArrow: "none", domain: [0, steps * dt] },
      y: { label: "neuron", labelArrow: "none", domain: [-0.5, neurons - 0.5], ticks: wholeTicks(neurons), tickFormat: "d" },
      marks: [
        frame({ stroke: "#bbb" }),
        ruleX(events, {
          x: "time",
          y1: (event: { neuron: number }) => event.neuron - half,
          y2: (event: { neuron: number }) => event.neuron + half,
          stroke: color,
        }),
      ],
      width,
      height: height - top,
    },
    top,
  );
  return svgDocument(width, height, titleText(title, width) + axes);
}

/** One item of a batch, its features as one axis. */
function itemOf({ shape, data }: RasterPlotOptions["spikes"], item: number): RasterPlotOptions["spikes"] {
  const [batch = 0, steps = 0, ...features] = shape;
  const neurons = features.reduce((a, b) => a * b, 1);
  if (shape.length < 3 || !Number.isInteger(item) || item < 0 || item >= batch)
    throw new ShapeError({
      owner: "rasterPlot",
      parameter: "spikes",
      expected: `[batch, steps, ...neurons] with an item ${item}`,
      got: `[${shape.join(", ")}]`,
    });
  const size = steps * neurons;
  return { shape: [steps, neurons], data: Array.from({ length: size }, (_, k) => data[item * size + k]) };
}

/** At most eight whole numbers from 0 up to the last neuron, in round steps. */
function wholeTicks(neurons: number): number[] {
  const least = Math.max(1, neurons / 8);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) as number;
  return Array.from({ length: Math.ceil(neurons / step) }, (_, i) => i * step);
}
