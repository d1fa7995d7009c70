import { fileURLToPath } from "node:url";
import { linePlot, rasterPlot, savePlot, type RasterPlotOptions, type PlotSize, type Series } from "tfjs-nengo/node";

/** Prints the heading of a step. */
export function heading(step: string): void {
  console.log(`\n== ${step}`);
}

/** Prints a condition with its figures and throws where it does not hold. */
export function check(holds: boolean, text: string): void {
  console.log(`   ${holds ? "ok  " : "FAIL"} ${text}`);
  if (!holds) throw new Error(`The example did not hold: ${text}`);
}

/** Ends an example. */
export function done(start: number): void {
  console.log(`\nAll steps hold. ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** Plots of one example: `out/<name>.svg` in its folder. */
export function plotsOf(example: string): {
  /** Lines, against time unless said otherwise. */
  readonly figure: (name: string, title: string, yLabel: string, series: readonly Series[], xLabel?: string, size?: PlotSize) => void;
  readonly raster: (name: string, options: RasterPlotOptions) => void;
  /** Any plot. */
  readonly save: (name: string, svg: string) => void;
} {
  const save = (name: string, svg: string): void => {
    savePlot(fileURLToPath(new URL(`../../examples/${example}/out/${name}.svg`, import.meta.url)), svg);
    console.log(`   wrote examples/${example}/out/${name}.svg`);
  };
  return {
    figure: (name, title, yLabel, series, xLabel = "time (s)", size = {}) =>
      save(name, linePlot({ title, xLabel, yLabel, series, ...size })),
    raster: (name, options) => save(name, rasterPlot(options)),
    save,
  };
}

/** Largest difference of two equally long lists of numbers. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** Root mean square of the differences. */
export function rmse(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / b.length);
}

/** The mean of numbers. */
export const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Column `c` of rows of `width` numbers, from row `from` to before row `to`. */
export const columnOf = (data: ArrayLike<number>, width: number, c: number, from = 0, to = data.length / width): Float64Array =>
  Float64Array.from({ length: to - from }, (_, k) => data[(from + k) * width + c]);

/** Runs work and returns its result with the milliseconds it took. */
export async function timed<T>(work: () => Promise<T> | T): Promise<[T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}
