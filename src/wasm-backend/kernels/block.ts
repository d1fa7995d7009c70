import type { TensorInfo } from "@tensorflow/tfjs-core";
import { util } from "@tensorflow/tfjs-core";
import { offsetOf, sizeOf } from "../internals.ts";
import type { KernelContext } from "../kernel.ts";

/**
 * A tensor of its own that holds a block of another, copied within the heap: tfjs's kernel copies the whole input out of the heap first.
 * Any dtype but string.
 */
export function block({ backend, native }: KernelContext, x: TensorInfo, begin: readonly number[], size: readonly number[]): TensorInfo {
  const out = backend.makeOutput([...size], x.dtype);
  const total = sizeOf(size);
  if (total === 0) return out;
  const steps = byteSteps(x);
  let bytes = util.bytesPerElement(x.dtype);
  let axis = x.shape.length - 1;
  for (; axis >= 0; axis--) {
    bytes *= size[axis];
    if (size[axis] !== x.shape[axis]) break; // whole trailing axes and one more are contiguous
  }
  let from = begin.reduce((offset, first, k) => offset + first * steps[k], offsetOf(backend, x));
  let to = offsetOf(backend, out);
  if (axis <= 0) {
    native.copyRows(from, 0, to, 0, bytes, 1);
    return out;
  }
  const rows = axis - 1; // the axis that one call goes along
  const index = new Array<number>(rows).fill(0);
  for (let calls = sizeOf(size.slice(0, rows)); calls > 0; calls--) {
    native.copyRows(from, steps[rows], to, bytes, bytes, size[rows]);
    to += bytes * size[rows];
    for (let k = rows - 1; k >= 0; k--) {
      from += steps[k];
      if (++index[k] < size[k]) break;
      from -= steps[k] * size[k];
      index[k] = 0;
    }
  }
  return out;
}

/** Bytes from one index to the next, by axis. */
function byteSteps({ shape, dtype }: TensorInfo): number[] {
  const steps = new Array<number>(shape.length);
  let step = util.bytesPerElement(dtype);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis];
  }
  return steps;
}
