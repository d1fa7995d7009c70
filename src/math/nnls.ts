import { transpose } from "./linalg.ts";

/**
 * The x >= 0 that minimises `|A x - b|`, for `[m, n]` A: the active set method, in which the columns in use have an orthonormal basis
 * that grows by one column at a time.
 * Source: Lawson & Hanson, Solving Least Squares Problems (1974), ch. 23.
 */
export function nonNegativeLeastSquares(a: Float64Array, b: Float64Array, m: number, n: number): Float64Array {
  const columns = transpose(a, m, n);
  const tolerance = 10 * Math.max(m, n) * Number.EPSILON * largestColumn(columns, m, n);
  const x = new Float64Array(n);
  const used = new Basis(b, n);
  const passive: number[] = [];
  const isPassive = new Uint8Array(n);
  /** Columns that would not enter, though the slope says they should: rounding. */
  const refused = new Uint8Array(n);
  const residual = b.slice();
  const slopes = new Float64Array(n);
  for (let round = 0; passive.length < n && round < 3 * n;) {
    slopes.fill(0);
    for (let i = 0; i < m; i++) {
      const off = residual[i];
      for (let j = 0; j < n; j++) slopes[j] += a[i * n + j] * off;
    }
    let best = -1;
    let steepest = tolerance;
    for (let j = 0; j < n; j++) {
      if (isPassive[j] === 1 || refused[j] === 1 || !(slopes[j] > steepest)) continue;
      best = j;
      steepest = slopes[j];
    }
    if (best < 0) break;
    used.append(columns, best);
    passive.push(best);
    let solution = used.solve();
    if (!(solution[solution.length - 1] > 0)) {
      used.truncate(passive.length - 1);
      passive.pop();
      refused[best] = 1;
      continue;
    }
    refused.fill(0);
    isPassive[best] = 1;
    while (hasNegative(solution) && round++ < 3 * n) {
      let step = 1;
      let limit = -1;
      passive.forEach((j, k) => {
        if (solution[k] > 0) return;
        const reach = x[j] / (x[j] - solution[k]);
        if (limit >= 0 && !(reach < step)) return;
        step = reach;
        limit = k;
      });
      passive.forEach((j, k) => (x[j] += step * (solution[k] - x[j])));
      // What has come to 0 leaves.
      const leaves = passive.map((j, k) => k === limit || (solution[k] <= 0 && x[j] <= Number.EPSILON * Math.abs(solution[k])));
      const first = leaves.indexOf(true);
      const staying = passive.filter((_, k) => !leaves[k]);
      passive.forEach((j, k) => {
        if (leaves[k]) x[j] = isPassive[j] = 0;
      });
      used.truncate(first);
      for (let k = first; k < staying.length; k++) used.append(columns, staying[k]);
      passive.splice(0, passive.length, ...staying);
      solution = used.solve();
    }
    residual.set(b);
    passive.forEach((j, k) => {
      const value = (x[j] = solution[k]);
      for (let i = 0; i < m; i++) residual[i] -= columns[j * m + i] * value;
    });
    round++;
  }
  return x;
}

/** The largest sum of magnitudes of a column; columns lie one after the other. */
function largestColumn(columns: Float64Array, m: number, n: number): number {
  let most = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += Math.abs(columns[j * m + i]);
    most = Math.max(most, sum);
  }
  return most;
}

function hasNegative(solution: Float64Array): boolean {
  for (let k = 0; k < solution.length; k++) if (solution[k] <= 0) return true;
  return false;
}

/** Columns as Q R, by Gram and Schmidt's method done twice, which is enough for a basis orthogonal to the last bits. */
class Basis {
  private readonly b: Float64Array;
  /** Numbers of a column. */
  private readonly m: number;
  private size = 0;
  /** Columns of Q one after the other. */
  private readonly q: Float64Array;
  /** Upper triangular, `[n, n]` by columns. */
  private readonly r: Float64Array;
  private readonly n: number;
  /** Q^T b */
  private readonly parts: Float64Array;

  /** @param n - most columns */
  constructor(b: Float64Array, n: number) {
    this.b = b;
    this.m = b.length;
    this.n = n;
    this.q = new Float64Array(n * this.m);
    this.r = new Float64Array(n * n);
    this.parts = new Float64Array(n);
  }

  /** Adds a column of a matrix whose columns lie one after the other. */
  append(columns: Float64Array, column: number): void {
    const { m, q, size } = this;
    const own = size * m;
    const r = size * this.n;
    q.set(columns.subarray(column * m, (column + 1) * m), own);
    this.r.fill(0, r, r + size);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < size; k++) {
        const at = k * m;
        let part = 0;
        for (let i = 0; i < m; i++) part += q[at + i] * q[own + i];
        this.r[r + k] += part;
        for (let i = 0; i < m; i++) q[own + i] -= part * q[at + i];
      }
    }
    let square = 0;
    for (let i = 0; i < m; i++) square += q[own + i] * q[own + i];
    const length = Math.sqrt(square);
    this.r[r + size] = length;
    if (length > 0) for (let i = 0; i < m; i++) q[own + i] /= length;
    let part = 0;
    for (let i = 0; i < m; i++) part += q[own + i] * this.b[i];
    this.parts[size] = part;
    this.size++;
  }

  truncate(size: number): void {
    this.size = size;
  }

  /** The combination of the columns nearest to b. */
  solve(): Float64Array {
    const { size, n, r } = this;
    const x = this.parts.slice(0, size);
    for (let k = size - 1; k >= 0; k--) {
      const value = (x[k] /= r[k * n + k]);
      for (let i = 0; i < k; i++) x[i] -= r[k * n + i] * value;
    }
    return x;
  }
}
