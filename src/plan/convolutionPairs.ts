import type { ConvolutionGeometry } from "../ir/operators.ts";

/** Positions `[output, kernel tap, input]` (spatial, flattened) that a convolution's geometry pairs. */
export function convolutionPairs(g: ConvolutionGeometry): Int32Array {
  const axes = g.kernel.length;
  const flat = (index: readonly number[], shape: readonly number[]): number => index.reduce((at, i, axis) => at * shape[axis] + i, 0);
  const each = function* (shape: readonly number[]): Generator<number[]> {
    const total = shape.reduce((a, b) => a * b, 1);
    for (let k = 0; k < total; k++) {
      const index = shape.map(() => 0);
      for (let axis = axes - 1, rest = k; axis >= 0; axis--) {
        index[axis] = rest % shape[axis];
        rest = Math.floor(rest / shape[axis]);
      }
      yield index;
    }
  };
  const out: number[] = [];
  for (const o of each(g.outputSpatial)) {
    for (const k of each(g.kernel)) {
      const i = o.map((v, axis) => v * g.strides[axis] + k[axis] * (g.dilations?.[axis] ?? 1) - g.padding[axis]);
      if (i.every((v, axis) => v >= 0 && v < g.inputSpatial[axis]))
        out.push(flat(o, g.outputSpatial), flat(k, g.kernel), flat(i, g.inputSpatial));
    }
  }
  return Int32Array.from(out);
}
