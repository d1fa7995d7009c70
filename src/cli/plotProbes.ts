import type { Simulator } from "../simulator/index.ts";
import { Neurons, objectName, type Probe } from "../network/index.ts";
import { linePlot } from "../plots/linePlot.ts";
import { panels } from "../plots/panels.ts";
import { rasterPlot } from "../plots/rasterPlot.ts";

/** Lines in one plot. */
const MOST_LINES = 10;
/** Points of a line: more than pixels would only make the file large. */
const MOST_POINTS = 2000;

/** One plot a probe below one another, as the text of an SVG document: spikes as a raster, all else as lines over time (s). */
export const plotProbes = (sim: Simulator, probes: readonly Probe[]): string => panels(probes.map((probe) => plotOf(sim, probe)));

function plotOf(sim: Simulator, probe: Probe): string {
  const { shape, data } = sim.data.get(probe);
  const [rows] = shape;
  const size = data.length / Math.max(rows, 1);
  const title = objectName(probe);
  if (isSpikes(probe)) return rasterPlot({ title, spikes: { shape: [rows, size], data }, dt: probe.sampleEvery ?? sim.dt });
  const every = Math.ceil(rows / MOST_POINTS);
  const times = sim.trange(probe.sampleEvery === null ? {} : { sampleEvery: probe.sampleEvery });
  const some = Array.from({ length: Math.ceil(rows / every) }, (_, k) => k * every);
  const count = Math.min(size, MOST_LINES);
  return linePlot({
    title: count < size ? `${title} (${count} of ${size})` : title,
    xLabel: "time (s)",
    series: Array.from({ length: count }, (_, c) => ({
      label: size === 1 ? probe.attribute : String(c),
      x: some.map((k) => times[k]),
      y: some.map((k) => data[k * size + c]),
    })),
  });
}

const isSpikes = ({ object, attribute }: Probe): boolean =>
  object instanceof Neurons && attribute === "output" && object.ensemble.neuronType.spiking;
