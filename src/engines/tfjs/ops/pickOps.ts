import * as tf from "@tensorflow/tfjs-core";
import type { Constants } from "./constants.ts";

/*
 * Scattering by gathering: tf's scatter has no gradient and is missing or slow on some backends, and where a target repeats, what it
 * does is not the same on all. Tables of indices are made once for a list.
 */

const tables = new WeakMap<Int32Array, Map<string, Int32Array>>();

/** A table that depends on an index list only. */
function tableOf(index: Int32Array, key: string, make: () => Int32Array): Int32Array {
  let of = tables.get(index);
  if (of === undefined) tables.set(index, (of = new Map<string, Int32Array>()));
  let table = of.get(key);
  if (table === undefined) of.set(key, (table = make()));
  return table;
}

/**
 * Positions in a list at which every element occurs, as a table `[size, most]`, filled up with the list's length.
 * @returns the table, of which `most` is the length over the size
 */
export function occurrences(index: Int32Array, size: number): Int32Array {
  return tableOf(index, `occurrences ${size}`, () => {
    const counts = new Int32Array(size);
    for (const element of index) counts[element]++;
    const most = Math.max(
      1,
      counts.reduce((a, b) => Math.max(a, b), 0),
    );
    const table = new Int32Array(size * most).fill(index.length);
    counts.fill(0);
    index.forEach((element, k) => (table[element * most + counts[element]++] = k));
    return table;
  });
}

/** `[rows, size]`: for every element the sum of the columns k of `values` with `index[k]` that element. */
export function addedElements(values: tf.Tensor2D, index: Int32Array, size: number, constants: Constants): tf.Tensor2D {
  const table = occurrences(index, size);
  const rows = values.shape[0];
  const padded = tf.concat([values, constants.filled([rows, 1], 0) as tf.Tensor2D], 1);
  const picked = tf.gather(padded, constants.array(table, [table.length]), 1);
  return table.length === size ? picked : tf.sum(tf.reshape(picked, [rows, size, table.length / size]), 2);
}

/** `old` with column k of `values` at `index[k]`; where an element repeats, the last counts. */
export function placedElements(values: tf.Tensor2D, index: Int32Array, old: tf.Tensor2D, constants: Constants): tf.Tensor2D {
  const size = old.shape[1];
  const table = tableOf(index, `placed ${size}`, () => {
    const from = Int32Array.from({ length: size }, (_, k) => k);
    index.forEach((element, k) => (from[element] = size + k));
    return from;
  });
  return tf.gather(tf.concat([old, values], 1), constants.array(table, [size]), 1);
}
