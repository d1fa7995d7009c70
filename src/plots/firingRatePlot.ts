import { checkChoice, checkNumber } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import type { PlotSize } from "./axes.ts";
import { linePlot, type Series } from "./linePlot.ts";

/** Options of {@link firingRatePlot}. */
export interface FiringRatePlotOptions extends PlotSize {
  /** @defaultValue none */
  readonly title?: string;
  /** Spikes (1 / dt each) or rates of layers by label, `[batch, steps, ...units]` each. */
  readonly outputs: Iterable<readonly [string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }]>;
  /** Seconds a step. */
  readonly dt: number;
  /** `time`: the mean over items and units at each step; `units`: each unit's mean over items and steps, in ascending order. @defaultValue "time" */
  readonly against?: "time" | "units";
  /** Seconds over which rates against time are averaged, back from each step. @defaultValue dt */
  readonly window?: number;
}

/**
 * Draws firing rates (Hz) of layers against time or over their units, as the text of an SVG document.
 *
 * @throws ShapeError where outputs are not `[batch, steps, ...units]`; ValidationError where there are none
 */
export function firingRatePlot({ title = "", outputs, dt, against = "time", window = dt, ...size }: FiringRatePlotOptions): string {
  const owner = "firingRatePlot";
  checkNumber(owner, "dt", dt, { above: 0 });
  checkChoice(owner, "against", against, ["time", "units"]);
  const taps = Math.max(1, Math.round(checkNumber(owner, "window", window, { above: 0 }) / dt));
  const series = [...outputs].map(([label, { shape, data }]): Series => {
    const [batch = 0, steps = 0, ...features] = shape;
    const units = features.reduce((a, b) => a * b, 1);
    if (shape.length < 3 || data.length !== batch * steps * units || data.length === 0)
      throw new ShapeError({ owner, parameter: label, expected: "[batch, steps, ...units]", got: `[${shape.join(", ")}]` });
    const perStep = new Float64Array(steps);
    const perUnit = new Float64Array(units);
    for (let i = 0; i < data.length; i++) {
      perStep[Math.floor(i / units) % steps] += data[i] / (batch * units);
      perUnit[i % units] += data[i] / (batch * steps);
    }
    if (against === "units") return { label, x: perUnit.map((_, k) => (k + 0.5) / units), y: perUnit.sort() };
    return { label, x: perStep.map((_, k) => (k + 1) * dt), y: averaged(perStep, taps) };
  });
  if (series.length === 0) throw new ValidationError({ owner, parameter: "outputs", expected: "at least one layer", got: "none" });
  const xLabel = against === "time" ? "time (s)" : "part of the units, least active first";
  return linePlot({ title, xLabel, yLabel: against === "time" ? "mean rate (Hz)" : "rate (Hz)", series, ...size });
}

/** Mean over the last `taps` values, fewer at the start. */
function averaged(values: Float64Array, taps: number): Float64Array {
  let sum = 0;
  return values.map((value, k) => {
    sum += value - (k >= taps ? values[k - taps] : 0);
    return sum / Math.min(taps, k + 1);
  });
}
