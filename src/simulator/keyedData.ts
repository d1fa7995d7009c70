import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { ndarray, type NdArray } from "../math/ndarray.ts";
import { objectName } from "../network/index.ts";

/** A value for a Node or Probe: nested lists, `{shape, data}` or a tensor, always `[batch, steps, size]`. */
export type DataValue = readonly unknown[] | { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | tf.Tensor;

/** Values by object, as pairs or a Map, or by label. */
export type Keyed<K, V> = Iterable<readonly [K, V]> | Readonly<Record<string, V>>;

/** Pairs of a keyed thing. @throws ValidationError for what is no key of it */
export function entriesOf<K extends { readonly label: string | null }, V>(
  keyed: Keyed<K, V>,
  known: readonly K[],
  where: { owner: string; parameter: string; what: string },
): [K, V][] {
  const names = (): string => known.map((k) => objectName(k)).join(", ") || "none";
  if (typeof keyed !== "object" || keyed === null) {
    throw new ValidationError({
      ...where,
      expected: `pairs [[${where.what}, value], ...], a Map, or an object by label`,
      got: describe(keyed),
    });
  }
  const labelled = new Map<string, K[]>();
  if (!(Symbol.iterator in keyed)) {
    for (const object of known) {
      const { label } = object;
      if (label === null) continue;
      const list = labelled.get(label);
      if (list === undefined) labelled.set(label, [object]);
      else list.push(object);
    }
  }
  const pairs: [K, V][] =
    Symbol.iterator in keyed
      ? [...(keyed as Iterable<readonly [K, V]>)].map((pair, k) => {
          if (!Array.isArray(pair) || pair.length !== 2)
            throw new ValidationError({
              ...where,
              parameter: `${where.parameter}[${k}]`,
              expected: `a pair [${where.what}, value]`,
              got: objectName(pair),
              fix: `Write [[${where.what.toLowerCase()}, value]]`,
            });
          return [pair[0], pair[1]] as [K, V];
        })
      : Object.entries(keyed).map(([label, value]) => {
          const found = labelled.get(label) ?? [];
          if (found.length !== 1)
            throw new ValidationError({
              ...where,
              expected: `the label of one ${where.what}`,
              got: `${JSON.stringify(label)}, which ${found.length === 0 ? "none has" : "several have"}`,
              fix: `Known: ${names()}`,
            });
          return [found[0], value];
        });
  const seen = new Set<K>();
  const all = new Set(known);
  for (const [key] of pairs) {
    if (!all.has(key)) throw new ValidationError({ ...where, expected: `one of ${names()}`, got: objectName(key) });
    if (seen.has(key)) throw new ValidationError({ ...where, expected: "every object once", got: `${objectName(key)} again` });
    seen.add(key);
  }
  return pairs;
}

/** A value as an array `[batch, steps, size]`. @throws ShapeError for another rank or size */
export function arrayOf(value: DataValue, size: number, owner: string): NdArray {
  const array =
    value instanceof tf.Tensor ? { shape: value.shape, data: new Float64Array(value.dataSync<"float32">()) } : ndarray(value, { owner });
  if (array.shape.length !== 3 || array.shape[2] !== size) {
    throw new ShapeError({
      owner,
      expected: `data of shape [batch, steps, ${size}]`,
      got: `[${array.shape.join(", ")}]`,
      fix: "Data always has a batch, a time and a size axis",
    });
  }
  return array;
}

/** A value as a float32 tensor `[batch, steps, size]`, yours to dispose. */
export function tensorOf(value: DataValue, size: number | null, owner: string): tf.Tensor3D {
  if (value instanceof tf.Tensor) {
    if (value.rank !== 3 || (size !== null && value.shape[2] !== size)) {
      throw new ShapeError({ owner, expected: `a tensor of shape [batch, steps, ${size ?? "size"}]`, got: `[${value.shape.join(", ")}]` });
    }
    return tf.clone(value) as tf.Tensor3D;
  }
  const { shape, data } = size === null ? ndarray(value, { owner }) : arrayOf(value, size, owner);
  if (shape.length !== 3) throw new ShapeError({ owner, expected: "data of shape [batch, steps, size]", got: `[${shape.join(", ")}]` });
  return tf.tensor3d(new Float32Array(data), shape as [number, number, number]);
}
