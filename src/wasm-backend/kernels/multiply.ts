import type { TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util, util } from "@tensorflow/tfjs-core";
import { offsetOf, sizeOf } from "../internals.ts";
import type { KernelContext } from "../kernel.ts";

/** The product of float32 tensors [..., rows, depth] and [..., depth, columns], either of them stored transposed; batch axes broadcast. */
export function multiply(
  { backend, native }: KernelContext,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  const [rows, depth] = lastTwo(a.shape, transposeA);
  const [depthB, columns] = lastTwo(b.shape, transposeB);
  util.assert(
    depth === depthB,
    () =>
      `Error in matMul: inner shapes (${depth}) and (${depthB}) of Tensors with shapes ${a.shape.join()} and ${b.shape.join()} ` +
      `and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = backend_util.assertAndGetBroadcastShape(batchA, batchB);
  const out = backend.makeOutput([...batch, rows, columns], "float32");
  const count = sizeOf(batch);
  if (count * rows * columns === 0) return out;
  const placesA = broadcastPlaces(batchA, batch);
  const placesB = broadcastPlaces(batchB, batch);
  const scratch = native.scratch(native.productScratch());
  const [offsetA, offsetB, offset] = [a, b, out].map((tensor) => offsetOf(backend, tensor));
  const [aRow, aColumn] = transposeA ? [1, rows] : [depth, 1];
  const [bRow, bColumn] = transposeB ? [1, depth] : [columns, 1];
  for (let k = 0; k < count; k++) {
    const fromA = offsetA + 4 * placesA(k) * rows * depth;
    const fromB = offsetB + 4 * placesB(k) * depth * columns;
    const to = offset + 4 * k * rows * columns;
    native.product(fromA, aRow, aColumn, fromB, bRow, bColumn, to, columns, rows, columns, depth, 0, scratch);
  }
  return out;
}

function lastTwo(shape: readonly number[], swap: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return swap ? [columns, rows] : [rows, columns];
}

/** Which matrix of a tensor with batch axes `from` stands at flat index k of the axes `to` that it is broadcast to. */
function broadcastPlaces(from: readonly number[], to: readonly number[]): (k: number) => number {
  const size = sizeOf(from);
  if (size === 1) return () => 0;
  if (size === sizeOf(to)) return (k) => k;
  return (k) => {
    let place = 0;
    let step = 1;
    for (let axis = to.length - 1; axis >= to.length - from.length; axis--) {
      const extent = from[axis - (to.length - from.length)];
      if (extent !== 1) place += (k % to[axis]) * step;
      step *= extent;
      k = Math.floor(k / to[axis]);
    }
    return place;
  };
}
