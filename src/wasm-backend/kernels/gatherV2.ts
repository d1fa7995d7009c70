import { backend_util, util } from "@tensorflow/tfjs-core";
import { offsetOf, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";

/** `tf.gather`, the forward pass of embeddings. */
export const gatherV2: Kernel = {
  name: "GatherV2",
  run({ backend, native, stock }, { x, indices }, attrs) {
    if (x.dtype === "string" || indices.dtype !== "int32") return stock();
    const axis = util.parseAxisParam(attrs["axis"] as number, x.shape)[0];
    const info = backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, (attrs["batchDims"] as number | undefined) ?? 0);
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
    const out = backend.makeOutput(outputShape, x.dtype);
    const count = sizeOf(indices.shape) / batchSize;
    const bytes = util.bytesPerElement(x.dtype) * sliceSize;
    const [from, ids, to] = [x, indices, out].map((tensor) => offsetOf(backend, tensor));
    for (let k = 0; k < batchSize; k++) {
      const [block, list, result] = [from + k * outerSize * dimSize * bytes, ids + 4 * k * count, to + k * outerSize * count * bytes];
      const wrong = native.gatherRows(block, list, result, outerSize, dimSize, count, 0, bytes);
      if (wrong < 0) continue;
      backend.disposeData(out.dataId);
      throw new Error(`GatherV2: the index at place ${k * count + wrong} is not in [0, ${dimSize - 1}]`);
    }
    return out;
  },
};
