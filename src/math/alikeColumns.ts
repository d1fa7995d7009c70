/** Columns of a panel. */
const WIDTH = 4;

/**
 * An order of the columns of a `[rows, n]` matrix in panels of four (filled up with -1) that are 0 in nearly the same rows, fullest panels first;
 * null where the matrix has few zeros, or numbers that are not finite. It takes one column that is 0 in about half of the rows, and tells those
 * that go with it from those that go against it, as neurons of one dimension do; among them, columns of equally many zeros are alike.
 */
export function alikeColumns(a: Float64Array, rows: number, n: number): Int32Array | null {
  const filled = new Int32Array(n);
  let check = 0;
  for (let p = 0; p < rows; p++) {
    for (let j = 0; j < n; j++) {
      const value = a[p * n + j];
      filled[j] += Number(value !== 0);
      // Nothing but 0 as long as all are finite.
      check += value * 0;
    }
  }
  const total = filled.reduce((sum, count) => sum + count, 0);
  if (check !== 0 || total > 0.75 * rows * n) return null;
  let half = 0;
  for (let j = 1; j < n; j++) if (Math.abs(filled[j] - rows / 2) < Math.abs(filled[half] - rows / 2)) half = j;
  const shared = new Int32Array(n);
  for (let p = 0; p < rows; p++) {
    if (a[p * n + half] === 0) continue;
    for (let j = 0; j < n; j++) shared[j] += Number(a[p * n + j] !== 0);
  }
  const goesWith = (j: number): boolean => shared[j] * rows > filled[j] * filled[half];
  const columns = Array.from({ length: n }, (_, j) => j);
  const byFilled = (side: boolean): number[] => columns.filter((j) => goesWith(j) === side).sort((i, j) => filled[j] - filled[i]);
  const sorted = [...byFilled(true), ...byFilled(false)];
  const panels = Array.from({ length: Math.ceil(n / WIDTH) }, (_, t) => sorted.slice(t * WIDTH, (t + 1) * WIDTH));
  const fullest = (panel: readonly number[]): number => Math.max(...panel.map((j) => filled[j]));
  panels.sort((x, y) => fullest(y) - fullest(x));
  return Int32Array.from(panels.flatMap((panel) => [...panel, -1, -1, -1].slice(0, WIDTH)));
}
