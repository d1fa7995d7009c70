import { solve } from "./linalg.ts";

/** Value at a point within the data of a curve through them. */
export type Curve = (x: number) => Float64Array;

/**
 * The spline of a degree (1 to 3) through `values` `[n, size]` at ascending `points`, as a sum of B-splines. Knots are the data
 * points without those next to the ends (degree 3, "not a knot"), or the middles between them without the first and last (degree 2).
 * Source: de Boor, A Practical Guide to Splines (1978), ch. XIII.
 */
export function interpolatingSpline(points: Float64Array, values: Float64Array, size: number, degree: 1 | 2 | 3): Curve {
  const n = points.length;
  const [first, last] = [points[0], points[n - 1]];
  const inner =
    degree === 1
      ? points.slice(1, -1)
      : degree === 2
        ? Float64Array.from({ length: n - 1 }, (_, k) => (points[k] + points[k + 1]) / 2).slice(1, -1)
        : points.slice(2, -2);
  const ends = (value: number): number[] => new Array<number>(degree + 1).fill(value);
  const knots = Float64Array.of(...ends(first), ...inner, ...ends(last));
  const system = new Float64Array(n * n);
  points.forEach((x, row) => {
    const from = intervalOf(knots, x, degree, n);
    basis(knots, from, x, degree).forEach((b, k) => (system[row * n + from - degree + k] = b));
  });
  const coefficients = solve(system, values, n, size);
  return (x) => {
    const from = intervalOf(knots, x, degree, n);
    const out = new Float64Array(size);
    basis(knots, from, x, degree).forEach((b, k) => {
      for (let c = 0; c < size; c++) out[c] += b * coefficients[(from - degree + k) * size + c];
    });
    return out;
  };
}

/** The last i with `knots[i] <= x` that begins an interval of some length. */
function intervalOf(knots: Float64Array, x: number, degree: number, n: number): number {
  let i = degree;
  while (i < n - 1 && x >= knots[i + 1]) i++;
  return i;
}

/** The B-splines that are not zero on an interval, at x: Cox and de Boor's recursion. */
function basis(knots: Float64Array, from: number, x: number, degree: number): Float64Array {
  const out = new Float64Array(degree + 1);
  out[0] = 1;
  for (let d = 1; d <= degree; d++) {
    let carried = 0;
    for (let k = 0; k < d; k++) {
      const [left, right] = [knots[from + 1 - d + k], knots[from + 1 + k]];
      const part = out[k] / (right - left);
      out[k] = carried + (right - x) * part;
      carried = (x - left) * part;
    }
    out[d] = carried;
  }
  return out;
}
