import type { Tensor } from "@tensorflow/tfjs-core";
import { ValidationError, describe } from "../../errors.ts";
import { Conversion } from "../conversion.ts";
import { convert } from "../convert.ts";
import type { CalibrationOptions } from "./options.ts";

/**
 * Converts a model anew, with rates that data ask for: a layer's percentile of activations is reached at a wanted rate. Neurons with
 * another curve than the activation (LIF for a rectifier) are fitted to it over that range.
 * @param data - what the model will see, `[items, ...shape]`, one tensor an input
 * @throws ValidationError, ShapeError for data that do not fit
 */
export async function calibrate(
  conversion: Conversion,
  data: Tensor | readonly Tensor[],
  options: CalibrationOptions = {},
): Promise<Conversion> {
  if (!(conversion instanceof Conversion))
    throw new ValidationError({ owner: "calibrate", parameter: "conversion", expected: "what convert gave", got: describe(conversion) });
  return convert(conversion.model, { ...conversion.options, scaleFiringRates: "auto", data, calibration: options });
}
