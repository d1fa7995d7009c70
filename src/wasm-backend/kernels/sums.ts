import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util, util } from "@tensorflow/tfjs-core";
import { offsetOf, sizeOf } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";

/** Sum or mean of a float32 tensor over axes that stand together before others; tfjs transposes first. */
function overLeadingAxes(context: KernelContext, x: TensorInfo, attrs: Readonly<NamedAttrMap>, mean: boolean): TensorInfo | undefined {
  const axes = util.parseAxisParam(attrs["axis"] as number | number[], x.shape).toSorted((a, b) => a - b);
  const [first, last] = [axes[0], axes.at(-1) as number];
  const together = axes.length > 0 && last - first + 1 === axes.length && last < x.shape.length - 1;
  const [outer, rows, columns] = [x.shape.slice(0, first), x.shape.slice(first, last + 1), x.shape.slice(last + 1)].map(sizeOf);
  if (x.dtype !== "float32" || !together || columns < 4 || rows < 2 || outer === 0) return undefined;
  const { backend, native } = context;
  const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const out = backend.makeOutput(shape, "float32");
  const scratch = native.scratch(8 * columns);
  const [from, to] = [x, out].map((tensor) => offsetOf(backend, tensor));
  const factor = mean ? 1 / rows : 1;
  for (let k = 0; k < outer; k++) native.sumRows(from + 4 * k * rows * columns, to + 4 * k * columns, rows, columns, factor, scratch);
  return attrs["keepDims"] ? { ...out, shape: backend_util.expandShapeToKeepDim(shape, axes) } : out;
}

/** `tf.sum`; of no values at all it is zero, where tfjs's kernel gives what happened to be in memory. */
export const sum: Kernel = {
  name: "Sum",
  run(context, { x }, attrs) {
    if (sizeOf(x.shape) > 0) return overLeadingAxes(context, x, attrs, false) ?? context.stock();
    return empty(context, x, attrs);
  },
};

function empty({ backend, native }: KernelContext, x: TensorInfo, attrs: Readonly<NamedAttrMap>): TensorInfo {
  const axes = util.parseAxisParam(attrs["axis"] as number | number[], x.shape);
  const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const out = backend.makeOutput(attrs["keepDims"] ? backend_util.expandShapeToKeepDim(shape, axes) : shape, x.dtype);
  native.zero(offsetOf(backend, out), 4 * sizeOf(shape));
  return out;
}

/** `tf.mean`. */
export const mean: Kernel = {
  name: "Mean",
  run: (context, { x }, attrs) => overLeadingAxes(context, x, attrs, true) ?? context.stock(),
};
