import type { layers } from "@tensorflow/tfjs-layers";
import type { Context } from "../context.ts";
import { converterFor } from "../converter.ts";
import { eachIndex, flatIndex, broadcast } from "../indices.ts";
import { largest, type Picked } from "../maximum.ts";
import { product } from "../product.ts";
import type { ItemShape, LayerCall } from "../graph.ts";

/** The inputs of a merging layer, spread to the shape of its output. tfjs adds axes to those of fewer after the batch. */
function spread({ inputs }: LayerCall, context: Context): Picked[] {
  return inputs.map(({ shape }, k) => ({ from: context.input(k), pick: broadcast(shape, context.outputShape) }));
}

/** A sum. */
export const add = converterFor("Add", {
  temporal: true,
  convert: (call, context) => context.stage({ shape: context.outputShape, terms: spread(call, context) }),
});

/** The first less the second. */
export const subtract = converterFor("Subtract", {
  temporal: true,
  convert: (call, context) =>
    context.stage({
      shape: context.outputShape,
      terms: spread(call, context).map((term, k) => ({ ...term, transform: k === 0 ? 1 : -1 })),
    }),
});

/** Products, by neurons that square sums and differences. */
export const multiply = converterFor("Multiply", {
  temporal: true,
  convert(call, context) {
    const factors = spread(call, context);
    return factors
      .slice(1)
      .reduce(
        (from, factor, k) => product(context, { from, pick: null }, factor, k === factors.length - 2 ? undefined : `product${k + 1}`),
        context.stage({ part: "first", shape: context.outputShape, terms: [factors[0]] }),
      );
  },
});

/** A sum of equal parts. */
export const average = converterFor("Average", {
  temporal: true,
  convert: (call, context) =>
    context.stage({
      shape: context.outputShape,
      terms: spread(call, context).map((term) => ({ ...term, transform: 1 / call.inputs.length })),
    }),
});

/** The largest, by rectified linear neurons. */
export const maximum = converterFor("Maximum", {
  temporal: true,
  convert: (call, context) => largest(context, spread(call, context), context.outputShape),
});

/** The smallest, by rectified linear neurons. */
export const minimum = converterFor("Minimum", {
  temporal: true,
  convert: (call, context) => largest(context, spread(call, context), context.outputShape, -1),
});

/** One after the other along an axis. */
export const concatenate = converterFor<layers.Layer & { readonly axis: number }>("Concatenate", {
  temporal: true,
  convert({ layer, inputs }, context) {
    const to = context.outputShape;
    const time = context.settings.temporalModel ? 2 : 1;
    const axis = layer.axis < 0 ? layer.axis + to.length : layer.axis - time;
    let start = 0;
    const terms = inputs.map(({ shape }, k) => {
      const into = placed(shape, to, axis, start);
      start += shape[axis];
      return { from: context.input(k), into };
    });
    return context.stage({ shape: to, terms });
  },
  canConvert: ({ layer, outputs }, { temporalModel }) => {
    const axes = outputs[0].shape.length;
    const axis = layer.axis < 0 ? layer.axis + axes : layer.axis - (temporalModel ? 2 : 1);
    return axis >= 0 && axis < axes ? [] : [`axis ${layer.axis} is not one of an item`];
  },
});

/** Where the elements of a part are in the whole. */
function placed(shape: ItemShape, to: ItemShape, axis: number, start: number): Int32Array {
  return eachIndex(shape, (index) =>
    flatIndex(
      index.map((i, k) => (k === axis ? i + start : i)),
      to,
    ),
  );
}
