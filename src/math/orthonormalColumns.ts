/**
 * Columns of an `[m, n]` matrix (m >= n) made orthonormal one after the other, by Gram and Schmidt's method done twice, which is
 * enough for right angles to the last bits. A column that depends on those before becomes 0.
 */
export function orthonormalColumns(a: Float64Array, m: number, n: number): Float64Array {
  const q = a.slice();
  for (let c = 0; c < n; c++) {
    const before = lengthOf(q, m, n, c);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < c; k++) {
        let part = 0;
        for (let i = 0; i < m; i++) part += q[i * n + k] * q[i * n + c];
        for (let i = 0; i < m; i++) q[i * n + c] -= part * q[i * n + k];
      }
    }
    const length = lengthOf(q, m, n, c);
    const independent = length > m * Number.EPSILON * before;
    for (let i = 0; i < m; i++) q[i * n + c] = independent ? q[i * n + c] / length : 0;
  }
  return q;
}

function lengthOf(a: Float64Array, m: number, n: number, c: number): number {
  let square = 0;
  for (let i = 0; i < m; i++) square += a[i * n + c] ** 2;
  return Math.sqrt(square);
}
