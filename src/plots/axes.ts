import type { Markish, PlotOptions } from "@observablehq/plot";
import { plot } from "@observablehq/plot";
import { plotDocument } from "#document";
import { FONT } from "./svg.ts";

/** Size in pixels of a whole picture, title and legend included. */
export interface PlotSize {
  /** @defaultValue 720 */
  readonly width?: number;
  /** @defaultValue 360 */
  readonly height?: number;
}

export interface Axes extends Pick<PlotOptions, "x" | "y" | "grid"> {
  readonly marks: readonly Markish[];
  readonly width: number;
  readonly height: number;
}

/** Draws marks in a frame with axes, as an `<svg>` element to be set into a document at `top` pixels. */
export function drawAxes({ x, y, grid, marks, width, height }: Axes, top: number): string {
  const element = plot({
    document: plotDocument(),
    width,
    height,
    marginTop: 24,
    marginRight: 20,
    marginBottom: 42,
    marginLeft: 58,
    style: { fontFamily: FONT, fontSize: "12px", background: "none" },
    ...(grid === undefined ? {} : { grid }),
    ...(x === undefined ? {} : { x }),
    ...(y === undefined ? {} : { y }),
    marks: [...marks],
  });
  element.setAttribute("y", String(top));
  return element.outerHTML;
}
