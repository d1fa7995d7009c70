import { backend_util, util } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { block } from "./block.ts";

/** `tf.split`. */
export const splitV: Kernel = {
  name: "SplitV",
  run(context, { x }, attrs) {
    if (x.dtype === "string") return context.stock();
    const axis = util.parseAxisParam(attrs["axis"] as number, x.shape)[0];
    const sizes = backend_util.prepareSplitSize(x, attrs["numOrSizeSplits"] as number[] | number, axis);
    const begin = new Array<number>(x.shape.length).fill(0);
    return sizes.map((size) => {
      const part = block(context, x, begin, x.shape.with(axis, size));
      begin[axis] += size;
      return part;
    });
  },
};
