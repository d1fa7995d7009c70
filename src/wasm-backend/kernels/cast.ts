import { offsetOf, reshaped, runKernel } from "../internals.ts";
import type { Kernel } from "../kernel.ts";

/**
 * `tf.cast`: to the dtype that the tensor has already, which gradients of activations ask for, without a copy; to bool by whether a number
 * is zero, where tfjs's kernel takes its last eight bits.
 */
export const cast: Kernel = {
  name: "Cast",
  run({ backend, native, stock }, { x }, { dtype }) {
    if (x.dtype === "string") return stock();
    if (x.dtype === dtype) return reshaped(backend, x, x.shape);
    if (dtype !== "bool") return stock();
    const zero = backend.makeOutput([], x.dtype);
    native.zero(offsetOf(backend, zero), 4);
    const out = runKernel(backend, "NotEqual", { a: x, b: zero });
    backend.disposeData(zero.dataId);
    return out;
  },
};
