import { checkBoolean, checkChoice, checkInteger, checkNumber } from "../../declared.ts";
import { ValidationError, describe } from "../../errors.ts";
import type { ReadoutKind } from "../../layers/readout.ts";

/** Options of `measureSpiking`. */
export interface MeasureSpikingOptions {
  /** Steps of a run. @defaultValue those that the model was made for, or 32; of a temporal model, those of the data */
  readonly steps?: number;
  /** Items that run at once. @defaultValue as many as a moderate memory holds, at most 32 */
  readonly batchSize?: number;
  /** Largest loss that `smallestSteps` allows: of accuracy (a part of all items) with labels, else the error. @defaultValue 0.01 with labels, 0.05 without */
  readonly tolerance?: number;
  /** @defaultValue true; a bar appears only on a terminal */
  readonly progressBar?: boolean;
}

/** Options of `Conversion.measure`. */
export interface MeasureOptions extends MeasureSpikingOptions {
  /** Seconds of a step. @defaultValue that of the model's layers over time, or 0.001 */
  readonly dt?: number;
  /** What the outputs are, of all steps so far: their `mean`, the `last` one, ... @defaultValue "mean", or "last" with a synapse, which averages already */
  readonly readout?: ReadoutKind;
  /** Seconds at the start that the readout leaves out. @defaultValue 0 */
  readonly readoutDelay?: number;
}

/** Options, checked and completed. */
export interface MeasureSettings {
  readonly steps: number | null;
  readonly batchSize: number | null;
  readonly tolerance: number | null;
  readonly progressBar: boolean;
  readonly dt: number | null;
  readonly readout: ReadoutKind | null;
  readonly readoutDelay: number;
}

const COMMON = ["steps", "batchSize", "tolerance", "progressBar"];
const KINDS = ["mean", "last", "count", "max", "firstSpike"] as const;

/** @throws ValidationError for unknown options and odd values */
export function resolveMeasureOptions(owner: string, options: MeasureOptions, timed: boolean): MeasureSettings {
  const known = [...COMMON, ...(timed ? ["dt", "readout", "readoutDelay"] : [])];
  if (typeof options !== "object" || options === null)
    throw new ValidationError({ owner, parameter: "options", expected: "an options object", got: describe(options) });
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ValidationError({
      owner,
      parameter: unknown,
      expected: `one of ${known.join(", ")}`,
      got: "an unknown option",
      fix: "Remove or rename it",
    });
  const { steps, batchSize, tolerance, progressBar = true, dt, readout, readoutDelay = 0 } = options;
  return {
    steps: steps === undefined ? null : checkInteger(owner, "steps", steps, { min: 1 }),
    batchSize: batchSize === undefined ? null : checkInteger(owner, "batchSize", batchSize, { min: 1 }),
    tolerance: tolerance === undefined ? null : checkNumber(owner, "tolerance", tolerance, { min: 0 }),
    progressBar: checkBoolean(owner, "progressBar", progressBar),
    dt: dt === undefined ? null : checkNumber(owner, "dt", dt, { above: 0 }),
    readout: readout === undefined ? null : checkChoice(owner, "readout", readout, KINDS),
    readoutDelay: checkNumber(owner, "readoutDelay", readoutDelay, { min: 0 }),
  };
}
