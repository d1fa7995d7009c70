import { ValidationError } from "../errors.ts";
import { interpAll, linspace } from "../math/numpy.ts";
import type { GainBias, MaxRatesIntercepts, NeuronType } from "./neuronType.ts";

/** Points of the grids. */
const POINTS = 101;
/** Times that the range of currents doubles. */
const TRIES = 10;

/**
 * Gain and bias by search: the current where firing starts and the one that gives the highest wanted rate are looked for in a range
 * that doubles until it holds both; in between, rates are interpolated.
 */
export function searchGainBias(type: NeuronType, maxRates: Float64Array, intercepts: Float64Array): GainBias {
  const highest = maxRates.reduce((a, b) => Math.max(a, b), -Infinity);
  let [threshold, top]: [number | null, number | null] = [null, null];
  for (let tries = 0, reach = 10; tries < TRIES && (threshold === null || top === null); tries++, reach *= 2) {
    const J = linspace(-reach, reach, POINTS);
    const rates = type.rates(J);
    const silent = rates.findLastIndex((r) => r <= 0);
    const enough = rates.findIndex((r) => r >= highest);
    if (threshold === null && silent >= 0) threshold = J[silent];
    if (top === null && enough >= 0) top = J[enough];
  }
  if (threshold === null || top === null) {
    throw new ValidationError({
      owner: type.type,
      parameter: "maxRates",
      expected: threshold === null ? "a neuron type that some current leaves silent" : "rates that the neuron type reaches",
      got: threshold === null ? "rates above 0 at all currents" : `${highest} Hz`,
      fix: threshold === null ? "Override gainBias and maxRatesIntercepts" : "Lower the ensemble's maxRates",
    });
  }
  const J = linspace(threshold, top, POINTS);
  const rates = type.rates(J);
  const from = threshold;
  const highs = interpAll(maxRates, rates, J);
  const gain = highs.map((high, i) => (from - high) / (intercepts[i] - 1));
  return { gain, bias: highs.map((high, i) => high - gain[i]) };
}

/** Rates at 1, and the last point of a grid of [-1, 1] before a neuron fires. */
export function searchMaxRatesIntercepts(type: NeuronType, gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
  const x = linspace(-1, 1, POINTS);
  const maxRates = type.rates(gain.map((g, i) => g + bias[i]));
  const intercepts = gain.map((g, i) => {
    const first = type.rates(x.map((v) => g * v + bias[i])).findIndex((r) => r > 0);
    return x[Math.max(first - 1, 0)];
  });
  return { maxRates, intercepts };
}
