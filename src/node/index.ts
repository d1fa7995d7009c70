/**
 * For scripts in Node: plots as SVG text, and tables. Import it as `tfjs-nengo/node`.
 *
 * @module
 */
export { linePlot } from "./linePlot.ts";
export type { LinePlotOptions, Series } from "./linePlot.ts";
export { rasterPlot } from "./rasterPlot.ts";
export type { RasterPlotOptions } from "./rasterPlot.ts";
export { panels } from "./panels.ts";
export { savePlot } from "./savePlot.ts";
export { table } from "./table.ts";
export type { Cell } from "./table.ts";
export type { PlotSize } from "./axes.ts";
