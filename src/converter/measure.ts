import type { Conversion } from "./conversion.ts";
import { measureSubject, type Tensors } from "./measuring/measureSubject.ts";
import type { Measurement } from "./measuring/measurement.ts";
import { networkSubject } from "./measuring/networkSubject.ts";
import { resolveMeasureOptions, type MeasureOptions } from "./measuring/options.ts";
import { stepOf } from "./verify.ts";

/**
 * Runs a conversion's network with its neurons on data: how its outputs do after every number of steps, how fast neurons fire, and what an
 * inference takes. The result is the report's `measured` too.
 * @throws ShapeError, ValidationError for data and options that do not fit
 */
export async function measure(conversion: Conversion, x: Tensors, y: Tensors | null, options: MeasureOptions): Promise<Measurement> {
  const settings = resolveMeasureOptions("Conversion.measure", options, true);
  const { dt = stepOf(conversion), readout = conversion.settings.synapse === null ? "mean" : "last" } = options;
  const subject = networkSubject(conversion, { dt, readout, delay: settings.readoutDelay });
  const dense = new Set(conversion.report.layers.filter(({ became }) => became === "tensor node").map(({ name }) => name));
  try {
    return (conversion.report.measured = await measureSubject(subject, x, y, { settings, readout, dense }));
  } finally {
    subject.dispose();
  }
}
