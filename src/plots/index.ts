/**
 * Plots as the text of SVG documents, in Node and in pages alike. Import it as `tfjs-nengo/plots`.
 *
 * @module
 */
export { activityPlots, ActivityPlots, type ActivityPlotsOptions } from "./activityPlots.ts";
export { firingRatePlot, type FiringRatePlotOptions } from "./firingRatePlot.ts";
export { histogramPlot, type HistogramPlotOptions } from "./histogramPlot.ts";
export { linePlot } from "./linePlot.ts";
export type { LinePlotOptions, Series } from "./linePlot.ts";
export { rasterPlot } from "./rasterPlot.ts";
export type { RasterPlotOptions } from "./rasterPlot.ts";
export { reportPage, type PageReport } from "./reportPage.ts";
export { panels } from "./panels.ts";
export type { PlotSize } from "./axes.ts";
