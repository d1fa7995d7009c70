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

/** Rectified linear neurons, with a highest value where the layer has one. */
export const reLU = converterFor<layers.Layer & { readonly maxValue?: number | null }>("ReLU", {
  temporal: true,
  convert({ layer: { maxValue } }, context) {
    if (maxValue === null || maxValue === undefined) return neurons(context, relu);
    const name = maxValue === 6 ? "relu6" : "clippedRelu";
    return neurons(context, { name, usual: new ClippedReLU({ maxValue }), apply: (x) => tf.clipByValue(x, 0, maxValue) });
  },
  canConvert: ({ layer: { maxValue } }) => (typeof maxValue !== "number" || maxValue > 0 ? [] : [`maxValue ${maxValue}`]),
});

/** Neurons with a slope below 0. */
export const leakyReLU = converterFor<layers.Layer & { readonly alpha: number }>("LeakyReLU", {
  temporal: true,
  convert: ({ layer: { alpha } }, context) =>
    neurons(context, { name: "leakyRelu", usual: new LeakyReLU({ negativeSlope: alpha }), apply: (x) => tf.leakyRelu(x, alpha) }),
});

/** Exponential linear neurons. */
export const elu = converterFor("ELU", {
  temporal: true,
  convert: (_call, context) => neurons(context, { name: "elu", usual: new ELU(), apply: (x) => tf.elu(x) }),
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
