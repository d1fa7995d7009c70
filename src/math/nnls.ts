/**
 * The x >= 0 that minimises `|A x - b|`, for `[m, n]` A: the active set method, in which the columns in use have an orthonormal basis
 * that grows by one column at a time.
 * Source: Lawson & Hanson, Solving Least Squares Problems (1974), ch. 23.
 */
export function nonNegativeLeastSquares(a: Float64Array, b: Float64Array, m: number, n: number): Float64Array {
  const column = (j: number): Float64Array => Float64Array.from({ length: m }, (_, i) => a[i * n + j]);
  const columns = Array.from({ length: n }, (_, j) => column(j));
  const norm = Math.max(...columns.map((c) => c.reduce((sum, v) => sum + Math.abs(v), 0)));
  const tolerance = 10 * Math.max(m, n) * Number.EPSILON * norm;
  const x = new Float64Array(n);
  const used = new Basis(m);
  const passive: number[] = [];
  const isPassive = new Uint8Array(n);
  /** Columns that would not enter, though the slope says they should: rounding. */
  const refused = new Uint8Array(n);
  let residual = b.slice();
  for (let round = 0; passive.length < n && round < 3 * n;) {
    let [best, steepest] = [-1, tolerance];
    for (let j = 0; j < n; j++) {
      if (isPassive[j] === 1 || refused[j] === 1) continue;
      const slope = dot(columns[j], residual);
      if (slope > steepest) [best, steepest] = [j, slope];
    }
    if (best < 0) break;
    used.append(columns[best]);
    passive.push(best);
    let solution = used.solve(b);
    if (!(solution[solution.length - 1] > 0)) {
      used.truncate(passive.length - 1);
      passive.pop();
      refused[best] = 1;
      continue;
    }
    refused.fill(0);
    isPassive[best] = 1;
    while (solution.some((v) => v <= 0) && round++ < 3 * n) {
      let [step, limit] = [1, -1];
      passive.forEach((j, k) => {
        const reach = x[j] / (x[j] - solution[k]);
        if (solution[k] <= 0 && (limit < 0 || reach < step)) [step, limit] = [reach, k];
      });
      passive.forEach((j, k) => (x[j] += step * (solution[k] - x[j])));
      // What has come to 0 leaves.
      const leaves = passive.map((j, k) => k === limit || (solution[k] <= 0 && x[j] <= Number.EPSILON * Math.abs(solution[k])));
      const first = leaves.indexOf(true);
      const staying = passive.filter((_, k) => !leaves[k]);
      for (const [k, j] of passive.entries()) if (leaves[k]) [x[j], isPassive[j]] = [0, 0];
      used.truncate(first);
      for (const j of staying.slice(first)) used.append(columns[j]);
      passive.splice(0, passive.length, ...staying);
      solution = used.solve(b);
    }
    passive.forEach((j, k) => (x[j] = solution[k]));
    residual = b.slice();
    for (const j of passive) for (let i = 0; i < m; i++) residual[i] -= columns[j][i] * x[j];
    round++;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** Columns as Q R, by Gram and Schmidt's method done twice, which is enough for a basis orthogonal to the last bits. */
class Basis {
  private readonly m: number;
  private readonly q: Float64Array[] = [];
  /** Column k of R: k + 1 numbers. */
  private readonly r: Float64Array[] = [];

  constructor(m: number) {
    this.m = m;
  }

  append(column: Float64Array): void {
    const rest = column.slice();
    const parts = new Float64Array(this.q.length + 1);
    for (let pass = 0; pass < 2; pass++) {
      this.q.forEach((q, k) => {
        const part = dot(q, rest);
        parts[k] += part;
        for (let i = 0; i < this.m; i++) rest[i] -= part * q[i];
      });
    }
    const length = Math.sqrt(dot(rest, rest));
    parts[this.q.length] = length;
    this.q.push(length > 0 ? rest.map((v) => v / length) : rest);
    this.r.push(parts);
  }

  truncate(length: number): void {
    this.q.length = length;
    this.r.length = length;
  }

  /** The combination of the columns nearest to b. */
  solve(b: Float64Array): Float64Array {
    const size = this.q.length;
    const x = Float64Array.from(this.q, (q) => dot(q, b));
    for (let k = size - 1; k >= 0; k--) {
      x[k] /= this.r[k][k];
      for (let i = 0; i < k; i++) x[i] -= this.r[k][i] * x[k];
    }
    return x;
  }
}
