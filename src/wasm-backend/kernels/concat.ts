import { backend_util, util } from "@tensorflow/tfjs-core";
import { offsetOf, reshaped, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";

/** `tf.concat`. */
export const concat: Kernel = {
  name: "Concat",
  run({ backend, native, stock }, inputs, attrs) {
    const tensors = Object.values(inputs);
    const { dtype } = tensors[0];
    if (dtype === "string") return stock();
    const axis = util.parseAxisParam(attrs["axis"] as number, tensors[0].shape)[0];
    const shapes = tensors.map(({ shape }) => shape);
    backend_util.assertParamsConsistent(shapes, axis);
    const shape = backend_util.computeOutShape(shapes, axis);
    const parts = tensors.filter((tensor) => sizeOf(tensor.shape) > 0);
    if (parts.length === 1) return reshaped(backend, parts[0], parts[0].shape);
    const out = backend.makeOutput(shape, dtype);
    const outer = sizeOf(shape.slice(0, axis));
    const row = util.bytesPerElement(dtype) * sizeOf(shape.slice(axis));
    let to = offsetOf(backend, out);
    for (const part of parts) {
      const bytes = util.bytesPerElement(dtype) * sizeOf(part.shape.slice(axis));
      native.copyRows(offsetOf(backend, part), bytes, to, row, bytes, outer);
      to += bytes;
    }
    return out;
  },
};
