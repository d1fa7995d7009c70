import { alongAxis } from "../transforms/convolutionBase.ts";
import { Convolution } from "../transforms/index.ts";
import type { Context } from "./context.ts";
import type { ItemShape } from "./graph.ts";
import { channelShape, channelsOf, imageOf, spatialOf, type ImageLayer } from "./image.ts";
import { eachIndex, flatIndex } from "./indices.ts";
import type { Port } from "./port.ts";

/** What is used of a pooling layer of tfjs. */
export interface PoolLayer extends ImageLayer {
  readonly poolSize: readonly number[];
}

/** Which elements a pool looks at. */
export interface Pool {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "valid" | "same";
  readonly dataFormat?: string;
}

/** The pool of a layer; of a global one, the whole image. */
export function poolOf(layer: PoolLayer, shape: ItemShape): Pool {
  const spatial = spatialOf(imageOf(shape, layer));
  const format = layer.dataFormat === undefined ? {} : { dataFormat: layer.dataFormat };
  if (layer.poolSize === undefined) return { poolSize: spatial, strides: spatial, padding: "valid", ...format };
  return { poolSize: layer.poolSize, strides: layer.strides, padding: layer.padding as "valid" | "same", ...format };
}

/** Means over windows: a convolution of every channel for itself. Elements outside the image do not count. */
export function averagePool(context: Context, from: Port, pool: Pool): Port {
  const { poolSize, strides, padding } = pool;
  const input = imageOf(from.shape, pool);
  const channels = channelsOf(input);
  const count = poolSize.reduce((a, b) => a * b, 1);
  const counts = padding === "same" ? countsOf(pool, input.shape) : null;
  const value = counts === null ? 1 / count : 1;
  const transform = new Convolution({
    nFilters: channels,
    inputShape: input,
    kernelSize: poolSize,
    strides,
    padding,
    channelsLast: input.channelsLast,
    groups: channels,
    init: { shape: [...poolSize, 1, channels], data: new Float64Array(count * channels).fill(value) },
  });
  const { shape } = transform.outputShape;
  if (counts === null) return context.stage({ shape, terms: [{ from, transform }] });
  const sums = context.stage({ part: "sums", shape, terms: [{ from, transform }] });
  return context.stage({ shape, terms: [{ from: sums, transform: counts.map((n) => 1 / n) }] });
}

/** Elements of the image in the window of every output element. */
function countsOf(pool: Pool, shape: ItemShape): Float64Array {
  const { outputs, windows } = windowsOf(pool, shape);
  const out = new Float64Array(outputs);
  for (const window of windows) window.forEach((at, k) => (out[k] += at < 0 ? 0 : 1));
  return out;
}

/** For every place in a window the element of the image that each output sees there; -1 outside. */
export function windowsOf(
  { poolSize, strides, padding, dataFormat }: Pool,
  shape: ItemShape,
): { readonly outputs: number; readonly shape: ItemShape; readonly windows: readonly Int32Array[] } {
  const input = imageOf(shape, dataFormat === undefined ? {} : { dataFormat });
  const spatial = spatialOf(input);
  const axes = spatial.map((size, axis) => alongAxis(size, poolSize[axis], strides[axis], padding));
  const output = channelShape(
    axes.map(({ output }) => output),
    channelsOf(input),
    input.channelsLast,
  ).shape;
  const first = input.channelsLast ? 0 : 1;
  const places = eachIndex(poolSize, (tap) => flatIndex(tap, poolSize));
  const windows = Array.from(places, (place) => {
    const tap = poolSize.map((_, axis) => Math.floor(place / poolSize.slice(axis + 1).reduce((a, b) => a * b, 1)) % poolSize[axis]);
    return eachIndex(output, (index) => {
      const at = [...index];
      for (let axis = 0; axis < spatial.length; axis++) {
        const i = index[first + axis] * strides[axis] + tap[axis] - axes[axis].before;
        if (i < 0 || i >= spatial[axis]) return -1;
        at[first + axis] = i;
      }
      return flatIndex(at, shape);
    });
  });
  return { outputs: output.reduce((a, b) => a * b, 1), shape: output, windows };
}
