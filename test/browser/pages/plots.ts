import { firingRatePlot, panels, rasterPlot } from "../../../src/plots/index.ts";

/** Plots of a layer's output `[2, 40, 5]`, as text. */
export async function run(): Promise<{ svg: string; node: boolean }> {
  const shape = [2, 40, 5];
  const data = Float32Array.from({ length: 400 }, (_, i) => (Math.sin(i * 1.3) > 0.6 ? 100 : 0));
  const spikes = { shape, data };
  const outputs = [["spikes", spikes]] as const;
  const rates = (["time", "units"] as const).map((against) => firingRatePlot({ outputs, dt: 0.01, against, title: "Rates" }));
  return { svg: panels([...rates, rasterPlot({ spikes, item: 1, dt: 0.01 })]), node: typeof document === "undefined" };
}
