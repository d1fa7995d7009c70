import { LISTS, POOL } from "./pool.ts";

/** Loops that move numbers between the caller's arrays, lanes, and compact copies of some lanes; see passes.ts. */
export type Lanes = Float64Array | Float32Array;
const pool = POOL;
const lists = LISTS;

/** Lists the lanes where a condition holds; returns how many. */
export function listTrue(n: number, list: number, c: number): number {
  let k = list;
  for (let i = 0; i < n; i++) {
    lists[k] = i;
    k += Number(pool[(c + i) | 0] !== 0);
  }
  return k - list;
}

export function listFalse(n: number, list: number, c: number): number {
  let k = list;
  for (let i = 0; i < n; i++) {
    lists[k] = i;
    k += Number(pool[(c + i) | 0] === 0);
  }
  return k - list;
}

/** The listed lanes side by side. */
export function gather(n: number, out: number, list: number, a: number): void {
  for (let i = 0; i < n; i++) pool[(out + i) | 0] = pool[(a + lists[(list + i) | 0]) | 0];
}

/** What {@link gather} took apart, back to its lanes. */
export function scatter(n: number, out: number, list: number, a: number): void {
  for (let i = 0; i < n; i++) pool[(out + lists[(list + i) | 0]) | 0] = pool[(a + i) | 0];
}

/** Copies the listed lanes. */
export function merge(n: number, out: number, list: number, a: number): void {
  for (let i = 0; i < n; i++) {
    const lane = lists[(list + i) | 0];
    pool[(out + lane) | 0] = pool[(a + lane) | 0];
  }
}

/** Sets the listed lanes to one number. */
export function mergeNumber(n: number, out: number, list: number, a: number): void {
  const u = pool[a];
  for (let i = 0; i < n; i++) pool[(out + lists[(list + i) | 0]) | 0] = u;
}

/** From the caller's array. A copy by the engine is faster than a loop from 40 numbers on, new view included. */
export function load(n: number, out: number, array: Lanes, offset: number): void {
  pool.set(array.subarray(offset, offset + n), out);
}

export function loadRounded(n: number, out: number, array: Float64Array, offset: number): void {
  for (let i = 0; i < n; i++) pool[(out + i) | 0] = Math.fround(array[(offset + i) | 0]);
}

export function store(n: number, array: Lanes, offset: number, a: number): void {
  array.set(pool.subarray(a, a + n), offset);
}

export function accumulate64(n: number, array: Float64Array, offset: number, a: number): void {
  for (let i = 0; i < n; i++) array[(offset + i) | 0] += pool[(a + i) | 0];
}

export function accumulate32(n: number, array: Float32Array, offset: number, a: number): void {
  for (let i = 0; i < n; i++) array[(offset + i) | 0] += pool[(a + i) | 0];
}
