import type { Kernel } from "../kernel.ts";
import { ACTIVATIONS, activate } from "./activate.ts";
import { multiply } from "./multiply.ts";

/** `tf.fused.matMul`, which dense layers call. */
export const fusedMatMul: Kernel = {
  name: "_FusedMatMul",
  run(context, { a, b, bias, preluActivationWeights }, attrs) {
    const [transposeA, transposeB] = [Boolean(attrs["transposeA"]), Boolean(attrs["transposeB"])];
    const activation = attrs["activation"] as string;
    const notOurs = a.dtype !== "float32" || b.dtype !== "float32" || !ACTIVATIONS.has(activation);
    if (notOurs || (context.native.threads && !transposeA && !transposeB)) return context.stock();
    const out = multiply(context, a, b, transposeA, transposeB);
    return activate(
      context,
      out,
      bias ?? undefined,
      activation,
      (attrs["leakyreluAlpha"] as number | undefined) ?? 0,
      preluActivationWeights,
    );
  },
};
