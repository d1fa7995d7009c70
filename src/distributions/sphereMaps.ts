import { betaincinv } from "../math/special.ts";
import { tabulatedInverse } from "./inverseBetaTable.ts";

/**
 * A map of `n` points of the unit cube (row-major `[n, width]`, of which the first `d - 1` columns count) onto the unit sphere
 * of `d >= 2` dimensions, `[n, d]`, that keeps even spreads even.
 */
type Mapping = (cube: Float64Array, n: number, width: number, d: number) => Float64Array;

/** Inverse of I_x(dimensions / 2, 1 / 2), made for one number of dimensions. */
type InverseOf = (dimensions: number) => (p: number) => number;

/**
 * Spherical coordinates: the angle of column j has a density of sin^(d - 2 - j), so it is the inverse of that density's
 * cumulative function.
 */
const spherical =
  (inverseOf: InverseOf): Mapping =>
  (cube, n, width, d) => {
    const columns = d - 1;
    const points = new Float64Array(n * d);
    /** Product of the sines of the angles so far. */
    const radius = new Float64Array(n).fill(1);
    for (let j = 0; j < columns; j++) {
      const inverse = inverseOf(columns - j);
      const turn = j === columns - 1 ? 2 * Math.PI : Math.PI;
      for (let i = 0; i < n; i++) {
        const y = cube[i * width + j];
        const lower = y < 0.5;
        const part = Math.asin(Math.sqrt(inverse(2 * (lower ? y : 1 - y)))) / Math.PI;
        const angle = turn * (lower ? part : 1 - part);
        points[i * d + j] = radius[i] * Math.cos(angle);
        radius[i] *= Math.sin(angle);
      }
    }
    for (let i = 0; i < n; i++) points[i * d + columns] = radius[i]!;
    return points;
  };

/** Pairs of coordinates: sorted squared lengths of the pairs come from the first columns, their directions from the others. */
const pairs: Mapping = (cube, n, width, d) => {
  const points = new Float64Array(n * d);
  const groups = Math.floor(d / 2);
  const even = d % 2 === 0;
  for (let i = 0; i < n; i++) {
    const c = cube.subarray(i * width, i * width + d - 1);
    const x = points.subarray(i * d, (i + 1) * d);
    /** Cumulative squared lengths, from 0 to 1. */
    const g = new Float64Array(groups + 1);
    g[groups] = 1;
    for (let j = groups - 1; j >= 1; j--) g[j] = g[j + 1] * c[j - 1] ** (even ? 1 / j : 2 / (2 * j + 1));
    const length = (k: number): number => Math.sqrt(g[k + 1] - g[k]);
    const direction = c.subarray(groups - 1);
    const put = (at: number, radius: number, turns: number): void => {
      x[at] = radius * Math.cos(2 * Math.PI * turns);
      x[at + 1] = radius * Math.sin(2 * Math.PI * turns);
    };
    if (even) {
      for (let k = 0; k < groups; k++) put(2 * k, length(k), direction[k]);
    } else {
      // The first group has three coordinates: a point of an ordinary sphere.
      const height = direction[0];
      x[0] = length(0) * (1 - 2 * height);
      put(1, 2 * length(0) * Math.sqrt(height * (1 - height)), direction[1]);
      for (let k = 1; k < groups; k++) put(2 * k + 1, length(k), direction[k + 1]);
    }
  }
  return points;
};

export const SPHERE_MAPS = {
  "sct-approx": spherical(tabulatedInverse),
  sct: spherical((dimensions) => (p) => betaincinv(p, dimensions / 2, 0.5)),
  tfww: pairs,
} satisfies Record<string, Mapping>;

export type SphereMap = keyof typeof SPHERE_MAPS;
