import type { NdArray } from "../math/ndarray.ts";

/** Row-major `[rows, columns]` to `[columns, rows]`. */
export function transposed({ shape, data }: NdArray): NdArray {
  const [rows, columns] = shape as readonly [number, number];
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  return { shape: [columns, rows], data: out };
}

/** Product of two row-major matrices. */
export function matmul(a: NdArray, b: NdArray): NdArray {
  const [m, k] = a.shape as readonly [number, number];
  const n = b.shape[1]!;
  const data = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const v = a.data[i * k + l]!;
      for (let j = 0; j < n; j++) data[i * n + j]! += v * b.data[l * n + j]!;
    }
  }
  return { shape: [m, n], data };
}
