import { ConversionError, ShapeError } from "../errors.ts";
import type { LayerCall } from "./graph.ts";
import { channelsLast, type ImageLayer } from "./image.ts";
import type { RateScale } from "./options.ts";

/** Factors of a layer's rates. */
export interface LayerScale {
  /** Of all its neurons. */
  readonly scale: number;
  /** How many times as fast again the neurons of each channel (last axis) are; null where all are alike. */
  readonly faster: Float64Array | null;
}

/** @throws ShapeError for a list of another length than the channels, ConversionError where channels are another axis than the last */
export function layerScale({ layer, path, outputs }: LayerCall, given: RateScale): LayerScale {
  if (typeof given === "number") return { scale: given, faster: null };
  const owner = `scaleFiringRates of layer ${JSON.stringify(path)}`;
  const channels = outputs[0].shape.at(-1) ?? 1;
  if (!channelsLast(layer as ImageLayer))
    throw new ConversionError(
      { owner, expected: "one factor, for its channels are the first axis", got: `a list of ${given.length}` },
      { layer: path },
    );
  if (given.length !== channels)
    throw new ShapeError({ owner, expected: `a factor for each of ${channels} channels`, got: `${given.length}` });
  const scale = Math.min(...given);
  return { scale, faster: given.every((own) => own === scale) ? null : Float64Array.from(given, (own) => own / scale) };
}

/** Factors of channels as those of all elements of an item. */
export const everywhere = (factors: Float64Array, size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, k) => factors[k % factors.length]);

const POINTS = Float64Array.from({ length: 33 }, (_, k) => (k - 16) / 2);

/** Whether f(k x) = k f(x) for k > 0: only then can a neuron be made faster by its input, and its output be divided. */
export function isHomogeneous(f: (x: Float64Array) => ArrayLike<number>): boolean {
  const plain = f(POINTS);
  return [3, 40].every((k) => {
    const scaled = f(POINTS.map((x) => k * x));
    return POINTS.every((_, i) => Math.abs(scaled[i] - k * plain[i]) <= 1e-5 * k * Math.max(1, Math.abs(plain[i])));
  });
}

/** What the report says of a layer whose channels have rates of their own. */
export function channelNote(scale: number, faster: Float64Array, name: string, possible: boolean): string {
  if (!possible) return `rates of the whole layer, not of channels: ${name} of k times as much is not k times as much`;
  const [low, high] = [scale, scale * Math.max(...faster)].map((v) => Number(v.toPrecision(4)));
  return `channels have rates of their own: x ${low} to x ${high}`;
}
