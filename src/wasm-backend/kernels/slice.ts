import { slice_util } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { block } from "./block.ts";

/** `tf.slice`. */
export const slice: Kernel = {
  name: "Slice",
  run(context, { x }, { begin, size }) {
    if (x.dtype === "string") return context.stock();
    const [first, extent] = slice_util.parseSliceParams(x, begin as number[], size as number[]);
    return block(context, x, first, extent);
  },
};
