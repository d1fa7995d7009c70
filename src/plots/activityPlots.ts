import { RateMonitor, type RateMonitorOptions, type RateReport } from "../callbacks/rateMonitor.ts";
import { firingRatePlot } from "./firingRatePlot.ts";
import { panels } from "./panels.ts";
import { rasterPlot } from "./rasterPlot.ts";

/** Options of {@link activityPlots}. */
export interface ActivityPlotsOptions extends RateMonitorOptions {
  /** Seconds a step. */
  readonly dt: number;
  /** Takes a plot: `(svg, epoch) => savePlot("out/" + epoch + ".svg", svg)` in Node, `(svg) => (element.innerHTML = svg)` in a page. */
  readonly onPlot: (svg: string, epoch: number) => void;
  /** The item whose spikes are drawn. @defaultValue 0 */
  readonly item?: number;
  /** Every how many epochs a plot is drawn. @defaultValue 1 */
  readonly every?: number;
}

/** A {@link RateMonitor} that draws, after epochs, the rates of layers over time and over units, and one item's spikes in each layer. */
export class ActivityPlots extends RateMonitor {
  private readonly plots: ActivityPlotsOptions;

  constructor(options: ActivityPlotsOptions) {
    super(options);
    this.plots = options;
  }

  /** Draws. */
  protected override report(report: RateReport): void {
    super.report(report);
    const { dt, onPlot, item = 0, every = 1 } = this.plots;
    if (report.epoch % every !== 0) return;
    const outputs = [...report.layers];
    const size = { width: 480, height: 280 };
    const rates = (["time", "units"] as const).map((against) =>
      firingRatePlot({ title: `Epoch ${report.epoch + 1}`, outputs, dt, against, ...size }),
    );
    const rasters = outputs.map(([name, spikes]) => rasterPlot({ title: `${name}, item ${item}`, spikes, item, dt, ...size }));
    onPlot(panels([...rates, ...rasters], { columns: 2 }), report.epoch);
  }
}

/** Makes {@link ActivityPlots}: `model.fit(x, y, { callbacks: activityPlots({ layers: ["spikes"], data: x, dt, onPlot }) })`. */
export const activityPlots = (options: ActivityPlotsOptions): ActivityPlots => new ActivityPlots(options);
