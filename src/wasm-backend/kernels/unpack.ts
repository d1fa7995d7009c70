import type { Kernel } from "../kernel.ts";
import { block } from "./block.ts";

/** `tf.unstack`. */
export const unpack: Kernel = {
  name: "Unpack",
  run(context, { value }, attrs) {
    if (value.dtype === "string") return context.stock();
    const axis = (attrs["axis"] as number) < 0 ? (attrs["axis"] as number) + value.shape.length : (attrs["axis"] as number);
    const size = value.shape.with(axis, 1);
    const shape = value.shape.toSpliced(axis, 1);
    return Array.from({ length: value.shape[axis] }, (_, k) => {
      const { dataId, dtype } = block(context, value, new Array<number>(size.length).fill(0).with(axis, k), size);
      return { dataId, dtype, shape };
    });
  },
};
