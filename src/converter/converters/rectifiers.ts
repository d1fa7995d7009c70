import * as tf from "@tensorflow/tfjs-core";
import type { LayerVariable, layers } from "@tensorflow/tfjs-layers";
import { ClippedReLU, ELU, LeakyReLU, RectifiedLinear } from "../../neurons/index.ts";
import type { ActivationSpec } from "../activations.ts";
import type { Context } from "../context.ts";
import { converterFor } from "../converter.ts";
import { broadcast } from "../indices.ts";
import type { Port } from "../port.ts";

const relu: ActivationSpec = { name: "relu", usual: new RectifiedLinear(), apply: (x) => tf.relu(x) };

function neurons(context: Context, activation: ActivationSpec): Port {
  const from = context.input();
  return context.stage({ shape: from.shape, terms: [{ from }], activation });
}

/** What is used of a rectifier: tfjs's has the highest value alone. */
interface Rectifier extends layers.Layer {
  readonly maxValue?: number | null;
  readonly negativeSlope?: number;
  readonly threshold?: number;
}

/** relu, with a highest value where there is one. */
function clipped(maxValue: number | null | undefined): ActivationSpec {
  if (maxValue === null || maxValue === undefined) return relu;
  const name = maxValue === 6 ? "relu6" : "clippedRelu";
  return { name, usual: new ClippedReLU({ maxValue }), apply: (x) => tf.clipByValue(x, 0, maxValue) };
}

const leaky = (slope: number): ActivationSpec => ({
  name: "leakyRelu",
  usual: new LeakyReLU({ negativeSlope: slope }),
  apply: (x) => tf.leakyRelu(x, slope),
});

/** Rectified linear neurons, with a highest value and a slope below where the layer has them. */
export const reLU = converterFor<Rectifier>(["ReLU", "NengoReLU"], {
  temporal: true,
  canConvert: ({ layer: { maxValue, threshold = 0 } }) => [
    ...(typeof maxValue !== "number" || maxValue > 0 ? [] : [`maxValue ${maxValue}`]),
    ...(threshold === 0 ? [] : [`the output jumps at its threshold ${threshold}`]),
  ],
  convert({ layer: { maxValue, negativeSlope = 0 } }, context) {
    const activation = clipped(maxValue);
    if (negativeSlope === 0) return neurons(context, activation);
    if (activation === relu) return neurons(context, leaky(negativeSlope));
    const from = context.input();
    const { shape } = from;
    const above = context.stage({ part: "above", shape, terms: [{ from }], activation });
    const below = context.stage({ part: "below", shape, terms: [{ from, transform: -1 }], activation: relu });
    return context.stage({ shape, terms: [{ from: above }, { from: below, transform: -negativeSlope }] });
  },
});

/** Neurons with a slope below 0. */
export const leakyReLU = converterFor<layers.Layer & { readonly alpha: number }>("LeakyReLU", {
  temporal: true,
  convert: ({ layer: { alpha } }, context) => neurons(context, leaky(alpha)),
});

/** Exponential linear neurons. */
export const elu = converterFor<layers.Layer & { readonly alpha: number }>(["ELU", "NengoELU"], {
  temporal: true,
  canConvert: ({ layer: { alpha } }) => (alpha > 0 ? [] : [`alpha ${alpha}`]),
  convert: ({ layer }, context) => {
    const { alpha } = layer;
    return neurons(context, { name: "elu", usual: new ELU({ alpha }), apply: (x) => [layer.apply(x) as tf.Tensor].flat()[0] });
  },
});

/** prelu(x) = relu(x) - alpha relu(-x): two ensembles, of which the second one's output is weighted by alpha. */
export const pReLU = converterFor<layers.Layer & { readonly alpha: LayerVariable }>("PReLU", {
  canConvert: ({ layer, inputs }) => {
    const shape = layer.alpha.shape as number[];
    const lastOnly = shape.slice(0, -1).every((n) => n === 1);
    const whole = shape.every((n, axis) => n === inputs[0].shape[axis]);
    return lastOnly || whole ? [] : ["its slopes are shared along other axes than all but the last"];
  },
  convert({ layer }, context) {
    const from = context.input();
    const { shape } = from;
    const alpha = context.values(layer.alpha);
    const above = context.stage({ part: "above", shape, terms: [{ from }], activation: relu });
    const below = context.stage({ part: "below", shape, terms: [{ from, transform: -1 }], activation: relu });
    const negated = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, (v) => -v);
    const weight = { variable: layer.alpha, fromTransform: negated };
    const scaled =
      broadcast(layer.alpha.shape as number[], shape) === null
        ? { from: below, transform: negated(alpha), weight }
        : { from: below, transform: context.perChannel(shape, negated(alpha)), weight };
    return context.stage({ shape, terms: [{ from: above }, scaled] });
  },
});
