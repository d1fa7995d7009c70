import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { checkBoolean, checkInteger, checkNumber } from "../../declared.ts";
import { ShapeError, ValidationError, describe } from "../../errors.ts";

/** How fast neurons shall fire. */
export interface CalibrationOptions {
  /** Percentile of a layer's activations (of those that are not 0) that is reached at `rate`. @defaultValue 99.9 */
  readonly percentile?: number;
  /** Whether every channel (last axis) reaches the rate at its own percentile, or the layer at that of all. @defaultValue false */
  readonly perChannel?: boolean;
  /** Hz at that percentile. @defaultValue that of `spikesPerStep` */
  readonly rate?: number;
  /** Spikes a step at that percentile. @defaultValue 1, or as many as give 512 spikes in `steps` */
  readonly spikesPerStep?: number;
  /** Steps of a run, where there are few. */
  readonly steps?: number;
  /** Seconds of a step. @defaultValue 0.001 */
  readonly dt?: number;
}

/** Options, checked and completed. */
export interface CalibrationSettings {
  readonly percentile: number;
  readonly perChannel: boolean;
  /** Hz. */
  readonly rate: number;
}

/** Spikes of a neuron at the percentile that tell its activation well enough. */
const ENOUGH = 512;

/** @throws ValidationError for unknown options and odd values */
export function resolveCalibration(options: CalibrationOptions): CalibrationSettings {
  const owner = "calibrate";
  const { percentile = 99.9, perChannel = false, rate, spikesPerStep, steps, dt = 0.001, ...unknown } = options;
  const [name] = Object.keys(unknown);
  if (name !== undefined)
    throw new ValidationError({
      owner,
      parameter: name,
      expected: "percentile, perChannel, rate, spikesPerStep, steps or dt",
      got: "an unknown option",
      fix: "Remove or rename it",
    });
  if (rate !== undefined && spikesPerStep !== undefined)
    throw new ValidationError({ owner, expected: "rate or spikesPerStep", got: "both", fix: "Leave one out" });
  const step = checkNumber(owner, "dt", dt, { above: 0 });
  const run = steps === undefined ? Infinity : checkInteger(owner, "steps", steps, { min: 1 });
  const each = checkNumber(owner, "spikesPerStep", spikesPerStep ?? Math.max(1, ENOUGH / run), { above: 0 });
  return {
    percentile: checkNumber(owner, "percentile", percentile, { above: 0, max: 100 }),
    perChannel: checkBoolean(owner, "perChannel", perChannel),
    rate: rate === undefined ? each / step : checkNumber(owner, "rate", rate, { above: 0 }),
  };
}

/**
 * Data that a calibration needs: one tensor an input, of as many items each.
 * @throws ValidationError where there are none, ShapeError where they do not fit the model
 */
export function checkData(data: unknown, model: LayersModel): readonly Tensor[] {
  const [owner, parameter] = ["calibrate", "data"];
  const list = [data].flat() as Tensor[];
  if (data === undefined || data === null || list.length === 0 || list.some((t) => typeof t !== "object" || t === null || !("shape" in t)))
    throw new ValidationError({
      owner,
      parameter,
      expected: "a tensor [items, ...] (or one an input) of what the model will see",
      got: describe(data),
      fix: 'Give data, which scaleFiringRates: "auto" measures activations with',
    });
  if (list.length !== model.inputs.length)
    throw new ShapeError({ owner, parameter, expected: `${model.inputs.length} tensors, one an input`, got: `${list.length}` });
  model.inputs.forEach(({ shape, sourceLayer }, k) => {
    const got = list[k].shape;
    if (
      got.length !== shape.length ||
      got[0] < 1 ||
      got[0] !== list[0].shape[0] ||
      shape.some((n, axis) => axis > 0 && n !== null && n !== got[axis])
    )
      throw new ShapeError({
        owner,
        parameter,
        expected: `[items, ${shape
          .slice(1)
          .map((n) => n ?? "any")
          .join(", ")}] for input ${sourceLayer.name}${k === 0 ? "" : `, with ${list[0].shape[0]} items`}`,
        got: `[${got.join(", ")}]`,
      });
  });
  return list;
}
