import type { NeuronType } from "../../neurons/neuronType.ts";
import { changed, type ScaledNeurons } from "../scaling.ts";
import type { RateTarget } from "./calibrated.ts";

/** Neurons whose rate follows an activation over a range. */
export interface MatchedNeurons {
  readonly neuronType: NeuronType;
  /** Of the input. */
  readonly gain: number;
  readonly bias: number;
  /** Root mean square of what is left, as a part of the range. */
  readonly error: number;
}

/** Places where curves are compared. */
const POINTS = 100;
/** A neuron with a refractory period is asked for this part of what it can do, where its curve is still steep. */
const PART = 0.5;

/**
 * Fits neurons whose curve is another one than the activation's (LIF for a rectifier): gain and bias so that they begin to fire at 0
 * and reach `rate` at the top of the range, and the amplitude that fits best (least squares). Null for types without amplitude.
 * @param apply - the activation, elementwise
 * @param high - top of the range
 * @param rate - Hz
 */
export function matchedNeurons(
  neuronType: NeuronType,
  apply: (x: Float64Array) => ArrayLike<number>,
  high: number,
  rate: number,
): MatchedNeurons | null {
  const { amplitude, tauRef } = neuronType as NeuronType & { amplitude?: number; tauRef?: number };
  if (typeof amplitude !== "number" || !neuronType.declaration.parameters.includes("amplitude") || !(high > 0)) return null;
  const reached = tauRef === undefined || tauRef === 0 ? rate : Math.min(rate, PART / tauRef);
  // Rates as spikes a second: the amplitude is found afterwards.
  const plain = changed(neuronType, { amplitude: 1 });
  const { gain, bias } = plain.gainBias(Float64Array.of(reached), Float64Array.of(0));
  const x = Float64Array.from({ length: POINTS }, (_, k) => ((k + 1) / POINTS) * high);
  const rates = plain.rates(x.map((value) => (gain[0] * value) / high + bias[0]));
  const wanted = apply(x);
  let [product, square] = [0, 0];
  rates.forEach((r, k) => {
    product += r * wanted[k];
    square += r * r;
  });
  const factor = product / square;
  if (!(factor > 0 && Number.isFinite(factor))) return null;
  const left = rates.reduce((sum, r, k) => sum + (factor * r - wanted[k]) ** 2, 0);
  return {
    neuronType: changed(neuronType, { amplitude: factor }),
    gain: gain[0] / high,
    bias: bias[0],
    error: Math.sqrt(left / POINTS) / high,
  };
}

/** The same for what calibration found, with what the report says of it. */
export function fittedNeurons(
  neuronType: NeuronType,
  name: string,
  apply: (x: Float64Array) => ArrayLike<number>,
  { high, rate }: RateTarget,
): (ScaledNeurons & { readonly bias: number }) | null {
  const found = matchedNeurons(neuronType, apply, high, rate);
  if (found === null) return null;
  const { error, ...neurons } = found;
  const [top, percent] = [high.toPrecision(3), (100 * error).toFixed(1)];
  return { ...neurons, note: `${neuronType.type} fitted to ${name} up to ${top}, within ${percent} % of ${top} (root mean square)` };
}
