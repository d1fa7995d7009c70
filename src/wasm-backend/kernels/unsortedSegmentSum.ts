import { sumOutType } from "@tensorflow/tfjs-core";
import { describe, ShapeError } from "../../errors.ts";
import { offsetOf, reshaped, runKernel, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";

/**
 * `tf.unsortedSegmentSum`, the gradient of `tf.gather` and so of embeddings; the wasm backend has none.
 * Identifiers outside [0, numSegments) are left out. Float32 gives float32; int32 and bool give int32, as on tfjs's other backends but cpu.
 */
export const unsortedSegmentSum: Kernel = {
  name: "UnsortedSegmentSum",
  run({ backend, native }, { x, segmentIds }, { numSegments }) {
    const count = x.shape[0];
    if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== count)
      throw new ShapeError({
        owner: "unsortedSegmentSum",
        parameter: "segmentIds",
        expected: `shape [${count}], an identifier for each row of x`,
        got: describe(segmentIds),
      });
    const dtype = sumOutType(x.dtype);
    const values = x.dtype === dtype ? reshaped(backend, x, x.shape) : runKernel(backend, "Cast", { x }, { dtype });
    const out = backend.makeOutput([numSegments as number, ...x.shape.slice(1)], dtype);
    const bytes = 4 * sizeOf(x.shape.slice(1));
    const [from, by, to] = [values, segmentIds, out].map((tensor) => offsetOf(backend, tensor));
    native.zero(to, 4 * sizeOf(out.shape));
    native.segmentSum(from, by, to, count, bytes, numSegments as number, Number(dtype === "int32"));
    backend.disposeData(values.dataId);
    return out;
  },
};
