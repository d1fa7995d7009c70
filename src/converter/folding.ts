import type { Dense } from "../transforms/index.ts";
import { Convolution, ConvolutionTranspose } from "../transforms/index.ts";
import type { Transform } from "../transforms/transform.ts";
import type { TfjsActivation } from "./activations.ts";
import { statisticsOf, type NormalizationLayer } from "./batchStatistics.ts";
import type { LayerCall, ModelGraph, Value } from "./graph.ts";
import type { ConvertSettings } from "./options.ts";
import { converterOf } from "./registry.ts";

/** A batch normalisation inside the layer before it: a factor and a summand for every channel of the output. */
export interface Fold {
  readonly normalization: LayerCall<NormalizationLayer>;
  readonly factors: Float64Array;
  readonly summands: Float64Array;
}

/**
 * Batch normalisations with fixed statistics that follow a linear layer and are all that sees its output: in a network that will not
 * train, the layer's weights can be multiplied instead. By the call of the layer before.
 */
export function foldsOf({ calls, outputs }: ModelGraph, settings: ConvertSettings): ReadonlyMap<LayerCall, Fold> {
  const folds = new Map<LayerCall, Fold>();
  if (!settings.inferenceOnly) return folds;
  const readers = new Map<Value, LayerCall[]>();
  for (const call of calls) for (const value of call.inputs) readers.set(value, [...(readers.get(value) ?? []), call]);
  for (const call of calls) {
    if (converterOf(call.layer)?.foldable !== true) continue;
    const { activation } = call.layer as typeof call.layer & { activation?: TfjsActivation | null };
    const linear = activation === null || activation === undefined || activation.getClassName() === "linear";
    const [value] = call.outputs;
    const [next, ...others] = readers.get(value) ?? [];
    if (!linear || outputs.includes(value) || next === undefined || others.length > 0) continue;
    if (next.layer.getClassName() !== "BatchNormalization") continue;
    const normalization = next as LayerCall<NormalizationLayer>;
    if ([call, next].some((own) => (converterOf(own.layer)!.canConvert?.(own, settings) ?? []).length > 0)) continue;
    folds.set(call, { normalization, ...statisticsOf(normalization.layer) });
  }
  return folds;
}

/** A transform whose output is multiplied, channel by channel. */
export function multiplied(transform: Transform, factors: Float64Array): Transform {
  const channels = factors.length;
  const { declaration } = transform;
  const options = Object.fromEntries(declaration.parameters.map((name) => [name, (transform as unknown as Record<string, unknown>)[name]]));
  const { shape, data } = (transform as Convolution | Dense).init as { readonly shape: readonly number[]; readonly data: Float64Array };
  const again = transform.constructor as new (options: object) => Transform;
  if (transform instanceof Convolution || transform instanceof ConvolutionTranspose)
    return new again({ ...options, init: { shape, data: data.map((v, k) => v * factors[k % channels]) } });
  const size = transform.sizeIn;
  return new again({ ...options, init: { shape, data: data.map((v, k) => v * factors[Math.floor(k / size)]) } });
}
