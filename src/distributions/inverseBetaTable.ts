import { interp, linspace, searchsorted } from "../math/numpy.ts";
import { RandomState } from "../math/random.ts";
import { betainc, betaincinv } from "../math/special.ts";

/*
 * Tables of the inverse of I_y(d / 2, 1 / 2), 200 points each, for 50 numbers of dimensions. They are coarse: errors up to 1e-3
 * are part of what Nengo's points are, so the same grid is made here. Where underflow makes points of the grid equal, random
 * ones (of one generator, passed from table to table) fill it up, so tables are made in order, as far as needed.
 */

interface Table {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const POINTS = 200;
const ONE_BY_ONE = 25;

/** Numbers of dimensions that have a table: 1..25, then 25 of equal ratio from 26 to 1000. */
const DIMENSIONS: readonly number[] = [
  ...Array.from({ length: ONE_BY_ONE }, (_, k) => k + 1),
  ...Array.from(linspace(Math.log10(26), 3, 25), (e) => Math.round(10 ** e)),
];

const rng = new RandomState(0);
const grids: Float64Array[] = [];
const tables = new Map<number, Table>();

const sortedUnique = (values: Iterable<number>): Float64Array => Float64Array.from(new Set(values)).sort();

/** Arguments of the table of the next number of dimensions. */
function nextGrid(dimensions: number): Float64Array {
  const even = linspace(0, 1, 40);
  const evenInverse = linspace(1e-16, 1 - 1e-7, POINTS - 40).map((y) => betainc(y, dimensions / 2, 0.5));
  let grid = sortedUnique([...even, ...evenInverse]);
  while (grid.length < POINTS) grid = sortedUnique([...grid, ...rng.uniforms(POINTS - grid.length)]);
  return grid;
}

/** The table at a position of `DIMENSIONS`. */
function table(index: number): Table {
  const dimensions = DIMENSIONS[index];
  let found = tables.get(dimensions);
  if (found === undefined) {
    while (grids.length <= index) grids.push(nextGrid(DIMENSIONS[grids.length]));
    const x = grids[index];
    found = { x, y: x.map((p) => betaincinv(p, dimensions / 2, 0.5)) };
    tables.set(dimensions, found);
  }
  return found;
}

/** A table for any number of dimensions: blended from its neighbours' where it has none. */
function tableFor(dimensions: number): Table {
  const index = searchsorted(DIMENSIONS, dimensions);
  if (index === DIMENSIONS.length) return table(index - 1);
  const high = DIMENSIONS[index];
  if (high === dimensions) return table(index);
  const low = DIMENSIONS[index - 1];
  const [a, b] = [table(index - 1), table(index)];
  const w = (high - dimensions) / (high - low);
  const x = a.x.map((v, i) => w * v + (1 - w) * b.x[i]);
  return { x, y: x.map((v) => w * interp(v, a.x, a.y) + (1 - w) * interp(v, b.x, b.y)) };
}

/** The inverse of I_y(dimensions / 2, 1 / 2), by straight lines between the table's points. */
export function tabulatedInverse(dimensions: number): (p: number) => number {
  const { x, y } = tableFor(dimensions);
  return (p) => interp(p, x, y);
}
