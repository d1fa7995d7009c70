import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { modelGraph, type LayerCall, type ModelGraph } from "../graph.ts";
import type { RateScale, ScaleFiringRates } from "../options.ts";
import { ActivationSwaps, type SwapActivations } from "../swaps.ts";
import { activationRanges } from "./activationRanges.ts";
import { checkData, resolveCalibration, type CalibrationOptions } from "./options.ts";

/** How far a layer's activations reach, and how fast its neurons shall be there. */
export interface RateTarget {
  readonly high: number;
  /** Hz. */
  readonly rate: number;
}

/** Options that ask for rates by data. */
interface Given {
  readonly scaleFiringRates?: ScaleFiringRates | "auto";
  readonly data?: Tensor | readonly Tensor[];
  readonly calibration?: CalibrationOptions;
  readonly swapActivations?: SwapActivations;
  readonly temporalModel?: boolean;
  readonly inputShapes?: readonly number[] | readonly (readonly number[])[];
}

/** Options with scales of rates found by data, and what they were found for. */
export interface Calibrated<T> {
  readonly options: Omit<T, "data" | "calibration" | "scaleFiringRates"> & { readonly scaleFiringRates?: ScaleFiringRates };
  /** By path; null where no rates were asked for by data. */
  readonly targets: ReadonlyMap<string, RateTarget> | null;
}

/**
 * Where `scaleFiringRates` is "auto", a factor for every layer, or channel: its percentile of activations, times the factor, is the
 * wanted rate.
 * @param isNeurons - whether a layer's call will have neurons, so that they can have a rate
 * @throws ValidationError where there are no data, ShapeError where they do not fit the model
 */
export function calibrated<T extends Given>(
  model: LayersModel,
  given: T,
  isNeurons: (call: LayerCall, graph: ModelGraph, swaps: ActivationSwaps) => boolean,
): Calibrated<T> {
  const { data, calibration = {}, scaleFiringRates, ...options } = given;
  if (scaleFiringRates !== "auto")
    return { options: { ...options, ...(scaleFiringRates === undefined ? {} : { scaleFiringRates }) }, targets: null };
  const inputs = checkData(data, model);
  const { percentile, perChannel, rate } = resolveCalibration(calibration);
  const shapes = inputs.map((x) => x.shape.slice(given.temporalModel === true ? 2 : 1));
  const graph = modelGraph(model, { temporal: given.temporalModel === true, inputShapes: shapes });
  const swaps = new ActivationSwaps(given.swapActivations ?? []);
  const calls = graph.calls.filter((call) => isNeurons(call, graph, swaps));
  const targets = new Map<string, RateTarget>();
  const scales: [string, RateScale][] = [];
  for (const [path, { high, channels }] of activationRanges(graph, inputs, { percentile, measured: calls, perChannel })) {
    if (high === 0) continue;
    // The factor of the layer is that of the channel that reaches furthest; one that gave nothing goes with the layer.
    const furthest = channels === null ? high : Math.max(...channels);
    targets.set(path, { high: furthest, rate });
    scales.push([path, channels === null ? rate / high : Array.from(channels, (own) => rate / (own === 0 ? furthest : own))]);
  }
  return { options: { ...options, scaleFiringRates: scales }, targets };
}
