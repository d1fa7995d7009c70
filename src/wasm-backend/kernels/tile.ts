import { util } from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { offsetOf, reshaped, sizeOf } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";

/** `tf.tile`: axis by axis, the last one first. */
export const tile: Kernel = {
  name: "Tile",
  run(context, { x }, attrs) {
    if (x.dtype === "string") return context.stock();
    const reps = attrs["reps"] as number[];
    let out = reshaped(context.backend, x, x.shape);
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      if (reps[axis] === 1) continue;
      const next = tileAxis(context, out, axis, reps[axis]);
      context.backend.disposeData(out.dataId);
      out = next;
    }
    return out;
  },
};

function tileAxis({ backend, native }: KernelContext, x: TensorInfo, axis: number, times: number): TensorInfo {
  const out = backend.makeOutput(x.shape.with(axis, x.shape[axis] * times), x.dtype);
  const outer = sizeOf(x.shape.slice(0, axis));
  const bytes = util.bytesPerElement(x.dtype) * sizeOf(x.shape.slice(axis));
  const [from, to] = [x, out].map((tensor) => offsetOf(backend, tensor));
  if (outer <= times) {
    for (let k = 0; k < outer; k++) native.copyRows(from + k * bytes, 0, to + k * bytes * times, bytes, bytes, times);
  } else {
    for (let k = 0; k < times; k++) native.copyRows(from, bytes, to + k * bytes, bytes * times, bytes, outer);
  }
  return out;
}
