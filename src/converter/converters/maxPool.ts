import type { Context } from "../context.ts";
import { converterFor } from "../converter.ts";
import { largest } from "../maximum.ts";
import { averagePool, poolOf, windowsOf, type Pool, type PoolLayer } from "../pooling.ts";
import type { Port } from "../port.ts";

/** The largest of every window, by rectified linear neurons. A window that reaches beyond the image sees one of its elements again. */
function maxima(context: Context, from: Port, pool: Pool): Port {
  const { shape, windows } = windowsOf(pool, from.shape);
  const inside = windows[0].map((_, k) => windows.find((window) => window[k] >= 0)![k]);
  return largest(
    context,
    windows.map((window) => ({ from, pick: window.map((at, k) => (at < 0 ? inside[k] : at)) })),
    shape,
  );
}

/** Max pooling over windows, or over the whole image. */
export const maxPool = converterFor<PoolLayer>(
  [
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "NengoGlobalMaxPooling1D",
    "NengoGlobalMaxPooling2D",
  ],
  {
    convert({ layer }, context) {
      const from = context.input();
      const pool = poolOf(layer, from.shape);
      const average = context.settings.maxToAvgPool;
      context.otherFunction = average;
      if (average) context.notes.push("became average pooling (maxToAvgPool), which is another function: train it so");
      return context.reshaped(average ? averagePool(context, from, pool) : maxima(context, from, pool), context.outputShape);
    },
  },
);
