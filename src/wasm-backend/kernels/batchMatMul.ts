import type { Kernel } from "../kernel.ts";
import { multiply } from "./multiply.ts";

/** `tf.matMul`, also of transposed operands, which tfjs's kernel multiplies in a plain loop. */
export const batchMatMul: Kernel = {
  name: "BatchMatMul",
  run(context, { a, b }, attrs) {
    const [transposeA, transposeB] = [Boolean(attrs["transposeA"]), Boolean(attrs["transposeB"])];
    const notFloat = a.dtype !== "float32" || b.dtype !== "float32";
    if (notFloat || (context.native.threads && !transposeA && !transposeB)) return context.stock(); // several threads are faster than our one
    return multiply(context, a, b, transposeA, transposeB);
  },
};
