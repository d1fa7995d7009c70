import type { LayerVariable, layers } from "@tensorflow/tfjs-layers";
import type { Context } from "../context.ts";
import { converterFor } from "../converter.ts";
import type { Port } from "../port.ts";

/** x * factors + summands: one number of each for all, or one a channel. */
function affine(context: Context, factors: readonly number[], summands: readonly number[]): Port {
  const from = context.input();
  const { shape } = from;
  const channels = shape[shape.length - 1];
  const all = (numbers: readonly number[]): Float64Array => Float64Array.from({ length: channels }, (_, c) => numbers[c % numbers.length]);
  const transform = factors.length === 1 ? factors[0] : context.perChannel(shape, all(factors));
  return context.stage({ shape, terms: [{ from, transform }], bias: summands.every((v) => v === 0) ? null : { values: all(summands) } });
}

/** What is used of a rescaling layer. */
interface RescalingLayer extends layers.Layer {
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];
}

/** A factor and a summand. */
export const rescaling = converterFor<RescalingLayer>(["Rescaling", "NengoRescaling"], {
  temporal: true,
  convert: ({ layer }, context) => affine(context, [layer.scale].flat(), [layer.offset].flat()),
});

/** What is used of a normalisation layer. */
interface NormalizationLayer extends layers.Layer {
  readonly axis: readonly number[];
  readonly invert: boolean;
}

/** Keras's floor of the standard deviation. */
const EPSILON = 1e-7;

/** Fixed statistics, of all or of every channel. */
export const normalization = converterFor<NormalizationLayer>("Normalization", {
  temporal: true,
  canConvert: ({ layer, inputs }, { temporalModel }) => {
    const last = inputs[0].shape.length - 1 + (temporalModel ? 2 : 1);
    return layer.axis.every((axis) => axis === -1 || axis === last) ? [] : [`axis [${layer.axis.join(", ")}] is not the last`];
  },
  convert({ layer }, context) {
    const config = layer.getConfig() as { mean?: unknown; variance?: unknown };
    const numbers = (given: unknown, weight: LayerVariable | undefined): number[] =>
      given === undefined ? Array.from(context.values(weight!)) : ([given].flat(Infinity) as number[]);
    const mean = numbers(config.mean, layer.weights[0]);
    const deviation = numbers(config.variance, layer.weights[1]).map((v) => Math.max(Math.sqrt(v), EPSILON));
    const at = (list: readonly number[], c: number): number => list[c % list.length];
    const each = Array.from({ length: Math.max(mean.length, deviation.length) }, (_, c) => ({
      mean: at(mean, c),
      deviation: at(deviation, c),
    }));
    return layer.invert
      ? affine(
          context,
          each.map((own) => own.deviation),
          each.map((own) => own.mean),
        )
      : affine(
          context,
          each.map((own) => 1 / own.deviation),
          each.map((own) => -own.mean / own.deviation),
        );
  },
});
