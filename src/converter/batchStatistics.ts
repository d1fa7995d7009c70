import type { LayerVariable, layers } from "@tensorflow/tfjs-layers";

/** What is used of a batch normalisation layer. */
export interface NormalizationLayer extends layers.Layer {
  readonly axis: number;
  readonly epsilon: number;
  readonly gamma: LayerVariable | null | undefined;
  readonly beta: LayerVariable | null | undefined;
  readonly movingMean: LayerVariable;
  readonly movingVariance: LayerVariable;
}

const numbers = (variable: LayerVariable | null | undefined): Float32Array | null => variable?.read().dataSync<"float32">() ?? null;

/** What batch normalisation with fixed statistics multiplies by and adds, one number a channel. */
export function statisticsOf(layer: NormalizationLayer): { readonly factors: Float64Array; readonly summands: Float64Array } {
  const [gamma, beta] = [numbers(layer.gamma), numbers(layer.beta)];
  const mean = numbers(layer.movingMean)!;
  const factors = Float64Array.from(numbers(layer.movingVariance)!, (v, c) => (gamma?.[c] ?? 1) / Math.sqrt(v + layer.epsilon));
  return { factors, summands: factors.map((f, c) => (beta?.[c] ?? 0) - f * mean[c]) };
}
